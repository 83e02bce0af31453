//! A connection whose replies are walked through before the parser sees them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::replies::{Limits, ReplyFault, Walker};

/// What the reader of a connection knows of it. The requests are told no more than that they have no answer.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    fault: AtomicU8,
    heard: AtomicBool,
}

impl Verdict {
    fn record(&self, fault: ReplyFault) {
        let code = match fault {
            ReplyFault::NotTheProtocol => 1,
            ReplyFault::TooLarge => 2,
        };
        // Release, with Acquire in `fault`: whoever learns of the end from the parser's channel reads this
        // afterwards; the pair says so by itself.
        self.fault.store(code, Ordering::Release);
    }

    /// What was wrong with the replies, if anything.
    pub(crate) fn fault(&self) -> Option<ReplyFault> {
        match self.fault.load(Ordering::Acquire) {
            1 => Some(ReplyFault::NotTheProtocol),
            2 => Some(ReplyFault::TooLarge),
            _ => None,
        }
    }

    /// Whether anything was read since this was last asked. Relaxed: nothing else is read because of it.
    pub(crate) fn was_heard(&self) -> bool {
        self.heard.swap(false, Ordering::Relaxed)
    }
}

/// A stream whose reader stops at the first byte that should not be there.
pub(crate) struct Bounded<S> {
    stream: S,
    walker: Walker,
    verdict: Arc<Verdict>,
}

impl<S> Bounded<S> {
    pub(crate) fn new(stream: S, limits: Limits, verdict: Arc<Verdict>) -> Self {
        Self { stream, walker: Walker::new(limits), verdict }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.verdict.fault().is_some() {
            return Poll::Ready(Err(ended()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let outcome = match buffer.filled().get(before..) {
            Some(fresh @ [_, ..]) => {
                self.verdict.heard.store(true, Ordering::Relaxed);
                self.walker.walk(fresh)
            }
            _ => Ok(()),
        };
        Poll::Ready(outcome.map_err(|fault| {
            buffer.set_filled(before);
            self.verdict.record(fault);
            ended()
        }))
    }
}

/// The kind upon which the parser's task ends.
fn ended() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
