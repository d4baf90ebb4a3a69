//! What the sources of this house say of themselves, which are embedded for that: which rules a Then awaits, and which code
//! of the reference cites a requirement.
//!
//! A Then awaits a rule by making a value of its type, in the closure of its entry or in a function that this calls within the
//! same file. A function of the reference cites what it meets in square brackets: `[PF-SES-04]`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use regex::Regex;
use serde::Serialize;

static STEPS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/steps");
static FUNCTIONS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/reference-impl/src/functions");
static CLIENT: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/reference-impl/src/client");

/// A place in the reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file, from the project's root.
    pub file: String,
    /// The module, from the root of the package.
    pub module: String,
}

fn pattern(text: &str) -> Regex {
    match Regex::new(text) {
        Ok(regex) => regex,
        Err(fault) => unreachable!("{fault}"),
    }
}

/// The code of the reference that cites each requirement, by its id.
#[must_use]
pub fn citations() -> BTreeMap<String, BTreeSet<Place>> {
    static CITED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[((?:CPM-CONV|PF)-[\w, -]+)\]"));
    let mut cited: BTreeMap<String, BTreeSet<Place>> = BTreeMap::new();
    for (dir, room) in [(&FUNCTIONS, "functions"), (&CLIENT, "client")] {
        for (path, text) in files(dir).filter(|(path, _)| !path.contains("tests")) {
            let own = format!("{room}/{path}");
            let module = own.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
            let place = Place { file: format!("reference-impl/src/{own}"), module };
            for ids in CITED.captures_iter(text).filter_map(|found| found.get(1)) {
                for id in ids.as_str().split(", ") {
                    cited.entry(id.to_owned()).or_default().insert(place.clone());
                }
            }
        }
    }
    cited
}

/// The rules that each Then awaits, by its pattern; a rule is told by the word of its room and the name of its type.
#[must_use]
pub fn awaited(types: &[(&str, &str, &str)]) -> BTreeMap<String, BTreeSet<String>> {
    let vocabulary = files(&STEPS).filter(|(path, _)| path.ends_with("outcomes.rs"));
    vocabulary.flat_map(|(_, text)| awaited_in(text, types)).collect()
}

/// The same of one file.
pub(super) fn awaited_in(text: &str, types: &[(&str, &str, &str)]) -> BTreeMap<String, BTreeSet<String>> {
    static ENTRY: LazyLock<Regex> =
        LazyLock::new(|| pattern(r##"(?s)\bentry\(\s*&\[[^\]]*\],\s*r#?"(\^.*?\$)"#?,(.*?)\n        \}?\)"##));
    let rooms = rooms(text);
    let functions = functions(text);
    let rules = |code: &str| -> BTreeSet<String> {
        let made = types.iter().filter(|(_, room, own)| {
            let aliases = rooms.iter().filter(|(_, named)| named == room);
            aliases.clone().any(|(alias, _)| makes(code, alias, own))
        });
        made.map(|(id, ..)| (*id).to_owned()).collect()
    };
    let entries = ENTRY.captures_iter(text).filter_map(|found| Some((found.get(1)?.as_str(), found.get(2)?.as_str())));
    entries.map(|(sentence, run)| (sentence.to_owned(), rules(&reached(run, &functions)))).collect()
}

/// Whether a value of this type of a room is made.
fn makes(code: &str, room: &str, own: &str) -> bool {
    let path = format!("{room}::{own}");
    code.match_indices(&path).any(|(at, _)| {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        let after = code.get(at + path.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(word) && !after.is_some_and(word)
    })
}

/// The code of an entry and of all functions of the file to which it leads.
fn reached(run: &str, functions: &BTreeMap<&str, &str>) -> String {
    static CALL: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b([a-z_]+)\("));
    let mut code = run.to_owned();
    let mut known = BTreeSet::new();
    let mut looked_at = 0;
    while let Some(rest) = code.get(looked_at..).filter(|rest| !rest.is_empty()) {
        let called = CALL.captures_iter(rest).filter_map(|found| found.get(1));
        let more: Vec<&str> = called
            .filter_map(|name| functions.get_key_value(name.as_str()))
            .filter(|(name, _)| known.insert(**name))
            .map(|(_, body)| *body)
            .collect();
        looked_at = code.len();
        code.push_str(&more.join("\n"));
    }
    code
}

/// The functions of a file, by name.
fn functions(text: &str) -> BTreeMap<&str, &str> {
    static FUNCTION: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?s)\n(?:pub\(super\) )?(?:async )?fn (\w+)(.*?)\n\}"));
    let all = FUNCTION.captures_iter(text).filter_map(|found| Some((found.get(1)?.as_str(), found.get(2)?.as_str())));
    all.filter(|(name, _)| *name != "steps").collect()
}

/// The rooms of rules that a file names, each with what it calls it.
fn rooms(text: &str) -> Vec<(&str, &str)> {
    static USE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)\nuse crate::rules::([^;]*);"));
    static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b([a-z_]+)(?: as (\w+))?"));
    let named = USE.captures_iter(text).filter_map(|found| found.get(1));
    let names = named.flat_map(|list| NAME.captures_iter(list.as_str()));
    names
        .filter_map(|name| {
            let room = name.get(1)?.as_str();
            Some((name.get(2).map_or(room, |alias| alias.as_str()), room))
        })
        .collect()
}

/// The files of a folder and of those in it.
fn files(dir: &'static Dir<'static>) -> impl Iterator<Item = (String, &'static str)> {
    let found = dir.find("**/*.rs").into_iter().flatten().filter_map(|entry| entry.as_file());
    found.filter_map(|file| Some((file.path().display().to_string(), file.contents_utf8()?)))
}
