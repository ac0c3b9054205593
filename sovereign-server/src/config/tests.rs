use super::*;

fn load(args: &[&str], env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let flags = Flags::from_args(args);
    Config::load(&flags, env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
}

#[test]
fn defaults_serve_this_machine_only() {
    let config = load(&[], &[]).unwrap();
    assert_eq!(config, Config::default());
    assert!(config.server.bind.is_loopback());
    assert_eq!(config.server.port, 8080);
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("s.toml");
    std::fs::write(&file, "[server]\nport = 1\nops_port = 2\n[limits]\nrooms = 3\n").unwrap();
    let env = [("SOVEREIGN_SERVER__PORT", "11"), ("SOVEREIGN_SERVER__OPS_PORT", "12")];
    let config = load(&["--port", "21", "--config", file.to_str().unwrap()], &env).unwrap();
    assert_eq!((config.server.port, config.server.ops_port, config.limits.rooms), (21, 12, 3));
}

#[test]
fn an_unknown_key_is_named_in_every_layer() {
    let env = load(&[], &[("SOVEREIGN_SERVER__PROT", "1")]).unwrap_err();
    assert!(env.to_string().contains("prot"), "{env}");
    let section = load(&[], &[("SOVEREIGN_SERVR__PORT", "1")]).unwrap_err();
    assert!(section.to_string().contains("servr"), "{section}");
    let set = load(&["--set", "limits.romms=1"], &[]).unwrap_err();
    assert!(set.to_string().contains("romms"), "{set}");
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    let error = load(&[], &[("SOVEREIGN_SERVER__PORT", "eighty")]).unwrap_err();
    assert!(error.to_string().contains("SOVEREIGN_SERVER__PORT"), "{error}");
    let error = load(&["--set", "limits.rooms=-1"], &[]).unwrap_err();
    assert!(error.to_string().contains("--set limits.rooms"), "{error}");
}

#[test]
fn a_setting_without_its_section_is_explained() {
    let error = load(&[], &[("SOVEREIGN_PORT", "1")]).unwrap_err();
    assert!(error.to_string().contains("SOVEREIGN_SERVER__PORT"), "{error}");
}

#[test]
fn lists_and_texts_can_come_from_the_environment() {
    let env = [
        ("SOVEREIGN_SERVER__ORIGINS", "[\"https://a.example\", \"https://b.example\"]"),
        ("SOVEREIGN_SERVER__BIND", "0.0.0.0"),
    ];
    let config = load(&[], &env).unwrap();
    assert_eq!(config.server.origins, ["https://a.example", "https://b.example"]);
    assert!(config.server.bind.is_unspecified());
}

#[test]
fn bounds_are_checked() {
    assert!(load(&["--set", "auth.leeway_s=61"], &[]).is_err());
    assert!(load(&["--set", "auth.access_token_s=901"], &[]).is_err());
    assert!(load(&["--set", "auth.refresh_token_s=100"], &[]).is_err());
    let issuer = |name: &str| {
        let table = format!(r#"{{issuer="{name}", audience="a", keys="k.json"}}"#);
        load(&["--set", &format!("auth.issuers=[{table}, {table}]")], &[]).is_err()
            && load(&["--set", &format!("auth.issuers=[{table}]")], &[]).is_err()
    };
    assert!(issuer("sovereign") && issuer("") && !issuer("https://id.example"));
    assert!(load(&["--set", "limits.run_ahead_ticks=0"], &[]).is_err());
}

#[test]
fn the_nearest_known_key_is_named() {
    let error = load(&["--set", "server.prot=1"], &[]).unwrap_err();
    assert!(error.to_string().contains("did you mean server.port?"), "{error}");
    let error = load(&[], &[("SOVEREIGN_LIMIT__ROOMS", "1")]).unwrap_err();
    assert!(error.to_string().contains("limits.rooms"), "{error}");
    let far = load(&["--set", "zebra.stripes=1"], &[]).unwrap_err();
    assert!(far.to_string().contains("docs/operations.md"), "{far}");
}

#[test]
fn of_several_files_the_last_wins() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let base = write("base.toml", "[server]\nport = 1\n[limits]\nrooms = 3\n");
    let over = write("over.toml", "[server]\nport = 2\n");
    let config = load(&["--config", &base, "--config", &over], &[]).unwrap();
    assert_eq!((config.server.port, config.limits.rooms), (2, 3));
    let wrong = write("wrong.toml", "[server]\nprot = 2\n");
    let error = load(&["--config", &wrong], &[]).unwrap_err().to_string();
    assert!(error.contains("wrong.toml") && error.contains("server.port"), "{error}");
}

#[test]
fn every_secret_can_be_given_as_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    let token = "9f2c64d1b7e8a0359f2c64d1b7e8a035";
    std::fs::write(&file, format!("{token}\n")).unwrap();
    let secrets: Vec<_> = Config::docs().filter(|doc| doc.secret).collect();
    assert!(!secrets.is_empty());
    for doc in secrets {
        let name = format!("SOVEREIGN_{}__{}_FILE", doc.section, doc.key).to_uppercase();
        let config = load(&[], &[(&name, file.to_str().unwrap())]).unwrap();
        assert!(config != Config::default(), "{name}");
        let set = format!("{}.{}_file={}", doc.section, doc.key, file.display());
        assert_eq!(load(&["--set", &set], &[]).unwrap(), config);
        let missing = load(&[], &[(&name, "/nowhere")]).unwrap_err().to_string();
        assert!(missing.contains(&name), "{missing}");
    }
    let name = "SOVEREIGN_ADMIN__TOKEN_FILE";
    let twice = [("SOVEREIGN_ADMIN__TOKEN", token), (name, file.to_str().unwrap())];
    assert!(load(&[], &twice).unwrap_err().to_string().contains("twice"));
}

#[test]
fn what_is_shown_hides_every_secret() {
    let token = "9f2c64d1b7e8a0359f2c64d1b7e8a035";
    let config = load(&[], &[("SOVEREIGN_ADMIN__TOKEN", token)]).unwrap();
    let shown = config.redacted() + &format!("{config:?}");
    assert!(!shown.contains(token) && shown.contains("hidden"), "{shown}");
}

#[test]
fn a_wrong_secret_is_not_repeated_in_the_error() {
    let error = load(&["--set", "admin.token=hunter2"], &[]).unwrap_err().to_string();
    assert!(error.contains("admin.token") && !error.contains("hunter2"), "{error}");
    let error = load(&["--set", "admin.tokn=hunter2"], &[]).unwrap_err().to_string();
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn others_can_reach_the_server_only_with_a_list_of_origins() {
    let error = load(&["--bind", "0.0.0.0"], &[]).unwrap_err();
    assert!(matches!(error, ConfigError::Exposed(_)), "{error}");
    load(&["--bind", "0.0.0.0", "--origin", "https://play.example"], &[]).unwrap();
}
