//! What must hold before others than this machine can reach the server.

use super::{Config, ConfigError, Secret};

/// Characters of the shortest secret that is accepted.
const SECRET_CHARS: usize = 32;
/// Texts that stand in examples and are never secrets.
const EXAMPLES: [&str; 5] = ["change", "secret", "password", "example", "default"];

/// Refuses what would expose the server by mistake.
///
/// # Errors
/// The first rule that is broken, with what to do.
pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    if !config.admin.bind.is_loopback() {
        let reason = "admin.bind must be a loopback address: the admin listener is never public; \
                      reach it through a tunnel, such as ssh -L";
        return Err(ConfigError::Exposed(reason.to_owned()));
    }
    check_secret(config)?;
    if config.server.bind.is_loopback() {
        return Ok(());
    }
    if config.server.origins.is_empty() {
        let reason = "server.bind lets others reach the server, but server.origins names no page that \
                      may use it; add --origin with the address at which players see it, such as \
                      https://play.example";
        return Err(ConfigError::Exposed(reason.to_owned()));
    }
    if config.server.web_dir.is_some() {
        let reason = "server.web_dir (--dev) reads the page from a folder, which is for this machine \
                      alone; leave it out, or bind loopback";
        return Err(ConfigError::Exposed(reason.to_owned()));
    }
    Ok(())
}

/// No admin token at all is fine: one is made in the data folder. A node of a fleet is
/// told from a stranger by the fleet's secret alone.
fn check_secret(config: &Config) -> Result<(), ConfigError> {
    let (token, shared) = (&config.admin.token, &config.cluster.secret);
    if !token.is_empty() && is_weak(token) {
        let reason = "admin.token is short or an example; use at least 32 random characters, such as \
                      those of `openssl rand -hex 32`, or none: then one is made in the data folder";
        return Err(ConfigError::Exposed(reason.to_owned()));
    }
    if (!config.cluster.node.is_empty() || !shared.is_empty()) && is_weak(shared) {
        let reason = "cluster.secret is missing, short or an example; use at least 32 random \
                      characters, such as those of `openssl rand -hex 32`, the same on all nodes";
        return Err(ConfigError::Exposed(reason.to_owned()));
    }
    Ok(())
}

fn is_weak(secret: &Secret) -> bool {
    let text = secret.expose().to_ascii_lowercase();
    text.len() < SECRET_CHARS || EXAMPLES.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Config {
        let mut config = Config::default();
        config.server.bind = "0.0.0.0".parse().unwrap();
        config.server.origins = vec!["https://play.example".to_owned()];
        config
    }

    fn reason(config: &Config) -> String {
        check(config).unwrap_err().to_string()
    }

    #[test]
    fn nothing_is_exposed_by_default() {
        check(&Config::default()).unwrap();
        check(&public()).unwrap();
    }

    #[test]
    fn p1_an_admin_listener_is_never_public() {
        let mut config = Config::default();
        config.admin.bind = "0.0.0.0".parse().unwrap();
        assert!(reason(&config).contains("admin.bind"));
    }

    #[test]
    fn a_public_server_names_its_pages() {
        let mut config = public();
        config.server.origins.clear();
        assert!(reason(&config).contains("server.origins"));
    }

    #[test]
    fn the_page_of_a_public_server_is_the_embedded_one() {
        let mut config = public();
        config.server.web_dir = Some("web".into());
        assert!(reason(&config).contains("server.web_dir"));
    }

    #[test]
    fn a_default_or_short_secret_is_refused() {
        for weak in ["x", "changeme-changeme-changeme-changeme", "0123456789abcdef"] {
            let mut config = public();
            config.admin.token = Secret::new(weak);
            assert!(reason(&config).contains("admin.token"), "{weak}");
        }
        let mut config = public();
        config.admin.token = Secret::new("9f2c64d1b7e8a0359f2c64d1b7e8a035");
        check(&config).unwrap();
    }
}
