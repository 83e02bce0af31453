//! What the steps need beyond Rust: found, installed where that is safe, or named.
//!
//! A missing tool is never a skipped test. As root on Debian or a relative of it, which is what a
//! build container looks like, the packages are installed; anywhere else the task fails and names
//! them.

use std::path::Path;
use std::process::Command;

use crate::command::{run, succeeds};
use crate::failure::Failure;

/// A program that the build or the tests call.
struct Tool {
    name: &'static str,
    /// A call that succeeds when the tool is here and whole.
    probe: (&'static str, &'static [&'static str]),
    /// The Debian packages that bring it.
    packages: &'static [&'static str],
}

const TOOLS: [Tool; 6] = [
    Tool { name: "a C compiler", probe: ("cc", &["--version"]), packages: &["gcc", "libc6-dev"] },
    // The adapter for OpenSSL's servers; and the benchmark measures OpenSSL's own session cache.
    Tool {
        name: "libssl's headers",
        probe: ("pkg-config", &["--exists", "libssl"]),
        packages: &["libssl-dev", "pkg-config"],
    },
    // s_client: another implementation of TLS resumes sessions against the server.
    Tool { name: "openssl", probe: ("openssl", &["version"]), packages: &["openssl"] },
    // A third client, through a different interface to resumption.
    Tool {
        name: "python3 with its ssl module",
        probe: ("python3", &["-c", "import ssl"]),
        packages: &["python3"],
    },
    // The external store's tests start their own; the package's service is not used.
    Tool {
        name: "redis-server",
        probe: ("redis-server", &["--version"]),
        packages: &["redis-server"],
    },
    // Counts instructions for `cargo xtask gates`, and watches memory for `cargo xtask memory`.
    Tool { name: "valgrind", probe: ("valgrind", &["--version"]), packages: &["valgrind"] },
];

/// The clients of `cargo xtask interop`, besides openssl and python3.
const CLIENTS: [Tool; 2] = [
    Tool { name: "curl", probe: ("curl", &["--version"]), packages: &["curl"] },
    Tool {
        name: "Chromium",
        probe: (
            "sh",
            &["-c", "chromium --version || chromium-browser --version || google-chrome --version"],
        ),
        packages: &["chromium"],
    },
];

/// Names under which Chromium is installed.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A part of the toolchain that some installations leave out.
struct Component {
    name: &'static str,
    probe: &'static str,
}

const COMPONENTS: [Component; 2] = [
    Component { name: "clippy", probe: "cargo-clippy" },
    Component { name: "rustfmt", probe: "rustfmt" },
];

/// Finds every component and every tool, installing what is missing where that is possible.
pub(crate) fn check() -> Result<(), Failure> {
    components()?;
    tools()
}

fn components() -> Result<(), Failure> {
    let missing: Vec<_> = COMPONENTS
        .iter()
        .filter(|component| !succeeds(component.probe, &["--version"]))
        .map(|component| component.name)
        .collect();
    report("toolchain components", COMPONENTS.iter().map(|component| component.name), &missing);
    if missing.is_empty() {
        return Ok(());
    }
    if !succeeds("rustup", &["--version"]) {
        let remedy = "install these parts of the Rust toolchain (there is no rustup here)";
        return Err(Failure::Missing { tools: missing, remedy: remedy.to_owned() });
    }
    run(Command::new("rustup").args(["component", "add"]).args(missing))
}

/// Finds every tool that the tests call.
pub(crate) fn tools() -> Result<(), Failure> {
    find(&TOOLS.each_ref())
}

/// Finds what `cargo xtask interop` calls. A browser is too large to be brought for the other tasks.
pub(crate) fn interop() -> Result<(), Failure> {
    let called = ["openssl", "python3 with its ssl module"];
    let tools = TOOLS.iter().filter(|tool| called.contains(&tool.name)).chain(&CLIENTS);
    find(&tools.collect::<Vec<_>>())
}

/// The program that is Chromium here.
pub(crate) fn browser() -> Result<&'static str, Failure> {
    let found = BROWSERS.into_iter().find(|name| succeeds(name, &["--version"]));
    found.ok_or_else(|| Failure::Missing {
        tools: vec!["Chromium"],
        remedy: "install the package chromium (Debian's name)".to_owned(),
    })
}

fn find(tools: &[&'static Tool]) -> Result<(), Failure> {
    let missing = missing(tools);
    report("tools", tools.iter().map(|tool| tool.name), &names(&missing));
    if missing.is_empty() {
        return Ok(());
    }
    let packages = packages(&missing);
    if !may_install() {
        let remedy = format!("install the packages {} (Debian's names)", packages.join(" "));
        return Err(Failure::Missing { tools: names(&missing), remedy });
    }
    run(apt().arg("update"))?;
    run(apt().args(["install", "--yes", "--no-install-recommends"]).args(&packages))?;
    let missing = self::missing(tools);
    if missing.is_empty() {
        return Ok(());
    }
    let remedy = format!("still not here although {} were installed", packages.join(" "));
    Err(Failure::Missing { tools: names(&missing), remedy })
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn missing(tools: &[&'static Tool]) -> Vec<&'static Tool> {
    tools.iter().copied().filter(|tool| !succeeds(tool.probe.0, tool.probe.1)).collect()
}

fn names(tools: &[&Tool]) -> Vec<&'static str> {
    tools.iter().map(|tool| tool.name).collect()
}

fn packages(tools: &[&Tool]) -> Vec<&'static str> {
    tools.iter().flat_map(|tool| tool.packages.iter().copied()).collect()
}

/// Whether this is a Debian whose packages this user may install.
fn may_install() -> bool {
    let debian = Path::new("/etc/debian_version").exists() && succeeds("apt-get", &["--version"]);
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    debian && root
}

fn report(what: &str, all: impl Iterator<Item = &'static str>, missing: &[&str]) {
    let found: Vec<_> = all.filter(|name| !missing.contains(name)).collect();
    println!("{what} found: {}", if found.is_empty() { "none".into() } else { found.join(", ") });
    if !missing.is_empty() {
        println!("{what} missing: {}", missing.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_is_looked_for_under_every_name() {
        let probes = CLIENTS.iter().flat_map(|tool| tool.probe.1);
        let probes: String = probes.copied().collect();
        assert!(BROWSERS.iter().all(|name| probes.contains(&format!("{name} --version"))));
    }

    #[test]
    fn every_tool_names_the_packages_that_bring_it() {
        for tool in TOOLS.iter().chain(&CLIENTS) {
            assert!(!tool.packages.is_empty(), "{} cannot be installed", tool.name);
        }
    }

    #[test]
    fn the_packages_of_several_tools_go_into_one_installation() {
        let tools: Vec<_> = TOOLS.iter().collect();
        assert_eq!(
            packages(&tools),
            [
                "gcc",
                "libc6-dev",
                "libssl-dev",
                "pkg-config",
                "openssl",
                "python3",
                "redis-server",
                "valgrind"
            ]
        );
    }
}
