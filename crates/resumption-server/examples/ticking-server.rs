//! `resumption serve` with a task beside it that ticks each millisecond, for `cargo xtask fleet --latency`.
//!
//! Takes the arguments of `resumption`. When standard input ends, so does the server, and then it prints
//! `ticks NUMBER LATE WORST`: how often the task has ticked, by how many microseconds one tick of a thousand was
//! late, and the worst.
//! What blocks a worker of the runtime for long delays the tasks that wait for it, of which this is one.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::time::{Duration, Instant};

use resumption_server::cli::{Cli, Command};
use resumption_server::serve::Server;
use tokio::sync::watch;

const TICK: Duration = Duration::from_millis(1);

fn main() -> Result<(), Box<dyn Error>> {
    let Ok(Cli { command: Command::Serve(args), .. }) = Cli::from_arguments(std::env::args_os())
    else {
        return Err("give the arguments of resumption serve".into());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = Server::bind(&args)?;
        println!("{}", server.ready_line());
        let (stop, stopped) = watch::channel(false);
        let ticker = tokio::spawn(tick(stopped));
        let end = async {
            let read = || io::copy(&mut io::stdin(), &mut io::sink());
            // However it ends.
            let _ = tokio::task::spawn_blocking(read).await;
        };
        let serving = tokio::spawn(server.run(end));
        serving.await?;
        stop.send(true)?;
        let mut late = ticker.await?;
        late.sort_unstable();
        let at = |rank: usize| late.get(rank).map_or(0, Duration::as_micros);
        let number = late.len();
        println!("ticks {number} {} {}", at(number * 999 / 1000), at(number.saturating_sub(1)));
        Ok(())
    })
}

/// How late each tick was.
async fn tick(stopped: watch::Receiver<bool>) -> Vec<Duration> {
    let mut late = Vec::new();
    while !*stopped.borrow() {
        let began = Instant::now();
        tokio::time::sleep(TICK).await;
        // The timer's grain is a millisecond, so that a tick of two is on time.
        late.push(began.elapsed().saturating_sub(2 * TICK));
    }
    late
}
