//! The README's example is the adapter's own, which is compiled and run as a documentation test.

#![forbid(unsafe_code)]

use std::fs;
use std::path::Path;

/// A file of the repository.
fn read(path: &str) -> String {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository");
    fs::read_to_string(root.join(path)).expect("the file is there")
}

/// The lines of the first block of `text` that opens with `fence`.
fn first_block(text: &str, fence: &str) -> Vec<String> {
    text.lines()
        .skip_while(|line| *line != fence)
        .skip(1)
        .take_while(|line| *line != "```")
        .map(str::to_owned)
        .collect()
}

/// The documentation at the top of a crate, as text.
fn crate_documentation(source: &str) -> String {
    source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn the_readme_shows_the_tested_example() {
    let source = read("crates/resumption-rustls/src/lib.rs");
    let mut tested = first_block(&crate_documentation(&source), "```");
    tested.retain(|line| line != "#" && !line.starts_with("# "));
    let shown = first_block(&read("README.md"), "```rust");
    assert!(!tested.is_empty(), "resumption-rustls has no example");
    assert_eq!(shown.join("\n"), tested.join("\n").trim(), "copy the example into the README");
}
