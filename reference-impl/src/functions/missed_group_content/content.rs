//! What a SEND carries: a message, notifications, something transient, or what is not taken at all.

use bytes::Bytes;
use cpm_wire::imdn::{self, Notification};
use cpm_wire::sip::MediaType;
use cpm_wire::{cpim, multipart};

/// What a SEND carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A chat message.
    Message(About),
    /// A disposition notification, or several that an intermediary has put together.
    Notification(About, Vec<Report>),
    /// State that is not worth keeping: somebody is composing (RFC 3994).
    Transient,
    /// Not taken, with this MSRP status (RFC 4975 section 10).
    Refused(u16),
}

/// What the function needs to know of a message in CPIM (RFC 3862, RFC 5438).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// imdn.Message-ID.
    pub message_id: Option<String>,
    /// The URI in From.
    pub author: Option<String>,
    /// The URI in To.
    pub to: Option<String>,
    /// The URI to which the author had addressed it, when a list server changed that (RFC 5438 section 6.8).
    pub original_to: Option<String>,
    /// DateTime.
    pub date_time: Option<String>,
    /// The dispositions that the author wants to be told of.
    pub dispositions: Vec<String>,
    /// The media type inside, in lower case and without parameters.
    pub media_type: String,
}

impl About {
    /// True when the author asked for this disposition.
    pub fn wants(&self, disposition: &str) -> bool {
        self.dispositions.iter().any(|wanted| wanted.eq_ignore_ascii_case(disposition))
    }
}

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Report {
    /// The message that it is about.
    pub about: String,
    /// Its status: `delivered`, `displayed`...
    pub status: String,
}

const CPIM: &str = "message/cpim";
const COMPOSING: &str = "application/im-iscomposing+xml";

/// Reads a SEND's content.
pub fn content(content_type: &str, octets: &Bytes) -> Content {
    match essence(content_type).as_str() {
        COMPOSING => return Content::Transient,
        CPIM => {}
        _ => return Content::Refused(415),
    }
    let Ok(message) = cpim::Message::parse(octets.clone()) else { return Content::Refused(400) };
    let about = about(&message);
    if about.media_type == COMPOSING {
        return Content::Transient;
    }
    match reports(message.content_type().unwrap_or_default(), message.body()) {
        Some(reports) => Content::Notification(about, reports),
        None => Content::Message(about),
    }
}

/// A media type without parameters, in lower case.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn about(message: &cpim::Message) -> About {
    About {
        message_id: message.imdn_message_id().map(str::to_owned),
        author: message.from().and_then(uri_in),
        to: message.to().next().and_then(uri_in),
        original_to: message.header(Some(cpim::IMDN_NAMESPACE), "Original-To").and_then(uri_in),
        date_time: message.date_time().map(str::to_owned),
        dispositions: message.dispositions().map(str::to_owned).collect(),
        media_type: message.content_type().map(essence).unwrap_or_default(),
    }
}

/// The URI between angle brackets, or the whole value.
fn uri_in(value: &str) -> Option<String> {
    let uri = match value.rsplit_once('<') {
        Some((_, rest)) => rest.split('>').next()?,
        None => value,
    };
    Some(uri.trim().to_owned()).filter(|uri| !uri.is_empty())
}

/// What the notifications in a CPIM body say: one, or one in each part of a multipart; none when it is anything else.
fn reports(content_type: &str, body: &[u8]) -> Option<Vec<Report>> {
    let kind = essence(content_type);
    if kind == imdn::MEDIA_TYPE {
        return Some(report(body).into_iter().collect());
    }
    if !kind.starts_with("multipart/") {
        return None;
    }
    let boundary = MediaType::parse(content_type).ok()?.param("boundary")?;
    let parts = multipart::parse(body, &boundary).ok()?;
    let told = |part: &multipart::Part| part.content_type().map(essence).as_deref() == Some(imdn::MEDIA_TYPE);
    (!parts.is_empty() && parts.iter().all(told)).then(|| parts.iter().filter_map(|part| report(part.body())).collect())
}

/// What a notification says, when it can be read.
fn report(body: &[u8]) -> Option<Report> {
    let notification = Notification::parse(body).ok()?;
    Some(Report { about: notification.message_id, status: notification.status.as_str().to_owned() })
}
