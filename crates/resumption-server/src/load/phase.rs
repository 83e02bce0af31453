//! One measured phase: threads that make one kind of handshake until the time is up.

use std::convert::Infallible;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use rustls::ClientConfig;

use super::connection::{self, Request};
use super::progress::Progress;
use super::sessions::{NewestSession, Offer};
use super::tally::Tally;
use super::target::Target;
use crate::tls::TlsVersions;

/// A thread whose connection failed waits so long before the next, so that a dead server does not
/// get a storm of attempts.
const AFTER_ERROR: Duration = Duration::from_millis(20);

/// How often the progress is shown anew.
const TICK: Duration = Duration::from_millis(100);

/// The kinds of handshakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// No session is offered.
    Full,
    /// Each connection offers its thread's newest session.
    Resumed,
}

impl fmt::Display for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "full",
            Self::Resumed => "resumed",
        })
    }
}

/// What to measure.
#[derive(Clone, Debug)]
pub(crate) struct Phase {
    pub(crate) version: TlsVersions,
    pub(crate) handshake: Handshake,
    pub(crate) threads: NonZeroUsize,
    pub(crate) duration: Duration,
    pub(crate) io_timeout: Duration,
    pub(crate) request: Request,
}

/// What was measured.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) version: TlsVersions,
    pub(crate) handshake: Handshake,
    pub(crate) tally: Tally,
    /// From the common start to the end of the last connection.
    pub(crate) elapsed: Duration,
}

impl Measured {
    /// Handshakes per second.
    pub(crate) fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a rate, shown to a few digits")]
        let handshakes = self.tally.handshakes() as f64;
        handshakes / self.elapsed.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

/// Runs a phase to its end.
///
/// In a phase of resumed handshakes each thread first makes one connection that is not counted, to
/// get a session. From then on every connection should resume, and one that does not counts against
/// the resumption rate, whatever the reason: also when the server gave no session to offer.
///
/// # Errors
/// What rustls says about the client's configuration.
pub(crate) fn measure(target: &Target, phase: &Phase) -> Result<Measured, rustls::Error> {
    let mut clients = Vec::with_capacity(phase.threads.get());
    for _ in 0..phase.threads.get() {
        clients.push(Client::new(target, phase)?);
    }
    let start = Barrier::new(clients.len() + 1);
    let done = AtomicU64::new(0);
    let (ends, ended) = mpsc::channel::<Infallible>();
    let (tally, elapsed) = thread::scope(|scope| {
        let threads: Vec<_> = clients
            .into_iter()
            .map(|client| {
                let (start, done, ends) = (&start, &done, ends.clone());
                scope.spawn(move || {
                    let tally = client.run(start, done);
                    drop(ends);
                    tally
                })
            })
            .collect();
        drop(ends);
        start.wait();
        let started = Instant::now();
        let progress = Progress::start(phase);
        // Nothing is ever sent: the channel closes when the last thread has ended.
        while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(TICK) {
            progress.show(started.elapsed(), done.load(Ordering::Relaxed));
        }
        let mut tally = Tally::new();
        for thread in threads {
            // A client thread has no panicking path; should one panic, so does the whole run.
            tally.merge(thread.join().expect("a client thread panicked"));
        }
        let elapsed = started.elapsed();
        progress.finish();
        (tally, elapsed)
    });
    Ok(Measured { version: phase.version, handshake: phase.handshake, tally, elapsed })
}

/// One thread's side of a phase.
struct Client<'a> {
    target: &'a Target,
    phase: &'a Phase,
    config: Arc<ClientConfig>,
    response: Vec<u8>,
}

impl<'a> Client<'a> {
    fn new(target: &'a Target, phase: &'a Phase) -> Result<Self, rustls::Error> {
        let offer = match phase.handshake {
            Handshake::Full => Offer::Nothing,
            Handshake::Resumed => Offer::Newest,
        };
        let sessions = Arc::new(NewestSession::new(offer));
        let config = Arc::new(target.client_config(phase.version, sessions)?);
        Ok(Self { target, phase, config, response: Vec::new() })
    }

    fn run(mut self, start: &Barrier, done: &AtomicU64) -> Tally {
        let mut tally = Tally::new();
        if self.phase.handshake == Handshake::Resumed {
            let primed = self.connect();
            if primed.is_err() {
                tally.record(&primed);
            }
        }
        start.wait();
        let started = Instant::now();
        while started.elapsed() < self.phase.duration {
            let outcome = self.connect();
            tally.record(&outcome);
            match outcome {
                Ok(_) => {
                    done.fetch_add(1, Ordering::Relaxed);
                }
                Err(_) => thread::park_timeout(AFTER_ERROR),
            }
        }
        tally
    }

    fn connect(&mut self) -> Result<connection::Connected, connection::ConnectionError> {
        connection::connect(
            self.target,
            &self.config,
            &self.phase.request,
            self.phase.io_timeout,
            &mut self.response,
        )
    }
}
