//! Processes of ours, by their ids; all of them are gone when this one is, however that ends.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::{Child, Command};
use tokio::sync::Mutex;

use crate::error::{ChaosError, Outcome};
use crate::postgres;

/// Waits until its input ends, which it does with this process however that ends, then kills what still
/// runs and removes the folder unless it is to be kept.
const KEEPER: &str = r#"
trap '' INT TERM HUP
cat >/dev/null
for pid in "$1"/pids/*; do kill -KILL "${pid##*/}" 2>/dev/null; done
[ -e "$1/keep" ] || rm -rf "$1"
"#;

/// A folder of the run, and who cleans up behind it.
#[derive(Debug)]
pub(crate) struct Keeper {
    folder: PathBuf,
    child: std::process::Child,
}

impl Keeper {
    pub(crate) fn start(folder: &Path) -> Outcome<Self> {
        let making = ChaosError::doing(format!("making {}", folder.display()));
        fs::create_dir_all(folder.join("pids")).map_err(making)?;
        Ok(Self { folder: folder.to_owned(), child: postgres::keeper(KEEPER, folder) })
    }

    /// Leaves the folder where it is.
    pub(crate) fn keep(&self) -> Outcome<()> {
        File::create(self.folder.join("keep")).map_err(ChaosError::doing("keeping the folder"))?;
        Ok(())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Its input ends, and it does the rest.
        self.child.stdin = None;
        let _ = self.child.wait();
    }
}

/// A process that runs, or has ended and was not waited for.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    mark: PathBuf,
}

impl Process {
    /// Starts it; what it prints goes to `NAME.out`, what it logs behind what `NAME.log` has.
    pub(crate) fn start(mut command: Command, name: &str, folder: &Path) -> Outcome<Self> {
        let doing = || ChaosError::doing(format!("starting {name}"));
        let log =
            File::options().create(true).append(true).open(folder.join(format!("{name}.log")));
        command.stdin(Stdio::null()).stderr(log.map_err(doing())?).process_group(0);
        command.stdout(File::create(folder.join(format!("{name}.out"))).map_err(doing())?);
        let child = command.spawn().map_err(doing())?;
        let mark = folder.join("pids").join(child.id().unwrap_or_default().to_string());
        File::create(&mark).map_err(doing())?;
        Ok(Self { child, mark })
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends it a signal, unless it has ended.
    pub(crate) async fn signal(&self, signal: &str) -> Outcome<()> {
        let Some(pid) = self.child.id() else { return Ok(()) };
        let mut kill = Command::new("kill");
        let done = kill.args([&format!("-{signal}"), &pid.to_string()]).status().await;
        done.map_err(ChaosError::doing("kill"))?;
        Ok(())
    }

    /// Waits for its end.
    pub(crate) async fn end(mut self) -> Outcome<()> {
        self.child.wait().await.map_err(ChaosError::doing("waiting for a process"))?;
        let _ = fs::remove_file(&self.mark);
        Ok(())
    }
}

/// Where a process is that is killed and started again.
#[derive(Debug, Default)]
pub(crate) struct Slot(pub(crate) Mutex<Option<Process>>);

impl Slot {
    /// kill -9, and then its end.
    pub(crate) async fn kill(&self) -> Outcome<()> {
        let Some(process) = self.0.lock().await.take() else { return Ok(()) };
        process.signal("KILL").await?;
        process.end().await
    }

    /// Sends it a signal, if there is one.
    pub(crate) async fn signal(&self, signal: &str) -> Outcome<()> {
        match &*self.0.lock().await {
            Some(process) => process.signal(signal).await,
            None => Ok(()),
        }
    }
}

/// Runs a program to its end.
pub(crate) async fn run(program: &str, arguments: &[&str]) -> Outcome<String> {
    let done = Command::new(program).args(arguments).output().await;
    let done = done.map_err(ChaosError::doing(program))?;
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    if done.status.success() {
        return Ok(said);
    }
    Err(ChaosError::Program { program: format!("{program} {}", arguments.join(" ")), said })
}
