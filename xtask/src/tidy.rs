//! What is said in two places must agree: the orderings in `ORDERINGS.md`, in the source and in the
//! models; OpenSSL's names, in its pages and in `docs/openssl.md`. And files stay short.
//!
//! [`agreement`], [`lengths`] and [`openssl`] compare; they know nothing of files, so that a test can show
//! them a repository that is wrong.

mod agreement;
mod lengths;
mod openssl;
mod sources;

use std::fs;

use crate::command::root;
use crate::failure::Failure;
use crate::{models, orderings};

/// Checks the repository; every fault is one line.
pub(crate) fn check() -> Result<(), Failure> {
    let (orderings, models) = (orderings::read()?, models::read_all()?);
    let sources = sources::read()?;
    let mut faults: Vec<_> =
        agreement::faults(&orderings, &models, &sources).iter().map(ToString::to_string).collect();
    faults.extend(lengths::faults(&sources));
    let page = root().join(openssl::PAGE);
    let page = fs::read_to_string(&page).map_err(|error| Failure::of_file(&page, error))?;
    faults.extend(openssl::faults(&page, |path| fs::read_to_string(root().join(path)).ok()));
    for fault in &faults {
        println!("tidy: {fault}");
    }
    if !faults.is_empty() {
        return Err(Failure::Faults { count: faults.len(), of: "untidy places" });
    }
    println!(
        "tidy: {} edges, {} mutants and {} files of models agree; {} files are short enough",
        orderings.edges.len(),
        orderings.mutants.len(),
        models.len(),
        sources.len()
    );
    Ok(())
}
