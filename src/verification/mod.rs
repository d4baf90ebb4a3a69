//! A report held against its own evidence: are its files those that the run left, and does what they say follow from the
//! evidence? First by hashes, then by judging every scenario again and computing everything from there.

mod merging;
mod replay;
mod signing;

use crate::report::comparison::Inputs;
use crate::report::manifest::{self, Manifest};
use crate::report::{Difference, RunVerdict};
use crate::requirements::Catalogue;
pub use merging::{NoMerge, merge};
use replay::Replayed;
use serde_json::{Value, json};
pub use signing::{NotSigned, sign, verify_signed};
use std::fs;
use std::path::Path;

/// What came of it.
#[derive(Debug, Default)]
pub struct Verified {
    /// How many files the manifest names.
    pub files: usize,
    /// How many scenarios were judged again.
    pub scenarios: usize,
    /// What the run comes to by its evidence; none when that could not be told.
    pub verdict: Option<RunVerdict>,
    /// What is not as it should be. None of these: the report is intact.
    pub differences: Vec<Difference>,
    /// What is worth knowing besides.
    pub remarks: Vec<String>,
}

/// The folder holds no report of this suite.
#[derive(Debug, thiserror::Error)]
#[error("not a report: {0}")]
pub struct NoReport(String);

/// Verifies the report in a folder.
///
/// # Errors
/// There is none.
pub fn verify(folder: &Path) -> Result<Verified, NoReport> {
    let (sealed, told) = (fs::read(folder.join(manifest::NAME)), fs::read_to_string(folder.join("results.json")));
    if let (Err(_), Err(why)) = (&sealed, &told) {
        let why = format!("{} holds neither manifest.json nor results.json: {why}", folder.display());
        return Err(NoReport(why));
    }
    let mut verified = Verified::default();
    let sealed = sealed.map_err(|why| why.to_string()).and_then(|text| Manifest::read(&text));
    match &sealed {
        Ok(manifest) => verified.hashes(folder, manifest),
        Err(why) => verified.differs(manifest::NAME, "the manifest that the run wrote", why),
    }
    match told {
        Ok(text) => verified.replay(folder, &text, sealed.as_ref().ok())?,
        Err(why) => verified.differs("results.json", "the results of the run", &why.to_string()),
    }
    verified.unchecked(folder);
    Ok(verified)
}

impl Verified {
    fn differs(&mut self, place: &str, expected: &str, found: &str) {
        self.differences.push(Difference::new(place, expected, found));
    }

    fn hashes(&mut self, folder: &Path, manifest: &Manifest) {
        self.files = manifest.files.len();
        match manifest.differences(folder) {
            Ok(differences) => self.differences.extend(differences),
            Err(why) => self.differs("the folder", "files that can be read", &why.to_string()),
        }
        let Some(previous) = &manifest.previous else { return };
        let before = folder.join("..").join(&previous.folder).join(manifest::NAME);
        let remark = match fs::read(before).map(|text| manifest::sha256(&text)) {
            Ok(found) if found == previous.sha256 => format!("the run before it is {}", previous.folder),
            Ok(_) => format!("the run before it, {}, is not the one that is there now", previous.folder),
            Err(_) => format!("the run before it, {}, is not there any more", previous.folder),
        };
        self.remarks.push(remark);
    }

    fn replay(&mut self, folder: &Path, text: &str, manifest: Option<&Manifest>) -> Result<(), NoReport> {
        let found: Value = match serde_json::from_str(text) {
            Ok(found) => found,
            Err(why) => {
                self.differs("results.json", "the results of the run", &why.to_string());
                return Ok(());
            }
        };
        let schema = found.get("schema").and_then(Value::as_str).unwrap_or_default();
        if schema != crate::report::results::SCHEMA && manifest.is_none() {
            return Err(NoReport(format!("results.json follows the schema {schema:?}")));
        }
        if found.pointer("/targets/0/topology").and_then(Value::as_str) == Some("capture_only") {
            let remark = "the captures are no part of the report: what they come to was not judged again";
            self.remarks.push(remark.to_owned());
            return Ok(());
        }
        let catalogue = Catalogue::embedded();
        match replay::replay(folder, text, &found, &catalogue, manifest.cloned().map(Inputs::from)) {
            Ok(Replayed { results, scenarios, differences }) => {
                self.made_with(&results.run.suite_version, manifest, &catalogue);
                if let Some(manifest) = manifest {
                    self.differences.extend(same_run(manifest, &results));
                }
                self.differences.extend(differences);
                (self.scenarios, self.verdict) = (scenarios, Some(results.verdict));
            }
            Err(why) => self.differs("results.json", "the results of a run", &why),
        }
        Ok(())
    }

    /// Says so when another suite made the report: then what differs may be the suite's doing.
    fn made_with(&mut self, version: &str, manifest: Option<&Manifest>, catalogue: &Catalogue) {
        let own = env!("CARGO_PKG_VERSION");
        if version != own {
            let remark = format!(
                "the run is one of version {version}, judged again by version {own}: what differs may come of that"
            );
            self.remarks.push(remark);
        } else if manifest.is_some_and(|manifest| manifest.catalogue != manifest::of_catalogue(catalogue)) {
            self.remarks
                .push("the run knew other requirements than this program: what differs may come of that".to_owned());
        }
    }
}

/// The manifest is about the run that the results are of.
fn same_run(manifest: &Manifest, results: &crate::report::Results) -> Vec<Difference> {
    let run = &results.run;
    let expected = json!({
        "run": run.id,
        "started": run.started,
        "suite_version": run.suite_version,
        "profiles": manifest::profiles(&results.targets),
        "waivers": results.waivers_text.as_ref().map(|text| manifest::sha256(text.as_bytes())),
    });
    let Manifest { run, started, suite_version, profiles, waivers, .. } = manifest;
    let found = json!({
        "run": run,
        "started": started,
        "suite_version": suite_version,
        "profiles": profiles,
        "waivers": waivers,
    });
    Difference::between(manifest::NAME, &expected, &found)
}
