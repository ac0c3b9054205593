//! A server's signed result beside the replay that it is of.

use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sovereign_server::auth::{SignedResult, verify_result};

use super::verify::Entry;
use crate::error::CliError;

/// Whether a signed result says what the verified replay does.
pub(super) fn check(
    file: &Path,
    replay: Entry,
    result: &Path,
    keys: &Path,
) -> Result<Entry, CliError> {
    let signed = read(result)?;
    let jws = signed["result"].as_str().unwrap_or_default();
    let signed = verify_result(jws, &read(keys)?)
        .map_err(|error| CliError::Check(format!("{}: {error}", result.display())))?;
    let bytes = std::fs::read(file).map_err(|error| unreadable(file, &error))?;
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(compare(replay, &signed, &hash))
}

fn compare(mut replay: Entry, signed: &SignedResult, hash: &str) -> Entry {
    let result = &signed.result;
    if result.replay_hash != hash {
        replay.error = Some("the signed result is of another file".to_owned());
    } else if replay.hash.as_ref() != Some(&result.state_hash) {
        replay.error = Some("the signed result tells of another end".to_owned());
    } else {
        replay.signed_by = Some(signed.iss.clone());
    }
    replay.verified &= replay.error.is_none();
    replay
}

fn read(file: &Path) -> Result<Value, CliError> {
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
    serde_json::from_str(&text).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &Path, error: &dyn std::fmt::Display) -> CliError {
    CliError::input(format!("{}: {error}", file.display()))
}
