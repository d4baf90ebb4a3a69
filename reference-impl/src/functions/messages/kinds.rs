//! What a MESSAGE is, by its service and its body: a message of a user, a disposition notification, a word of the system, or
//! nothing that the function can carry (RFC 3428, RFC 3862, RFC 5365, RFC 5438).

use crate::call::bodies::{self, Part};
use crate::functions::missed_group_content::{Content, content};
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn;
use cpm_wire::sip::{Message, Name};

/// The body types that a MESSAGE may have.
pub const ACCEPT: &str = "message/cpim, multipart/mixed";
const CPIM: &str = "message/cpim";
const LIST: &str = "application/resource-lists+xml";

/// What a MESSAGE is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message of a user.
    Message(Body),
    /// It carries disposition notifications, one or several.
    Notification,
    /// A word of the system.
    System,
    /// It cannot be carried: this status says why.
    Unfit(u16),
}

/// What the body of a message holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Octets of the envelope (message/cpim).
    pub octets: usize,
    /// The media type within the envelope, in lower case and without parameters; empty where it cannot be read.
    pub media_type: String,
    /// The list of those whom the message is for, if the function is asked to send it to several.
    pub recipients: Option<Bytes>,
}

/// What this MESSAGE is.
pub fn kind(request: &Message) -> Kind {
    if is_of_system(request) {
        return Kind::System;
    }
    if request.body().is_empty() {
        return Kind::Unfit(400);
    }
    if is_encoded(request) {
        return of_encoded(request);
    }
    if essence(request.header(&Name::ContentType).unwrap_or_default()) == CPIM {
        return of_envelope(request.body_octets(), None);
    }
    let parts = bodies::parts(request);
    let is_list = |part: &&Part| part.essence == LIST && is_to_be_exploded(part.disposition.as_deref());
    let recipients = parts.iter().find(is_list).map(|part| part.octets.clone());
    match parts.iter().find(|part| part.essence == CPIM) {
        Some(envelope) => of_envelope(envelope.octets.clone(), recipients),
        None => Kind::Unfit(415),
    }
}

/// True for a word of the system: what the network asserts counts, and what is wanted of who takes it only where it asserts
/// nothing, for whoever is not heard might say that too.
fn is_of_system(request: &Message) -> bool {
    let named = match request.header(&Name::PAssertedService) {
        Some(_) => Name::PAssertedService,
        None => Name::AcceptContact,
    };
    request.headers(&named).any(|value| has_service(value, "oma.cpm.systemmsg"))
}

/// True for the INVITE of a large message.
pub fn is_large(invite: &Message) -> bool {
    names_service(invite, "oma.cpm.largemsg") || names_service(invite, "oma.cpm.deferred")
}

/// With which status content is refused that comes over MSRP (RFC 4975 section 10); none when it is a message.
pub fn unfit(content_type: &str, octets: &Bytes) -> Option<u16> {
    match essence(content_type).as_str() {
        CPIM => cpim::Message::parse(octets.clone()).is_err().then_some(400),
        _ => Some(415),
    }
}

/// True for a request of this service, as it is asserted, preferred, or wanted of who takes it.
pub fn names_service(request: &Message, service: &str) -> bool {
    let named = [Name::PAssertedService, Name::PPreferredService, Name::AcceptContact];
    named.iter().any(|name| request.headers(name).any(|value| has_service(value, service)))
}

/// True where the identifier stands in the value, and not only as the beginning of a longer one.
fn has_service(value: &str, service: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_alphanumeric());
    value.match_indices(service).any(|(at, _)| value.get(at + service.len()..).is_none_or(ends))
}

/// RFC 5365 section 4: this list says whom a message is for. One of the disposition `recipient-list-history` (RFC 5364) tells
/// who had it.
fn is_to_be_exploded(disposition: Option<&str>) -> bool {
    disposition.is_some_and(|disposition| essence(disposition) == "recipient-list")
}

fn is_encoded(request: &Message) -> bool {
    request.tokens(&Name::ContentEncoding).any(|coding| !coding.eq_ignore_ascii_case("identity"))
}

/// What is encoded is carried as it is.
fn of_encoded(request: &Message) -> Kind {
    let disposition = request.header(&Name::ContentDisposition).map(essence);
    match essence(request.header(&Name::ContentType).unwrap_or_default()).as_str() {
        CPIM if disposition.as_deref() == Some("notification") => Kind::Notification,
        CPIM => Kind::Message(Body { octets: request.body().len(), media_type: String::new(), recipients: None }),
        _ => Kind::Unfit(415),
    }
}

fn of_envelope(octets: Bytes, recipients: Option<Bytes>) -> Kind {
    let Ok(envelope) = cpim::Message::parse(octets.clone()) else { return Kind::Unfit(400) };
    let media_type = envelope.content_type().map(essence).unwrap_or_default();
    let notifies = match media_type.as_str() {
        imdn::MEDIA_TYPE => true,
        several if several.starts_with("multipart/") => {
            matches!(content(CPIM, &octets), Content::Notification(..))
        }
        _ => false,
    };
    match notifies {
        true => Kind::Notification,
        false => Kind::Message(Body { octets: octets.len(), media_type, recipients }),
    }
}

/// A value without parameters, in lower case.
fn essence(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpm_wire::sip::{Builder, Method};
    use pretty_assertions::assert_eq;

    fn message(content_type: &str, body: impl Into<Bytes>) -> Message {
        Builder::request(Method::Message, "sip:bob@e").body(content_type, body).build()
    }

    fn envelope(content_type: &str, body: &str) -> Bytes {
        cpim::Builder::new("sip:a@e", "sip:b@e").content(content_type, body.to_owned()).build()
    }

    fn is_message(kind: &Kind) -> bool {
        matches!(kind, Kind::Message(_))
    }

    #[test]
    fn a_message_is_in_an_envelope_alone_or_beside_a_list() {
        let octets = envelope("text/plain", "hi");
        let body = Body { octets: octets.len(), media_type: "text/plain".to_owned(), recipients: None };
        assert_eq!(kind(&message("Message/CPIM", octets.clone())), Kind::Message(body.clone()));
        let both = |disposition: &str| {
            let text = format!(
                "--b\r\nContent-Type: {LIST}\r\nContent-Disposition: {disposition}\r\n\r\n<x/>\r\n--b\r\n\
                 Content-Type: message/cpim\r\n\r\n{}\r\n--b--\r\n",
                std::str::from_utf8(&octets).unwrap()
            );
            kind(&message("multipart/mixed;boundary=b", text))
        };
        let listed = Body { recipients: Some(Bytes::from_static(b"<x/>")), ..body.clone() };
        assert_eq!(both("recipient-list"), Kind::Message(listed));
        assert_eq!(both("recipient-list-history;handling=optional"), Kind::Message(body));
    }

    #[test]
    fn what_has_no_envelope_or_a_broken_one_is_not_carried() {
        assert_eq!(kind(&message("text/plain", "hi")), Kind::Unfit(415));
        assert_eq!(kind(&message("multipart/mixed;boundary=b", "--b--\r\n")), Kind::Unfit(415));
        assert_eq!(kind(&message("message/cpim", "no header at all")), Kind::Unfit(400));
        assert_eq!(kind(&message("message/cpim", "")), Kind::Unfit(400));
        assert_eq!(kind(&Builder::request(Method::Message, "sip:b@e").build()), Kind::Unfit(400));
    }

    #[test]
    fn notifications_go_a_way_of_their_own_one_or_several() {
        let told = |id: &str| {
            format!(
                "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>{id}</message-id>\
                 <datetime>2026-01-02T03:04:05Z</datetime><delivery-notification><status><delivered/></status>\
                 </delivery-notification></imdn>"
            )
        };
        assert_eq!(kind(&message("message/cpim", envelope("message/imdn+xml", &told("1")))), Kind::Notification);
        // What cannot be read is one all the same.
        assert_eq!(kind(&message("message/cpim", envelope("message/imdn+xml;x=y", "rubbish"))), Kind::Notification);
        let part = |id| format!("--b\r\nContent-Type: message/imdn+xml\r\n\r\n{}\r\n", told(id));
        let several = format!("{}{}--b--\r\n", part("1"), part("2"));
        let several = envelope("multipart/mixed;boundary=b", &several);
        assert_eq!(kind(&message("message/cpim", several)), Kind::Notification);
        let mixed = envelope("multipart/mixed;boundary=b", "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n");
        assert!(is_message(&kind(&message("message/cpim", mixed))));
    }

    #[test]
    fn what_is_encoded_is_told_by_its_headers_alone() {
        let encoded = |more: Option<&str>| {
            let message = message("message/cpim", &b"\x78\x9c\x00"[..]).edit().set(Name::ContentEncoding, "deflate");
            let message = more.into_iter().fold(message, |message, more| message.set(Name::ContentDisposition, more));
            kind(&message.finish())
        };
        assert!(is_message(&encoded(None)));
        assert_eq!(encoded(Some("notification")), Kind::Notification);
    }

    #[test]
    fn a_service_is_named_in_whole() {
        let message = message("text/plain", "x").edit();
        let tag = "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.largemsg.group\"";
        let message = message.set(Name::AcceptContact, tag).finish();
        assert!(names_service(&message, "oma.cpm.largemsg"));
        assert!(!names_service(&message, "oma.cpm.msg"));
        assert!(!names_service(&message, "oma.cpm.large"));
        let system = message.edit().set(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.systemmsg");
        assert_eq!(kind(&system.finish()), Kind::System);
        // Whoever is a user by the network's word is none of the system by the own.
        let tag = "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.systemmsg\"";
        let claimed = message.edit().set(Name::AcceptContact, tag);
        assert_eq!(kind(&claimed.clone().finish()), Kind::System);
        let asserted = claimed.set(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg");
        assert_eq!(kind(&asserted.finish()), Kind::Unfit(415));
    }
}
