//! A program that talks: what it prints is gathered line by line, and its input is its leash.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use redis_harness::until;

use crate::failure::Failure;

/// Longer than any program here takes to say its first word.
const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// A running program, killed when dropped. All that are started here end with their standard input, so
/// also when this process is killed.
pub(crate) struct Talker {
    name: &'static str,
    child: Child,
    input: Option<ChildStdin>,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Talker {
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self, Failure> {
        let launch = |error| Failure::Launch { line: name.to_owned(), error };
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().map_err(launch)?;
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let reader = child.stdout.take().map(|stdout| {
            let lines = Arc::clone(&lines);
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    lock(&lines).push(line);
                }
            })
        });
        let input = child.stdin.take();
        Ok(Self { name, child, input, lines, reader })
    }

    /// Its first line; waits for it.
    pub(crate) fn first_line(&mut self) -> Result<String, Failure> {
        let said = until("a program's first line", STARTS_WITHIN, || {
            if let Some(line) = lock(&self.lines).first() {
                return Some(Some(line.clone()));
            }
            self.child.try_wait().is_ok_and(|status| status.is_some()).then_some(None)
        })?;
        said.ok_or_else(|| Failure::Fleet(format!("{} ended without a word", self.name)))
    }

    /// What it has printed since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.lines))
    }

    /// Lets it come to its end, and returns what it has printed since the last call.
    pub(crate) fn finish(mut self) -> Result<Vec<String>, Failure> {
        self.input = None;
        if let Some(reader) = self.reader.take() {
            // It ends with the program's output.
            let _ = reader.join();
        }
        match self.child.wait() {
            Ok(status) if status.success() => Ok(self.take()),
            Ok(status) => Err(Failure::Fleet(format!("{} ended with {status}", self.name))),
            Err(error) => Err(Failure::Launch { line: self.name.to_owned(), error }),
        }
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nobody leaves a list of lines half-written.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
