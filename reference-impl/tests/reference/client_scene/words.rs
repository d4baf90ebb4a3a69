//! What the home network says, written out.

use super::Home;
use bytes::Bytes;
use cpm_wire::conference_info::{Document, EndpointStatus, User};
use cpm_wire::imdn::{self, Kind, Notification, Status};
use cpm_wire::sip::{Builder, Message, Method, Name};
use cpm_wire::{cpim, multipart};
use std::net::SocketAddr;

pub const BOB: &str = "sip:bob@example.com";
pub const CAROL: &str = "sip:carol@example.com";
pub const ALICE: &str = "sip:alice@example.com";
pub const FOCUS: &str = "sip:group-1@127.0.0.1:5060";
pub const FACTORY: &str = "sip:conference-factory@example.com";
pub const STORE: &str = "sip:rcse-standfw@example.com";
pub const DOCUMENT: &str = "application/conference-info+xml";

pub const CONFIG: &str = "domain: example.com\nsip: 127.0.0.1:7000\nmsrp: 127.0.0.1:7001\n\
    outbound_proxy: 127.0.0.1:5060\nfactory: sip:conference-factory@example.com\nretry_ms: 1000\n\
    msrp_response_ms: 2000\nusers:\n\
    - {identity: 'sip:bob@example.com', tel: 'tel:+1555', device: phone, instance: 'urn:uuid:0b'}\n\
    - {identity: 'sip:carol@example.com', device: phone, instance: 'urn:uuid:0c'}\n";

pub fn sdp(msrp: SocketAddr, name: &str, setup: &str, direction: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message {} TCP/MSRP *\r\n\
         a=accept-types:message/cpim application/conference-info+xml\r\na=accept-wrapped-types:*\r\n\
         a=path:msrp://{msrp}/{name};tcp\r\na=setup:{setup}\r\na={direction}\r\n",
        msrp.port()
    )
}

/// A request outside dialogs to a registered Contact.
pub fn initial(method: Method, contact: &str, from: &str, call_id: &str) -> Builder {
    Builder::request(method.clone(), contact)
        .header(Name::Via, format!("SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-{call_id}-{method}"))
        .header(Name::RecordRoute, "<sip:127.0.0.1:5060;lr>")
        .header(Name::MaxForwards, 68)
        .header(Name::From, format!("<{from}>;tag=from-{call_id}"))
        .header(Name::To, format!("<{BOB}>"))
        .header(Name::CallId, call_id)
        .header(Name::CSeq, format!("1 {method}"))
}

/// What makes an INVITE one of the chat.
pub fn of_chat(invite: Builder) -> Builder {
    invite.header(Name::ContributionId, "contribution-1").header(Name::ConversationId, "conversation-1")
}

pub fn list(uris: &[&str]) -> String {
    let entries: String = uris.iter().map(|uri| format!("<entry uri=\"{uri}\"/>")).collect();
    format!(
        "<?xml version=\"1.0\"?><resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\">\
         <list>{entries}</list></resource-lists>"
    )
}

/// An invitation to the group, with a list.
pub fn invitation(contact: &str, call_id: &str, focus: &str, sdp: &str, uris: &[&str]) -> Message {
    invitation_with(contact, call_id, focus, sdp, &list(uris))
}

pub fn invitation_with(contact: &str, call_id: &str, focus: &str, sdp: &str, list: &str) -> Message {
    let parts = [
        multipart::Part::new("application/sdp", Bytes::from(sdp.to_owned())),
        multipart::Part::new("application/resource-lists+xml", Bytes::from(list.to_owned())),
    ];
    let (content_type, body) = multipart::build(&parts);
    of_chat(initial(Method::Invite, contact, ALICE, call_id))
        .header(Name::Contact, format!("<{focus}>;isfocus"))
        .header(Name::PAssertedIdentity, format!("<{focus}>"))
        .body(&content_type, body)
        .build()
}

/// A request of the home within the dialog that `invite` and its answer `ok` made.
pub fn within(method: Method, invite: &Message, ok: &Message, cseq: u32) -> Builder {
    let contact = ok.contacts().next().unwrap().unwrap().uri.to_owned();
    let call_id = invite.call_id().unwrap();
    Builder::request(method.clone(), &contact)
        .header(Name::Via, format!("SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-{call_id}-{method}-{cseq}"))
        .header(Name::MaxForwards, 68)
        .header(Name::From, invite.header(&Name::From).unwrap())
        .header(Name::To, ok.header(&Name::To).unwrap())
        .header(Name::CallId, call_id)
        .header(Name::CSeq, format!("{cseq} {method}"))
}

/// A message of Alice that asks for both reports.
pub fn message(id: &str) -> Bytes {
    asking(id, &["positive-delivery", "display"])
}

pub fn asking(id: &str, wishes: &[&str]) -> Bytes {
    cpim::Builder::new(ALICE, FOCUS)
        .date_time("2026-01-02T03:04:05Z")
        .message_id(id)
        .dispositions(wishes)
        .content("text/plain; charset=utf-8", format!("text of {id}").into_bytes())
        .build()
}

/// A notification from Alice.
pub fn notification(about: &str, kind: Kind, status: Status) -> Bytes {
    let body = Notification::new(about, "2026-01-02T03:04:05Z", kind, status).to_xml();
    cpim::Builder::new(ALICE, BOB)
        .message_id(&format!("report-on-{about}"))
        .content_disposition("notification")
        .content(imdn::MEDIA_TYPE, body.into_bytes())
        .build()
}

pub fn delivered(about: &str) -> Bytes {
    notification(about, Kind::Delivery, Status::Delivered)
}

pub fn is_in(name: &str) -> User {
    User::with_status(&format!("sip:{name}@example.com"), EndpointStatus::Connected)
}

pub fn is_out(name: &str) -> User {
    User::with_status(&format!("sip:{name}@example.com"), EndpointStatus::Disconnected)
}

pub fn full(version: u32, users: Vec<User>) -> String {
    Document::full(FOCUS, version, users).to_xml()
}

pub fn partial(version: u32, users: Vec<User>) -> String {
    Document::partial(FOCUS, version, users).to_xml()
}

/// A leg that the home opened.
pub struct Leg {
    pub invite: Message,
    pub ok: Message,
}

/// A subscription of the client, from the home's side.
pub struct Watcher {
    pub subscribe: Message,
    pub cseq: u32,
}

impl Home {
    /// Invites the client into the group; `setup` is the home's. The end has the name of the call.
    pub fn invites(&mut self, contact: &str, call_id: &str, setup: &str, direction: &str) -> Leg {
        self.invites_with(contact, call_id, setup, direction, &[ALICE, BOB])
    }

    pub fn invites_with(&mut self, contact: &str, call_id: &str, setup: &str, direction: &str, uris: &[&str]) -> Leg {
        let sdp = self.description(call_id, setup, direction);
        let invite = invitation(contact, call_id, FOCUS, &sdp, uris);
        self.opens(invite, call_id)
    }

    /// Sends an INVITE and acknowledges its 200.
    pub fn opens(&mut self, invite: Message, end: &str) -> Leg {
        self.send(&invite);
        let ok = self.response(Method::Invite, 200);
        self.send(&within(Method::Ack, &invite, &ok, 1).build());
        let passive = super::media(&ok).setup == Some(cpm_wire::sdp::Setup::Passive);
        self.start(end, &ok, passive);
        Leg { invite, ok }
    }

    pub fn ends(&mut self, leg: &Leg) {
        self.send(&within(Method::Bye, &leg.invite, &leg.ok, 90).build());
        self.response(Method::Bye, 200);
    }

    /// Takes the client's SUBSCRIBE.
    pub fn watched(&mut self) -> Watcher {
        let subscribe = self.request(Method::Subscribe);
        self.answer(&subscribe, 200, |response| {
            response.header(Name::Contact, format!("<{FOCUS}>")).header(Name::Expires, 3600)
        });
        Watcher { subscribe, cseq: 0 }
    }

    /// Tells a watcher; gives the status of its answer.
    pub fn tells(&mut self, watcher: &mut Watcher, state: &str, document: &str) -> u16 {
        watcher.cseq += 1;
        let subscribe = &watcher.subscribe;
        let contact = subscribe.contacts().next().unwrap().unwrap().uri.to_owned();
        let from = format!("{};tag=home", subscribe.header(&Name::To).unwrap());
        let call_id = subscribe.call_id().unwrap();
        let notify = Builder::request(Method::Notify, &contact)
            .header(Name::Via, format!("SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-{call_id}-n{}", watcher.cseq))
            .header(Name::MaxForwards, 68)
            .header(Name::From, from)
            .header(Name::To, subscribe.header(&Name::From).unwrap())
            .header(Name::CallId, call_id)
            .header(Name::CSeq, format!("{} NOTIFY", watcher.cseq))
            .header(Name::Contact, format!("<{FOCUS}>"))
            .header(Name::Event, "conference")
            .header(Name::SubscriptionState, state)
            .body(DOCUMENT, document.as_bytes().to_vec())
            .build();
        self.send(&notify);
        let answer = self.take("an answer to NOTIFY", |one| one.status().is_some() && one.method() == Method::Notify);
        answer.status().unwrap()
    }

    /// The MESSAGEs of the client, each answered 200, as their bodies.
    pub fn by_message(&mut self) -> Vec<String> {
        let mut bodies = Vec::new();
        while self.sip.iter().any(|one| one.is_request() && one.method() == Method::Message) {
            let request = self.request(Method::Message);
            self.answer(&request, 200, |response| response);
            bodies.push(String::from_utf8_lossy(request.body()).into_owned());
        }
        bodies
    }
}

/// The Message-IDs that reports are about, with what they say: `m1 delivered`.
pub fn about(reports: &[String]) -> Vec<String> {
    let read = |text: &String| {
        let message = cpim::Message::parse(Bytes::from(text.clone())).unwrap();
        assert_eq!(message.dispositions().next(), None, "a report asks for none");
        assert_eq!(message.content_disposition(), Some("notification"));
        let notification = Notification::parse(message.body()).unwrap();
        format!("{} {}", notification.message_id, notification.status)
    };
    reports.iter().map(read).collect()
}
