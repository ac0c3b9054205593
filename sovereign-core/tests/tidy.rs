//! The source tests itself: what the engine must not contain, and how long things may be.

use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 450;
const COLUMNS_MAX: usize = 120;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && name != "node_modules" {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn rust_files(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    for folder in folders {
        sources(&root().join(folder), &mut paths);
    }
    assert!(paths.len() > 20, "the sources were not found");
    let text = |path: &PathBuf| fs::read_to_string(path).expect("a source file is text");
    paths.into_iter().map(|path| (path.clone(), text(&path))).collect()
}

/// The engine names no float, clock, file, socket, thread or unordered container.
#[test]
fn the_engine_is_pure() {
    let banned = [
        "f32",
        "f64",
        "HashMap",
        "HashSet",
        "SystemTime",
        "Instant",
        "std::fs",
        "std::net",
        "std::thread",
        "std::env",
        "unsafe ",
        "static mut",
        "println!",
        "todo!",
        "unimplemented!",
    ];
    for (path, text) in rust_files(&["sovereign-core/src"]) {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in banned {
                let place = format!("{}:{}", path.display(), number + 1);
                assert!(!code.contains(word), "{place} names {word}");
            }
        }
    }
}

/// Files are short, lines fit the page, nothing is left for later.
#[test]
fn sources_are_tidy() {
    let folders = ["sovereign-core", "sovereign-server", "sovereign-cli", "examples", "benches"];
    let mut untidy = Vec::new();
    let marks = ["TODO", "FIXME"];
    for (path, text) in rust_files(&folders) {
        let place = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        if text.lines().count() > LINES_MAX {
            untidy.push(format!("{place} has {} lines", text.lines().count()));
        }
        for (number, line) in text.lines().enumerate() {
            if line.chars().count() > COLUMNS_MAX && !line.contains("http") {
                untidy.push(format!("{place}:{} is too long", number + 1));
            }
            if !place.ends_with("tidy.rs") && marks.iter().any(|mark| line.contains(mark)) {
                untidy.push(format!("{place}:{} is left for later", number + 1));
            }
        }
    }
    assert!(untidy.is_empty(), "{untidy:#?}");
}
