//! Lists of participants in messages, and other ones in their place.

use crate::call::bodies;
use bytes::Bytes;
use cpm_wire::conference_info::{self, Document};
use cpm_wire::resource_lists::{self, List};
use cpm_wire::sip::{Message, Method};
use cpm_wire::{multipart, sdp};

/// The document that a notification brings (RFC 4575).
pub(super) fn document(message: &Message) -> Option<Document> {
    let is_notify = message.is_request() && message.method() == Method::Notify;
    let named = is_notify && message.content_type()?.ok()?.essence() == conference_info::MEDIA_TYPE;
    named.then(|| Document::parse(message.body()).ok()).flatten()
}

/// The notification with another document.
pub(super) fn with_document(notify: &Message, document: &Document) -> Bytes {
    notify.edit().body(conference_info::MEDIA_TYPE, Bytes::from(document.to_xml())).finish().octets().clone()
}

/// The list that a request carries (RFC 5363).
pub(super) fn list(message: &Message) -> Option<List> {
    let parts = bodies::parts(message);
    let list = parts.iter().find(|part| part.essence == resource_lists::MEDIA_TYPE)?;
    List::parse(&list.octets).ok()
}

/// The request with another list in the place of its own; with none, the session description is all that it carries.
pub(super) fn with_list(message: &Message, list: Option<&List>) -> Bytes {
    let is_list = |part: &bodies::Part| part.essence == resource_lists::MEDIA_TYPE;
    let parts = bodies::parts(message).into_iter().filter(|part| list.is_some() || !is_list(part));
    let parts: Vec<bodies::Part> = parts
        .map(|part| match list.filter(|_| is_list(&part)) {
            Some(list) => bodies::Part { octets: Bytes::from(list.to_xml()), ..part },
            None => part,
        })
        .collect();
    let (content_type, body) = match parts.as_slice() {
        [only] => (sdp::MEDIA_TYPE.to_owned(), only.octets.clone()),
        several => multipart::build(&several.iter().map(bodies::Part::to_wire).collect::<Vec<_>>()),
    };
    message.edit().body(&content_type, body).finish().octets().clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpm_wire::conference_info::{EndpointStatus, User};
    use cpm_wire::sip::Builder;
    use pretty_assertions::assert_eq;

    fn invite() -> Message {
        let list = multipart::Part::new(resource_lists::MEDIA_TYPE, Bytes::from(list_of("sip:a@example.com").to_xml()));
        let parts = [multipart::Part::new(sdp::MEDIA_TYPE, Bytes::from_static(b"v=0\r\n")), list];
        let (content_type, body) = multipart::build(&parts);
        Builder::request(Method::Invite, "sip:factory@example.com").body(&content_type, body).build()
    }

    fn list_of(uri: &str) -> List {
        List { entries: vec![resource_lists::Entry::new(uri)] }
    }

    fn read(octets: Bytes) -> Message {
        Message::parse(octets).unwrap()
    }

    #[test]
    fn a_list_is_replaced_or_left_out_and_the_rest_stays() {
        let other = read(with_list(&invite(), Some(&list_of("sip:b@example.com"))));
        assert_eq!(list(&other), Some(list_of("sip:b@example.com")));
        assert_eq!(bodies::parts(&other)[0].octets, "v=0\r\n");
        let none = read(with_list(&invite(), None));
        assert_eq!((list(&none), none.body()), (None, &b"v=0\r\n"[..]));
    }

    #[test]
    fn the_document_of_a_notification_is_replaced() {
        let of = |user: &str| {
            Document::full("sip:focus@example.com", 1, vec![User::with_status(user, EndpointStatus::Connected)])
        };
        let notify = Builder::request(Method::Notify, "sip:bob@example.com")
            .body(conference_info::MEDIA_TYPE, of("sip:a@example.com").to_xml())
            .build();
        let other = read(with_document(&notify, &of("sip:b@example.com")));
        assert_eq!(document(&other), Some(of("sip:b@example.com")));
        assert_eq!(document(&invite()), None);
    }
}
