//! The security matrix of docs/security.md against the tests that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Rows that must be there: a letter, and how many.
const ROWS: [(char, u32); 6] = [('J', 14), ('H', 8), ('F', 11), ('M', 8), ('G', 10), ('A', 10)];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The names of all functions marked as tests below a folder.
fn gather(folder: &Path, tests: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, tests);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            tests.extend(tests_in(&fs::read_to_string(&path).unwrap()));
        }
    }
}

fn tests_in(source: &str) -> Vec<String> {
    let mut marked = false;
    let mut names = Vec::new();
    for line in source.lines().map(str::trim) {
        marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let Some(name) = line.split("fn ").nth(1).filter(|_| marked) else { continue };
        names.extend(name.split('(').next().map(str::to_owned));
        marked = false;
    }
    names
}

/// Each row of the tables: its ids and the tests that it names.
fn rows() -> Vec<(Vec<String>, Vec<String>)> {
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let lines = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| row"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
            let ids = cells[0].split(',').map(|id| id.trim().to_owned()).collect();
            let quoted = cells.last().unwrap().split('`').skip(1).step_by(2);
            let named = quoted.filter(|text| !text.contains('/'));
            (ids, named.map(str::to_owned).collect())
        })
        .collect()
}

/// Whether a test's name begins with this row's id, alone or among others: `g2_g6_…`, `j4_to_j10_…`.
fn is_of(name: &str, id: &str) -> bool {
    let numbered = |word: &&str| {
        *word == "to" || word.len() > 1 && word[1..].chars().all(|c| c.is_ascii_digit())
    };
    name.split('_').take_while(numbered).any(|word| word == id.to_lowercase())
}

#[test]
fn every_row_has_tests_and_every_test_named_exists() {
    let mut tests = BTreeSet::new();
    for package in ["sovereign-core", "sovereign-server", "sovereign-cli"] {
        gather(&root().join(package), &mut tests);
    }
    let rows = rows();
    for (ids, named) in &rows {
        assert!(!named.is_empty(), "{ids:?} has no test");
        for name in named {
            assert!(tests.contains(name), "{ids:?}: there is no test {name}");
            assert!(ids.iter().any(|id| is_of(name, id)), "{name} is not named after {ids:?}");
        }
    }
    for (letter, count) in ROWS {
        for row in (1..=count).map(|n| format!("{letter}{n}")) {
            assert!(rows.iter().any(|(ids, _)| ids.contains(&row)), "{row} is missing");
        }
    }
}
