//! `docs/rules.md`: every rule, and of every base rule one golden case. The page is made here, from the code alone, so
//! that it cannot say anything else than what is judged.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::{Case, Turn, cases};
use cpm_wire::diameter::{Header, command};

use crate::evidence::Protocol;
use crate::rules::RuleEntry;

/// With this variable in the environment the page is written, and not only compared.
const WRITE: &str = "WRITE_DOCS";
const HEAD: &str = "# Rules

Every rule by which traffic is judged: what it asks, and where that is written. An *error* fails the target, a *warning* and
an *info* never does. This page is made from the code; a test compares it.

For each base rule a golden case shows a place that keeps the rule (`-`) and the same place changed so that it breaks the
rule, and this rule alone (`+`). Lines that begin with neither stand around the place. In a SIP message `~` is the length of its
body.
";
/// A line that is longer is shown around the change alone.
const WIDTH: usize = 100;
/// So much stands around a change in a line that is too long.
const AROUND: usize = 30;
/// So many octets of a change are shown.
const ROW: usize = 24;
/// So many lines of a change are shown.
const LINES: usize = 6;

#[test]
fn the_page_of_rules_says_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let page = page();
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let apart = page.lines().zip(written.lines()).position(|(is, was)| is != was);
    assert!(
        page == written,
        "docs/rules.md is not what the code says, from line {} on; write it anew with\n  \
         {WRITE}=1 cargo test --lib the_page_of_rules",
        apart.unwrap_or(page.lines().count().min(written.lines().count())) + 1
    );
}

#[test]
fn every_example_of_the_page_shows_a_change() {
    for case in cases() {
        let shown = example(&case);
        assert!(shown.lines().any(|line| line.starts_with(['+', '-'])), "{}: {shown}", case.rule);
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let cases = cases();
    for (group, entries) in groups() {
        let _ = write!(page, "\n## `{group}`\n");
        for entry in entries {
            rule(&mut page, entry, cases.iter().find(|case| case.rule == entry.id));
        }
    }
    page
}

/// The rules of each protocol or document, and those of each function.
fn groups() -> BTreeMap<String, Vec<&'static RuleEntry>> {
    let mut groups: BTreeMap<String, Vec<&RuleEntry>> = BTreeMap::new();
    for entry in crate::rules::catalogue() {
        let group = entry.id.rsplit_once('.').unwrap().0.to_owned();
        groups.entry(group).or_default().push(entry);
    }
    groups
}

fn rule(page: &mut String, entry: &RuleEntry, case: Option<&Case>) {
    let served = entry.requirement.map(|requirement| format!(", for {requirement} ({})", entry.level));
    let _ = write!(page, "\n### `{}`\n\n", entry.id);
    let _ = writeln!(page, "*{}{}* {} ({})", entry.severity(), served.unwrap_or_default(), entry.what, entry.source);
    if let Some(case) = case {
        let _ = write!(page, "\n{}", example(case));
    }
}

/// The first message of a case in which what is wrong differs from what is right.
fn example(case: &Case) -> String {
    let mut turns = case.right.iter().zip(&case.wrong);
    let differs = turns.find(|(right, wrong)| right.octets() != wrong.octets());
    match differs.filter(|_| case.right.len() == case.wrong.len()) {
        Some((right, wrong)) if right.binary.is_some() => changed_octets(right, wrong),
        Some((right, wrong)) => changed_lines(right, wrong),
        None => changed_course(case),
    }
}

/// A message that comes, or does not.
fn changed_course(case: &Case) -> String {
    let names = |turns: &[Turn]| turns.iter().map(name).collect::<Vec<_>>().join(", ");
    format!("In the course of messages:\n\n```diff\n- {}\n+ {}\n```\n", names(&case.right), names(&case.wrong))
}

/// Octets that are no text, in hexadecimal, from the first to the last that differs.
fn changed_octets(right: &Turn, wrong: &Turn) -> String {
    let (kept, broken) = (right.octets(), wrong.octets());
    let same = kept.iter().zip(&broken).take_while(|(kept, broken)| kept == broken).count();
    let most = kept.len().min(broken.len()) - same;
    let tail =
        kept.iter().rev().zip(broken.iter().rev()).take(most).take_while(|(kept, broken)| kept == broken).count();
    let hexadecimal = |octets: &[u8]| {
        let shown: Vec<String> = octets.iter().take(ROW).map(|octet| format!("{octet:02x}")).collect();
        if octets.len() > ROW { format!("{} …", shown.join(" ")) } else { shown.join(" ") }
    };
    let (kept, broken) = (&kept[same..kept.len() - tail], &broken[same..broken.len() - tail]);
    let place = format!("In {}, at octet {same}:", name(wrong));
    format!("{place}\n\n```diff\n- {}\n+ {}\n```\n", hexadecimal(kept), hexadecimal(broken))
}

fn changed_lines(right: &Turn, wrong: &Turn) -> String {
    let (kept, broken): (Vec<&str>, Vec<&str>) = (lines(right), lines(wrong));
    let same = kept.iter().zip(&broken).take_while(|(kept, broken)| kept == broken).count();
    let (kept, broken) = (&kept[same..], &broken[same..]);
    let end = kept.iter().rev().zip(broken.iter().rev()).take_while(|(kept, broken)| kept == broken).count();
    let (kept, broken) = (&kept[..kept.len() - end], &broken[..broken.len() - end]);
    let mut shown = format!("In {}:\n\n```diff\n", name(wrong));
    // Where something only comes or goes, the line before says where.
    if kept.is_empty() || broken.is_empty() {
        let _ = writeln!(shown, "  {}", lines(right).get(same.wrapping_sub(1)).copied().unwrap_or_default());
    }
    change(&mut shown, '-', kept, broken);
    change(&mut shown, '+', broken, kept);
    shown + "```\n"
}

fn lines(turn: &Turn) -> Vec<&str> {
    turn.text.split("\r\n").collect()
}

fn change(shown: &mut String, mark: char, lines: &[&str], others: &[&str]) {
    for (place, line) in lines.iter().take(LINES).enumerate() {
        let _ = writeln!(shown, "{mark} {}", short(line, others.get(place).copied().unwrap_or_default()).trim_end());
    }
    if lines.len() > LINES {
        let _ = writeln!(shown, "{mark} … and {} lines more", lines.len() - LINES);
    }
}

/// A line, or of a long one what stands around the place where it differs.
fn short(line: &str, other: &str) -> String {
    if line.len() <= WIDTH {
        return line.to_owned();
    }
    let same = line.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let tail = line.bytes().rev().zip(other.bytes().rev()).take_while(|(one, other)| one == other).count();
    let from = same.saturating_sub(AROUND);
    let to = (line.len() - tail.min(line.len() - same) + AROUND).min(line.len());
    let before = if from > 0 { "…" } else { "" };
    let after = if to < line.len() { "…" } else { "" };
    format!("{before}{}{after}", &line[from..to])
}

/// The message in a few words: `INVITE`, `200 to MESSAGE`, `MSRP SEND`.
fn name(turn: &Turn) -> String {
    let words: Vec<&str> = turn.text.split_whitespace().collect();
    match (turn.protocol, words.as_slice()) {
        (Protocol::Sip, ["SIP/2.0", code, ..]) => {
            let asked = lines(turn).into_iter().find_map(|line| line.strip_prefix("CSeq: "));
            let method = asked.and_then(|value| value.split(' ').nth(1)).unwrap_or("a request");
            format!("`{code}` to `{method}`")
        }
        (Protocol::Sip, [method, ..]) => format!("`{method}`"),
        (Protocol::Msrp, [_, _, word, ..]) => format!("MSRP `{word}`"),
        (Protocol::Diameter, _) => command(&turn.octets()),
        (protocol, _) => format!("{protocol:?}"),
    }
}

/// The name of a Diameter command, `CCR`.
fn command(octets: &[u8]) -> String {
    let header = Header::parse(octets).ok();
    let name = header.and_then(|header| command::name(header.command, header.is_request()));
    name.map_or_else(|| "Diameter".to_owned(), |name| format!("Diameter `{name}`"))
}
