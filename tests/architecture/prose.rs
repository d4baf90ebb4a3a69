//! Words that have no place in a source: of the workshop, and of the machine that it was written on.

use regex::Regex;

use crate::tree::{Source, none, sources};

/// What of a file is prose: all of it, and of code its comments.
fn prose(source: &Source) -> String {
    if !source.is_rust() {
        return source.text.clone();
    }
    let comments = source.text.lines().map(|line| line.find("//").map_or("", |at| &line[at..]));
    comments.collect::<Vec<_>>().join("\n")
}

/// Everything but the lock file, which cargo writes, and these tests, which name what they look for.
fn written() -> Vec<Source> {
    let own = |source: &Source| source.path.ends_with("Cargo.lock") || source.path.starts_with("tests/architecture");
    sources().into_iter().filter(|source| !own(source)).collect()
}

fn lines_with(pattern: &str, text: impl Fn(&Source) -> String) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let mut found = Vec::new();
    for source in written() {
        for (number, line) in text(&source).lines().enumerate().filter(|(_, line)| pattern.is_match(line)) {
            found.push(format!("{}:{} {}", source.path, number + 1, line.trim()));
        }
    }
    found
}

#[test]
fn no_word_of_the_workshop() {
    let spoken = |source: &Source| {
        // Terms of RFC 3261 and 3GPP.
        ["back-to-back agent", "Back-to-back agent", "user agent", "User-Agent", "User agent"]
            .iter()
            .fold(prose(source), |text, term| text.replace(term, ""))
    };
    none("of the workshop", &lines_with(r"(?i)\b(helpers?|agents?|fixme|to-?do|xxx|hack)\b", spoken));
    none("numbers of issues", &lines_with(r"(^|[\s(])#\d+\b|(?i)\bissue \d+\b|\bpull request \d+\b", prose));
}

#[test]
fn no_path_of_a_machine_and_no_host_of_a_registry() {
    let whole = |source: &Source| source.text.clone();
    none("paths of a machine", &lines_with(r#"(^|[\s"'`(=])/(work|tmp|root|home|Users)/"#, whole));
    none(
        "registries",
        &lines_with(r"\b(index|static)\.crates\.io\b|\bcrates\.io\b|\bproxy\.golang|\bpypi\.org\b", whole),
    );
}
