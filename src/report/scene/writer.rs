//! Writes the pages of scenarios beside the run: a thread of its own reads the evidence that was written and makes them of it, so
//! that no scenario waits for a page.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use super::files;
use crate::evidence::pcapng;
use crate::report::event::ScenarioResult;
use crate::requirements::Catalogue;

/// Writes the pages of the scenarios that it is told of.
#[derive(Debug)]
pub struct SceneWriter {
    sender: Sender<ScenarioResult>,
    thread: JoinHandle<io::Result<()>>,
}

impl SceneWriter {
    /// Begins to write into the folder of a run, by what the paper asks.
    ///
    /// # Errors
    /// The folder for pages cannot be made.
    pub fn begin(folder: &Path, catalogue: Catalogue) -> io::Result<SceneWriter> {
        fs::create_dir_all(folder.join("scenario"))?;
        let (sender, receiver) = channel();
        let folder = folder.to_owned();
        let thread =
            thread::Builder::new().name("pages".to_owned()).spawn(move || write(&folder, &receiver, &catalogue))?;
        Ok(SceneWriter { sender, thread })
    }

    /// Has the page of a scenario written, if it left evidence.
    pub fn write(&self, scenario: &ScenarioResult) {
        if scenario.evidence.is_some() {
            // A thread that is gone says why in `finish`.
            let _ = self.sender.send(scenario.clone());
        }
    }

    /// Waits until all pages are written.
    ///
    /// # Errors
    /// One could not be.
    pub fn finish(self) -> io::Result<()> {
        drop(self.sender);
        self.thread.join().map_err(|_| io::Error::other("writing the pages of the scenarios panicked"))?
    }
}

fn write(folder: &Path, scenarios: &Receiver<ScenarioResult>, catalogue: &Catalogue) -> io::Result<()> {
    for scenario in scenarios {
        let Some(evidence) = &scenario.evidence else { continue };
        let octets = fs::read(folder.join(&evidence.pcapng))?;
        let (header, records) = pcapng::read(&octets).map_err(io::Error::other)?;
        for (name, text) in files(&header, &records, &scenario, catalogue) {
            fs::write(folder.join(name), text)?;
        }
    }
    Ok(())
}

/// Takes away the pages that an earlier run has left.
///
/// # Errors
/// One could not be.
pub fn clear(folder: &Path) -> io::Result<()> {
    for (place, endings) in [("scenario", &["html"][..]), ("evidence", &["svg", "mmd"])] {
        let entries = match fs::read_dir(folder.join(place)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|own| endings.iter().any(|ending| own == *ending)) {
                fs::remove_file(path)?;
            }
        }
    }
    Ok(())
}
