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

/// A map as the game Domination writes it, with a border that only one side lists.
const DOMINATION: &str = "name Two Lands\n[continents]\nAll 4 red\n[countries]\n1 Here 1 10 10\n\
2 There 1 50 10\n3 Far 1 90 10\n[borders]\n1 2\n2 1 3\n3\n";

#[test]
fn import_refuses_what_is_wrong_and_mends_it_when_asked() {
    let run = on_file(DOMINATION, "import file").leaves(1);
    assert_eq!(
        run.out,
        "line 10: asymmetric: There borders on Far, but Far does not list There\n\
        there is no way back to territory 0 from territory 2; every playable territory must be \
        reachable from every other (Far, Here)\n"
    );
    let found = on_file(DOMINATION, "check file --json").leaves(1).json();
    assert_eq!(found["defects"].as_array().map(Vec::len), Some(2));
    let run = on_file(DOMINATION, "import file --fix").leaves(0);
    assert!(run.err.contains("fixed: line 10: asymmetric") && run.err.contains("joined both ways"));
    let made: Value = serde_json::from_str(&run.out).expect("the map alone is printed");
    assert_eq!(
        (&made["name"], made["edges"].as_array().map(Vec::len)),
        (&"two-lands".into(), Some(2))
    );
    on_file(&run.out, "check file").leaves(0);
}

#[test]
fn check_mends_a_map_file_and_says_how() {
    let wrong = changed_classic("\"edges\":[", "\"edges\":[{\"a\":0,\"b\":0},{\"a\":0,\"b\":99},");
    let run = on_file(&wrong, "check file --fix --output mended.json").leaves(0);
    let expected = [
        "fixed: edge 0 leads from territory 0 to itself; remove it (Alaska): edge removed",
        "fixed: edge 1 leads to territory 99, but there are only 42 (Alaska): edge removed",
        "Classic: sound; 42 territories, 6 regions",
    ];
    assert_eq!(run.out.lines().take(3).collect::<Vec<_>>(), expected);
    let run = on_file(&wrong, "check file --fix").leaves(2);
    assert!(run.err.contains("--output"), "{}", run.err);
}

#[test]
fn what_is_no_map_of_any_kind_is_refused() {
    let run = on_file("once upon a time", "import file").leaves(2);
    assert!(run.err.contains("say which it is with --format"), "{}", run.err);
    let run = on_file("{}", "import file --format geojson").leaves(2);
    assert!(
        run.err.contains("this is not GeoJSON: line 1, column 2: missing field"),
        "{}",
        run.err
    );
}

#[test]
fn convert_writes_both_forms() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let run = |arguments: &str| sovereign_in(folder.path(), &format!("map {arguments}")).leaves(0);
    run("convert world --output world.sovmap");
    run("convert world.sovmap --output world.json");
    let again = std::fs::read_to_string(folder.path().join("world.json")).expect("it was written");
    assert!(again == shipped("world.json"), "the way there and back changes nothing");
    run("convert world --output least.sovmap --no-names --no-outlines");
    assert!(run("check least.sovmap").out.starts_with("The World: sound; 175 territories"));
    std::fs::write(folder.path().join("cut.sovmap"), b"SOVMAP\x01\x00cut").expect("room");
    let cut = sovereign_in(folder.path(), "map stats cut.sovmap").leaves(2);
    assert!(cut.err.contains("the checksum at the end does not fit"), "{}", cut.err);
}

#[test]
fn generate_makes_the_same_map_again() {
    let make = |arguments: &str| sovereign(&format!("map generate {arguments}")).leaves(0).out;
    let islands = make("--kind islands --territories 30 --seed 5");
    assert!(islands == make("--kind islands --territories 30 --seed 5"));
    let run = on_file(&islands, "check file").leaves(0);
    assert!(run.out.starts_with("Islands of 30, seed 5: sound; 30 territories"), "{}", run.out);
    let run = sovereign("map generate --territories 3").leaves(2);
    assert!(run.err.contains("this kind has 4 to 20000"), "{}", run.err);
}

#[test]
fn fair_measures_the_corners_of_a_square_as_even() {
    let square = sovereign("map generate --kind grid --territories 64").leaves(0).out;
    let starts = "fair file --borders 2 --starts 1-1;8-1;1-8;8-8 --json";
    let found = on_file(&square, starts).leaves(0).json();
    let spreads = found["spreads"].as_array().expect("a list of measures");
    assert_eq!(spreads.len(), 5);
    assert!(spreads.iter().all(|spread| spread["spread_percent"] == 0.0), "{found}");
    assert_eq!(
        (&found["starts"][0]["reach"], &found["starts"][0]["distance"]),
        (&6.into(), &7.into())
    );
    // One start in a corner, one in the middle: what can be reached differs.
    let uneven = on_file(&square, "fair file --starts 1-1;5-5 --json").leaves(0).json();
    assert_eq!(
        (&uneven["spreads"][0]["least"], &uneven["spreads"][0]["most"]),
        (&10.into(), &25.into())
    );
    let far = sovereign("map fair classic --seats 3").leaves(0).out;
    assert!(far.starts_with("classic: 3 starts, reach over 3 borders\n"), "{far}");
    let run = sovereign("map fair classic --starts Brazil;Atlantis").leaves(2);
    assert!(run.err.contains("no land of this map is called \"Atlantis\""), "{}", run.err);
    sovereign("map fair classic --seats 1").leaves(2);
}
