//! Session descriptions held against those before: the answer against its offer (RFC 3264 section 6), the next version
//! against the last (section 8).

use bytes::Bytes;

use super::attributes::{DIRECTION, SETUP};
use super::read::{Description, Medium};
use crate::rules::base::bounded::Bounded;
use crate::rules::base::digest::{digest, mix};
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static ANSWER: BaseRule = must(
    "base.sdp.answer",
    "RFC 3264 section 6",
    "An answer has the m= lines of the offer: as many, of the same media and transports, and refuses what the offer refuses.",
);
static ANSWER_FORMATS: BaseRule = must(
    "base.sdp.answer_formats",
    "RFC 3264 section 6.1",
    "A medium that is accepted has a format of the offer at least.",
);
static ANSWER_TIME: BaseRule =
    must("base.sdp.answer_time", "RFC 3264 section 6", "The t= line of an answer is that of the offer.");
static MIRRORED: BaseRule = habit(
    "base.sdp.direction_mirrored",
    "RFC 3264 section 6.1",
    "An offer to send alone is answered recvonly or inactive; clients of the field answer as they would any other.",
);
static VERSION: BaseRule = must(
    "base.sdp.version",
    "RFC 3264 section 8",
    "A session description that has changed has a higher version in o=, and no version goes back.",
);
static VERSION_STEP: BaseRule = habit(
    "base.sdp.version_step",
    "RFC 3264 section 8",
    "The version in o= grows by one from a description to the next that differs.",
);
static VERSION_KEPT: BaseRule = habit(
    "base.sdp.version_kept",
    "RFC 4028 section 7.4, RFC 8866 section 5.2",
    "A session description that says the same again has the version that it had.",
);

pub(super) static RULES: &[&BaseRule] =
    &[&ANSWER, &ANSWER_FORMATS, &ANSWER_TIME, &MIRRORED, &VERSION, &VERSION_STEP, &VERSION_KEPT];

/// The description that an answer is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules::base) struct Outline {
    pub(super) octets: Bytes,
}

impl Outline {
    /// The description in these octets.
    pub fn new(octets: Bytes) -> Outline {
        Outline { octets }
    }

    /// A copy to be kept: of the description alone, and not of the message that it came in.
    pub fn kept(&self) -> Outline {
        Outline { octets: Bytes::copy_from_slice(&self.octets) }
    }
}

/// Checks a description against the offer that it answers.
pub(in crate::rules::base) fn check_answer(sheet: &mut Sheet<'_>, answer: &Description<'_>, offer: &Outline) {
    let Some(offer) = Description::read(&offer.octets) else { return };
    let (asked, given) = (offer.media().count(), answer.media().count());
    if asked != given {
        let expected = format!("{asked} m= lines, as the offer has");
        return sheet.find(&ANSWER, None, expected, format!("{given} of them"));
    }
    if let (Some(asked), Some(given)) = (offer.of(b't'), answer.of(b't'))
        && asked.text != given.text
    {
        sheet.find(&ANSWER_TIME, Some(given.span()), format!("t={}", asked.text), format!("t={}", given.text));
    }
    for (asked, given) in offer.media().zip(answer.media()) {
        let span = Some(given.line.span());
        if asked.kind != given.kind || asked.protocol != given.protocol {
            let expected = format!("m={} over {}", asked.kind, asked.protocol);
            sheet.find(&ANSWER, span, expected, format!("m={} over {}", given.kind, given.protocol));
        } else if !asked.is_in_use() && given.is_in_use() {
            sheet.find(&ANSWER, span, "port 0, for the offer refuses the medium", format!("port {}", given.port));
        } else if given.is_in_use() {
            direction(sheet, span, asked.direction(offer.session()), given.direction(answer.session()));
            role(sheet, asked.setup(offer.session()), given.setup(answer.session()));
            formats(sheet, &asked, &given);
        }
    }
}

/// Without a word of its own a medium goes both ways (RFC 8866 section 6.7.3).
fn direction(
    sheet: &mut Sheet<'_>,
    medium: Option<(usize, usize)>,
    asked: Option<Piece<'_>>,
    given: Option<Piece<'_>>,
) {
    let (asked, word) = (asked.map_or("sendrecv", |said| said.text), given.map_or("sendrecv", |said| said.text));
    let left: &[&str] = match asked {
        "sendonly" => &["recvonly", "inactive"],
        "recvonly" => &["sendonly", "inactive"],
        "inactive" => &["inactive"],
        _ => return,
    };
    if !left.contains(&word) {
        let rule = if asked == "sendonly" { &MIRRORED } else { &DIRECTION };
        let span = given.map(Piece::span).or(medium);
        sheet.find(rule, span, format!("{} in answer to {asked}", left.join(" or ")), word);
    }
}

fn role(sheet: &mut Sheet<'_>, asked: Option<Piece<'_>>, given: Option<Piece<'_>>) {
    let asked = asked.map(|asked| asked.text);
    let left: &[&str] = match asked {
        Some("active") => &["passive", "holdconn"],
        Some("passive") => &["active", "holdconn"],
        Some("holdconn") => &["holdconn"],
        _ => &["active", "passive", "holdconn"],
    };
    if let Some(given) = given.filter(|given| !left.contains(&given.text)) {
        let expected = format!("{} in answer to {}", left.join(" or "), asked.unwrap_or("no a=setup"));
        sheet.find(&SETUP, Some(given.span()), expected, given.text);
    }
}

/// The numbers of RTP formats are each side's own (RFC 3264 section 5.1).
fn formats(sheet: &mut Sheet<'_>, asked: &Medium<'_, '_>, given: &Medium<'_, '_>) {
    let common = || given.formats.text.split(' ').any(|format| asked.formats.text.split(' ').any(|own| own == format));
    if !asked.protocol.contains("RTP/") && !common() {
        let span = Some(given.formats.span());
        sheet.find(&ANSWER_FORMATS, span, format!("one of {}", shown(asked.formats.text)), shown(given.formats.text));
    }
}

/// What is remembered of the last description of a session.
#[derive(Clone, Copy, Debug)]
struct Last {
    version: u64,
    /// The print of all but the version.
    rest: u64,
}

/// Remembers versions by whose description of which session it is: side, Call-ID, and what o= says but for the version
/// (RFC 3264 section 8). Bounded.
#[derive(Debug)]
pub(in crate::rules::base) struct Versions {
    last: Bounded<u64, Last>,
    /// A message may be missing, and come late, when it is sent again.
    gaps: bool,
}

impl Versions {
    pub fn new() -> Versions {
        Versions { last: Bounded::new(4096), gaps: false }
    }

    /// From now on a message may be missing.
    pub fn allow_gaps(&mut self) {
        self.gaps = true;
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.last.halve();
    }

    pub fn check(&mut self, sheet: &mut Sheet<'_>, call_id: &str, description: &Description<'_>) {
        let Some(origin) = description.of(b'o') else { return };
        let mut words = origin.split(' ');
        let (Some(user), Some(id), Some(version)) = (words.next(), words.next(), words.next()) else { return };
        let Ok(number) = version.text.parse::<u64>() else { return };
        let place = origin.from(version.span().1 - origin.at);
        let session = digest([call_id, user.text, id.text, place.text]);
        let (before, after) = (description.text.get(..version.at), description.text.get(place.at..));
        let print = |text: Option<&str>| digest(text.unwrap_or_default().as_bytes());
        let own = Last { version: number, rest: mix(print(before), print(after)) };
        if let Some(last) = self.last.insert(mix(session, sheet.side as u64), own)
            && let Some((rule, expected)) = fault(last, own)
        {
            let back = own.version < last.version;
            let rule = if back && self.gaps { &VERSION_STEP } else { rule };
            sheet.find(rule, Some(version.span()), expected, version.text);
        }
    }
}

fn fault(last: Last, own: Last) -> Option<(&'static BaseRule, String)> {
    let (before, changed) = (last.version, own.rest != last.rest);
    match own.version.checked_sub(before) {
        None => Some((&VERSION, format!("no version before {before}"))),
        Some(0) if changed => Some((&VERSION, format!("a version above {before}, for the description has changed"))),
        Some(2..) if changed => Some((&VERSION_STEP, format!("version {}", before.saturating_add(1)))),
        Some(1..) if !changed => Some((&VERSION_KEPT, format!("version {before}, for nothing else has changed"))),
        Some(_) => None,
    }
}
