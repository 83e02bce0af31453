//! Rows to files and back.

use std::fs::{self, File};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Data, DataError};

impl Data {
    /// Writes every kind of row into a file of its own in `folder`.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), DataError> {
        fs::create_dir_all(folder)
            .map_err(|error| DataError::File { path: folder.to_owned(), error })?;
        write(folder, "budgets", &self.budgets)?;
        write(folder, "facts", &self.facts)?;
        write(folder, "growth", &self.growth)?;
        write(folder, "handshake_samples", &self.handshake_samples)?;
        write(folder, "handshakes", &self.handshakes)?;
        write(folder, "hit_ratios", &self.hit_ratios)?;
        write(folder, "latencies", &self.latencies)?;
        write(folder, "left_out", &self.left_out)?;
        write(folder, "memory", &self.memory)?;
        write(folder, "peers", &self.peers)?;
        write(folder, "samples", &self.samples)?;
        write(folder, "stalls", &self.stalls)?;
        write(folder, "throughput", &self.throughput)?;
        write(folder, "timeline", &self.timeline)
    }

    /// Reads what [`Data::write`] wrote.
    pub(crate) fn read(folder: &Path) -> Result<Self, DataError> {
        Ok(Self {
            budgets: read(folder, "budgets")?,
            facts: read(folder, "facts")?,
            growth: read(folder, "growth")?,
            handshake_samples: read(folder, "handshake_samples")?,
            handshakes: read(folder, "handshakes")?,
            hit_ratios: read(folder, "hit_ratios")?,
            latencies: read(folder, "latencies")?,
            left_out: read(folder, "left_out")?,
            memory: read(folder, "memory")?,
            peers: read(folder, "peers")?,
            samples: read(folder, "samples")?,
            stalls: read(folder, "stalls")?,
            throughput: read(folder, "throughput")?,
            timeline: read(folder, "timeline")?,
        })
    }
}

fn write<Row: Serialize>(folder: &Path, name: &str, rows: &[Row]) -> Result<(), DataError> {
    let path = folder.join(name).with_extension("csv");
    let failed = |error| DataError::Csv { path: path.clone(), error };
    let mut file = csv::Writer::from_path(&path).map_err(failed)?;
    for row in rows {
        file.serialize(row).map_err(failed)?;
    }
    file.flush().map_err(|error| DataError::File { path: path.clone(), error })
}

fn read<Row: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<Row>, DataError> {
    let path = folder.join(name).with_extension("csv");
    let file = File::open(&path).map_err(|error| DataError::File { path: path.clone(), error })?;
    let rows: Result<Vec<Row>, csv::Error> =
        csv::Reader::from_reader(file).into_deserialize().collect();
    rows.map_err(|error| DataError::Csv { path, error })
}
