//! What every part of the fleet needs: programs, a certificate, and keys to seal with.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use redis_harness::Folder;

use crate::command::{cargo, root, run};
use crate::failure::Failure;
use crate::interop::pki::{Files, Pki};

/// How the programs are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    Debug,
    /// For figures.
    Release,
}

/// Everything that is there before the first host starts.
pub(crate) struct Lab {
    folder: Folder,
    pki: Pki,
    build: Build,
    seed: u64,
}

impl Lab {
    /// Builds the programs, makes a certificate and keys.
    pub(crate) fn set_up(build: Build, seed: u64) -> Result<Self, Failure> {
        let mut command = cargo();
        command.args(["build", "--package", "resumption-server", "--bin", "resumption"]);
        command.args(["--example", "fleet-client"]);
        if build == Build::Release {
            command.args(["--example", "ticking-server", "--release"]);
        }
        run(&mut command)?;
        let folder = Folder::new()?;
        let pki = Pki::make(&folder.path().join("certificates"))?;
        let lab = Self { folder, pki, build, seed };
        lab.write_keys()?;
        println!("fleet: seed {seed} (RESUMPTION_SEED)");
        Ok(lab)
    }

    /// Decides which hosts the clients visit, and when.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// The hosts' certificate: the same on all.
    pub(crate) fn certificate(&self) -> Files {
        self.pki.files("server")
    }

    /// The hosts' keys: the same for all.
    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    fn write_keys(&self) -> Result<(), Failure> {
        let mut random = [0; 64];
        let source = Path::new("/dev/urandom");
        File::open(source)
            .and_then(|mut source| source.read_exact(&mut random))
            .map_err(|error| Failure::of_file(source, error))?;
        let hex: Vec<_> = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let (seal, names) = hex.split_at(32);
        let path = self.keys();
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| writeln!(file, "seal {}\nnames {}", seal.concat(), names.concat()))
            .map_err(|error| Failure::Write { path: path.display().to_string(), error })
    }

    /// Where cargo has put it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = target.unwrap_or_else(|| Path::new("target").to_owned());
        let folder = if self.build == Build::Release { "release" } else { "debug" };
        root().join(target).join(folder).join(name)
    }
}

/// Lets the clients be at it for a while.
#[expect(
    clippy::disallowed_methods,
    reason = "what is measured is other processes, as time goes by"
)]
pub(crate) fn wait(time: Duration) {
    thread::sleep(time);
}
