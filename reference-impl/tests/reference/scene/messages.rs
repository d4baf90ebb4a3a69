//! What the neighbourhood says, written out.

use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use std::net::SocketAddr;

pub const CSCF: &str = "127.0.0.1:5060";
pub const TARGET: &str = "127.0.0.1:7000";
pub const BOB: &str = "sip:bob@example.com";
pub const FOCUS: &str = "sip:group-1@focus.example.com";
pub const FACTORY: &str = "sip:conference-factory@example.com";
pub const GROUP_TAG: &str = "+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session.group\"";
pub const CONTACT: &str = "sip:bob@192.0.2.7:5060";
pub const TABLET: &str = "sip:bob@192.0.2.8:5060";
pub const TABLET_INSTANCE: &str = "urn:uuid:00000000-0000-1000-8000-00000000a002";
pub const INSTANCE: &str = "urn:uuid:00000000-0000-1000-8000-000a95a0e128";

pub fn sdp(address: SocketAddr, path: &str, setup: &str, direction: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=message {port} TCP/MSRP *\r\n\
         a=accept-types:message/cpim application/im-iscomposing+xml application/conference-info+xml\r\n\
         a=accept-wrapped-types:text/plain message/imdn+xml\r\na=path:{path}\r\na=setup:{setup}\r\na={direction}\r\n",
        ip = address.ip(),
        port = address.port()
    )
}

/// A request outside dialogs, as the serving CSCF sends it to the function.
pub fn initial(method: Method, target: &str, from: &str, to: &str, call_id: &str, case: &str) -> Builder {
    Builder::request(method.clone(), target)
        .header(Name::Via, format!("SIP/2.0/UDP {CSCF};branch=z9hG4bK-{call_id}-{method}"))
        .header(Name::RecordRoute, format!("<sip:{CSCF};lr>"))
        .header(Name::Route, format!("<sip:{TARGET};lr>, <sip:odi-{call_id}@{CSCF};lr>"))
        .header(Name::MaxForwards, 68)
        .header(Name::From, format!("<{from}>;tag=from-{call_id}"))
        .header(Name::To, format!("<{to}>"))
        .header(Name::CallId, call_id)
        .header(Name::CSeq, format!("1 {method}"))
        .header(Name::PServedUser, format!("<{BOB}>;{case}"))
}

/// What makes an INVITE one of the group session `group`.
pub fn of_group(invite: Builder, group: &str) -> Builder {
    invite
        .header(Name::ContributionId, format!("contribution-{group}"))
        .header(Name::ConversationId, format!("conversation-{group}"))
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session.group")
}

/// The focus invites Bob.
pub fn invitation(group: &str, call_id: &str, sdp: &str, registered: bool) -> Message {
    let state = if registered { "sescase=term;regstate=reg" } else { "sescase=term;regstate=unreg" };
    let list = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><resource-lists \
        xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list><entry uri=\"sip:alice@example.com\"/>\
        <entry uri=\"sip:bob@example.com\"/><entry uri=\"sip:carol@example.com\"/></list></resource-lists>";
    let body = format!(
        "--b\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n--b\r\nContent-Type: application/resource-lists+xml\r\n\
         Content-Disposition: recipient-list-history;handling=optional\r\n\r\n{list}\r\n--b--\r\n"
    );
    of_group(initial(Method::Invite, BOB, "sip:alice@example.com", BOB, call_id, state), group)
        .header(Name::Contact, format!("<{FOCUS}>;isfocus"))
        .header(Name::PAssertedIdentity, format!("<{FOCUS}>"))
        .header(Name::ReferredBy, "<sip:alice@example.com>")
        .header(Name::Subject, "Lunch")
        .body("multipart/mixed;boundary=b", body)
        .build()
}

/// Bob's phone invites a focus, or the factory with a list.
pub fn from_device(group: &str, target: &str, call_id: &str, sdp: &str, list: Option<&str>) -> Message {
    let invite = of_group(initial(Method::Invite, target, BOB, target, call_id, "sescase=orig;regstate=reg"), group)
        .header(Name::Contact, format!("<{CONTACT}>;+sip.instance=\"<{INSTANCE}>\";{GROUP_TAG}"))
        .header(Name::PAssertedIdentity, format!("<{BOB}>"));
    let Some(list) = list else { return invite.body("application/sdp", sdp.to_owned()).build() };
    let body = format!(
        "--x\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n--x\r\nContent-Type: application/resource-lists+xml\r\n\
         Content-Disposition: recipient-list\r\n\r\n{list}\r\n--x--\r\n"
    );
    invite.header(Name::Require, "recipient-list-invite").body("multipart/mixed;boundary=x", body).build()
}

/// The serving CSCF tells that Bob's device is registered, with the device's REGISTER.
pub fn register(call_id: &str, instance: &str, contact: &str, tags: &str, expires: u32) -> Message {
    let own = format!(
        "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKown\r\nFrom: <{BOB}>;tag=1\r\n\
         To: <{BOB}>\r\nCall-ID: own-{call_id}\r\nCSeq: 1 REGISTER\r\n\
         Contact: <{contact}>;+sip.instance=\"<{instance}>\"{tags}\r\nExpires: {expires}\r\nContent-Length: 0\r\n\r\n"
    );
    register_of(call_id, expires).body("message/sip", own).build()
}

pub fn chat_register(call_id: &str) -> Message {
    register(call_id, INSTANCE, CONTACT, &format!(";{GROUP_TAG}"), 600_000)
}

/// The same without the device's REGISTER.
pub fn register_of(call_id: &str, expires: u32) -> Builder {
    Builder::request(Method::Register, &format!("sip:{TARGET}"))
        .header(Name::Via, format!("SIP/2.0/UDP {CSCF};branch=z9hG4bK-{call_id}"))
        .header(Name::MaxForwards, 70)
        .header(Name::From, format!("<sip:{CSCF}>;tag=scscf"))
        .header(Name::To, format!("<{BOB}>"))
        .header(Name::CallId, call_id)
        .header(Name::CSeq, "1 REGISTER")
        .header(Name::Contact, format!("<sip:{CSCF}>"))
        .header(Name::Expires, expires)
}

/// The answer to a request of the function; the serving CSCF stays in the way of the dialog.
pub fn response(request: &Message, status: u16, contact: &str, sdp: Option<String>) -> Message {
    let tag = format!("to-{}", request.call_id().unwrap());
    let response = Builder::response(request, status, reason_phrase(status)).to_tag(&tag);
    let response = response.header(Name::RecordRoute, format!("<sip:{CSCF};lr>"));
    let response = if contact.is_empty() { response } else { response.header(Name::Contact, contact) };
    match sdp {
        Some(sdp) => response.body("application/sdp", sdp).build(),
        None => response.build(),
    }
}

/// A request in the dialog that an INVITE of the neighbourhood and the function's 2xx made.
pub fn in_dialog(method: Method, invite: &Message, answer: &Message, cseq: u32) -> Builder {
    let target = answer.contacts().next().unwrap().unwrap().uri.to_owned();
    Builder::request(method.clone(), &target)
        .header(Name::Via, format!("SIP/2.0/UDP {CSCF};branch=z9hG4bK-{}-{method}-{cseq}", invite.call_id().unwrap()))
        .header(Name::MaxForwards, 70)
        .header(Name::From, invite.header(&Name::From).unwrap())
        .header(Name::To, answer.header(&Name::To).unwrap())
        .header(Name::CallId, invite.call_id().unwrap())
        .header(Name::CSeq, format!("{cseq} {method}"))
}

/// A request in the dialog that an INVITE of the function and the answer of the neighbourhood made.
pub fn back_in_dialog(method: Method, invite: &Message, answer: &Message, cseq: u32) -> Builder {
    let target = invite.contacts().next().unwrap().unwrap().uri.to_owned();
    Builder::request(method.clone(), &target)
        .header(Name::Via, format!("SIP/2.0/UDP {CSCF};branch=z9hG4bK-{}-{method}-{cseq}", invite.call_id().unwrap()))
        .header(Name::MaxForwards, 70)
        .header(Name::From, answer.header(&Name::To).unwrap())
        .header(Name::To, invite.header(&Name::From).unwrap())
        .header(Name::CallId, invite.call_id().unwrap())
        .header(Name::CSeq, format!("{cseq} {method}"))
}

/// A chat message.
pub fn message(author: &str, id: &str, text: &str) -> Bytes {
    cpim::Builder::new(&format!("sip:{author}@example.com"), FOCUS)
        .date_time("2026-01-02T03:04:05Z")
        .message_id(id)
        .dispositions(&["positive-delivery", "negative-delivery", "display"])
        .content("text/plain;charset=utf-8", text.to_owned())
        .build()
}

/// A notification about a message.
pub fn report(by: &str, to: &str, about: &str, status: &str) -> Bytes {
    let kind = if status == "displayed" { "display" } else { "delivery" };
    let body = format!(
        "<?xml version=\"1.0\"?><imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>{about}</message-id>\
         <datetime>2026-01-02T03:04:05Z</datetime><{kind}-notification><status><{status}/></status>\
         </{kind}-notification></imdn>"
    );
    cpim::Builder::new(&format!("sip:{by}@example.com"), &format!("sip:{to}@example.com"))
        .message_id(&format!("report-{by}-{about}-{status}"))
        .content_disposition("notification")
        .content("message/imdn+xml", body)
        .build()
}
