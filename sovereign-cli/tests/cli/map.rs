//! `sovereign map` as a person or a script meets it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Run, sovereign, sovereign_in};

fn maps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps")
}

/// Runs `sovereign map` on a file of this content, which is called `file`.
fn on_file(content: &str, arguments: &str) -> Run {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    std::fs::write(folder.path().join("file"), content).expect("there is room for a file");
    sovereign_in(folder.path(), &format!("map {arguments}"))
}

fn shipped(file: &str) -> String {
    std::fs::read_to_string(maps().join(file)).expect("it is shipped")
}

/// The classic map, changed.
fn changed_classic(from: &str, to: &str) -> String {
    let classic = shipped("classic.json");
    assert!(classic.contains(from));
    classic.replacen(from, to, 1)
}

#[test]
fn check_is_content_with_shipped_maps() {
    for (name, title) in [("classic", "Classic"), ("world", "The World")] {
        let run = sovereign(&format!("map check {name}")).leaves(0);
        assert!(run.out.starts_with(&format!("{title}: sound; ")));
    }
}

#[test]
fn check_lists_every_defect_and_ends_with_1() {
    let twice = changed_classic("\"name\":\"Peru\"", "\"name\":\"Brazil\"");
    let run = on_file(&twice, "check file").leaves(1);
    assert!(run.out.contains("is already that of number"));
    let two = changed_classic("\"edges\":[", "\"edges\":[{\"a\":0,\"b\":0},{\"a\":0,\"b\":99},");
    let found = on_file(&two, "check file --json").leaves(1).json();
    assert_eq!(found["sound"], false);
    assert_eq!(found["defects"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_is_no_map_ends_with_2_and_says_where() {
    for command in ["check", "stats", "draw"] {
        let run = on_file("{\n  \"format\": 7\n}", &format!("{command} file")).leaves(2);
        assert!(run.err.contains("line 2, column 13"), "{command}: {}", run.err);
        let run = sovereign(&format!("map {command} atlantis")).leaves(2);
        assert!(run.err.contains("there are classic, world"), "{command}: {}", run.err);
    }
    let unsound = changed_classic("\"edges\":[", "\"edges\":[{\"a\":0,\"b\":0},");
    let run = on_file(&unsound, "stats file").leaves(2);
    assert!(run.err.contains("edge 0 leads from territory 0 to itself"), "{}", run.err);
}

#[test]
fn stats_count_the_classic_board() {
    let stats = sovereign("map stats classic --json").leaves(0).json();
    let counts = ["/territories", "/edges/land", "/edges/strait", "/parts_without_sea"];
    let counts = counts.map(|at| stats.pointer(at).and_then(Value::as_u64));
    assert_eq!(counts, [42, 57, 26, 1].map(Some));
    let australia = &stats["regions"][5];
    assert_eq!((&australia["name"], &australia["neighbours"]), (&"Australia".into(), &1.into()));
    assert!(sovereign("map stats classic").leaves(0).out.contains("choke points  Southeast Asia"));
}

#[test]
fn draw_writes_a_picture_with_every_name() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    sovereign_in(folder.path(), "map draw classic --output picture.svg").leaves(0);
    let svg = std::fs::read_to_string(folder.path().join("picture.svg")).expect("it was written");
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<path id=\"t").count(), 42);
    for name in ["Kamchatka", "Madagascar", "Eastern", "South America"] {
        assert!(svg.contains(&format!(">{name}<")) || svg.contains(&format!(">{name} ")), "{name}");
    }
    let bare = sovereign("map draw classic --no-names --no-crossings").leaves(0).out;
    assert!(!bare.contains("class=\"names\"") && !bare.contains("strait"));
}

/// Names come from files that anybody can write.
#[test]
fn draw_escapes_what_a_map_says() {
    let evil = "\"title\":\"</title><script>alert('x')</script>&\"";
    let svg = on_file(&changed_classic("\"title\":\"Classic\"", evil), "draw file").leaves(0).out;
    assert!(!svg.contains("<script"));
    assert!(svg.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;"));
}

#[test]
fn import_says_what_is_wrong_with_a_recipe() {
    let (world, classic) = (shipped("source/world.toml"), shipped("source/classic.toml"));
    let input = maps().join("source/world-atlas/countries-110m.json");
    let world = world.replace("world-atlas/countries-110m.json", input.to_str().expect("text"));
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
        let run = on_file(&recipe, "import file").leaves(2);
        assert!(run.err.contains(complaint), "{complaint}: {}", run.err);
    }
}

#[test]
fn import_prints_the_map_that_is_shipped() {
    let run = sovereign_in(&maps(), "map import source/world.toml").leaves(0);
    assert!(run.out == shipped("world.json"));
}

/// The example of maps/README.md.
#[test]
fn the_example_in_the_readme_is_a_sound_map() {
    let readme = shipped("README.md");
    let example = readme.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
    let example = example.expect("the page has an example");
    let run = on_file(example, "check file").leaves(0);
    assert!(run.out.starts_with("The Strait: sound; 3 territories, 1 region"), "{}", run.out);
    let svg = on_file(example, "draw file").leaves(0).out;
    assert!(svg.contains(">Harbour<") && svg.contains("stroke-dasharray"));
}
