//! manifest.json: what the folder of a run held when the run ended, by SHA-256 (FIPS 180-4), and what the run was made with.
//! It seals itself too, and names the run before it, so that runs of one place make a chain.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Difference, Results, TargetInfo, signature};
use crate::requirements::Catalogue;

/// Its name in the folder.
pub const NAME: &str = "manifest.json";
/// The schema that it follows.
const SCHEMA: &str = "cpm-conformance-manifest/1";
/// The key of its own SHA-256, which is that of the text without it.
const SEAL: &str = "sha256";
/// So many octets of a file are looked at together: programs are large.
const PIECE: usize = 64 * 1024;

/// What stands in manifest.json.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The shape of the file.
    pub schema: String,
    /// The run.
    pub run: String,
    /// When it began.
    pub started: String,
    /// The version of the suite.
    pub suite_version: String,
    /// SHA-256 of the catalogue of requirements.
    pub catalogue: String,
    /// SHA-256 of each requirement of it.
    #[serde(default)]
    pub requirements: BTreeMap<String, String>,
    /// SHA-256 of the profile of each role.
    pub profiles: BTreeMap<String, String>,
    /// SHA-256 of the waivers; none when there were none.
    pub waivers: Option<String>,
    /// SHA-256 of the program that ran; none when it could not be read.
    pub program: Option<String>,
    /// The run before it in the same place, if any.
    pub previous: Option<Previous>,
    /// SHA-256 of every other file, by its path from the folder of the run.
    pub files: BTreeMap<String, String>,
}

/// A run before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// The name of its folder.
    pub folder: String,
    /// SHA-256 of its manifest.json.
    pub sha256: String,
}

impl Manifest {
    /// The manifest of a run whose other files are all written.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn of(folder: &Path, results: &Results, catalogue: &Catalogue) -> io::Result<Manifest> {
        let (previous, files) = (previous(folder)?, files(folder)?);
        Ok(Manifest { previous, files, ..Manifest::head(results, catalogue) })
    }

    /// What the manifest of a run says of all but its files.
    #[must_use]
    pub fn head(results: &Results, catalogue: &Catalogue) -> Manifest {
        Manifest {
            schema: SCHEMA.to_owned(),
            run: results.run.id.clone(),
            started: results.run.started.clone(),
            suite_version: results.run.suite_version.clone(),
            catalogue: of_catalogue(catalogue),
            requirements: of_requirements(catalogue),
            profiles: profiles(&results.targets),
            waivers: results.waivers_text.as_ref().map(|text| sha256(text.as_bytes())),
            program: program().map(str::to_owned),
            previous: None,
            files: BTreeMap::new(),
        }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// It is none, or is not as it was written; in words.
    pub fn read(text: &[u8]) -> Result<Manifest, String> {
        let mut value: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let seal = value.as_object_mut().and_then(|whole| whole.remove(SEAL));
        let manifest: Manifest = serde_json::from_value(value).map_err(|error| error.to_string())?;
        let sealed = manifest.text().map_err(|error| error.to_string())?;
        if sealed.as_bytes() == text {
            Ok(manifest)
        } else {
            Err(format!("its own SHA-256, {}, is not that of its text", seal.unwrap_or_default()))
        }
    }

    /// The text of the file, sealed.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn text(&self) -> serde_json::Result<String> {
        let mut value = serde_json::to_value(self)?;
        let seal = sha256(serde_json::to_string_pretty(&value)?.as_bytes());
        if let Some(whole) = value.as_object_mut() {
            whole.insert(SEAL.to_owned(), seal.into());
        }
        Ok(format!("{value:#}\n"))
    }

    /// Whether a file is what it was.
    ///
    /// # Errors
    /// It is not, or it was not there.
    pub fn holds(&self, name: &str, octets: &[u8]) -> Result<(), Difference> {
        let found = sha256(octets);
        match self.files.get(name) {
            Some(expected) if *expected == found => Ok(()),
            Some(expected) => Err(Difference::new(name, format!("SHA-256 {expected}"), found)),
            None => Err(Difference::new(name, "no such file", "a file that the run did not leave")),
        }
    }

    /// Everything in the folder that is not what it was.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn differences(&self, folder: &Path) -> io::Result<Vec<Difference>> {
        let there = names(folder)?;
        let gone = self.files.keys().filter(|name| !there.contains(name));
        let mut differences: Vec<Difference> =
            gone.map(|name| Difference::new(name, "the file that the run left", "none")).collect();
        for name in &there {
            differences.extend(self.holds(name, &octets(&folder.join(name))?).err());
        }
        Ok(differences)
    }
}

/// SHA-256 of a catalogue of requirements.
#[must_use]
pub fn of_catalogue(catalogue: &Catalogue) -> String {
    // Plain values always become JSON.
    sha256(&serde_json::to_vec(catalogue.requirements()).unwrap_or_default())
}

/// SHA-256 of each requirement of a catalogue.
fn of_requirements(catalogue: &Catalogue) -> BTreeMap<String, String> {
    let each = catalogue.requirements().iter();
    each.map(|own| (own.id.clone(), sha256(&serde_json::to_vec(own).unwrap_or_default()))).collect()
}

/// SHA-256 of the profile of each role.
#[must_use]
pub fn profiles(targets: &[TargetInfo]) -> BTreeMap<String, String> {
    targets.iter().map(|target| (target.role.clone(), target.profile_sha256.clone())).collect()
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256(octets: &[u8]) -> String {
    hex(&Sha256::digest(octets))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// SHA-256 of every file in the folder of a run but the manifest and its signature.
///
/// # Errors
/// One cannot be read.
pub fn files(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let digest = |name: String| {
        let path = folder.join(&name);
        let digest = if path.is_symlink() { sha256(&octets(&path)?) } else { hash(fs::File::open(path)?)? };
        Ok((name, digest))
    };
    names(folder)?.into_iter().map(digest).collect()
}

/// What a file holds; of a link where it leads, since what is there is no part of the folder.
fn octets(path: &Path) -> io::Result<Vec<u8>> {
    if path.is_symlink() {
        return Ok(format!("a link to {}", fs::read_link(path)?.display()).into_bytes());
    }
    fs::read(path)
}

/// The files and links below a folder, by their paths from there, whatever the system puts between the names.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((path, before)) = open.pop() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push((entry.path(), format!("{name}/")));
            } else if (kind.is_file() || kind.is_symlink()) && name != NAME && name != signature::NAME {
                names.push(name);
            }
        }
    }
    names.sort();
    Ok(names)
}

/// The latest run beside this one.
fn previous(folder: &Path) -> io::Result<Option<Previous>> {
    let folder = fs::canonicalize(folder)?;
    let Some(parent) = folder.parent() else { return Ok(None) };
    let mut latest: Option<(String, Previous)> = None;
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        // `latest` is a link to one of the others.
        if !entry.file_type()?.is_dir() || entry.path() == folder {
            continue;
        }
        let Ok(text) = fs::read(entry.path().join(NAME)) else { continue };
        let Ok(Manifest { started, .. }) = Manifest::read(&text) else { continue };
        if latest.as_ref().is_none_or(|(before, _)| *before <= started) {
            let folder = entry.file_name().to_string_lossy().into_owned();
            latest = Some((started, Previous { folder, sha256: sha256(&text) }));
        }
    }
    Ok(latest.map(|(_, previous)| previous))
}

/// SHA-256 of this program, which does not change while it runs.
fn program() -> Option<&'static str> {
    static PROGRAM: OnceLock<Option<String>> = OnceLock::new();
    PROGRAM.get_or_init(|| hash(fs::File::open(std::env::current_exe().ok()?).ok()?).ok()).as_deref()
}

/// SHA-256 of what is read, which is not kept.
fn hash(mut from: impl io::Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        match from.read(&mut piece)? {
            0 => return Ok(hex(&hasher.finalize())),
            read => hasher.update(piece.get(..read).unwrap_or_default()),
        }
    }
}
