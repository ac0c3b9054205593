//! Copies: of databases that are being written, and of plain files.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use super::{BackupError, DATABASES, EPOCHS, TRIES};
use crate::log::GameId;

/// Pages copied in one go.
const PAGES: i32 = 1_024;
/// What is not copied: the lock is the server's, the rest belongs to open databases.
const LEFT_OUT: [&str; 2] = ["lock", "admin-token"];

/// Makes a folder that its owner alone can read, or takes an empty one.
pub(super) fn make_empty(folder: &Path) -> Result<(), BackupError> {
    let wrong = |source| BackupError::File { path: folder.to_owned(), source };
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder).map_err(wrong)?;
    match std::fs::read_dir(folder).map_err(wrong)?.next() {
        None => Ok(()),
        Some(_) => Err(BackupError::Taken(folder.to_owned())),
    }
}

/// Copies both databases as they stand at nearly one moment.
pub(super) fn databases(from: &Path, to: &Path) -> Result<(), BackupError> {
    let sources = pair(from)?;
    for (name, source) in DATABASES.into_iter().zip(sources) {
        let target = to.join(name);
        copy_database(&source, &target).map_err(BackupError::database(&from.join(name)))?;
        private(&target)?;
    }
    Ok(())
}

/// Both databases at moments that fit together. Entries leave `log.db` only after `main.db`
/// says so: if it says the same before and after, none has left meanwhile.
fn pair(from: &Path) -> Result<[Connection; 2], BackupError> {
    let [main_path, log_path] = DATABASES.map(|name| from.join(name));
    for _ in 0..TRIES {
        let main = pinned(&main_path).map_err(BackupError::database(&main_path))?;
        let log = pinned(&log_path).map_err(BackupError::database(&log_path))?;
        let later = pinned(&main_path).map_err(BackupError::database(&main_path))?;
        let same = kept(&main).and_then(|before| Ok(before == kept(&later)?));
        if same.map_err(BackupError::database(&main_path))? {
            return Ok([main, log]);
        }
    }
    Err(BackupError::Restless)
}

/// From which entry on each game is in `log.db`.
fn kept(main: &Connection) -> rusqlite::Result<Vec<(GameId, i64)>> {
    let mut statement = main.prepare("SELECT game, base FROM owner ORDER BY game")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// A connection that sees the database as it is now, whatever is written meanwhile.
fn pinned(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch("BEGIN")?;
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    Ok(connection)
}

fn copy_database(source: &Connection, target: &Path) -> rusqlite::Result<()> {
    let mut copy = Connection::open(target)?;
    Backup::new(source, &mut copy)?.run_to_completion(PAGES, Duration::ZERO, None)?;
    // One file, with nothing beside it.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    let whole: String = copy.query_row("PRAGMA quick_check", [], |row| row.get(0))?;
    if whole == "ok" { Ok(()) } else { Err(rusqlite::Error::InvalidQuery) }
}

/// Copies whatever else lies in the folder: keys above all.
pub(super) fn others(from: &Path, to: &Path) -> Result<(), BackupError> {
    for entry in std::fs::read_dir(from).map_err(BackupError::file(from))? {
        let entry = entry.map_err(BackupError::file(from))?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        let database = DATABASES.iter().any(|database| text.starts_with(database));
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && !database && !LEFT_OUT.contains(&&*text) {
            file(&entry.path(), &to.join(&name))?;
        }
    }
    Ok(())
}

/// Copies a file durably, readable by its owner only.
pub(super) fn file(from: &Path, to: &Path) -> Result<(), BackupError> {
    let mut source = File::open(from).map_err(BackupError::file(from))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut target = options.open(to).map_err(BackupError::file(to))?;
    let copied = io::copy(&mut source, &mut target).and_then(|_| target.sync_all());
    copied.map_err(BackupError::file(to))
}

/// Clients of the lost server may have seen later ticks under its epochs: they must not take
/// the restored game's for the same.
pub(super) fn raise_epochs(folder: &Path) -> Result<(), BackupError> {
    let path = folder.join(DATABASES[0]);
    let raised = Connection::open(&path)
        .and_then(|main| main.execute("UPDATE owner SET epoch = epoch + ?1", [EPOCHS]));
    raised.map(|_| ()).map_err(BackupError::database(&path))
}

fn private(path: &Path) -> Result<(), BackupError> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(path, mode).map_err(BackupError::file(path))?;
    }
    File::open(path).and_then(|file| file.sync_all()).map_err(BackupError::file(path))
}
