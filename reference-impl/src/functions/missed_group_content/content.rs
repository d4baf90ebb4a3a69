//! What a SEND carries: a message, a notification, something transient, or what is not taken at all.

use crate::config::Policy;
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn::Notification;

/// What a SEND carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A chat message.
    Message(About),
    /// A disposition notification.
    Notification(About, Option<Report>),
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
    /// DateTime.
    pub date_time: Option<String>,
    /// The dispositions that the author wants to be told of.
    pub dispositions: Vec<String>,
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

/// Reads a SEND's content; `policy` says which types are not taken.
pub fn content(content_type: &str, octets: &Bytes, policy: &Policy) -> Content {
    match essence(content_type).as_str() {
        COMPOSING => return Content::Transient,
        CPIM => {}
        _ => return Content::Refused(415),
    }
    let Ok(message) = cpim::Message::parse(octets.clone()) else { return Content::Refused(400) };
    let inner = message.content_type().map(essence).unwrap_or_default();
    if inner == COMPOSING {
        return Content::Transient;
    }
    if policy.refused_types.iter().any(|refused| refused.eq_ignore_ascii_case(&inner)) {
        return Content::Refused(415);
    }
    let about = about(&message);
    if inner == cpm_wire::imdn::MEDIA_TYPE {
        return Content::Notification(about, report(message.body()));
    }
    Content::Message(about)
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
        date_time: message.date_time().map(str::to_owned),
        dispositions: message.dispositions().into_iter().map(str::to_owned).collect(),
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

/// What the notification of a CPIM body says, when it can be read.
pub fn report(body: &[u8]) -> Option<Report> {
    let notification = Notification::parse(body).ok()?;
    Some(Report { about: notification.message_id, status: notification.status.as_str().to_owned() })
}
