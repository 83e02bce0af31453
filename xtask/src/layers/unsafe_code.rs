//! `#![forbid(unsafe_code)]` in every crate root, except where the picture allows unsafe code.
//!
//! Where it allows one file, the root of the library denies it instead, and the lint is set aside in
//! the module of that file and nowhere else.

use std::fs;
use std::path::Path;

use super::Fault;
use super::graph::Package;
use super::picture::{self, Member, UnsafeCode};
use crate::command::root;
use crate::failure::Failure;

/// The crate roots of `graph` that may not contain `unsafe` and do not say so, and the files that set
/// the lint aside without being the exception.
pub(super) fn faults(picture: &[Member], graph: &[Package]) -> Result<Vec<Fault>, Failure> {
    let mut faults = Vec::new();
    for package in graph {
        let rule = picture::find(picture, &package.name)
            .map_or(UnsafeCode::Forbidden, |member| member.unsafe_code);
        if rule == UnsafeCode::Allowed {
            continue;
        }
        for file in &package.roots {
            let source = read(file)?;
            let denied = match rule {
                UnsafeCode::Only { file: exception, .. } if holds(file, exception) => {
                    faults.extend(strays(&package.name, file, exception)?);
                    says("deny", &source)
                }
                _ => false,
            };
            if !denied && !says("forbid", &source) {
                faults.push(Fault::Unsafe { package: package.name.clone(), file: file.clone() });
            }
        }
    }
    Ok(faults)
}

fn read(file: &str) -> Result<String, Failure> {
    fs::read_to_string(root().join(file))
        .map_err(|error| Failure::Read { path: file.to_owned(), error })
}

/// Whether the module of `file` may belong to the library whose root this is.
fn holds(library: &str, file: &str) -> bool {
    library.strip_suffix("lib.rs").is_some_and(|folder| Path::new(file).starts_with(folder))
}

/// The files of a library that write `unsafe` without being the exception.
fn strays(package: &str, library: &str, exception: &str) -> Result<Vec<Fault>, Failure> {
    let mut strays = Vec::new();
    let mut folders = vec![Path::new(library).parent().unwrap_or(Path::new("")).to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |error| Failure::Read { path: folder.display().to_string(), error };
        for entry in fs::read_dir(root().join(&folder)).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = folder.join(entry.file_name());
            let name = path.display().to_string();
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs")
                && name != exception
                && writes_unsafe(&read(&name)?)
            {
                strays.push(Fault::Unsafe { package: package.to_owned(), file: name });
            }
        }
    }
    Ok(strays)
}

/// Whether a line that is no comment opens something unsafe.
fn writes_unsafe(source: &str) -> bool {
    source.lines().map(str::trim).filter(|line| !line.starts_with("//")).any(|line| {
        ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern", "unsafe trait"]
            .iter()
            .any(|opening| line.contains(opening))
    })
}

/// Whether one of the lines is a `#![forbid(...)]`, or another such level, that names `unsafe_code`.
fn says(level: &str, source: &str) -> bool {
    source.lines().any(|line| {
        line.trim()
            .strip_prefix("#![")
            .and_then(|rest| rest.strip_prefix(level))
            .and_then(|rest| rest.strip_prefix('('))
            .and_then(|rest| rest.strip_suffix(")]"))
            .is_some_and(|lints| lints.split(',').any(|lint| lint.trim() == "unsafe_code"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attribute_is_found_alone_or_in_company() {
        assert!(says("forbid", "//! A crate.\n#![forbid(unsafe_code)]\nfn main() {}\n"));
        assert!(says("forbid", "#![forbid(missing_docs, unsafe_code)]\n"));
    }

    #[test]
    fn weaker_or_absent_attributes_do_not_count() {
        assert!(!says("forbid", "#![deny(unsafe_code)]\n"));
        assert!(!says("forbid", "// #![forbid(unsafe_code)]\n"));
        assert!(!says("forbid", "#![forbid(missing_docs)]\n"));
        assert!(!says("forbid", ""));
    }

    #[test]
    fn comments_are_not_unsafe_and_blocks_are() {
        assert!(writes_unsafe("fn f() { unsafe { g() } }"));
        assert!(writes_unsafe("unsafe impl Sync for S {}"));
        assert!(!writes_unsafe("// unsafe { no }\n#![deny(unsafe_code)]\n"));
    }

    #[test]
    fn the_exception_is_the_only_file_of_its_library_with_unsafe_code() {
        let exception = "benches/src/peers/libssl.rs";
        let found = strays("benches", "benches/src/lib.rs", exception).expect("files can be read");
        assert_eq!(found, []);
        let found = strays("benches", "benches/src/lib.rs", "another.rs").expect("the same");
        let stray = Fault::Unsafe { package: "benches".to_owned(), file: exception.to_owned() };
        assert_eq!(found, [stray]);
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
