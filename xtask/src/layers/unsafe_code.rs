//! `#![forbid(unsafe_code)]` in every crate root, except where the picture allows unsafe code.

use std::fs;

use super::Fault;
use super::graph::Package;
use super::picture::{self, Member, UnsafeCode};
use crate::command::root;
use crate::failure::Failure;

/// The crate roots of `graph` that may not contain `unsafe` and do not say so.
pub(super) fn faults(picture: &[Member], graph: &[Package]) -> Result<Vec<Fault>, Failure> {
    let mut faults = Vec::new();
    for package in graph {
        let allowed = picture::find(picture, &package.name)
            .is_some_and(|member| member.unsafe_code == UnsafeCode::Allowed);
        if allowed {
            continue;
        }
        for file in &package.roots {
            let source = fs::read_to_string(root().join(file))
                .map_err(|error| Failure::Read { path: file.clone(), error })?;
            if !forbids_unsafe_code(&source) {
                faults.push(Fault::Unsafe { package: package.name.clone(), file: file.clone() });
            }
        }
    }
    Ok(faults)
}

/// Whether one of the lines is a `#![forbid(...)]` that names `unsafe_code`.
fn forbids_unsafe_code(source: &str) -> bool {
    source.lines().any(|line| {
        line.trim()
            .strip_prefix("#![forbid(")
            .and_then(|rest| rest.strip_suffix(")]"))
            .is_some_and(|lints| lints.split(',').any(|lint| lint.trim() == "unsafe_code"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attribute_is_found_alone_or_in_company() {
        assert!(forbids_unsafe_code("//! A crate.\n#![forbid(unsafe_code)]\nfn main() {}\n"));
        assert!(forbids_unsafe_code("#![forbid(missing_docs, unsafe_code)]\n"));
    }

    #[test]
    fn weaker_or_absent_attributes_do_not_count() {
        assert!(!forbids_unsafe_code("#![deny(unsafe_code)]\n"));
        assert!(!forbids_unsafe_code("// #![forbid(unsafe_code)]\n"));
        assert!(!forbids_unsafe_code("#![forbid(missing_docs)]\n"));
        assert!(!forbids_unsafe_code(""));
    }

    #[test]
    fn a_root_that_cannot_be_read_is_an_error_and_not_a_pass() {
        let package = Package {
            name: "xtask".to_owned(),
            edges: Vec::new(),
            roots: vec!["xtask/src/no_such_file.rs".to_owned()],
        };
        assert!(faults(&picture::PICTURE, &[package]).is_err());
    }

    #[test]
    fn a_root_without_the_attribute_is_a_fault() {
        let package = Package {
            name: "xtask".to_owned(),
            edges: Vec::new(),
            roots: vec!["xtask/src/main.rs".to_owned(), "xtask/src/flags.rs".to_owned()],
        };
        let found = faults(&picture::PICTURE, &[package]).expect("both files can be read");
        let expected =
            Fault::Unsafe { package: "xtask".to_owned(), file: "xtask/src/flags.rs".to_owned() };
        assert_eq!(found, [expected]);
    }
}
