//! The disposition notifications that a device sends (RFC 5438): delivered at once, displayed when its user reads.

use super::{Client, LegState};
use crate::actors::message::Received;
use crate::actors::serving_cscf::Served;
use crate::actors::session::{MESSAGE_SERVICE, feature_tag};
use crate::actors::signalling::{Purpose, Signalling};
use crate::second_reader::{PlainMethod, PlainRequest, plain_request};
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn::{Kind, Notification, Status};
use cpm_wire::sip::{Message, Method, Name, NameAddr};

impl Client {
    pub(super) fn report_delivery(&mut self, signalling: &mut Signalling, number: u64, octets: Bytes) {
        let Ok(message) = cpim::Message::parse(octets) else { return };
        let asked = self.receiving.reports && message.dispositions().any(|wish| wish == "positive-delivery");
        let (Some(id), Some(author)) = (message.imdn_message_id(), message.from()) else { return };
        if !asked {
            return;
        }
        let author = uri_in(author).to_owned();
        let sent = message.date_time().map_or_else(|| signalling.now.to_rfc3339(), str::to_owned);
        let notification = delivered(id, &sent);
        let envelope = notification_envelope(signalling, &self.identity, &author, &notification);
        let in_session = self.legs.get(&number).is_some_and(|leg| {
            leg.state == LegState::Established
                && leg.local.as_ref().is_some_and(|local| local.direction != cpm_wire::sdp::Direction::RecvOnly)
                && leg.remote.as_ref().is_some_and(|remote| takes(&remote.accept_wrapped_types, "message/imdn+xml"))
        });
        if in_session {
            let message_id = signalling.ids.token();
            self.say(signalling, number, &message_id, envelope);
        } else {
            self.send_message(signalling, &author, envelope);
        }
    }

    /// Tells the author of a message what became of it, by MESSAGE.
    pub fn reports(&mut self, signalling: &mut Signalling, received: &Received, notification: &Notification) {
        let envelope = notification_envelope(signalling, &self.identity, &received.author, notification);
        self.send_message(signalling, &received.author, envelope);
    }

    /// Sends a CPIM document by MESSAGE, through the target as originator.
    pub fn send_message(&mut self, signalling: &mut Signalling, to: &str, envelope: Bytes) {
        let served = Served { identity: &self.identity, originating: true, registered: self.registered };
        let cscf = signalling.cscf.clone();
        let host = self.host();
        let request = cscf
            .initial(&mut signalling.ids, Method::Message, to, &served, &host)
            .header(Name::From, format!("<{}>;tag={}", self.identity, signalling.ids.token()))
            .header(Name::To, format!("<{to}>"))
            .header(Name::PAssertedIdentity, format!("<{}>", self.identity))
            .header(Name::PAssertedService, MESSAGE_SERVICE)
            .header(Name::AcceptContact, format!("*;{}", feature_tag(MESSAGE_SERVICE)))
            .header(Name::ConversationId, signalling.ids.uuid())
            .header(Name::ContributionId, signalling.ids.digits32())
            .body("message/cpim", envelope)
            .build();
        signalling.request(respoken(request), Purpose::Plain);
    }
}

/// The same request in the words of rsip, wherever rsip can say it: a plain MESSAGE reaches the target from another
/// hand than the one that wrote our own stack.
pub(in crate::actors) fn respoken(request: Message) -> Message {
    let typed =
        [Name::MaxForwards, Name::From, Name::To, Name::CallId, Name::CSeq, Name::ContentType, Name::ContentLength];
    let topmost = request.fields().iter().position(|field| field.name == Name::Via);
    let others: Vec<(&str, &str)> = request
        .fields()
        .iter()
        .enumerate()
        .filter(|(at, field)| Some(*at) != topmost && !typed.contains(&field.name))
        .map(|(_, field)| (field.name.as_str(), request.text(field.value)))
        .collect();
    let plain = || {
        let (via, from, to) = (request.via().ok()?, request.from().ok()?, request.to().ok()?);
        let sent_by = via.port.map_or_else(|| via.host.to_owned(), |port| format!("{}:{port}", via.host));
        let octets = plain_request(&PlainRequest {
            method: PlainMethod::Message,
            uri: request.request_uri()?,
            from: from.uri,
            from_tag: from.tag()?,
            to: to.uri,
            call_id: request.call_id()?,
            cseq: request.cseq().ok()?.number,
            tcp: via.transport == "TCP",
            sent_by: &sent_by,
            branch: via.branch()?,
            headers: &others,
            body: Some((request.header(&Name::ContentType)?, request.body())),
        });
        Message::parse(octets.ok()?).ok()
    };
    plain().unwrap_or(request)
}

/// The URI inside a CPIM address, with or without angle brackets and name.
pub fn uri_in(address: &str) -> &str {
    NameAddr::parse(address).map_or_else(|_| address.trim(), |address| address.uri)
}

fn takes(types: &[String], wanted: &str) -> bool {
    types.is_empty() || types.iter().any(|kind| kind == "*" || kind.eq_ignore_ascii_case(wanted))
}

/// A notification that a message was delivered.
pub fn delivered(message_id: &str, at: &str) -> Notification {
    Notification::new(message_id, at, Kind::Delivery, Status::Delivered)
}

/// A notification that a message was displayed.
pub fn displayed(message_id: &str, at: &str) -> Notification {
    Notification::new(message_id, at, Kind::Display, Status::Displayed)
}

/// A notification in its CPIM envelope.
pub fn notification_envelope(signalling: &mut Signalling, from: &str, to: &str, notification: &Notification) -> Bytes {
    cpim::Builder::new(from, to)
        .date_time(&signalling.now.to_rfc3339())
        .message_id(&signalling.ids.token())
        .content_disposition("notification")
        .content("message/imdn+xml", notification.to_xml().into_bytes())
        .build()
}
