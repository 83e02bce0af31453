//! One session, offered again and again: by a libssl client, which lets one do so.

use std::process::Command;
use std::time::Duration;

use super::hosts::Hosts;
use super::lab::Lab;
use super::talker::Talker;
use crate::failure::Failure;

const SCRIPT: &str = include_str!("replay.py");

/// Between getting a session and offering it. Long enough for it to reach the store.
const PAUSE: Duration = Duration::from_millis(60);

/// TLS 1.3 sessions, each offered to all hosts at once and then to each in turn.
pub(crate) struct Replays(Talker);

/// What became of these sessions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) rounds: u32,
    /// Resumed once, in the moment in which all hosts were asked.
    pub(crate) once: u32,
    /// Never resumed.
    pub(crate) never: u32,
    /// Resumed more than once, at once or later.
    pub(crate) twice: u32,
    /// Connections that came to nothing.
    pub(crate) failed: u32,
    /// How often a session resumed in all.
    pub(crate) resumed: u32,
}

impl Replays {
    /// Goes on for so many rounds, or until it is told to finish.
    pub(crate) fn start(lab: &Lab, hosts: &Hosts, rounds: Option<u32>) -> Result<Self, Failure> {
        let pause = PAUSE.as_millis().to_string();
        let rounds = rounds.unwrap_or(0).to_string();
        let mut command = python(lab, hosts, ["once", Hosts::NAME, &pause, &rounds]);
        Talker::start("the replays", &mut command).map(Self)
    }

    /// Waits for the last round, and adds all up.
    pub(crate) fn finish(self) -> Result<Spent, Failure> {
        let lines = self.0.finish()?;
        let rounds: Option<Vec<_>> = lines.iter().map(|line| three(line)).collect();
        let rounds = rounds.ok_or_else(|| Failure::Fleet("the replays are unclear".to_owned()))?;
        let mut spent = Spent::default();
        for [at_once, later, failed] in rounds {
            spent.rounds += 1;
            spent.failed += failed;
            spent.resumed += at_once + later;
            match (at_once + later, at_once) {
                (0, _) => spent.never += 1,
                (1, 1) => spent.once += 1,
                (1, _) => {}
                _ => spent.twice += 1,
            }
        }
        Ok(spent)
    }
}

/// TLS 1.2 sessions, offered in time and after their end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    /// How many resumed in time.
    pub(crate) fresh: u32,
    /// How many resumed after their end.
    pub(crate) stale: u32,
    /// Connections that came to nothing.
    pub(crate) failed: u32,
}

impl Ended {
    /// Makes so many sessions, offers each once in time, and to each host after `wait`.
    pub(crate) fn start(
        lab: &Lab,
        hosts: &Hosts,
        wait: Duration,
        sessions: u32,
    ) -> Result<Talker, Failure> {
        let wait = wait.as_secs().to_string();
        let sessions = sessions.to_string();
        let mut command = python(lab, hosts, ["ended", Hosts::NAME, &wait, &sessions]);
        Talker::start("the sessions after their end", &mut command)
    }

    pub(crate) fn finish(talker: Talker) -> Result<Self, Failure> {
        let lines = talker.finish()?;
        let line = lines.last().and_then(|line| three(line));
        let unclear = || Failure::Fleet("the sessions after their end are unclear".to_owned());
        let [fresh, stale, failed] = line.ok_or_else(unclear)?;
        Ok(Self { fresh, stale, failed })
    }
}

fn python(lab: &Lab, hosts: &Hosts, arguments: [&str; 4]) -> Command {
    let mut command = Command::new("python3");
    command.args(["-c", SCRIPT]).args(arguments);
    command.args(hosts.ports().iter().map(u16::to_string));
    command.env("RESUMPTION_SEED", lab.seed().to_string());
    command
}

fn three(line: &str) -> Option<[u32; 3]> {
    let numbers: Option<Vec<u32>> = line.split(' ').map(|word| word.parse().ok()).collect();
    numbers?.try_into().ok()
}
