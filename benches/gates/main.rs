//! One operation of the map or the cache, again and again, for callgrind to count its instructions.
//!
//! `cargo xtask gates` runs this under valgrind, once for each operation, and compares the counts with
//! those recorded in `benches/results/gates.csv`. Only the functions called `counted_…` are counted; what
//! they need is made before.

#![forbid(unsafe_code)]

mod footprint;
mod operations;

use std::process::ExitCode;

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    if let Some(operation) = operations::ALL.iter().find(|operation| operation.name == name) {
        (operation.run)();
        println!("{}", operations::REPETITIONS);
        return ExitCode::SUCCESS;
    }
    if name == "bytes" {
        println!("{}", footprint::bytes_per_session());
        return ExitCode::SUCCESS;
    }
    for operation in operations::ALL {
        println!("{}", operation.name);
    }
    ExitCode::from(u8::from(!name.is_empty()))
}
