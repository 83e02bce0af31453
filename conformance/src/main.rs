//! `conformance RUN`: joins what the test program printed, kept in the file RUN, with the table.
//! `conformance --markdown FILE`: writes the table as a document.
#![forbid(unsafe_code)]

use std::env;
use std::fs;
use std::process::ExitCode;

use conformance::{harness, report};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--markdown", file] => match fs::write(file, report::markdown()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&format!("{file}: {error}")),
        },
        [run] => match fs::read_to_string(run) {
            Ok(printed) => join(&printed),
            Err(error) => fail(&format!("{run}: {error}")),
        },
        _ => fail("usage: conformance RUN | conformance --markdown FILE"),
    }
}

fn join(printed: &str) -> ExitCode {
    let ran = harness::outcomes(printed);
    print!("{}", report::text(&ran));
    let faults = report::faults(&ran);
    for fault in &faults {
        println!("fault: {fault}");
    }
    println!("\n{}; {} tests; {} faults", report::summary(), ran.len(), faults.len());
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fail(what: &str) -> ExitCode {
    eprintln!("conformance: {what}");
    ExitCode::FAILURE
}
