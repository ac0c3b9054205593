//! Throw-away PostgreSQL servers for tests: one for each test process, a fresh database for
//! each test, and servers of their own for tests that kill them.
//!
//! Names nothing of this crate, so that tests in other places can include this file.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Time for a server to start or to stop.
const PATIENCE: Duration = Duration::from_secs(60);
/// Settings of a server that need not survive anything.
const FAST: &[&str] = &["fsync=off", "full_page_writes=off", "max_connections=300"];

/// Waits until its input ends, which it does with this process however that ends, then
/// stops the server that runs by then and removes the folder.
const KEEPER: &str = r#"
trap '' INT TERM HUP
cat >/dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
rm -rf "$1"
"#;

/// A server of one's own, gone with this value and with the process.
#[derive(Debug)]
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    process: Mutex<Option<Child>>,
    keeper: Child,
    databases: AtomicU32,
}

impl Server {
    /// The server that all tests of this process share; no test may harm it.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(FAST))
    }

    /// A server with these settings (`name=value`) beside PostgreSQL's own defaults, which
    /// keep every commit.
    pub(crate) fn start(settings: &[&str]) -> Self {
        let folder = folder();
        let keeper = keeper(KEEPER, &folder);
        let how = ["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"];
        let initdb = run(as_postgres(&folder, "initdb", &how).arg("--no-sync"));
        assert!(initdb.0, "initdb failed: {}", initdb.1);
        let server = Self {
            folder,
            port: free_port(),
            settings: settings.iter().map(|&one| one.to_owned()).collect(),
            process: Mutex::new(None),
            keeper,
            databases: AtomicU32::new(0),
        };
        server.restart();
        server
    }

    /// Its data folder, for files that a setting names.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Starts it again, with one more setting if need be.
    pub(crate) fn restart_with(&mut self, settings: &[&str]) {
        self.settings.extend(settings.iter().map(|&one| one.to_owned()));
        self.signal("INT");
        self.reap();
        self.restart();
    }

    /// Starts it once it has been killed. What is left of the one before may be in the way until
    /// the disk has answered it, so this is tried again and again.
    pub(crate) fn restart(&self) {
        let started = Instant::now();
        while !self.try_to_start() {
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(started.elapsed() < PATIENCE, "PostgreSQL does not start: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn try_to_start(&self) -> bool {
        let port = self.port.to_string();
        let mut command = as_postgres(&self.folder, "postgres", &["-D", "data", "-p", &port]);
        command.args(["-h", "127.0.0.1", "-k", "", "-c", "log_min_messages=fatal"]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let log = std::fs::File::create(self.folder.join("log")).expect("the folder is ours");
        let child = command.stderr(log).spawn().expect("PostgreSQL's programs are there");
        *self.lock() = Some(child);
        let ended = || self.lock().as_mut().is_none_or(|one| !matches!(one.try_wait(), Ok(None)));
        let mut has_ended = false;
        wait_for("the server to start", || {
            has_ended = ended();
            has_ended || self.is_ready()
        });
        !has_ended
    }

    /// Kills all of its processes at once, as a crash would.
    pub(crate) fn kill(&self) {
        self.signal_all("KILL");
        self.reap();
    }

    /// Sends a signal to all of its processes at once.
    pub(crate) fn signal_all(&self, signal: &str) {
        let first = self.pid();
        let others = run(Command::new("pgrep").args(["-P", &first])).1;
        let all = std::iter::once(first.as_str()).chain(others.lines());
        // Some may have ended by themselves in between.
        run(Command::new("kill").arg(format!("-{signal}")).args(all));
    }

    /// Stops it, keeps a copy of all that it holds, and starts it again.
    pub(crate) fn keep_copy(&self) {
        self.signal("INT");
        self.reap();
        assert!(run(Command::new("cp").arg("-a").args([self.data(), self.copy()])).0);
        self.restart();
    }

    /// Kills it, and puts the copy in place of what it holds.
    pub(crate) fn put_copy_back(&self) {
        self.kill();
        assert!(run(Command::new("rm").arg("-rf").arg(self.data())).0);
        assert!(run(Command::new("mv").args([self.copy(), self.data()])).0);
        self.restart();
    }

    fn copy(&self) -> PathBuf {
        self.folder.join("copy")
    }

    /// Sends a signal to the server's first process.
    pub(crate) fn signal(&self, signal: &str) {
        assert!(run(Command::new("kill").args([&format!("-{signal}"), &self.pid()])).0);
    }

    fn pid(&self) -> String {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid"));
        file.expect("the server runs").lines().next().unwrap_or_default().to_owned()
    }

    /// Makes a database and gives its address.
    pub(crate) async fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let (client, line) = tokio_postgres::connect(&self.url("postgres"), tokio_postgres::NoTls)
            .await
            .expect("the server runs");
        let line = tokio::spawn(line);
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a new name");
        drop(client);
        let _ = line.await;
        self.url(&name)
    }

    /// The address of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn is_ready(&self) -> bool {
        let arguments = ["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()];
        run(Command::new(program("pg_isready")).args(arguments)).0
    }

    fn reap(&self) {
        if let Some(mut child) = self.lock().take() {
            let _ = child.wait();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its input ends, and it does the rest.
        self.keeper.stdin = None;
        self.reap();
        let _ = self.keeper.wait();
    }
}

/// A shell that is told a folder, and does what the script says when its input ends, which it does
/// with this process however that ends.
pub(crate) fn keeper(script: &str, folder: &Path) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", script, "keeper"]).arg(folder);
    // In a group of its own, so that an interrupt at the terminal leaves it to its task.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("there is a shell")
}

/// A folder that the server's user may enter and write to.
fn folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(format!("sovereign-postgres-{process}-{count}"));
    std::fs::create_dir(&folder).expect("a new folder");
    if is_root() {
        assert!(run(Command::new("chown").arg("postgres").arg(&folder)).0, "no user postgres");
    }
    folder
}

fn is_root() -> bool {
    run(Command::new("id").arg("-u")).1.trim() == "0"
}

/// One of PostgreSQL's programs, which refuse to run as root.
fn as_postgres(folder: &Path, name: &str, arguments: &[&str]) -> Command {
    let path = program(name);
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.args(arguments).current_dir(folder);
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Where a program of PostgreSQL is: in the path, or where Debian puts it.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|found| found.filter_map(|one| Some(one.ok()?.path().join("bin"))).collect())
        .unwrap_or_default();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("{name} is missing: apt-get install postgresql"))
}

/// A port that nobody listens at.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("it is bound").port()
}

/// Whether it succeeded, and all that it said.
fn run(command: &mut Command) -> (bool, String) {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8_lossy(&said).into_owned())
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
