//! Base rules of CPIM (RFC 3862) and of the headers that ask for disposition notifications (RFC 5438 section 6).

use super::bodies::{self, MimeHeader};
use super::grammar::{is_date_time, is_token, media_type, uri};
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, habit, must, shown};

static STRUCTURE: BaseRule = must(
    "base.cpim.structure",
    "RFC 3862 section 2",
    "Message headers, a blank line, MIME headers, a blank line, and the content; lines end with CRLF.",
);
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
static CONTENT_TYPE: BaseRule = must(
    "base.cpim.content_type",
    "RFC 3862 section 2, RFC 2045 section 5.1",
    "The Content-Type of the content is a media type.",
);
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
static DISPOSITION: BaseRule = habit(
    "base.imdn.content_disposition",
    "RFC 5438 section 7.2.1",
    "A disposition notification has Content-Disposition: notification.",
);

pub(super) static RULES: &[&BaseRule] = &[
    &STRUCTURE,
    &HEADER,
    &NAMESPACE,
    &ADDRESS,
    &ADDRESS_BRACKETS,
    &DATE_TIME,
    &CUSTOMARY,
    &CASE,
    &CONTENT_TYPE,
    &MESSAGE_ID,
    &DISPOSITIONS,
    &NOTIFICATION_ASKS,
    &DISPOSITION,
];

const CORE: [&str; 8] = ["From", "To", "cc", "DateTime", "Subject", "NS", "Require", "Content-Type"];
const CORE_NAMESPACE: &str = "urn:ietf:params:cpim-headers:";
const IMDN_NAMESPACE: &str = "urn:ietf:params:xml:ns:imdn";
/// The namespace that RFC 5438 section 6 itself names for the headers.
const IMDN_HEADERS: &str = "urn:ietf:params:imdn";

/// A header with its namespace resolved.
#[derive(Clone, Copy, Debug)]
struct Header<'a> {
    namespace: &'a str,
    name: Piece<'a>,
    value: Piece<'a>,
}

/// Checks a CPIM message and what it carries.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8]) {
    let Some((head, content_at)) = split(octets) else {
        let span = Some((0, octets.len()));
        sheet.find(&STRUCTURE, span, "a blank line with CRLF after the message headers", "none");
        return;
    };
    let headers = headers(sheet, head);
    addresses(sheet, &headers);
    date_time(sheet, &headers);
    customary(sheet, &headers);
    let content = octets.get(content_at..).unwrap_or_default();
    let inside = &mut sheet.inside(Some(content_at));
    let Some((mime, body_at)) = bodies::headers(content) else {
        let span = Some((0, content.len()));
        inside.find(&STRUCTURE, span, "a blank line with CRLF after the MIME headers", "none");
        return;
    };
    let essence = content_type(inside, &mime);
    disposition_requests(sheet, &headers, &mime, essence.as_deref(), content_at);
    if let Some(kind) = mime_header(&mime, "Content-Type") {
        let encoded = mime_header(&mime, "Content-Transfer-Encoding")
            .is_some_and(|value| !["7bit", "8bit", "binary"].contains(&value.text.to_ascii_lowercase().as_str()));
        if !encoded && mime_header(&mime, "Content-Encoding").is_none() {
            let body = content.get(body_at..).unwrap_or_default();
            bodies::check(&mut sheet.inside(Some(content_at + body_at)), kind.text, body);
        }
    }
}

/// The message headers, and where the MIME headers begin.
fn split(octets: &[u8]) -> Option<(&str, usize)> {
    let end = memchr::memmem::find(octets, b"\r\n\r\n")?;
    let head = std::str::from_utf8(octets.get(..end)?).ok()?;
    Some((head, end + 4))
}

/// The headers with their namespaces; what is no header is written down.
fn headers<'a>(sheet: &mut Sheet<'_>, head: &'a str) -> Vec<Header<'a>> {
    let mut default = CORE_NAMESPACE;
    let mut prefixes: Vec<(&str, &str)> = Vec::new();
    let mut headers = Vec::new();
    for line in Piece::new(head, 0).split('\n') {
        let line = line.to(line.text.trim_end_matches('\r').len());
        let Some((name, value)) = header(line) else {
            sheet.find(&HEADER, Some(line.span()), "a name, a colon, one space and a value", shown(line.text));
            continue;
        };
        if name.text == "NS" {
            match declaration(value.text) {
                Some(("", namespace)) => default = namespace,
                Some(declared) => prefixes.push(declared),
                None => {
                    let expected = "perhaps a prefix, and a URI in angle brackets";
                    sheet.find(&NAMESPACE, Some(value.span()), expected, shown(value.text));
                }
            }
        }
        let (namespace, name) = match name.split_once('.') {
            None => (default, name),
            Some((prefix, own)) => {
                let known = prefixes.iter().rev().find(|(known, _)| *known == prefix.text);
                if known.is_none() {
                    let expected = format!("NS: {} before it", prefix.text);
                    sheet.find(&NAMESPACE, Some(name.span()), expected, shown(name.text));
                }
                (known.map_or("", |(_, namespace)| namespace), own)
            }
        };
        headers.push(Header { namespace, name, value });
    }
    headers
}

/// `Header-name ":" *( ";" Parameter ) SP Header-value`
fn header(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, rest) = line.split_once(':')?;
    let value = match rest.text.starts_with(';') {
        true => rest.split_once(' ')?.1,
        false => rest.from(usize::from(rest.text.starts_with(' '))),
    };
    let spaced = value.at > rest.at && !value.text.starts_with(' ');
    (is_name(name.text) && spaced).then_some((name, value))
}

/// A token, at most one dot of which separates a prefix.
fn is_name(text: &str) -> bool {
    is_token(text) && text.split('.').count() <= 2 && !text.starts_with('.') && !text.ends_with('.')
}

/// `[ Name-prefix SP ] "<" URI ">"`, the prefix empty if there is none.
fn declaration(value: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = value.split_once('<')?;
    let (namespace, after) = rest.split_once('>')?;
    let right = uri(Piece::new(namespace, 0)).is_ok() && after.trim().is_empty();
    (right && (prefix.trim().is_empty() || is_token(prefix.trim()))).then_some((prefix.trim(), namespace))
}

/// The values of a header of this namespace.
fn values<'a>(headers: &[Header<'a>], namespaces: &[&str], name: &str) -> Vec<Piece<'a>> {
    let found = headers.iter().filter(|header| namespaces.contains(&header.namespace) && header.name.text == name);
    found.map(|header| header.value).collect()
}

fn addresses(sheet: &mut Sheet<'_>, headers: &[Header<'_>]) {
    for name in ["From", "To", "cc"] {
        for value in values(headers, &[CORE_NAMESPACE], name) {
            let (inside, bare) = match value.text.rfind('<') {
                Some(start) => (value.from(start + 1).split_once('>').map(|(inside, _)| inside), false),
                None => (Some(value.trim()), true),
            };
            let fault =
                inside.map_or(Some("the angle bracket is not closed"), |inside| uri(inside).err().map(|f| f.why));
            if let Some(why) = fault {
                let observed = format!("{why} in {}", shown(value.text));
                sheet.find(&ADDRESS, Some(value.span()), format!("a URI in {name}"), observed);
            } else if bare {
                sheet.find(&ADDRESS_BRACKETS, Some(value.span()), "angle brackets around the URI", shown(value.text));
            }
        }
    }
}

fn date_time(sheet: &mut Sheet<'_>, headers: &[Header<'_>]) {
    let times = values(headers, &[CORE_NAMESPACE], "DateTime");
    if let Some(second) = times.get(1) {
        sheet.find(&DATE_TIME, Some(second.span()), "one DateTime", format!("{} of them", times.len()));
    }
    for time in times.iter().filter(|time| !is_date_time(time.text.trim())) {
        sheet.find(&DATE_TIME, Some(time.span()), "a date and time of RFC 3339", shown(time.text));
    }
}

fn customary(sheet: &mut Sheet<'_>, headers: &[Header<'_>]) {
    for header in headers.iter().filter(|header| header.namespace == CORE_NAMESPACE) {
        let like = CORE.iter().find(|core| core.eq_ignore_ascii_case(header.name.text));
        if let Some(core) = like.filter(|core| **core != header.name.text) {
            sheet.find(&CASE, Some(header.name.span()), *core, shown(header.name.text));
            return;
        }
    }
    let missing = |name: &&str| values(headers, &[CORE_NAMESPACE], name).is_empty();
    for name in ["From", "To", "DateTime"].iter().filter(|name| missing(name)) {
        sheet.find(&CUSTOMARY, None, format!("a {name} header"), "none");
    }
}

fn mime_header<'a>(headers: &[MimeHeader<'a>], name: &str) -> Option<Piece<'a>> {
    headers.iter().find(|header| header.name.text.eq_ignore_ascii_case(name)).map(|header| header.value)
}

/// The type of the content. Without one it is text (RFC 2045 section 5.2).
fn content_type(sheet: &mut Sheet<'_>, mime: &[MimeHeader<'_>]) -> Option<String> {
    let value = mime_header(mime, "Content-Type")?;
    match media_type(value) {
        Ok((essence, _)) => Some(essence),
        Err(fault) => {
            let observed = format!("{} in {}", fault.why, shown(value.text));
            sheet.find(&CONTENT_TYPE, Some(fault.span), "a media type", observed);
            None
        }
    }
}

fn disposition_requests(
    sheet: &mut Sheet<'_>,
    headers: &[Header<'_>],
    mime: &[MimeHeader<'_>],
    essence: Option<&str>,
    content_at: usize,
) {
    let imdn = [IMDN_HEADERS, IMDN_NAMESPACE];
    let (ids, asked) = (values(headers, &imdn, "Message-ID"), values(headers, &imdn, "Disposition-Notification"));
    if let Some(second) = ids.get(1).or(ids.iter().find(|id| id.text.trim().is_empty())) {
        sheet.find(&MESSAGE_ID, Some(second.span()), "one imdn.Message-ID that is not empty", shown(second.text));
    }
    for list in &asked {
        if !list.text.split(',').all(|word| is_token(word.split(';').next().unwrap_or_default().trim())) {
            sheet.find(&DISPOSITIONS, Some(list.span()), "tokens with commas between", shown(list.text));
        }
    }
    let Some(list) = asked.first().filter(|_| essence == Some("message/imdn+xml")) else {
        if !asked.is_empty() && ids.is_empty() {
            sheet.find(&MESSAGE_ID, None, "an imdn.Message-ID", "none, and a wish for disposition notifications");
        }
        return notification_part(sheet, mime, essence, content_at);
    };
    sheet.find(&NOTIFICATION_ASKS, Some(list.span()), "no imdn.Disposition-Notification", shown(list.text));
}

fn notification_part(sheet: &mut Sheet<'_>, mime: &[MimeHeader<'_>], essence: Option<&str>, content_at: usize) {
    let said = mime_header(mime, "Content-Disposition");
    let right =
        |value: Piece<'_>| value.text.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("notification");
    if essence == Some("message/imdn+xml") && !said.is_some_and(right) {
        let span = said.map(|value| (content_at + value.at, content_at + value.at + value.text.len()));
        let observed = said.map_or_else(|| "none".to_owned(), |value| shown(value.text));
        sheet.find(&DISPOSITION, span, "Content-Disposition: notification", observed);
    }
}
