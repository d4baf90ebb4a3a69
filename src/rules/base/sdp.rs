//! Base rules of session descriptions: RFC 8866 for the lines, RFC 3264 for answers, RFC 4975 and RFC 4145 for message
//! sessions, RFC 8122 for fingerprints.

mod exchange;

use super::grammar::{Fault, is_digits, is_token, media_type};
use super::msrp::uri::recognise as msrp_uri;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, habit, must, shown};
pub(super) use exchange::{Outline, Versions, check_answer, outline};

static LINE: BaseRule =
    must("base.sdp.line", "RFC 8866 section 5", "A line is one small letter, an equals sign and a value, in UTF-8.");
static LINE_END: BaseRule =
    habit("base.sdp.line_end", "RFC 8866 section 5", "Every line ends with CRLF, the last one too.");
static ORDER: BaseRule = must(
    "base.sdp.order",
    "RFC 8866 section 5",
    "The lines v, o, s and t are there, and all lines stand in the order of the grammar.",
);
static ORIGIN: BaseRule =
    must("base.sdp.origin", "RFC 8866 section 5.2", "o= has a user name, two numbers, IN, IP4 or IP6, and an address.");
static CONNECTION: BaseRule = must(
    "base.sdp.connection",
    "RFC 8866 section 5.7",
    "There is a c= line of IN, IP4 or IP6 and an address, for the session or in every media description.",
);
static MEDIA: BaseRule = must(
    "base.sdp.media",
    "RFC 8866 section 5.14",
    "m= has a media type, a port, a transport and at least one format.",
);
static MESSAGE_FORMAT: BaseRule =
    habit("base.sdp.message_format", "RFC 4975 section 8.1", "The format of an m=message line is an asterisk.");
static PATH: BaseRule =
    must("base.sdp.path", "RFC 4975 section 8.2", "A message session in use has an a=path of MSRP URIs.");
static ACCEPT_TYPES: BaseRule = must(
    "base.sdp.accept_types",
    "RFC 4975 section 8.6",
    "A message session in use has an a=accept-types of media types or an asterisk.",
);
static SETUP: BaseRule = must(
    "base.sdp.setup",
    "RFC 4145 section 4",
    "a=setup is active, passive, actpass or holdconn, and in an answer what the offer leaves.",
);
static DIRECTION: BaseRule = must(
    "base.sdp.direction",
    "RFC 3264 section 6.1",
    "The direction of an answer is one that the offer leaves, and there is one at most.",
);
static FINGERPRINT: BaseRule = must(
    "base.sdp.fingerprint",
    "RFC 8122 section 5",
    "a=fingerprint is the name of a hash and pairs of hexadecimal capitals with colons between.",
);
static FINGERPRINT_WITH_TLS: BaseRule = habit(
    "base.sdp.fingerprint_with_tls",
    "RFC 4975 section 14.4",
    "A session over TLS gives the fingerprint of the certificate.",
);
static PATH_ADDRESS: BaseRule = habit(
    "base.sdp.path_address",
    "RFC 4975 section 8.1, RFC 6714",
    "Without a=msrp-cema the port of m= is that of the first URI in a=path.",
);

/// The rules of this protocol.
pub(super) fn rules() -> impl Iterator<Item = &'static BaseRule> {
    RULES.iter().chain(exchange::RULES).copied()
}

static RULES: &[&BaseRule] = &[
    &LINE,
    &LINE_END,
    &ORDER,
    &ORIGIN,
    &CONNECTION,
    &MEDIA,
    &MESSAGE_FORMAT,
    &PATH,
    &ACCEPT_TYPES,
    &SETUP,
    &DIRECTION,
    &FINGERPRINT,
    &FINGERPRINT_WITH_TLS,
    &PATH_ADDRESS,
];

/// The order of lines before the first m=, and of those after each (RFC 8866 section 9).
const SESSION_ORDER: &str = "vosiuepcbtrzka";
const MEDIA_ORDER: &str = "micbka";
const DIRECTIONS: [&str; 4] = ["sendrecv", "sendonly", "recvonly", "inactive"];

/// One line: its letter, and its value.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    letter: char,
    value: Piece<'a>,
}

/// A description, cut into the lines of the session and of each medium.
struct Cut<'a> {
    session: Vec<Line<'a>>,
    media: Vec<Vec<Line<'a>>>,
}

/// Checks a description by itself.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else {
        sheet.find(&LINE, None, "UTF-8", "other octets");
        return;
    };
    let (lines, odd) = lines(text);
    if let Some(odd) = odd {
        sheet.find(&LINE, Some(odd.span()), "a small letter and an equals sign", shown(odd.text));
    }
    if text.replace("\r\n", "").contains(['\r', '\n']) || !text.ends_with("\r\n") {
        sheet.find(&LINE_END, None, "CRLF at the end of every line", "another line end, or none at the last line");
    }
    order(sheet, &lines);
    let cut = cut(&lines);
    origin(sheet, &cut.session);
    for media in &cut.media {
        medium(sheet, media, &cut.session);
    }
}

/// The lines, and the first that is none.
fn lines(text: &str) -> (Vec<Line<'_>>, Option<Piece<'_>>) {
    let mut odd = None;
    let mut lines = Vec::new();
    for piece in Piece::new(text, 0).split('\n') {
        let piece = piece.to(piece.text.trim_end_matches('\r').len());
        let mut characters = piece.text.chars();
        match (characters.next(), characters.next()) {
            (Some(letter), Some('=')) if letter.is_ascii_lowercase() => {
                lines.push(Line { letter, value: piece.from(2) })
            }
            (None, _) if piece.at >= text.trim_end().len() => {}
            _ => odd = odd.or(Some(piece)),
        }
    }
    (lines, odd)
}

fn cut<'a>(lines: &[Line<'a>]) -> Cut<'a> {
    let mut cut = Cut { session: Vec::new(), media: Vec::new() };
    for line in lines {
        match cut.media.last_mut() {
            _ if line.letter == 'm' => cut.media.push(vec![*line]),
            Some(media) => media.push(*line),
            None => cut.session.push(*line),
        }
    }
    cut
}

fn order(sheet: &mut Sheet<'_>, lines: &[Line<'_>]) {
    for letter in "vost".chars().filter(|letter| !lines.iter().any(|line| line.letter == *letter)) {
        sheet.find(&ORDER, None, format!("a line {letter}="), "none");
    }
    let (mut sequence, mut last) = (SESSION_ORDER, 0);
    for line in lines {
        if line.letter == 'm' {
            (sequence, last) = (MEDIA_ORDER, 0);
        }
        match sequence.find(line.letter) {
            // Several time descriptions, each with its own repetitions.
            Some(place) if place >= last || matches!(line.letter, 't' | 'r') && matches!(last, 9 | 10) => last = place,
            Some(_) => {
                let expected = format!("{}= before the line before it", line.letter);
                sheet.find(&ORDER, Some(line.value.span()), expected, format!("{}={}", line.letter, line.value.text));
                return;
            }
            None => {
                let observed = format!("{}={}", line.letter, line.value.text);
                sheet.find(&ORDER, Some(line.value.span()), "a letter that the grammar has here", observed);
                return;
            }
        }
    }
}

fn origin(sheet: &mut Sheet<'_>, session: &[Line<'_>]) {
    if let Some(version) = session.iter().find(|line| line.letter == 'v').filter(|line| line.value.text != "0") {
        sheet.find(&ORIGIN, Some(version.value.span()), "v=0", shown(version.value.text));
    }
    let Some(origin) = session.iter().find(|line| line.letter == 'o') else { return };
    let words: Vec<&str> = origin.value.text.split(' ').collect();
    let right = match words.as_slice() {
        [user, id, version, net, family, address] => {
            !user.is_empty() && is_digits(id) && is_digits(version) && is_address(net, family, address)
        }
        _ => false,
    };
    if !right {
        let expected = "a user name, two numbers, IN, IP4 or IP6, and an address";
        sheet.find(&ORIGIN, Some(origin.value.span()), expected, shown(origin.value.text));
    }
}

/// Names of hosts are as good as addresses.
fn is_address(net: &str, family: &str, address: &str) -> bool {
    net == "IN" && matches!(family, "IP4" | "IP6") && !address.is_empty()
}

fn attribute<'a>(lines: &[Line<'a>], name: &str) -> Option<Piece<'a>> {
    let mut attributes = lines.iter().filter(|line| line.letter == 'a');
    attributes.find_map(|line| {
        let (found, value) = line.value.split_once(':').unwrap_or((line.value, line.value.from(usize::MAX)));
        (found.text == name).then_some(value)
    })
}

fn medium(sheet: &mut Sheet<'_>, media: &[Line<'_>], session: &[Line<'_>]) {
    let Some(line) = media.first() else { return };
    let words: Vec<&str> = line.value.text.split(' ').collect();
    let port = |port: &str| {
        let mut numbers = port.splitn(2, '/');
        numbers.next().is_some_and(|port| is_digits(port) && port.parse::<u16>().is_ok()) && numbers.all(is_digits)
    };
    match words.as_slice() {
        [kind, number, protocol, format, ..] if is_token(kind) && port(number) && !format.is_empty() => {
            connection(sheet, media, session, line);
            attributes(sheet, media);
            if *kind == "message" && protocol.ends_with("MSRP") && *number != "0" {
                message_session(sheet, media, line, &words);
            }
        }
        _ => {
            let expected = "a media type, a port, a transport and a format";
            sheet.find(&MEDIA, Some(line.value.span()), expected, shown(line.value.text));
        }
    }
}

fn connection(sheet: &mut Sheet<'_>, media: &[Line<'_>], session: &[Line<'_>], line: &Line<'_>) {
    let found = media.iter().chain(session).find(|line| line.letter == 'c');
    let Some(connection) = found else {
        sheet.find(&CONNECTION, Some(line.value.span()), "a c= line for the medium", "none");
        return;
    };
    let words: Vec<&str> = connection.value.text.split(' ').collect();
    if !matches!(words.as_slice(), [net, family, address] if is_address(net, family, address)) {
        let expected = "IN, IP4 or IP6, and an address";
        sheet.find(&CONNECTION, Some(connection.value.span()), expected, shown(connection.value.text));
    }
}

/// Attributes that say the same of any medium.
fn attributes(sheet: &mut Sheet<'_>, media: &[Line<'_>]) {
    let known = |setup: &Piece<'_>| ["active", "passive", "actpass", "holdconn"].contains(&setup.text.trim());
    if let Some(setup) = attribute(media, "setup").filter(|setup| !known(setup)) {
        sheet.find(&SETUP, Some(setup.span()), "active, passive, actpass or holdconn", shown(setup.text));
    }
    let directions: Vec<&Line<'_>> =
        media.iter().filter(|line| line.letter == 'a' && DIRECTIONS.contains(&line.value.text)).collect();
    if let [_, second, ..] = directions.as_slice() {
        sheet.find(&DIRECTION, Some(second.value.span()), "one direction", shown(second.value.text));
    }
    if let Some(fingerprint) = attribute(media, "fingerprint").filter(|fingerprint| !is_fingerprint(fingerprint.text)) {
        let expected = "a hash, and pairs of hexadecimal capitals with colons between";
        sheet.find(&FINGERPRINT, Some(fingerprint.span()), expected, shown(fingerprint.text));
    }
}

fn is_fingerprint(text: &str) -> bool {
    let pair = |pair: &str| pair.len() == 2 && pair.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'A'..=b'F'));
    text.split_once(' ').is_some_and(|(hash, octets)| is_token(hash) && octets.split(':').all(pair))
}

fn message_session(sheet: &mut Sheet<'_>, media: &[Line<'_>], line: &Line<'_>, words: &[&str]) {
    let span = Some(line.value.span());
    if words.get(3..) != Some(&["*"]) {
        sheet.find(&MESSAGE_FORMAT, span, "an asterisk for the format", shown(line.value.text));
    }
    match attribute(media, "path") {
        None => sheet.find(&PATH, span, "an a=path", "none"),
        Some(path) => {
            paths(sheet, path, words.get(1).copied().unwrap_or_default(), attribute(media, "msrp-cema").is_some())
        }
    }
    match attribute(media, "accept-types") {
        None => sheet.find(&ACCEPT_TYPES, span, "an a=accept-types", "none"),
        Some(types) => {
            let right = |word: Piece<'_>| word.text == "*" || word.text.ends_with("/*") || media_type(word).is_ok();
            let mut words = types.split(' ').filter(|word| !word.text.is_empty()).peekable();
            if words.peek().is_none() {
                sheet.find(&ACCEPT_TYPES, Some(types.span()), "media types or an asterisk", "nothing");
            } else if let Some(odd) = words.find(|word| !right(*word)) {
                sheet.find(&ACCEPT_TYPES, Some(odd.span()), "media types or an asterisk", shown(odd.text));
            }
        }
    }
    let tls = words.get(2).is_some_and(|protocol| protocol.contains("TLS"));
    if tls && attribute(media, "fingerprint").is_none() {
        sheet.find(&FINGERPRINT_WITH_TLS, span, "an a=fingerprint", "none");
    }
}

fn paths(sheet: &mut Sheet<'_>, path: Piece<'_>, port: &str, cema: bool) {
    let uris: Vec<Piece<'_>> = path.split(' ').filter(|uri| !uri.text.is_empty()).collect();
    if uris.is_empty() {
        sheet.find(&PATH, Some(path.span()), "MSRP URIs", "nothing");
    }
    for uri in &uris {
        if let Err(Fault { span, why }) = msrp_uri(*uri) {
            sheet.find(&PATH, Some(span), "an MSRP URI", format!("{why} in {}", shown(uri.text)));
        }
    }
    // Port 9 of an active side is listened to by nobody (RFC 4145 section 4.1).
    if let Some(first) = uris.first().filter(|_| !cema && port != "9") {
        let authority = first.text.split('/').nth(2).unwrap_or_default();
        let named = authority.rsplit_once(':').filter(|(_, port)| is_digits(port)).map_or("2855", |(_, port)| port);
        if named != port {
            let expected = format!("the port of m=, {port}");
            sheet.find(&PATH_ADDRESS, Some(first.span()), expected, shown(first.text));
        }
    }
}
