//! The folder of a run: the files that outlive it. Evidence is written by the run itself; what stands here is the rest.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::comparison::{self, BASELINE, Baseline};
use super::junit::junit;
use super::manifest::{self, Manifest};
use super::ndjson::Ndjson;
use super::scene::{self, SceneWriter};
use super::summary::summary;
use super::traceability::traceability;
use super::{Event, Reporter, Results, badge, run_page, signature, waivers};
use crate::requirements::Catalogue;

/// What is made of results besides results.json itself, and would be of another run if it stayed.
const MADE: [&str; 8] =
    ["junit.xml", "summary.md", badge::NAME, "traceability.csv", "index.html", BASELINE, "diff.json", "diff.html"];

/// Writes the files of one run.
#[derive(Debug)]
pub struct RunFolder {
    folder: PathBuf,
    ndjson: Ndjson<File>,
    catalogue: Catalogue,
    before: Option<comparison::Run>,
    /// Writes the pages of scenarios; none any more when the run is over.
    scenes: Option<SceneWriter>,
}

impl RunFolder {
    /// Makes the folder. What an earlier run has left in it is taken away, so that nothing of two runs is mixed.
    ///
    /// # Errors
    /// It could not be made.
    pub fn create(folder: &Path) -> io::Result<RunFolder> {
        fs::create_dir_all(folder.join("evidence"))?;
        // A file of waivers may be the user's own: it is only taken away where a run has left it.
        let sealed = fs::read(folder.join(manifest::NAME)).ok().and_then(|text| Manifest::read(&text).ok());
        let left = sealed.and_then(|manifest| manifest.waivers).map(|_| waivers::NAME);
        for name in [manifest::NAME, signature::NAME, "results.json"].into_iter().chain(MADE).chain(left) {
            absent(fs::remove_file(folder.join(name)))?;
        }
        for entry in fs::read_dir(folder.join("evidence"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "pcapng") {
                fs::remove_file(path)?;
            }
        }
        scene::clear(folder)?;
        let catalogue = Catalogue::embedded();
        let scenes = Some(SceneWriter::begin(folder, catalogue.clone())?);
        let ndjson = Ndjson::new(File::create(folder.join("results.ndjson"))?);
        Ok(RunFolder { folder: folder.to_owned(), ndjson, catalogue, before: None, scenes })
    }

    /// Holds the run against an earlier one, too.
    #[must_use]
    pub fn against(self, before: Option<comparison::Run>) -> RunFolder {
        RunFolder { before: before.map(comparison::Run::kept), ..self }
    }

    fn finish(&self, results: &Results) -> io::Result<()> {
        let inputs = Some(Manifest::head(results, &self.catalogue).into());
        let baseline = self.before.clone().map(|before| Baseline { before, inputs });
        for (name, text) in rendered(results, &self.catalogue, baseline.as_ref())? {
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
        match (event, &self.scenes) {
            (Event::ScenarioFinished(scenario), Some(scenes)) => scenes.write(scenario),
            (Event::RunFinished(results), _) => {
                self.scenes.take().map_or(Ok(()), SceneWriter::finish)?;
                self.finish(results)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The reports that are made of results, by their names; with a baseline, what changed since, too.
///
/// # Errors
/// A writer failed.
pub fn rendered(
    results: &Results,
    catalogue: &Catalogue,
    baseline: Option<&Baseline>,
) -> io::Result<Vec<(&'static str, String)>> {
    let comparison = baseline.map(|baseline| baseline.against(results));
    let mut files = vec![
        ("results.json", json(results)?),
        ("junit.xml", junit(results, catalogue).map_err(io::Error::other)?),
        ("summary.md", summary(results, catalogue, comparison.as_ref())),
        (badge::NAME, json(&badge::Badge::of(results))?),
        ("traceability.csv", traceability(results, catalogue)),
        ("index.html", run_page::index(results, catalogue, comparison.as_ref())),
    ];
    files.extend(results.waivers_text.clone().map(|text| (waivers::NAME, text)));
    if let (Some(baseline), Some(comparison)) = (baseline, comparison) {
        files.push((BASELINE, json(&baseline.before)?));
        files.push(("diff.json", json(&comparison)?));
        files.push(("diff.html", comparison.page()));
    }
    Ok(files)
}

fn json(value: &impl serde::Serialize) -> io::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
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
