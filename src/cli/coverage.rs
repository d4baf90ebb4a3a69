//! `coverage`: what holds together between paper, features, rules and reference, and what is missing.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::{CoverageArgs, Exit, Shown, complain, print};
use crate::coverage::baseline::{self, Difference};
use crate::coverage::{self, Coverage, Material, pages, text};

/// The command.
pub(super) fn coverage(arguments: &CoverageArgs) -> Exit {
    let material = match Material::embedded() {
        Ok(material) => material,
        Err(why) => {
            complain(why);
            return Exit::Harness;
        }
    };
    let coverage = coverage::coverage(&material);
    match told(arguments, &material, &coverage) {
        Ok(exit) => exit,
        Err((path, why)) => {
            complain(format!("{path}: {why}"));
            Exit::Usage
        }
    }
}

/// Shows what was asked for, writes what is to be written, and ends with what was found.
fn told(arguments: &CoverageArgs, material: &Material, coverage: &Coverage) -> Result<Exit, (String, String)> {
    let json = json(coverage).map_err(|why| ("coverage.json".to_owned(), why.to_string()))?;
    if arguments.renew {
        write(&arguments.baseline, &json)?;
    }
    let kept = kept(&arguments.baseline)?;
    let present: Value = serde_json::from_str(&json).unwrap_or_default();
    let difference = Difference::between(&kept, &present);
    if let Some(folder) = &arguments.output {
        fs::create_dir_all(folder).map_err(|why| fault(folder, &why))?;
        for (name, content) in pages::files(material, coverage) {
            write(&folder.join(name), &content)?;
        }
        write(&folder.join("coverage.json"), &json)?;
    }
    let shown = match arguments.format {
        Shown::Text => text::requirements(coverage) + &text::summary(coverage, &difference),
        Shown::Json => json,
        Shown::Csv => pages::table(coverage),
    };
    let fine = coverage.gaps.is_empty() && difference.is_none();
    Ok(match print(&shown) {
        Exit::Fine if !fine => Exit::Wrong,
        exit => exit,
    })
}

/// The coverage that is kept in a file; the one that is embedded where there is no such file.
fn kept(path: &Path) -> Result<Value, (String, String)> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(why) if why.kind() == io::ErrorKind::NotFound => baseline::KEPT.to_owned(),
        Err(why) => return Err(fault(path, &why)),
    };
    serde_json::from_str(&text).map_err(|why| (path.display().to_string(), why.to_string()))
}

fn json(coverage: &Coverage) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(coverage)? + "\n")
}

fn write(path: &Path, content: &str) -> Result<(), (String, String)> {
    fs::write(path, content).map_err(|why| fault(path, &why))
}

fn fault(path: &Path, why: &io::Error) -> (String, String) {
    (path.display().to_string(), why.to_string())
}
