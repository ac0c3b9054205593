//! `sovereign map` as a person or a script meets it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn sovereign(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    command.arg("map").args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("it prints text")
}

fn maps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps")
}

/// A file in a folder of its own, which goes when the test ends.
struct File {
    _folder: tempfile::TempDir,
    path: String,
}

impl File {
    fn new(name: &str, content: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("there is room for a file");
        let path = path.to_str().expect("the path is text").to_owned();
        Self { _folder: folder, path }
    }

    fn read(&self) -> String {
        std::fs::read_to_string(&self.path).expect("it is still there")
    }
}

/// The file of a shipped map, changed.
fn changed_classic(from: &str, to: &str) -> File {
    let classic = std::fs::read_to_string(maps().join("classic.json")).expect("it is shipped");
    assert!(classic.contains(from));
    File::new("changed.json", &classic.replacen(from, to, 1))
}

#[test]
fn check_is_content_with_shipped_maps() {
    for name in ["classic", "world"] {
        let output = sovereign(&["check", name]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).starts_with(&format!("{name}: sound; ")));
    }
}

#[test]
fn check_lists_every_defect_and_ends_with_1() {
    let file = changed_classic("\"name\":\"Peru\"", "\"name\":\"Brazil\"");
    let twice = changed_classic("\"edges\":[", "\"edges\":[{\"a\":0,\"b\":0},{\"a\":0,\"b\":99},");
    let output = sovereign(&["check", &file.path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("is already that of number"));
    let output = sovereign(&["check", &twice.path, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    assert_eq!(
        (&answer["sound"], answer["defects"].as_array().map(Vec::len)),
        (&false.into(), Some(2))
    );
}

#[test]
fn what_is_no_map_ends_with_2_and_says_where() {
    let file = File::new("broken.json", "{\n  \"format\": 7\n}");
    for command in ["check", "stats", "draw"] {
        let output = sovereign(&[command, &file.path]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(text(&output.stderr).contains("line 2, column 13"), "{command}");
        let output = sovereign(&[command, "atlantis"]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(text(&output.stderr).contains("shipped: classic, world"), "{command}");
    }
    let unsound = changed_classic("\"length\":", "\"length\":0,\"kind\":\"sea\",\"x\":");
    assert_eq!(sovereign(&["stats", &unsound.path]).status.code(), Some(2));
}

#[test]
fn stats_count_the_classic_board() {
    let output = sovereign(&["stats", "classic", "--json"]);
    let stats: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    assert_eq!((&stats["territories"], &stats["playable"]), (&42.into(), &42.into()));
    assert_eq!((&stats["edges"]["land"], &stats["edges"]["strait"]), (&57.into(), &26.into()));
    assert_eq!(stats["regions"].as_array().map(Vec::len), Some(6));
    assert_eq!(
        (&stats["regions"][5]["name"], &stats["regions"][5]["neighbours"]),
        (&"Australia".into(), &1.into())
    );
    assert_eq!(stats["parts_without_sea"], 1);
}

#[test]
fn draw_writes_a_picture_with_every_name() {
    let picture = File::new("picture.svg", "");
    let output = sovereign(&["draw", "classic", "--output", &picture.path]);
    assert_eq!(output.status.code(), Some(0));
    let svg = picture.read();
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<path id=\"t").count(), 42);
    for line in ["Kamchatka", "Madagascar", "Eastern", "South America"] {
        assert!(svg.contains(&format!(">{line}<")) || svg.contains(&format!(">{line} ")), "{line}");
    }
    let bare = sovereign(&["draw", "classic", "--no-names", "--no-crossings"]);
    assert!(
        !text(&bare.stdout).contains("class=\"names\"") && !text(&bare.stdout).contains("strait")
    );
}

/// Names come from files that anybody can write.
#[test]
fn draw_escapes_what_a_map_says() {
    let evil = "</title><script>alert('x')</script>&";
    let file = changed_classic("\"title\":\"Classic\"", &format!("\"title\":\"{evil}\""));
    let output = sovereign(&["draw", &file.path]);
    assert_eq!(output.status.code(), Some(0));
    let svg = text(&output.stdout);
    assert!(!svg.contains("<script"));
    assert!(svg.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;"));
}

#[test]
fn import_says_what_is_wrong_with_a_recipe() {
    let world = std::fs::read_to_string(maps().join("source/world.toml")).expect("it is there");
    let input = maps().join("source/world-atlas/countries-110m.json");
    let world = world.replace("world-atlas/countries-110m.json", input.to_str().expect("text"));
    let classic = std::fs::read_to_string(maps().join("source/classic.toml")).expect("it is there");
    let cases = [
        (
            world.replace("[\"Canada\", \"Greenland\"", "[\"Greenland\""),
            "the recipe says nothing of \"Canada\"",
        ),
        (world.replace("\"Canada\", \"G", "\"Canada\", \"Atlantis\", \"G"), "names \"Atlantis\""),
        (world.replace("[\"Canada\", \"Ireland\"]", "[\"France\", \"Spain\"]"), "joined already"),
        (world.replace("object = \"countries\"", "object = \"moons\""), "it has: countries, land"),
        (
            classic.replace("land = [\"Quebec\", ", "land = ["),
            "drawn, but without an edge: Ontario and Quebec",
        ),
        (
            classic.replace("\"Alberta\"]\nstrait = [\"Kam", "\"Alberta\", \"Kam"),
            "edges without a border: Alaska and Kamchatka",
        ),
        (classic.replace("width = 1600", "width = 60000"), "at most 4096"),
        (classic.replace("[-130, 180]", "[-180, 180]"), "in ascending order"),
        (classic.replace("points = [[49.3, ", "points = [[49000000, "), "far off the sheet"),
        (
            classic.replace("seeds = [[46.8, -19]]", "seeds = [[60, -19]]"),
            "Madagascar at [60.0, -19.0]",
        ),
        ("recipe = \"soup\"".to_owned(), "unknown variant `soup`"),
        ("recipe = \"sketch\"".to_owned(), "missing field `name`"),
    ];
    for (recipe, complaint) in cases {
        let file = File::new("recipe.toml", &recipe);
        let output = sovereign(&["import", &file.path]);
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(text(&output.stderr).contains(complaint), "{}", text(&output.stderr));
    }
}

#[test]
fn import_prints_the_map_that_is_shipped() {
    let recipe = maps().join("source/world.toml");
    let output = sovereign(&["import", recipe.to_str().expect("the path is text")]);
    let shipped = std::fs::read(maps().join("world.json")).expect("it is shipped");
    assert!(output.stdout == shipped);
}
