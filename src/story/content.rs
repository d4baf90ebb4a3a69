//! What a message says: its body, and when it is CPIM (RFC 3862) its author, time, imdn.Message-ID and requests; when
//! it is a disposition notification (RFC 5438), alone or aggregated, what it reports on.

use std::collections::BTreeSet;

use bytes::Bytes;
use cpm_wire::sip::NameAddr;
use cpm_wire::time::Time;
use cpm_wire::{cpim, imdn, multipart};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::coding::decoded;

/// How much of a body is kept as it is. Of a longer one its head and its digest are.
const KEPT_OCTETS: usize = 64 * 1024;
/// How deep multipart and CPIM may be nested before the reader stops.
const DEPTH: usize = 4;

/// The octets of a body, or their head and digest when they are many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// How many octets.
    pub length: usize,
    head: Bytes,
    digest: Option<[u8; 32]>,
}

impl Body {
    /// What is kept of these octets.
    pub fn of(octets: &Bytes) -> Body {
        match octets.get(..KEPT_OCTETS) {
            Some(head) if octets.len() > KEPT_OCTETS => Body {
                length: octets.len(),
                head: Bytes::copy_from_slice(head),
                digest: Some(Sha256::digest(octets).into()),
            },
            _ => Body { length: octets.len(), head: octets.clone(), digest: None },
        }
    }

    /// The octets, or the first of them.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The first octet in which two bodies differ; the length when one begins with all that was kept of the other.
    pub fn first_difference(&self, other: &Body) -> usize {
        self.head.iter().zip(other.head.iter()).take_while(|(left, right)| left == right).count()
    }

    /// A few octets from `offset` on, readable.
    pub fn excerpt(&self, offset: usize) -> String {
        let octets = self.head.iter().skip(offset.saturating_sub(8)).take(40).copied().collect::<Vec<_>>();
        format!("\"{}\"", octets.escape_ascii())
    }
}

/// The CPIM wrapper of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The author's URI.
    pub from: Option<String>,
    /// The URIs it is for.
    pub to: Vec<String>,
    /// DateTime as written.
    pub date_time: Option<String>,
    /// The instant that DateTime names.
    pub instant: Option<Time>,
    /// imdn.Message-ID.
    pub message_id: Option<String>,
    /// The values of imdn.Disposition-Notification, in lower case.
    pub dispositions: BTreeSet<String>,
    /// Media type of the content, in a form that can be compared.
    pub content_type: String,
    /// The content.
    pub body: Body,
}

/// What a notification says of a message (RFC 5438 section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// It reached the recipient's device.
    Delivered,
    /// It was shown.
    Displayed,
    /// It never will be delivered.
    Failed,
    /// A network element keeps it.
    Stored,
    /// Any other status.
    Other,
}

impl std::fmt::Display for Disposition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Disposition::Delivered => "delivered",
            Disposition::Displayed => "displayed",
            Disposition::Failed => "failed",
            Disposition::Stored => "stored",
            Disposition::Other => "other",
        })
    }
}

/// One disposition notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The imdn.Message-ID that it is about.
    pub about: String,
    /// What it says.
    pub disposition: Disposition,
    /// The same in its own word.
    pub status: String,
    /// Who says it: the recipient's URI within, or the author of the CPIM around it.
    pub reporter: Option<String>,
    /// To whom it is said, by the CPIM around it.
    pub to: Vec<String>,
}

/// What kind of thing a message carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No body at all.
    Bodiless,
    /// A chat message.
    Chat(Box<Envelope>),
    /// One or several disposition notifications.
    Reports(Vec<Report>),
    /// A state that passes, as isComposing.
    Transient,
    /// A list of participants in the session itself.
    Participants(Bytes),
    /// Anything else.
    Other,
}

/// The content of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Media type as declared outside, comparable; empty when there is none.
    pub content_type: String,
    /// The media type within a CPIM wrapper, when there is one.
    pub inner_type: Option<String>,
    /// imdn.Message-ID of a CPIM wrapper, whatever is in it.
    pub message_id: Option<String>,
    /// All of it.
    pub body: Body,
    /// Whether it came with a content coding.
    pub coded: bool,
    /// What it is.
    pub kind: Kind,
}

impl Content {
    /// Reads a body of this media type.
    pub fn read(content_type: Option<&str>, octets: &Bytes) -> Content {
        let content_type = content_type.map(comparable_type).unwrap_or_default();
        let envelope = (essence(&content_type) == "message/cpim").then(|| envelope(octets)).flatten();
        let inner_type = envelope.as_ref().map(|(envelope, _)| envelope.content_type.clone());
        let message_id = envelope.as_ref().and_then(|(envelope, _)| envelope.message_id.clone());
        let kind = if octets.is_empty() {
            Kind::Bodiless
        } else {
            match envelope {
                Some((envelope, body)) => kind_of_wrapped(envelope, &body),
                None => kind_of_bare(&content_type, octets),
            }
        };
        Content { content_type, inner_type, message_id, body: Body::of(octets), coded: false, kind }
    }

    /// Reads a body of this media type with a content coding. Where that cannot be undone, nobody can say what is in it.
    pub fn read_coded(content_type: Option<&str>, coding: &str, octets: &Bytes) -> Content {
        match decoded(coding, octets) {
            Some(plain) => Content { coded: true, ..Content::read(content_type, &plain.into()) },
            None => Content { coded: true, ..Content::read(None, octets) },
        }
    }

    /// The envelope, when it is a chat message.
    pub fn chat(&self) -> Option<&Envelope> {
        match &self.kind {
            Kind::Chat(envelope) => Some(envelope),
            _ => None,
        }
    }

    /// The notifications, when it is made of them.
    pub fn reports(&self) -> &[Report] {
        match &self.kind {
            Kind::Reports(reports) => reports,
            _ => &[],
        }
    }
}

fn kind_of_wrapped(envelope: Envelope, body: &Bytes) -> Kind {
    let mut reports = Vec::new();
    collect_reports(&envelope.content_type, body, Some(&envelope), &mut reports, DEPTH);
    if !reports.is_empty() {
        return Kind::Reports(reports);
    }
    match essence(&envelope.content_type) {
        "application/im-iscomposing+xml" => Kind::Transient,
        "application/conference-info+xml" => Kind::Participants(body.clone()),
        _ => Kind::Chat(envelope.into()),
    }
}

fn kind_of_bare(content_type: &str, octets: &Bytes) -> Kind {
    let mut reports = Vec::new();
    collect_reports(content_type, octets, None, &mut reports, DEPTH);
    if !reports.is_empty() {
        return Kind::Reports(reports);
    }
    match essence(content_type) {
        "application/im-iscomposing+xml" => Kind::Transient,
        "application/conference-info+xml" => Kind::Participants(octets.clone()),
        _ => Kind::Other,
    }
}

/// Reads the CPIM wrapper; also gives the content within.
fn envelope(octets: &Bytes) -> Option<(Envelope, Bytes)> {
    let message = cpim::Message::parse(octets.clone()).ok()?;
    let body = message.body_octets();
    let date_time = message.date_time().map(str::to_owned);
    let envelope = Envelope {
        from: message.from().map(uri_of),
        to: message.to().map(uri_of).collect(),
        instant: date_time.as_deref().and_then(|text| Time::parse_rfc3339(text).ok()),
        date_time,
        message_id: message.imdn_message_id().map(|id| id.trim().to_owned()),
        dispositions: message.dispositions().map(str::to_ascii_lowercase).collect(),
        content_type: message.content_type().map(comparable_type).unwrap_or_default(),
        body: Body::of(&body),
    };
    Some((envelope, body))
}

/// All notifications in a body: one document, several in a multipart, CPIM messages within one.
fn collect_reports(
    content_type: &str,
    octets: &Bytes,
    around: Option<&Envelope>,
    reports: &mut Vec<Report>,
    depth: usize,
) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match essence(content_type) {
        "message/imdn+xml" => reports.extend(imdn::Notification::parse(octets).ok().map(|n| report(&n, around))),
        "message/cpim" => {
            if let Some((envelope, body)) = envelope(octets) {
                collect_reports(&envelope.content_type, &body, Some(&envelope), reports, depth);
            }
        }
        multi if multi.starts_with("multipart/") => {
            let Some(boundary) = boundary(content_type) else { return };
            for part in multipart::parse(octets, &boundary).unwrap_or_default() {
                let part_type = part.content_type().map(comparable_type).unwrap_or_default();
                collect_reports(&part_type, &part.body_octets(), around, reports, depth);
            }
        }
        _ => {}
    }
}

fn report(notification: &imdn::Notification, around: Option<&Envelope>) -> Report {
    // The original recipient of a message to a group is the group; who reports is the recipient.
    let recipient = notification.recipient_uri.as_deref().or(notification.original_recipient_uri.as_deref());
    Report {
        about: notification.message_id.trim().to_owned(),
        disposition: disposition(notification),
        status: notification.status.as_str().to_owned(),
        reporter: recipient.or_else(|| around?.from.as_deref()).map(str::to_owned),
        to: around.map(|around| around.to.clone()).unwrap_or_default(),
    }
}

fn disposition(notification: &imdn::Notification) -> Disposition {
    match notification.status {
        imdn::Status::Delivered => Disposition::Delivered,
        imdn::Status::Displayed => Disposition::Displayed,
        imdn::Status::Failed => Disposition::Failed,
        imdn::Status::Stored => Disposition::Stored,
        _ => Disposition::Other,
    }
}

fn uri_of(address: &str) -> String {
    NameAddr::parse(address).map_or_else(|_| address.trim().to_owned(), |address| address.uri.to_owned())
}

/// `type/subtype` in lower case with its parameters in lower-case names, unquoted and sorted: two spellings of one media
/// type are equal.
pub(super) fn comparable_type(text: &str) -> String {
    let mut parts = split_parameters(text);
    // White space may stand around the slash (RFC 3261 section 25.1).
    let essence = parts.next().unwrap_or_default().replace([' ', '\t', '\r', '\n'], "").to_ascii_lowercase();
    let mut parameters = parts.filter_map(comparable_parameter).collect::<Vec<_>>();
    parameters.sort();
    std::iter::once(essence).chain(parameters).collect::<Vec<_>>().join(";")
}

fn comparable_parameter(text: &str) -> Option<String> {
    let (name, value) = text.split_once('=')?;
    let name = name.trim().to_ascii_lowercase();
    let value = value.trim().trim_matches('"');
    let value = if name == "charset" { value.to_ascii_lowercase() } else { value.to_owned() };
    Some(format!("{name}={value}"))
}

fn split_parameters(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    })
}

/// The `type/subtype` of a comparable media type.
pub(super) fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default()
}

fn boundary(content_type: &str) -> Option<String> {
    content_type.split(';').find_map(|parameter| parameter.strip_prefix("boundary=")).map(str::to_owned)
}
