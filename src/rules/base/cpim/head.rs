//! The message headers of an envelope (RFC 3862 sections 2 to 4), and those that ask for disposition notifications (RFC
//! 5438 section 6).

use cpm_wire::search::{cut, every};

use super::outline::{Outline, Said};
use crate::rules::base::bodies::Memory;
use crate::rules::base::grammar::{is_date_time, is_token, uri};
use crate::rules::base::imdn::{Wish, Wishes};
use crate::rules::base::memo::Memo;
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static HEADER: BaseRule = must(
    "base.cpim.header",
    "RFC 3862 section 3.1",
    "A header is a name, perhaps with a prefix, a colon, perhaps parameters, one space, and a value.",
);
static NAMESPACE: BaseRule = must(
    "base.cpim.namespace",
    "RFC 3862 sections 3.4 and 4.6",
    "A prefix is declared by NS, with a URI in angle brackets, before it is used.",
);
static ADDRESS: BaseRule = must(
    "base.cpim.address",
    "RFC 3862 sections 4.1 and 4.2",
    "From, To and cc are a URI, after a name if there is one.",
);
static ADDRESS_BRACKETS: BaseRule =
    habit("base.cpim.address_brackets", "RFC 3862 section 4.1", "The URI of From, To and cc stands in angle brackets.");
static DATE_TIME: BaseRule = must(
    "base.cpim.date_time",
    "RFC 3862 section 4.4, RFC 3339",
    "DateTime is a date and time of RFC 3339, and there is one at most.",
);
static CUSTOMARY: BaseRule =
    habit("base.cpim.customary", "RFC 3862 section 4, wire facts of CPM", "CPM gives From, To and DateTime.");
static CASE: BaseRule =
    habit("base.cpim.case", "RFC 3862 section 3.1", "Names are written as registered: case counts.");
static MESSAGE_ID: BaseRule = must(
    "base.cpim.imdn_message_id",
    "RFC 5438 section 6.3",
    "A message that asks for disposition notifications has an imdn.Message-ID, one and not empty.",
);
static DISPOSITIONS: BaseRule =
    must("base.cpim.imdn_dispositions", "RFC 5438 section 6.2", "imdn.Disposition-Notification is a list of tokens.");
static NOTIFICATION_ASKS: BaseRule = must(
    "base.imdn.asks_for_none",
    "RFC 5438 sections 7.1.1.3 and 7.2.1",
    "A disposition notification does not ask for disposition notifications itself.",
);
static ONCE: BaseRule =
    must("base.cpim.once", "RFC 3862 sections 4.1 and 4.4", "From stands once in a message at most.");
static PARAMETER: BaseRule = must(
    "base.cpim.parameter",
    "RFC 3862 section 3.1",
    "A parameter of a header is a name, an equals sign and a value, after a semicolon.",
);
static REQUIRE: BaseRule = must(
    "base.cpim.require",
    "RFC 3862 section 4.7",
    "Require is a list of header names, with prefixes that are declared.",
);
static CHARACTER: BaseRule = must(
    "base.cpim.character",
    "RFC 3862 section 2.3",
    "Headers hold no control characters, which are written as escapes.",
);
static ROUTE: BaseRule = must(
    "base.cpim.imdn_route",
    "RFC 5438 sections 6.4 to 6.6",
    "imdn.Original-To, imdn.IMDN-Record-Route and imdn.IMDN-Route hold URIs in angle brackets.",
);
static MESSAGE_ID_FORM: BaseRule =
    habit("base.cpim.imdn_message_id_form", "RFC 5438 section 6.3", "imdn.Message-ID is a token.");

pub(super) static RULES: &[&BaseRule] = &[
    &HEADER,
    &NAMESPACE,
    &ADDRESS,
    &ADDRESS_BRACKETS,
    &DATE_TIME,
    &CUSTOMARY,
    &CASE,
    &MESSAGE_ID,
    &DISPOSITIONS,
    &NOTIFICATION_ASKS,
    &ONCE,
    &PARAMETER,
    &REQUIRE,
    &CHARACTER,
    &ROUTE,
    &MESSAGE_ID_FORM,
];

const CORE: [&str; 8] = ["From", "To", "cc", "DateTime", "Subject", "NS", "Require", "Content-Type"];
const CORE_NAMESPACE: &str = "urn:ietf:params:cpim-headers:";
const IMDN_NAMESPACE: &str = "urn:ietf:params:xml:ns:imdn";
/// The namespace that RFC 5438 section 6 itself names for the headers.
const IMDN_HEADERS: &str = "urn:ietf:params:imdn";

/// A namespace that rules know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Namespace {
    Core,
    Imdn,
    Other,
}

impl Namespace {
    fn of(uri: &str) -> Namespace {
        match uri {
            CORE_NAMESPACE => Namespace::Core,
            IMDN_HEADERS | IMDN_NAMESPACE => Namespace::Imdn,
            _ => Namespace::Other,
        }
    }
}

/// What the message headers say, as far as they were read.
struct Head<'a> {
    default: Namespace,
    prefixes: Vec<(&'a str, Namespace)>,
    from: bool,
    to: bool,
    said: Said<'a>,
    /// A core header in other letters was told.
    case_told: bool,
}

/// Reads the headers, and writes down what is wrong with them. What was right but for what is new in every message is right
/// again.
pub(super) fn read<'a>(sheet: &mut Sheet<'_>, text: &'a str, memo: &mut Memo) -> Said<'a> {
    let outline = Outline::of(text);
    if let Some(outline) = outline.filter(|outline| memo.knows(outline.print)) {
        return outline.said;
    }
    let before = sheet.len();
    let head = Head::read(sheet, text);
    head.customary(sheet);
    // What was found at a glance has to be what was found by reading.
    let right = outline.filter(|outline| sheet.len() == before && outline.said == head.said);
    if let Some(outline) = right {
        memo.learn(outline.print);
    }
    head.said
}

impl<'a> Head<'a> {
    /// Reads the headers, and writes down what is wrong with each.
    fn read(sheet: &mut Sheet<'_>, text: &'a str) -> Head<'a> {
        let mut head = Head {
            default: Namespace::Core,
            prefixes: Vec::new(),
            from: false,
            to: false,
            said: Said::default(),
            case_told: false,
        };
        for line in Piece::new(text, 0).split('\n') {
            let line = line.to(line.text.trim_end_matches('\r').len());
            let is_control = |octet: u8| (octet < b' ') & (octet != b'\t') | (octet == 0x7f);
            let plain = every(line.text.as_bytes(), |octet| !is_control(octet));
            if let Some(odd) = (!plain).then(|| line.text.bytes().position(is_control)).flatten() {
                let span = Some((line.at + odd, line.at + odd + 1));
                sheet.find(&CHARACTER, span, "an escape for a control character", shown(line.text));
            }
            match header(line) {
                Some((name, parameters, value)) => head.header(sheet, name, parameters, value),
                None => {
                    sheet.find(&HEADER, Some(line.span()), "a name, a colon, one space and a value", shown(line.text));
                }
            }
        }
        head
    }

    fn header(&mut self, sheet: &mut Sheet<'_>, name: Piece<'a>, parameters: Piece<'a>, value: Piece<'a>) {
        parameterised(sheet, parameters);
        if name.text == "NS" {
            self.declares(sheet, value);
        }
        let (namespace, name) = match name.split_once('.') {
            None => (self.default, name),
            Some((prefix, own)) => (self.namespace(sheet, name, prefix.text), own),
        };
        match namespace {
            Namespace::Core => self.core(sheet, name, value),
            Namespace::Imdn => self.imdn(sheet, name.text, value),
            Namespace::Other => {}
        }
    }

    fn declares(&mut self, sheet: &mut Sheet<'_>, value: Piece<'a>) {
        match declaration(value.text) {
            Some(("", namespace)) => self.default = Namespace::of(namespace),
            Some((prefix, namespace)) => self.prefixes.push((prefix, Namespace::of(namespace))),
            None => {
                let expected = "perhaps a prefix, and a URI in angle brackets";
                sheet.find(&NAMESPACE, Some(value.span()), expected, shown(value.text));
            }
        }
    }

    fn declared(&self, prefix: &str) -> Option<Namespace> {
        self.prefixes.iter().rev().find(|(known, _)| *known == prefix).map(|(_, namespace)| *namespace)
    }

    fn namespace(&self, sheet: &mut Sheet<'_>, name: Piece<'_>, prefix: &str) -> Namespace {
        let known = self.declared(prefix);
        if known.is_none() {
            sheet.find(&NAMESPACE, Some(name.span()), format!("NS: {prefix} before it"), shown(name.text));
        }
        known.unwrap_or(Namespace::Other)
    }

    fn core(&mut self, sheet: &mut Sheet<'_>, name: Piece<'a>, value: Piece<'a>) {
        match name.text {
            "From" => {
                if std::mem::replace(&mut self.from, true) {
                    sheet.find(&ONCE, Some(value.span()), "one From", format!("another, {}", shown(value.text)));
                }
                address(sheet, name.text, value);
            }
            "To" => {
                self.to = true;
                address(sheet, name.text, value);
            }
            "cc" => address(sheet, name.text, value),
            "DateTime" => {
                if self.said.date_time.replace(value).is_some() {
                    sheet.find(&DATE_TIME, Some(value.span()), "one DateTime", "another");
                }
                if !is_date_time(value.text.trim()) {
                    sheet.find(&DATE_TIME, Some(value.span()), "a date and time of RFC 3339", shown(value.text));
                }
            }
            "Require" => self.requires(sheet, value),
            "Subject" | "NS" | "Content-Type" => {}
            other if !self.case_told => {
                if let Some(core) = CORE.iter().find(|core| core.eq_ignore_ascii_case(other)) {
                    self.case_told = true;
                    sheet.find(&CASE, Some(name.span()), *core, shown(other));
                }
            }
            _ => {}
        }
    }

    fn requires(&self, sheet: &mut Sheet<'_>, value: Piece<'_>) {
        for name in value.split(',').map(Piece::trim) {
            let declared = name.text.split_once('.').is_none_or(|(prefix, _)| self.declared(prefix).is_some());
            if !is_name(name.text) || !declared {
                sheet.find(&REQUIRE, Some(name.span()), "the name of a header, its prefix declared", shown(name.text));
            }
        }
    }

    fn imdn(&mut self, sheet: &mut Sheet<'_>, name: &str, value: Piece<'a>) {
        match name {
            "Message-ID" => {
                if self.said.message_id.replace(value).is_some() || value.text.trim().is_empty() {
                    let expected = "one imdn.Message-ID that is not empty";
                    sheet.find(&MESSAGE_ID, Some(value.span()), expected, shown(value.text));
                } else if !every(value.text.as_bytes(), is_of_id) {
                    sheet.find(&MESSAGE_ID_FORM, Some(value.span()), "a token", shown(value.text));
                }
            }
            "Disposition-Notification" => {
                self.said.asked = self.said.asked.or(Some(value));
                if !value.split(',').all(|word| is_token(word.before(';').trim().text)) {
                    sheet.find(&DISPOSITIONS, Some(value.span()), "tokens with commas between", shown(value.text));
                }
            }
            "Original-To" | "IMDN-Record-Route" | "IMDN-Route" => {
                let inside = value.text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
                if !inside.is_some_and(|(inside, _)| is_uri(Piece::new(inside, 0))) {
                    sheet.find(&ROUTE, Some(value.span()), "a URI in angle brackets", shown(value.text));
                }
            }
            _ => {}
        }
    }

    fn customary(&self, sheet: &mut Sheet<'_>) {
        let given = [("From", self.from), ("To", self.to), ("DateTime", self.said.date_time.is_some())];
        for (name, _) in given.iter().filter(|(_, given)| !given && !self.case_told) {
            sheet.find(&CUSTOMARY, None, format!("a {name} header"), "none");
        }
    }
}

impl Said<'_> {
    /// What a message asks to be told, and which message it is.
    pub fn wishes(&self, sheet: &mut Sheet<'_>, notification: bool, memory: &mut Memory) {
        match (self.asked, self.message_id) {
            (Some(list), _) if notification => {
                sheet.find(&NOTIFICATION_ASKS, Some(list.span()), "no imdn.Disposition-Notification", shown(list.text));
            }
            (Some(_), None) => {
                sheet.find(&MESSAGE_ID, None, "an imdn.Message-ID", "none, and a wish for disposition notifications");
            }
            (asked, Some(id)) if !notification => {
                let wishes = asked.map_or(Wishes::default(), |list| Wishes::read(list.text));
                let date_time = self.date_time.map_or("", |time| time.text.trim());
                memory.reports.asked(Wish::new(id.text.trim(), date_time, wishes));
            }
            _ => {}
        }
    }
}

/// `Header-name ":" *( ";" Parameter ) SP Header-value`
fn header(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>, Piece<'_>)> {
    let (name, rest) = line.split_once(':')?;
    let (parameters, value) = match rest.text.starts_with(';') {
        true => rest.split_once(' ')?,
        false => (rest.to(0), rest.from(usize::from(rest.text.starts_with(' ')))),
    };
    let spaced = value.at > rest.at && !value.text.starts_with(' ');
    (is_name(name.text) && spaced).then_some((name, parameters, value))
}

/// What no Message-ID of the field lacks.
pub(super) fn is_of_id(octet: u8) -> bool {
    (octet > b' ') & (octet < 0x7f) & (octet != b'<') & (octet != b'>') & (octet != b'"')
}

/// A token, at most one dot of which separates a prefix.
fn is_name(text: &str) -> bool {
    let octets = text.as_bytes();
    let dots = octets.iter().fold(0, |dots, octet| dots + usize::from(*octet == b'.'));
    is_token(text) && (dots == 0 || dots == 1 && octets.first() != Some(&b'.') && octets.last() != Some(&b'.'))
}

fn parameterised(sheet: &mut Sheet<'_>, parameters: Piece<'_>) {
    for parameter in parameters.split(';').skip(1) {
        let right =
            parameter.split_once('=').is_some_and(|(name, value)| is_token(name.text) && !value.text.is_empty());
        if !right {
            sheet.find(&PARAMETER, Some(parameter.span()), "a name, an equals sign and a value", shown(parameter.text));
        }
    }
}

/// `[ Name-prefix SP ] "<" URI ">"`, the prefix empty if there is none.
fn declaration(value: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = value.split_once('<')?;
    let (namespace, after) = rest.split_once('>')?;
    let known = Namespace::of(namespace) != Namespace::Other;
    let right = (known || uri(Piece::new(namespace, 0)).is_ok()) && after.trim().is_empty();
    (right && (prefix.trim().is_empty() || is_token(prefix.trim()))).then_some((prefix.trim(), namespace))
}

/// A URI; the plainest are known at a glance.
fn is_uri(piece: Piece<'_>) -> bool {
    is_plain(piece.text) || uri(piece).is_ok()
}

/// `sip:user@host.name`, of letters, digits, hyphens and dots.
fn is_plain(text: &str) -> bool {
    let Some((user, host)) = text.strip_prefix("sip:").and_then(|rest| cut(rest, b'@')) else { return false };
    let of_user = |octet: u8| octet.is_ascii_alphanumeric() | matches!(octet, b'-' | b'.' | b'+');
    // Labels begin and end with letters or digits, and the last one is of letters.
    let (mut before, mut good, mut letters) = (b'.', true, true);
    for octet in host.bytes() {
        let mark = matches!(octet, b'-' | b'.');
        good &= if mark { before.is_ascii_alphanumeric() } else { octet.is_ascii_alphanumeric() };
        letters = octet == b'.' || letters & octet.is_ascii_alphabetic();
        before = octet;
    }
    good && letters && before.is_ascii_alphabetic() && !user.is_empty() && every(user.as_bytes(), of_user)
}

fn address(sheet: &mut Sheet<'_>, name: &str, value: Piece<'_>) {
    let (inside, bare) = match memchr::memrchr(b'<', value.text.as_bytes()) {
        Some(start) => (value.from(start + 1).split_once('>').map(|(inside, _)| inside), false),
        None => (Some(value.trim()), true),
    };
    let fault = match inside {
        None => Some("the angle bracket is not closed"),
        Some(inside) if is_plain(inside.text) => None,
        Some(inside) => uri(inside).err().map(|fault| fault.why),
    };
    if let Some(why) = fault {
        let observed = format!("{why} in {}", shown(value.text));
        sheet.find(&ADDRESS, Some(value.span()), format!("a URI in {name}"), observed);
    } else if bare {
        sheet.find(&ADDRESS_BRACKETS, Some(value.span()), "angle brackets around the URI", shown(value.text));
    }
}
