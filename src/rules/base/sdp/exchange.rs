//! Session descriptions held against those before: the answer against its offer (RFC 3264 section 6), the next version
//! against the last (section 8).

use super::{DIRECTION, DIRECTIONS, Line, SETUP, attribute, cut, lines};
use crate::rules::base::bounded::Bounded;
use crate::rules::base::sheet::{BaseRule, Sheet, Side, habit, must};

static ANSWER: BaseRule = must(
    "base.sdp.answer",
    "RFC 3264 section 6",
    "An answer has the m= lines of the offer: as many, of the same media and transports, and refuses what the offer refuses.",
);
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

pub(super) static RULES: &[&BaseRule] = &[&ANSWER, &MIRRORED, &VERSION];

/// What an answer is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules::base) struct Outline {
    media: Vec<MediaOutline>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct MediaOutline {
    kind: String,
    protocol: String,
    port: String,
    direction: String,
    setup: Option<String>,
}

/// The outline of a description, as far as it has one.
pub(in crate::rules::base) fn outline(text: &str) -> Outline {
    let cut = cut(&lines(text).0);
    Outline { media: cut.media.iter().map(|media| media_outline(media, &cut.session)).collect() }
}

/// Checks a description against the offer that it answers.
pub(in crate::rules::base) fn check_answer(sheet: &mut Sheet<'_>, text: &str, offer: &Outline) {
    let lines = lines(text).0;
    let cut = cut(&lines);
    let answer: Vec<MediaOutline> = cut.media.iter().map(|media| media_outline(media, &cut.session)).collect();
    if answer.len() != offer.media.len() {
        let observed = format!("{} of them", answer.len());
        sheet.find(&ANSWER, None, format!("{} m= lines, as the offer has", offer.media.len()), observed);
        return;
    }
    for ((asked, given), lines) in offer.media.iter().zip(&answer).zip(&cut.media) {
        let span = lines.first().map(|line| line.value.span());
        if asked.kind != given.kind || asked.protocol != given.protocol {
            let expected = format!("m={} over {}", asked.kind, asked.protocol);
            sheet.find(&ANSWER, span, expected, format!("m={} over {}", given.kind, given.protocol));
        } else if asked.port == "0" && given.port != "0" {
            sheet.find(&ANSWER, span, "port 0, for the offer refuses the medium", format!("port {}", given.port));
        } else if given.port != "0" {
            answered(sheet, asked, given, span);
        }
    }
}

/// Direction and role of a medium that is in use.
fn answered(sheet: &mut Sheet<'_>, asked: &MediaOutline, given: &MediaOutline, span: Option<(usize, usize)>) {
    let left: &[&str] = match asked.direction.as_str() {
        "sendonly" => &["recvonly", "inactive"],
        "recvonly" => &["sendonly", "inactive"],
        "inactive" => &["inactive"],
        _ => &DIRECTIONS,
    };
    if !left.contains(&given.direction.as_str()) {
        let expected = format!("{} in answer to {}", left.join(" or "), asked.direction);
        let rule = if asked.direction == "sendonly" { &MIRRORED } else { &DIRECTION };
        sheet.find(rule, span, expected, given.direction.clone());
    }
    let left: &[&str] = match asked.setup.as_deref() {
        Some("active") => &["passive", "holdconn"],
        Some("passive") => &["active", "holdconn"],
        Some("holdconn") => &["holdconn"],
        _ => &["active", "passive", "holdconn"],
    };
    if let Some(setup) = given.setup.as_deref().filter(|setup| !left.contains(setup)) {
        let expected = format!("{} in answer to {}", left.join(" or "), asked.setup.as_deref().unwrap_or("no a=setup"));
        sheet.find(&SETUP, span, expected, setup);
    }
}

fn media_outline(media: &[Line<'_>], session: &[Line<'_>]) -> MediaOutline {
    let words: Vec<&str> = media.first().map(|line| line.value.text.split(' ').collect()).unwrap_or_default();
    let word = |place: usize| words.get(place).copied().unwrap_or_default().to_owned();
    let direction = DIRECTIONS.iter().find(|name| attribute(media, name).is_some());
    let direction = direction.or_else(|| DIRECTIONS.iter().find(|name| attribute(session, name).is_some()));
    MediaOutline {
        kind: word(0),
        protocol: word(2),
        port: word(1),
        direction: direction.copied().unwrap_or("sendrecv").to_owned(),
        setup: attribute(media, "setup").map(|setup| setup.text.trim().to_owned()),
    }
}

/// Whose description of which session: side, Call-ID, user name and number of o=.
type Origin = (Side, String, String);

/// Remembers versions (RFC 3264 section 8). Bounded.
#[derive(Debug)]
pub(in crate::rules::base) struct Versions {
    last: Bounded<Origin, (u64, String)>,
}

impl Versions {
    pub fn new() -> Versions {
        Versions { last: Bounded::new(4096) }
    }

    pub fn check(&mut self, sheet: &mut Sheet<'_>, call_id: &str, text: &str) {
        let lines = lines(text).0;
        let Some(origin) = lines.iter().find(|line| line.letter == 'o') else { return };
        let words: Vec<&str> = origin.value.text.split(' ').collect();
        let [user, id, version, rest @ ..] = words.as_slice() else { return };
        let Ok(version) = version.parse::<u64>() else { return };
        let key = (sheet.side, call_id.to_owned(), format!("{user} {id} {}", rest.join(" ")));
        if let Some((last, before)) = self.last.get(&key) {
            let changed = before != text;
            if version < *last || version == *last && changed {
                let expected = format!("a version above {last}, for the description has changed");
                sheet.find(&VERSION, Some(origin.value.span()), expected, version.to_string());
            }
        }
        self.last.insert(key, (version, text.to_owned()));
    }
}
