//! The page of differences: what is known to differ, who is right, and the test that it is neither more nor less.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{Differences, of_descriptions, of_messages, of_rfc_4475};

/// Who reads it as it is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// This stack.
    Ours,
    /// Both may: it is left to the reader, or the form alone differs.
    Either,
}

impl Right {
    const fn as_str(self) -> &'static str {
        match self {
            Right::Ours => "ours",
            Right::Either => "either",
        }
    }
}

/// One class of input, one reader, and what it reads otherwise.
pub struct Row {
    class: &'static str,
    reader: &'static str,
    what: &'static [&'static str],
    right: Right,
    source: &'static str,
    why: &'static str,
}

/// A row of the table.
pub const fn row(
    class: &'static str,
    reader: &'static str,
    what: &'static [&'static str],
    right: Right,
    source: &'static str,
    why: &'static str,
) -> Row {
    Row { class, reader, what, right, source, why }
}

/// What two readers make of the same.
pub struct Seen {
    /// This stack.
    pub ours: String,
    /// The other.
    pub theirs: String,
}

/// Holds differences against rows: none without a row, no row without one.
pub fn explained(found: &Differences, rows: &[Row]) {
    let known: BTreeSet<_> =
        rows.iter().flat_map(|row| row.what.iter().map(|what| (row.class.to_owned(), row.reader, *what))).collect();
    let new: Vec<String> = found
        .iter()
        .filter(|(place, _)| !known.contains(*place))
        .map(|(place, seen)| format!("{place:?}: ours {:?}, theirs {:?}", seen.ours, seen.theirs))
        .collect();
    assert!(new.is_empty(), "no row explains\n{}", new.join("\n"));
    let gone: Vec<_> = known.iter().filter(|place| !found.contains_key(*place)).collect();
    assert!(gone.is_empty(), "there is no such difference any more: {gone:?}");
}

/// Whether a row of one of these classes explains this difference: of a message that was changed twice, either change may be
/// the reason, and what one change makes a reader refuse it cannot read otherwise.
pub fn is_of(classes: [&str; 2], reader: &str, what: &str) -> bool {
    let of = |row: &&Row| classes.contains(&row.class) && row.reader == reader;
    of_messages::ROWS.iter().filter(of).any(|row| row.what.contains(&what) || row.what.contains(&super::WHOLE))
}

const HEAD: &str = "# Where others read otherwise

The same octets go to this stack and to three others, rsip 0.4, rsipstack 0.7 and sdp-rs 0.2, and what they make of them is
compared: first line, Call-ID, CSeq, URI and tag of From and To, the URI of the first Contact, the branch of the topmost Via,
Content-Length and body; of a session description origin, addresses, media and attributes. Everything that is not on this page
they read alike. A test holds the page: a difference that is not here fails it, and so does a row that is true no longer.

*Ours*: the source says that this stack is right. *Either*: it is left to the reader, or the form alone differs. `-` stands for
what is not there.
";

/// The page.
pub fn page(sip: &Differences, sdp: &Differences) -> String {
    let mut page = HEAD.to_owned();
    let _ = write!(page, "\n## SIP messages\n\n{}", part(sip, of_messages::ROWS));
    let _ = write!(page, "\n## Session descriptions\n\n{}", part(sdp, of_descriptions::ROWS));
    let about = "Their text is not ours to pass on, so that the values are not shown.";
    let _ = write!(page, "\n## The messages of RFC 4475\n\n{about}\n\n{}", part(&BTreeMap::new(), of_rfc_4475::ROWS));
    page
}

fn part(found: &Differences, rows: &[Row]) -> String {
    let shown = !found.is_empty();
    let mut part = String::from(if shown {
        "| input | reader | what | ours | theirs | right | why |\n|---|---|---|---|---|---|---|\n"
    } else {
        "| input | reader | what | right | why |\n|---|---|---|---|---|\n"
    });
    for row in rows {
        let _ = write!(part, "| {} | {} | {} |", row.class, row.reader, row.what.join(", "));
        if shown {
            let of = |what: &&'static str| found.get(&(row.class.to_owned(), row.reader, *what));
            let seen: Vec<&Seen> = row.what.iter().filter_map(of).collect();
            let ours = seen.iter().map(|seen| cell(&seen.ours)).collect::<Vec<_>>().join(", ");
            let theirs = seen.iter().map(|seen| cell(&seen.theirs)).collect::<Vec<_>>().join(", ");
            let _ = write!(part, " {ours} | {theirs} |");
        }
        let _ = writeln!(part, " {} | {} ({}) |", row.right.as_str(), row.why, row.source);
    }
    part
}

/// So many characters of a value are shown.
const WIDTH: usize = 48;

fn cell(value: &str) -> String {
    if matches!(value, "read" | "refused" | "-") {
        return value.to_owned();
    }
    let text = value.escape_debug().to_string().replace('|', "\\|");
    let short: String = text.chars().take(WIDTH).collect();
    if short.len() < text.len() { format!("`{short}`…") } else { format!("`{short}`") }
}
