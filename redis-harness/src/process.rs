//! A process that is gone when its starter is.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::fault::Fault;

/// Runs the program, says its number, and ends when it does. Kills it as soon as the pipe from us closes, which
/// it also does when we are killed.
const GUARD: &str = r#"
    exec 3<&0
    "$@" 3<&- &
    program=$!
    echo $program
    (read -r _ <&3; kill -KILL $program 2>/dev/null) &
    wait $program 2>/dev/null
"#;

/// A running program; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    guard: Child,
    /// Closed to have the program killed.
    leash: Option<ChildStdin>,
    number: u32,
}

impl Process {
    pub(crate) fn start(
        program: &str,
        arguments: impl IntoIterator<Item: AsRef<OsStr>>,
    ) -> Result<Self, Fault> {
        let failed = |error| Fault::of(program, error);
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "sh", program])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(failed)?;
        let leash = guard.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = guard.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(failed)?;
        }
        let number = line.trim().parse().map_err(|_| Fault::new("sh did not start a process"))?;
        Ok(Self { guard, leash, number })
    }

    /// SIGKILL; returns when the process is gone and its port free.
    pub(crate) fn kill(&mut self) {
        self.leash = None;
        let _ = self.guard.wait();
    }

    /// Whether the program has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.guard.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Sends a signal: `STOP`, `CONT`.
    pub(crate) fn signal(&self, name: &str) -> Result<(), Fault> {
        let command = format!("kill -{name} {}", self.number);
        let status = Command::new("sh").args(["-c", &command]).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(Fault::new(format!("{command}: no such process"))),
            Err(error) => Err(Fault::of("sh", error)),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
