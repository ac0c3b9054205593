//! `sovereign report`.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::tempdir;

use crate::harness::sovereign_in;

/// Few games, with everything that a page can hold.
const REPORT: &str = "report --bots expander,random --games 8 --restrict players,structures \
    --set victory.share=50,720 --out page.html";

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).expect("it was written")
}

#[test]
fn the_page_needs_nothing_but_itself() {
    let folder = tempdir().expect("a folder");
    sovereign_in(folder.path(), REPORT).leaves(0);
    let page = read(folder.path(), "page.html");
    for part in [
        "Wins by seat",
        "Wins by bot",
        "Length",
        "Snowball",
        "Lead changes",
        "What rules are worth",
        "victory.share: length",
        "Rules that were never used",
        "Every combination",
        "prefers-color-scheme: dark",
        "sovereign report --map classic --rules classic --bots expander,random",
    ] {
        assert!(page.contains(part), "{part}");
    }
    for outside in ["http", "<script", "<link", "<img", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let count = |part: &str| page.matches(part).count();
    assert_eq!(count("<svg"), count("</svg>"));
    assert_eq!(count("<section"), count("</section>"));
    assert_eq!(count("<div"), count("</div>"));
    assert!(!page.contains("NaN") && !page.contains("inf"), "every number is one");
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

#[test]
fn page_table_and_json_tell_the_same_numbers() {
    let folder = tempdir().expect("a folder");
    sovereign_in(folder.path(), REPORT).leaves(0);
    let json: Value = serde_json::from_str(&read(folder.path(), "page.json")).expect("JSON");
    let cells = json["cells"].as_array().expect("a list");
    let names: Vec<_> = cells.iter().map(|cell| cell["name"].as_str().expect("a name")).collect();
    let all = [
        "as they are",
        "victory.share=50",
        "victory.share=720",
        "without players",
        "without structures",
    ];
    assert_eq!(names, all);
    let csv = read(folder.path(), "page.csv");
    let wins = &cells[0]["seats"][0]["wins"];
    let [share, low, high] = ["share", "low", "high"].map(|part| wins[part].to_string());
    let (count, of) = (&wins["count"], &wins["of"]);
    let short = |number: &str| number.strip_suffix(".0").unwrap_or(number).to_owned();
    let [share, low, high] = [share, low, high].map(|number| short(&number));
    let line = format!("as they are,seat wins,seat 0,{share},{count},{of},{low},{high},");
    assert!(csv.lines().any(|found| found.starts_with(&line)), "{line}\n{csv}");
    let columns = csv.lines().map(|line| line.matches(',').count());
    assert!(columns.clone().all(|commas| commas == 8), "nine columns each");
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let pages = ["1", "4"].map(|threads| {
        let folder = tempdir().expect("a folder");
        sovereign_in(folder.path(), &format!("{REPORT} --threads {threads}")).leaves(0);
        ["page.html", "page.csv", "page.json"].map(|file| read(folder.path(), file))
    });
    assert_eq!(pages[0], pages[1]);
}

/// Real games of equal bots are played; then every third that the first seat lost is given
/// to it, as if it had an advantage.
#[test]
fn a_planted_advantage_of_the_first_seat_is_found_and_equal_seats_are_not_accused() {
    let folder = tempdir().expect("a folder");
    let report = "report --bots random,random --games 600 --ticks-max 6000 --set victory.share=100 \
        --results games.jsonl --out page.html --json";
    let found = |run: crate::harness::Run| {
        let found = run.leaves(0).json()["found"].as_array().expect("a list").clone();
        found.iter().filter(|line| line.to_string().contains("seat 0 wins")).count()
    };
    assert_eq!(found(sovereign_in(folder.path(), report)), 0);
    let mut lost = 0;
    let planted = |line: &str| {
        let mut game: Value = serde_json::from_str(line).expect("JSON");
        lost += u32::from(game["winner"] == 1);
        if game["winner"] == 1 && lost % 3 == 0 {
            game["winner"] = 0.into();
        }
        format!("{game}\n")
    };
    let games: String = read(folder.path(), "games.jsonl").lines().map(planted).collect();
    fs::write(folder.path().join("games.jsonl"), games).expect("writable");
    assert!(found(sovereign_in(folder.path(), report)) > 0, "15 points more than its half");
}
