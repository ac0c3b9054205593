use super::*;

#[test]
fn the_folder_is_locked_against_a_second_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let first = DataDir::open(&path).unwrap();
    let refused = DataDir::open(&path).unwrap_err().to_string();
    assert!(refused.contains("data") && refused.contains("--data-dir"), "{refused}");
    drop(first);
    DataDir::open(&path).unwrap();
}
