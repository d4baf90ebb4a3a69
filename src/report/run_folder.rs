//! The folder of a run: the files that outlive it. Evidence is written by the run itself; what stands here is the rest.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::junit::junit;
use super::manifest::{self, Manifest};
use super::ndjson::Ndjson;
use super::summary::summary;
use super::{Event, Reporter, Results};
use crate::requirements::Catalogue;

/// Writes the files of one run.
#[derive(Debug)]
pub struct RunFolder {
    folder: PathBuf,
    ndjson: Ndjson<File>,
    catalogue: Catalogue,
}

impl RunFolder {
    /// Makes the folder. What an earlier run has left in it is taken away, so that nothing of two runs is mixed.
    ///
    /// # Errors
    /// It could not be made.
    pub fn create(folder: &Path) -> io::Result<RunFolder> {
        fs::create_dir_all(folder.join("evidence"))?;
        for name in [manifest::NAME, "results.json", "junit.xml", "summary.md"] {
            absent(fs::remove_file(folder.join(name)))?;
        }
        for entry in fs::read_dir(folder.join("evidence"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "pcapng") {
                fs::remove_file(path)?;
            }
        }
        let ndjson = Ndjson::new(File::create(folder.join("results.ndjson"))?);
        Ok(RunFolder { folder: folder.to_owned(), ndjson, catalogue: Catalogue::embedded() })
    }

    fn finish(&self, results: &Results) -> io::Result<()> {
        for (name, text) in rendered(results, &self.catalogue)? {
            self.write(name, &text)?;
        }
        // Last, so that it stands for a folder to which nothing is added.
        self.write(manifest::NAME, &Manifest::of(&self.folder, results, &self.catalogue)?.text()?)
    }

    /// Writes a file whole or not at all.
    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let half = self.folder.join(format!(".{name}.half"));
        fs::write(&half, text)?;
        fs::rename(half, self.folder.join(name))
    }
}

impl Reporter for RunFolder {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.ndjson.event(event)?;
        if let Event::RunFinished(results) = event {
            self.finish(results)?;
        }
        Ok(())
    }
}

/// The reports that are made of results, by their names.
///
/// # Errors
/// A writer failed.
pub fn rendered(results: &Results, catalogue: &Catalogue) -> io::Result<[(&'static str, String); 3]> {
    let mut json = serde_json::to_string_pretty(results)?;
    json.push('\n');
    let junit = junit(results, catalogue).map_err(io::Error::other)?;
    Ok([("results.json", json), ("junit.xml", junit), ("summary.md", summary(results, catalogue))])
}

fn absent(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Points `latest`, beside the folder of a run, at that folder.
///
/// # Errors
/// The link could not be made.
#[cfg(unix)]
pub fn link_latest(folder: &Path) -> io::Result<()> {
    let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else { return Ok(()) };
    let half = parent.join(format!(".latest.{}", std::process::id()));
    absent(fs::remove_file(&half))?;
    std::os::unix::fs::symlink(name, &half)?;
    fs::rename(half, parent.join("latest"))
}

/// Where there are no links, `latest` is left out.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn link_latest(_folder: &Path) -> io::Result<()> {
    Ok(())
}
