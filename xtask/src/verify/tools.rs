//! What the lanes need beyond stable Rust. What is missing is named, with the command that brings it.

use std::env;
use std::process::Command;

use crate::command::{cargo, root, run_silently};
use crate::failure::Failure;

/// A tool, in the order in which one needs another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tool {
    Nightly,
    Miri,
    RustSource,
    CargoFuzz,
}

impl Tool {
    fn name(self) -> &'static str {
        match self {
            Self::Nightly => "nightly Rust",
            Self::Miri => "miri",
            Self::RustSource => "the standard library's source",
            Self::CargoFuzz => "cargo-fuzz",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Nightly => "rustup toolchain install nightly --profile minimal",
            Self::Miri => "rustup component add miri --toolchain nightly",
            Self::RustSource => "rustup component add rust-src --toolchain nightly",
            Self::CargoFuzz => "cargo install cargo-fuzz --locked",
        }
    }

    fn is_here(self) -> bool {
        let mut probe = match self {
            Self::Nightly => nightly("rustc"),
            Self::Miri | Self::CargoFuzz => nightly("cargo"),
            Self::RustSource => return has_source(),
        };
        match self {
            Self::Miri => probe.args(["miri", "--version"]),
            Self::CargoFuzz => probe.args(["fuzz", "--version"]),
            Self::Nightly | Self::RustSource => probe.arg("--version"),
        };
        run_silently(&mut probe).is_ok_and(|(succeeded, _)| succeeded)
    }
}

fn has_source() -> bool {
    let sysroot = nightly("rustc").args(["--print", "sysroot"]).output();
    sysroot.is_ok_and(|output| {
        let sysroot = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        root().join(sysroot).join("lib/rustlib/src/rust/library/Cargo.lock").is_file()
    })
}

/// Fails unless all of these are here.
pub(super) fn check<'t>(needed: impl Iterator<Item = &'t Tool>) -> Result<(), Failure> {
    let mut needed: Vec<_> = needed.copied().collect();
    needed.sort_unstable();
    needed.dedup();
    let missing: Vec<_> = needed.into_iter().filter(|tool| !tool.is_here()).collect();
    if missing.is_empty() { Ok(()) } else { Err(missed(&missing)) }
}

fn missed(missing: &[Tool]) -> Failure {
    let remedies: Vec<_> = missing.iter().map(|tool| tool.remedy()).collect();
    let tools = missing.iter().map(|tool| tool.name()).collect();
    Failure::Missing { tools, remedy: format!("run `{}`", remedies.join("` and `")) }
}

/// A program of the nightly toolchain, in the repository's root.
pub(super) fn nightly(program: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", program]).current_dir(root());
    // As for the inner cargo; and what the outer one says of itself is about another toolchain.
    for (name, _) in cargo().get_envs().filter(|(_, value)| value.is_none()) {
        command.env_remove(name);
    }
    for name in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        if env::var_os(name).is_some() {
            command.env_remove(name);
        }
    }
    command
}

/// The machine that nightly builds for, as `--target` wants it: a sanitizer's standard library has to be
/// built, and cargo does that only for a named target.
pub(super) fn host() -> Result<String, Failure> {
    let mut command = nightly("rustc");
    let output = command
        .arg("-vV")
        .output()
        .map_err(|error| Failure::Launch { line: "rustc -vV".to_owned(), error })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned);
    host.ok_or_else(|| missed(&[Tool::Nightly]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_the_command_that_brings_it() {
        let all = [Tool::Nightly, Tool::Miri, Tool::RustSource, Tool::CargoFuzz];
        let said = missed(&all).to_string();
        for tool in all {
            assert!(said.contains(tool.name()) && said.contains(tool.remedy()), "{said}");
        }
    }
}
