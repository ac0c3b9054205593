//! A bot's program: lines in, lines out, each with a deadline and a bounded length.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::fault::Fault;
use super::message::{FromBot, ToBot};
use super::{HELLO_DEADLINE, LEAVE_DEADLINE, LINE_BYTES_MAX, Program};

/// How many lines are read ahead of the host.
const LINES_AHEAD: usize = 4;
/// How often it is looked whether a program has ended.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);

/// A running program. It is ended when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    say: Option<Sender<Vec<u8>>>,
    lines: Receiver<Result<Vec<u8>, Fault>>,
}

impl Process {
    /// Starts a program. What it writes to standard error is passed on.
    pub(crate) fn start(program: &Program) -> Result<Self, Fault> {
        Self::start_with(program, Stdio::inherit())
    }

    /// Starts a program with a standard error of its own.
    pub(crate) fn start_with(program: &Program, stderr: Stdio) -> Result<Self, Fault> {
        let (name, arguments) = program.words.split_first().map_or(("", &[][..]), |(n, a)| (n, a));
        let mut command = Command::new(name);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        let failed = |source| Fault::Start { program: name.to_owned(), source };
        let mut child = command.spawn().map_err(failed)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let piped = "standard input and output were asked to be pipes";
        let say = writer(stdin.expect(piped));
        let lines = reader(stdout.expect(piped));
        Ok(Self { child, say: Some(say), lines })
    }

    /// Sends a line. A program that does not listen is noticed when it does not answer.
    pub(crate) fn tell(&self, line: &[u8]) {
        if let Some(say) = &self.say {
            let _ = say.send(line.to_vec());
        }
    }

    /// The next line, without its break.
    pub(crate) fn line(&mut self, deadline: Duration) -> Result<Vec<u8>, Fault> {
        match self.lines.recv_timeout(deadline) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => Err(Fault::Silent { deadline }),
            Err(RecvTimeoutError::Disconnected) => Err(Fault::Gone),
        }
    }

    /// The next message.
    pub(crate) fn hear(&mut self, deadline: Duration) -> Result<FromBot, Fault> {
        FromBot::read(&self.line(deadline)?)
    }

    /// Says hello and takes the name of whoever answers.
    pub(crate) fn greet(&mut self) -> Result<String, Fault> {
        self.tell(&ToBot::hello().line());
        self.hear(HELLO_DEADLINE)?.greeting()
    }

    /// Says the last word and lets the program end by itself, for a while.
    pub(crate) fn dismiss(mut self, last: &ToBot) {
        self.tell(&last.line());
        self.hang_up();
        self.wait(LEAVE_DEADLINE);
    }

    /// Closes the program's standard input.
    pub(crate) fn hang_up(&mut self) {
        self.say = None;
    }

    /// How the program ended, if it does within a while.
    pub(crate) fn wait(&mut self, deadline: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if began.elapsed() < deadline => thread::sleep(LOOK_INTERVAL),
                _ => return None,
            }
        }
    }
}

impl Drop for Process {
    /// Nothing can be done about a program that cannot be ended.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes lines to a program until there are no more or it has left. On a thread of its
/// own, because a program that does not read would hold the host up.
fn writer(mut stdin: ChildStdin) -> Sender<Vec<u8>> {
    let (say, lines) = channel::<Vec<u8>>();
    thread::spawn(move || {
        for line in lines {
            if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
                break;
            }
        }
    });
    say
}

/// Reads a program's lines until it closes its output, the host has left, or a line is
/// too long.
fn reader(stdout: ChildStdout) -> Receiver<Result<Vec<u8>, Fault>> {
    let (say, lines) = sync_channel(LINES_AHEAD);
    thread::spawn(move || read_lines(BufReader::new(stdout), &say));
    lines
}

fn read_lines(mut input: impl BufRead, say: &SyncSender<Result<Vec<u8>, Fault>>) {
    loop {
        let mut line = Vec::new();
        let limit = LINE_BYTES_MAX as u64;
        match input.by_ref().take(limit).read_until(b'\n', &mut line) {
            Ok(count) if count > 0 => {}
            _ => return,
        }
        let whole = line.pop_if(|byte| *byte == b'\n').is_some();
        let message =
            if whole || line.len() < LINE_BYTES_MAX { Ok(line) } else { Err(Fault::TooLong) };
        let last = message.is_err();
        if say.send(message).is_err() || last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<String> {
        let (say, lines) = sync_channel(64);
        read_lines(input, &say);
        drop(say);
        let text = |line: Result<Vec<u8>, Fault>| match line {
            Ok(line) => String::from_utf8_lossy(&line).into_owned(),
            Err(fault) => fault.to_string(),
        };
        lines.into_iter().map(text).collect()
    }

    #[test]
    fn lines_are_split_and_the_last_needs_no_break() {
        assert_eq!(lines(b"one\ntwo"), ["one", "two"]);
        assert_eq!(lines(b"\n\n"), ["", ""]);
        assert_eq!(lines(b""), [""; 0]);
    }

    #[test]
    fn a_line_that_does_not_end_is_given_up() {
        let just = [vec![b'a'; LINE_BYTES_MAX - 1], b"\nnext\n".to_vec()].concat();
        assert_eq!(lines(&just).len(), 2);
        let long = [vec![b'a'; LINE_BYTES_MAX], b"\nnext\n".to_vec()].concat();
        let read = lines(&long);
        assert_eq!(read.len(), 1);
        assert!(read[0].contains("longer than"), "{read:?}");
    }
}
