//! Second opinions on what the tester itself sends, by parsers that nobody here wrote: `rsip` for SIP, `sdp-rs` for
//! session descriptions, `diameter` for what a charging server says. A message that they read otherwise than we meant it is a fault of the suite, whatever the
//! target made of it. What they are known not to read is named in [`Limit`], and a test holds each limit to be real.
//!
//! The tester's plain requests and offers are built with them too: see [`plain_request`] and [`plain_offer`].

pub mod charging;
mod plain;
#[cfg(test)]
mod tests;

use std::fmt::Display;

use bytes::Bytes;
use cpm_wire::sip::{Message, Method, Name, ParseError, StartLine};
use cpm_wire::{multipart, sip};
use rsip::prelude::{HeadersExt, ToTypedHeader};
use thiserror::Error;

pub use plain::{NotPlain, PlainMethod, PlainOffer, PlainRequest, plain_offer, plain_request};

/// How a second reader reads a message of ours.
#[derive(Debug, Error)]
pub enum Disagreement {
    /// Our own splitter does not read it.
    #[error("it is no SIP message: {0}")]
    NotSip(#[from] ParseError),
    /// The second reader cannot read it, and no known limit explains that.
    #[error("{reader} cannot read {what}: {why}")]
    Unread {
        /// Which reader.
        reader: &'static str,
        /// What it was given.
        what: &'static str,
        /// What it says.
        why: String,
    },
    /// It reads something else.
    #[error("{reader} reads {theirs:?} for {what}, and we mean {ours:?}")]
    Differs {
        /// Which reader.
        reader: &'static str,
        /// What of the message.
        what: String,
        /// What was meant.
        ours: String,
        /// What was read.
        theirs: String,
    },
}

/// What the second readers are known not to read; what falls under one of these is not put to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// rsip refuses a header that is folded over several lines.
    FoldedHeader,
    /// rsip takes a compact name for that of an unknown header.
    CompactName,
    /// rsip refuses a URI whose host is an IPv6 address.
    Ipv6Host,
    /// rsip takes a telephone number for a port, so that `tel:+1201` loses its plus and longer ones are refused; it
    /// refuses other schemes than sip, sips and tel.
    OtherScheme,
    /// rsip cuts a URI parameter at a colon, as in `gr=urn:uuid:...`.
    ColonInUriParameter,
    /// rsip refuses methods that it does not list.
    UnknownMethod,
    /// rsip refuses parameters in quotes, as in `+sip.instance="<...>"`.
    QuotedParameter,
    /// rsip refuses white space around separators, and tabs.
    WhiteSpace,
    /// sdp-rs refuses the name of a host in o= and c=.
    HostNameInSdp,
    /// diameter refuses an AVP that is not in its dictionary.
    UnknownAvp,
}

const RSIP: &str = "rsip";
const SDP_RS: &str = "sdp-rs";

/// Whether the second readers read a SIP message of the tester as it was meant.
pub fn agrees(octets: &[u8]) -> Result<(), Disagreement> {
    let message = Message::parse(Bytes::copy_from_slice(octets))?;
    descriptions(&message)?;
    if limit_of_message(&message).is_some() {
        return Ok(());
    }
    let unread = |error: rsip::Error| Disagreement::Unread {
        reader: RSIP,
        what: "the message",
        // rsip repeats the whole message in its errors.
        why: error.to_string().lines().next().unwrap_or_default().to_owned(),
    };
    match rsip::SipMessage::try_from(octets).map_err(unread)? {
        rsip::SipMessage::Request(read) => {
            let method = message.method();
            same("the method", method.as_str(), read.method)?;
            same_uri("the Request-URI", message.request_uri().unwrap_or_default(), &read.uri)?;
            fields(&message, read.headers.iter(), &read.body)?;
            addresses(&message, &read)
        }
        rsip::SipMessage::Response(read) => {
            same("the status", &message.status().unwrap_or_default().to_string(), read.status_code.code())?;
            fields(&message, read.headers.iter(), &read.body)?;
            addresses(&message, &read)
        }
    }
}

fn same(what: &str, ours: &str, theirs: impl Display) -> Result<(), Disagreement> {
    let theirs = theirs.to_string();
    match ours == theirs {
        true => Ok(()),
        false => Err(Disagreement::Differs { reader: RSIP, what: what.to_owned(), ours: ours.to_owned(), theirs }),
    }
}

fn same_uri(what: &str, ours: &str, theirs: &rsip::Uri) -> Result<(), Disagreement> {
    same(what, &spelled(ours), spelled(&theirs.to_string()))
}

/// A URI with its transport parameter in capitals, as rsip writes it: there case says nothing (RFC 3261 section 19.1.4).
fn spelled(uri: &str) -> String {
    let capital = |part: &str| match part.get(..10) {
        Some(name) if name.eq_ignore_ascii_case("transport=") => part.to_ascii_uppercase(),
        _ => part.to_owned(),
    };
    uri.split(';').map(capital).collect::<Vec<_>>().join(";")
}

/// Every header in its order, by full name, and the body.
fn fields<'a>(
    message: &Message,
    read: impl Iterator<Item = &'a rsip::Header>,
    body: &[u8],
) -> Result<(), Disagreement> {
    let ours = message.fields().iter().map(|field| (field.name.as_str(), message.text(field.value)));
    let mut read = read.map(ToString::to_string);
    for (name, value) in ours {
        let theirs = read.next().unwrap_or_default();
        let (found, read_value) = theirs.split_once(':').unwrap_or_default();
        same("the name of a header", name, Name::parse(found).as_str())?;
        same(name, value, read_value.trim())?;
    }
    same("the number of headers", "no more", read.next().map_or("no more".to_owned(), |more| more))?;
    same("the body", &String::from_utf8_lossy(message.body()), String::from_utf8_lossy(body))
}

/// What rsip makes of the headers by which transactions and dialogs are told apart.
fn addresses(message: &Message, read: &impl HeadersExt) -> Result<(), Disagreement> {
    let unread = |what: &'static str| {
        move |error: rsip::Error| Disagreement::Unread { reader: RSIP, what, why: error.to_string() }
    };
    if limit_of_names(message).is_some() {
        return Ok(());
    }
    let (from, to) = (message.header(&Name::From).unwrap_or_default(), message.header(&Name::To).unwrap_or_default());
    if limit_of_address(from).is_none() {
        let typed = read.from_header().and_then(|header| header.typed()).map_err(unread("From"))?;
        same_uri("the URI of From", message.from().map_or("", |from| from.uri), &typed.uri)?;
        let tag = typed.tag().map_or_else(String::new, |tag| tag.value().to_owned());
        same("the tag of From", message.from_tag().unwrap_or_default(), tag)?;
    }
    if limit_of_address(to).is_none() {
        let typed = read.to_header().and_then(|header| header.typed()).map_err(unread("To"))?;
        same_uri("the URI of To", message.to().map_or("", |to| to.uri), &typed.uri)?;
        let tag = typed.tag().map_or_else(String::new, |tag| tag.value().to_owned());
        same("the tag of To", message.to_tag().unwrap_or_default(), tag)?;
    }
    let cseq = message.header(&Name::CSeq).filter(|cseq| !spaced(cseq)).and_then(|_| message.cseq().ok());
    if let Some(cseq) = cseq {
        let typed = read.cseq_header().and_then(|header| header.typed()).map_err(unread("CSeq"))?;
        same("the number of CSeq", &cseq.number.to_string(), typed.seq)?;
        same("the method of CSeq", cseq.method.as_str(), typed.method)?;
    }
    let top = message.values(&Name::Via).next().unwrap_or_default();
    if limit_of_address(top).is_none() {
        let typed = read.via_header().and_then(|header| header.typed()).map_err(unread("Via"))?;
        let branch = typed.branch().map_or_else(String::new, |branch| branch.value().to_owned());
        same("the branch", message.via().ok().and_then(|via| via.branch()).unwrap_or_default(), branch)?;
    }
    Ok(())
}

/// Why the headers of a message are not put to rsip one by one, if they are not.
fn limit_of_names(message: &Message) -> Option<Limit> {
    let compact = |field: &sip::Field| message.text(field.name_span).len() == 1;
    message.fields().iter().any(compact).then_some(Limit::CompactName)
}

/// Why a whole message is not put to rsip, if it is not.
fn limit_of_message(message: &Message) -> Option<Limit> {
    let folded = |field: &sip::Field| message.text(field.value).contains('\n');
    if message.fields().iter().any(folded) {
        return Some(Limit::FoldedHeader);
    }
    if matches!(message.method(), Method::Other(_)) {
        return Some(Limit::UnknownMethod);
    }
    match message.start() {
        StartLine::Request { uri, .. } => limit_of_uri(message.text(*uri)),
        StartLine::Status { .. } => None,
    }
}

/// Whether white space stands, outside quotes, where it may and rsip does not expect it.
fn spaced(value: &str) -> bool {
    let (mut quoted, mut escaped, mut last) = (false, false, 'a');
    value.chars().any(|letter| {
        let before = std::mem::replace(&mut last, letter);
        let is_quote = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        quoted ^= is_quote;
        let separates = |letter: char| ";=/:".contains(letter);
        let two = letter == ' ' && (before == ' ' || separates(before)) || before == ' ' && separates(letter);
        !quoted && (letter == '\t' || two)
    })
}

fn limit_of_uri(uri: &str) -> Option<Limit> {
    let Some(rest) = uri.strip_prefix("sip:").or_else(|| uri.strip_prefix("sips:")) else {
        return Some(Limit::OtherScheme);
    };
    let host = rest.rsplit('@').next().unwrap_or(rest);
    if host.starts_with('[') {
        return Some(Limit::Ipv6Host);
    }
    let colon = host.split(';').skip(1).any(|parameter| parameter.contains(':'));
    colon.then_some(Limit::ColonInUriParameter)
}

/// Why an address or a Via is not put to rsip.
fn limit_of_address(value: &str) -> Option<Limit> {
    let parameters = value.rsplit('>').next().unwrap_or(value);
    if parameters.contains('"') {
        return Some(Limit::QuotedParameter);
    }
    if spaced(value) {
        return Some(Limit::WhiteSpace);
    }
    if value.contains('[') {
        return Some(Limit::Ipv6Host);
    }
    match value.split_once('<').and_then(|(_, rest)| rest.split_once('>')) {
        Some((uri, _)) => limit_of_uri(uri),
        // A Via, or an address without brackets.
        None => value.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("tel:")).map(|_| Limit::OtherScheme),
    }
}

/// Every session description in the message.
fn descriptions(message: &Message) -> Result<(), Disagreement> {
    let Some(Ok(kind)) = message.content_type() else { return Ok(()) };
    match kind.essence().as_ref() {
        "application/sdp" => description(message.body()),
        "multipart/mixed" => {
            let parts = kind.param("boundary").map(|boundary| multipart::parse(message.body(), &boundary));
            let parts = parts.and_then(Result::ok).unwrap_or_default();
            let sdp = |part: &&multipart::Part| {
                part.content_type().is_some_and(|kind| kind.eq_ignore_ascii_case("application/sdp"))
            };
            parts.iter().filter(sdp).try_for_each(|part| description(part.body()))
        }
        _ => Ok(()),
    }
}

/// sdp-rs drops what it does not expect without a word: so what it read is written again, and has to be the same.
fn description(octets: &[u8]) -> Result<(), Disagreement> {
    let text = String::from_utf8_lossy(octets);
    if limit_of_description(&text).is_some() {
        return Ok(());
    }
    match sdp_rs::SessionDescription::try_from(text.as_ref()) {
        Err(error) => {
            Err(Disagreement::Unread { reader: SDP_RS, what: "the session description", why: error.to_string() })
        }
        Ok(read) if read.to_string() == text => Ok(()),
        Ok(read) => Err(Disagreement::Differs {
            reader: SDP_RS,
            what: "the session description".to_owned(),
            ours: text.into_owned(),
            theirs: read.to_string(),
        }),
    }
}

fn limit_of_description(text: &str) -> Option<Limit> {
    let addressed = text.lines().filter(|line| line.starts_with("o=") || line.starts_with("c="));
    let mut addresses = addressed.filter_map(|line| line.split(' ').next_back()?.split('/').next());
    addresses.any(|address| address.parse::<std::net::IpAddr>().is_err()).then_some(Limit::HostNameInSdp)
}
