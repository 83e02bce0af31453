//! The comparison with the peers, and a look at its report.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{self, Command};

use crate::command::{cargo, root, run};
use crate::failure::Failure;
use crate::prerequisites;

/// Builds the comparison in release and runs it with `arguments`.
pub(crate) fn compare<S: AsRef<str>>(arguments: &[S]) -> Result<(), Failure> {
    run(cargo()
        .args(["run", "--release", "--package", "resumption-benches", "--bin", "bench", "--"])
        .args(arguments.iter().map(AsRef::as_ref)))
}

/// The few seconds that prove that the comparison still runs; its figures mean nothing.
pub(crate) fn smoke() -> Result<(), Failure> {
    compare(&["--smoke"])
}

/// Opens the report in headless Chromium, 1280 pixels wide: fails if the browser has anything to say on
/// its console, if the page is wider than its window, or if text of a chart lies outside of the chart.
/// Leaves a picture beside the report.
pub(crate) fn open_check() -> Result<(), Failure> {
    let folder = root().join("target/bench");
    let report = folder.join("report.html");
    let page = fs::read_to_string(&report)
        .map_err(|error| Failure::Read { path: report.display().to_string(), error })?;
    let browser = prerequisites::browser()?;
    // The browser looks at a copy that also measures itself: the report has no script of its own.
    let copy = folder.join("report-checked.html");
    let checked = page.replace("</body>", &format!("<script>{MEASURE}</script></body>"));
    fs::write(&copy, checked)
        .map_err(|error| Failure::Write { path: copy.display().to_string(), error })?;
    let address = format!("file://{}", copy.display());
    let dom = said_by(browser, &["--dump-dom", &address])?;
    let picture = format!("--screenshot={}", folder.join("report.png").display());
    let size = ["--hide-scrollbars", "--window-size=1280,12000"];
    said_by(browser, &[size[0], size[1], &picture, &format!("file://{}", report.display())])?;
    let faults = dom.split_once("<!--faults:").and_then(|(_, rest)| rest.split_once("-->"));
    let Some((faults, _)) = faults else {
        println!("bench: the page did not measure itself");
        return Err(Failure::Faults { count: 1, of: "faults of the report" });
    };
    let faults: Vec<_> = faults.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    for fault in &faults {
        println!("bench: {fault}");
    }
    if !faults.is_empty() {
        return Err(Failure::Faults { count: faults.len(), of: "faults of the report" });
    }
    println!("bench: the report opens without a word on the console, and everything is inside");
    Ok(())
}

/// Writes what is wrong with the layout into a comment at the end of the page.
const MEASURE: &str = r#"
const faults = [];
if (document.documentElement.scrollWidth > innerWidth) faults.push("the page is wider than its window");
for (const chart of document.querySelectorAll("svg")) {
  const box = chart.getBoundingClientRect();
  const title = chart.getAttribute("aria-label") || "bars";
  const placed = [];
  for (const text of chart.querySelectorAll("text")) {
    const own = text.getBoundingClientRect();
    if (own.width === 0) continue;
    const words = text.textContent;
    if (own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 2 || own.bottom > box.bottom + 2)
      faults.push(`${title}: "${words}" is cut off`);
    for (const [other, its] of placed)
      if (own.left < its.right - 1 && its.left < own.right - 1 && own.top < its.bottom - 4 && its.top < own.bottom - 4)
        faults.push(`${title}: "${words}" lies on "${other}"`);
    placed.push([words, own]);
  }
}
document.body.append(document.createComment("faults:\n" + faults.join("\n") + "\n"));
"#;

/// Runs the browser, which may be silent on its console only; gives what it put out.
fn said_by(browser: &str, arguments: &[&str]) -> Result<String, Failure> {
    let profile = Profile::new();
    let mut command = Command::new(browser);
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--enable-logging=stderr", "--window-size=1280,2000"])
        .arg(format!("--user-data-dir={}", profile.0.display()))
        .args(arguments);
    let line = format!("{browser} {}", arguments.join(" "));
    println!("$ {line}");
    let output = command.output().map_err(|error| Failure::Launch { line: line.clone(), error })?;
    if !output.status.success() {
        return Err(Failure::Command { line, status: output.status });
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let said: Vec<_> = errors.lines().filter(|line| line.contains("CONSOLE")).collect();
    for line in &said {
        println!("bench: {line}");
    }
    if !said.is_empty() {
        return Err(Failure::Faults { count: said.len(), of: "lines on the browser's console" });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// An empty profile for one run of the browser, removed after it.
struct Profile(PathBuf);

impl Profile {
    fn new() -> Self {
        Self(env::temp_dir().join(format!("resumption-report-{}", process::id())))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
