//! Running other programs: printed before they start, an error when they say no.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    // The manifest lies in `<root>/xtask`, so there is always a parent.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The cargo that started this task, to be run in the repository's root.
///
/// Cargo describes the running package (`CARGO_PKG_NAME`, `CARGO_MANIFEST_DIR`, ...) to the
/// programs it runs. Some build scripts, `ring`'s among them, are rebuilt when those change, so
/// they are hidden from the inner cargo: `cargo xtask test` and `cargo test` share their builds.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Prints `command`, runs it with this terminal, and fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let line = line_of(command);
    println!("$ {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Command { line, status }),
        Err(error) => Err(Failure::Launch { line, error }),
    }
}

/// What `command` prints; fails unless it succeeds.
pub(crate) fn stdout_of(command: &mut Command) -> Result<String, Failure> {
    let line = line_of(command);
    match command.stderr(Stdio::inherit()).output() {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => Err(Failure::Command { line, status: output.status }),
        Err(error) => Err(Failure::Launch { line, error }),
    }
}

/// As [`run`], and returns what was printed to standard output, line by line, besides showing it.
pub(crate) fn run_and_read(command: &mut Command) -> Result<Vec<String>, Failure> {
    let line = line_of(command);
    println!("$ {line}");
    let launch = |error| Failure::Launch { line: line.clone(), error };
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(launch)?;
    let mut printed = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for text in BufReader::new(stdout).split(b'\n') {
            let text = String::from_utf8_lossy(&text.map_err(launch)?).into_owned();
            println!("{text}");
            printed.push(text);
        }
    }
    let status = child.wait().map_err(launch)?;
    if status.success() { Ok(printed) } else { Err(Failure::Command { line, status }) }
}

/// Whether `command` succeeds, and all that it printed.
pub(crate) fn run_silently(command: &mut Command) -> Result<(bool, String), Failure> {
    let line = line_of(command);
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| Failure::Launch { line, error })?;
    let printed = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&printed).into_owned()))
}

/// Whether `program` with `arguments` can be run and succeeds; what it prints is dropped.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    run_silently(Command::new(program).args(arguments)).is_ok_and(|(succeeded, _)| succeeded)
}

/// `command` as one would type it, without the path of the program.
fn line_of(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_stem().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let settings = command.get_envs().filter_map(|(name, value)| {
        value.map(|value| format!("{}={:?}", name.to_string_lossy(), value.to_string_lossy()))
    });
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    settings.chain([name]).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_printed_as_one_would_type_it() {
        let mut command = Command::new("/somewhere/bin/cargo");
        command.args(["doc", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(line_of(&command), "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps");
    }

    #[test]
    fn a_program_that_does_not_exist_does_not_succeed() {
        assert!(!succeeds("resumption-no-such-program", &[]));
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("xtask").join("Cargo.toml").is_file());
    }
}
