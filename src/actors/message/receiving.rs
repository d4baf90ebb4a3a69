//! What an end does with a MESSAGE: it takes it, refuses it, or says nothing; it reports what it was asked to report.

use super::letter::UNKNOWN_TYPE;
use crate::actors::client::Conduct;
use crate::actors::client::reports::uri_in;
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::sip::{Message, Name};

/// How an end takes messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiving {
    /// What it does; [`Conduct::Ring`] answers nothing.
    pub conduct: Conduct,
    /// Whether it reports delivery where that is asked for.
    pub reports: bool,
}

impl Default for Receiving {
    fn default() -> Receiving {
        Receiving { conduct: Conduct::Accept, reports: true }
    }
}

/// A message that an end has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// imdn.Message-ID.
    pub message_id: String,
    /// Who wrote it, by its envelope.
    pub author: String,
    /// When, by its envelope.
    pub date_time: Option<String>,
    /// What its author wants to hear of it, as in imdn.Disposition-Notification.
    pub dispositions: Vec<String>,
}

impl Received {
    /// The message in an envelope; none if it is no envelope, has no id, or is a notification, of which nothing is said (RFC
    /// 5438 section 6.3).
    pub fn of_octets(octets: Bytes) -> Option<Received> {
        cpim::Message::parse(octets).ok().and_then(|envelope| Received::read(&envelope))
    }

    fn read(envelope: &cpim::Message) -> Option<Received> {
        if envelope.content_type().is_some_and(|kind| kind.contains("imdn+xml")) {
            return None;
        }
        Some(Received {
            message_id: envelope.imdn_message_id()?.trim().to_owned(),
            author: uri_in(envelope.from()?).to_owned(),
            date_time: envelope.date_time().map(str::to_owned),
            dispositions: envelope.dispositions().map(str::to_ascii_lowercase).collect(),
        })
    }

    /// Whether its author wants to hear this of it.
    pub fn asks_for(&self, disposition: &str) -> bool {
        self.dispositions.iter().any(|wish| wish == disposition)
    }
}

/// What becomes of a MESSAGE.
pub(in crate::actors) enum Taken {
    /// It is answered with success; there is a message in it, or something else.
    Accepted(Option<Received>),
    /// It is refused.
    Refused(u16),
    /// It is not answered.
    Ignored,
}

impl Receiving {
    /// What becomes of this MESSAGE. A good client refuses what it cannot read (RFC 3428 section 7).
    pub(in crate::actors) fn take(&self, request: &Message) -> Taken {
        match self.conduct {
            Conduct::Ring => return Taken::Ignored,
            Conduct::Refuse(status) => return Taken::Refused(status),
            Conduct::Accept => {}
        }
        let kind = request.content_type().and_then(Result::ok).map(|kind| kind.essence()).unwrap_or_default();
        // What has a content coding is taken, and not looked into.
        if request.header(&Name::ContentEncoding).is_some() {
            return Taken::Accepted(None);
        }
        match kind.as_str() {
            "text/plain" | UNKNOWN_TYPE => Taken::Refused(415),
            "message/cpim" => match cpim::Message::parse(request.body_octets()) {
                Err(_) => Taken::Refused(400),
                Ok(envelope) => Taken::Accepted(Received::read(&envelope)),
            },
            _ => Taken::Accepted(None),
        }
    }
}

/// What a refusal says beside its status: which media types would be taken, or which methods (RFC 3261 sections 21.4.6
/// and 21.4.13).
pub(in crate::actors) fn explained(status: u16) -> Option<(Name, &'static str)> {
    match status {
        405 => Some((Name::Allow, "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS")),
        415 => Some((Name::Accept, "message/cpim, multipart/mixed, application/sdp")),
        _ => None,
    }
}
