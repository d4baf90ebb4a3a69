//! What is no fault and worth knowing of a capture: what no rule reads, each name once, and what came again. Bounded, and told
//! in no run.

use std::collections::HashSet;

use super::digest::{digest, mix};
use super::memo::Memo;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, Side, note, shown};
use super::sip::names::Name;
use super::sip::view::View;

static HEADER: BaseRule = note(
    "base.note.unknown_header",
    "RFC 3261 section 7.3.1",
    "A header field that is not registered is passed over. Each is told once.",
);
static FEATURE: BaseRule = note(
    "base.note.unknown_feature",
    "RFC 3840 section 9",
    "A media feature tag of somebody's own is passed over. Each is told once.",
);
static COMPACT: BaseRule = note(
    "base.note.compact_form",
    "RFC 3261 section 7.3.3",
    "A header name in its short form is read like the long one. Each is told once.",
);
static RETRANSMISSION: BaseRule = note(
    "base.note.retransmission",
    "RFC 3261 section 17",
    "A message that comes again, octet for octet, is one message. It was lost, or not answered in time, or captured twice.",
);

pub(super) static RULES: &[&BaseRule] = &[&HEADER, &FEATURE, &COMPACT, &RETRANSMISSION];

/// Header fields that are registered, or of OMA, and that no rule reads.
const REGISTERED: [&str; 37] = [
    "Accept-Resource-Priority",
    "Additional-Identity",
    "Attestation-Info",
    "Charge-Info",
    "Content-ID",
    "DC-Info",
    "Encryption",
    "Geolocation",
    "Geolocation-Error",
    "Geolocation-Routing",
    "Hide",
    "Identity-Info",
    "Message-Expires",
    "Origination-Id",
    "P-Charge-Info",
    "P-DCS-Billing-Info",
    "P-DCS-LAES",
    "P-DCS-OSPS",
    "P-DCS-Redirect",
    "P-DCS-Trace-Party-ID",
    "P-Media-Authorization",
    "P-Private-Network-Indication",
    "Permission-Missing",
    "Policy-Contact",
    "Policy-ID",
    "Priority-Share",
    "Priority-Verstat",
    "Refer-Events-At",
    "Relayed-Charge",
    "Remote-Party-ID",
    "Resource-Share",
    "Response-Key",
    "Response-Source",
    "Restoration-Info",
    "Service-Interact-Info",
    "Trigger-Consent",
    "User-to-User",
];
/// The trees of media feature tags that documents fill.
const TREES: [&str; 5] = ["+sip.", "+g.3gpp.", "+g.oma.", "+g.gsma.", "+g.mcptt."];
/// So many names are remembered.
const NAMES: usize = 1024;

/// Remembers what was told.
#[derive(Debug, Default)]
pub(super) struct Notices {
    told: HashSet<u64>,
    /// Values in which nothing is worth a word, or what is has been told.
    plain: Memo,
}

impl Notices {
    /// Takes a message in that was not seen before, whose octets are these.
    pub fn message(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, octets: &[u8]) {
        let mut end = None;
        for field in &view.fields {
            // A short name, its colon and the white space after it take no more room than this between two values.
            let short = end.is_none_or(|end| field.value.at.saturating_sub(end) <= 6);
            end = Some(field.value.at + field.value.text.len());
            if field.known.is_none() || short {
                self.name(sheet, field.known, octets, field.value.at);
            }
            if !matches!(field.known, Some(Name::Contact | Name::AcceptContact)) {
                continue;
            }
            let print = field.print.map(|print| mix(print, sheet.side as u64));
            if print.is_none_or(|print| !self.plain.knows(print)) {
                let before = sheet.len();
                self.features(sheet, field.value);
                if let Some(print) = print.filter(|_| sheet.len() == before) {
                    self.plain.learn(print);
                }
            }
        }
    }

    /// The same octets once more.
    pub fn again(sheet: &mut Sheet<'_>, view: &View<'_>) {
        let via = view.line(Name::Via).map(Piece::span);
        sheet.find(&RETRANSMISSION, via, "a message that is new", "one that was there before");
    }

    fn name(&mut self, sheet: &mut Sheet<'_>, known: Option<Name>, octets: &[u8], value: usize) {
        let Some(name) = name_before(octets, value) else { return };
        let registered = || REGISTERED.iter().any(|registered| registered.eq_ignore_ascii_case(name.text));
        match known {
            Some(known) if name.text.len() == 1 && self.is_new(name.text, sheet.side) => {
                let observed = format!("{} for {}", shown(name.text), known.text());
                sheet.find(&COMPACT, Some(name.span()), known.text(), observed);
            }
            Some(_) => {}
            None if registered() => {}
            None if self.is_new(name.text, sheet.side) => {
                sheet.find(&HEADER, Some(name.span()), "a header field that is registered", shown(name.text));
            }
            None => {}
        }
    }

    fn features(&mut self, sheet: &mut Sheet<'_>, line: Piece<'_>) {
        for address in line.split_outside(b',') {
            for parameter in address.split_outside(b';').skip(1).map(Piece::trim) {
                let tag = parameter.split_once('=').map_or(parameter, |(tag, _)| tag.trim());
                let known = !tag.text.starts_with('+') || TREES.iter().any(|tree| is_in(tag.text, tree));
                if !known && self.is_new(tag.text, sheet.side) {
                    let expected = "a tag of SIP, 3GPP, OMA or GSMA";
                    sheet.find(&FEATURE, Some(tag.span()), expected, shown(tag.text));
                }
            }
        }
    }

    fn is_new(&mut self, name: &str, side: Side) -> bool {
        self.told.len() < NAMES && self.told.insert(digest((name.to_ascii_lowercase().as_str(), side as u8)))
    }
}

fn is_in(tag: &str, tree: &str) -> bool {
    tag.get(..tree.len()).is_some_and(|start| start.eq_ignore_ascii_case(tree))
}

/// The name of the field whose value begins there.
fn name_before(octets: &[u8], value: usize) -> Option<Piece<'_>> {
    let before = octets.get(..value)?;
    let colon = before.iter().rposition(|octet| *octet == b':')?;
    let at = before.get(..colon)?.iter().rposition(|octet| *octet == b'\n')? + 1;
    let name = std::str::from_utf8(before.get(at..colon)?).ok()?;
    Some(Piece::new(name, at).trim())
}
