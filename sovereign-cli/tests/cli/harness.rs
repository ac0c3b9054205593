//! Runs the binary.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// What a run of the binary left behind.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `sovereign` with arguments separated by blanks, in a folder.
pub(crate) fn sovereign_in(folder: &Path, arguments: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    let output = command.args(arguments.split_whitespace()).current_dir(folder).output();
    Run::from(output.expect("the binary was built with the tests"))
}

/// Runs `sovereign` where no files matter.
pub(crate) fn sovereign(arguments: &str) -> Run {
    sovereign_in(Path::new("."), arguments)
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        let code = output.status.code().expect("the binary was not killed");
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Run {
    /// Standard output as JSON, of a run that was well.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("no JSON ({e}): {}{}", self.out, self.err))
    }

    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn leaves(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }
}
