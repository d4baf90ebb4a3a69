//! A message to a list of recipients (RFC 5365; RFC 5366 for large mode): each of them gets a copy of it once [PF-MSG-02].

use crate::call::Mechanics;
use crate::call::bodies;
use crate::call::served::ServedUser;
use crate::call::sip::{copied_but_body, without_tag};
use cpm_wire::resource_lists::List;
use cpm_wire::sip::{Message, Method, Name, Uri, identity_key};
use std::collections::HashSet;

/// The most recipients of one message.
const MOST: usize = 1000;

/// Those whom a list names, each once, in its order; else the status that says why there are none.
pub fn recipients(list: &[u8]) -> Result<Vec<String>, u16> {
    let list = List::parse(list).map_err(|_| 400_u16)?;
    let mut seen = HashSet::new();
    let named: Vec<String> = list.uris().filter(|uri| seen.insert(identity_key(uri))).map(str::to_owned).collect();
    let readable = |uri: &String| matches!(Uri::parse(uri), Ok(Uri::Sip(_) | Uri::Tel(_)));
    match named.len() {
        0 => Err(400),
        1..=MOST if named.iter().all(readable) => Ok(named),
        1..=MOST => Err(400),
        _ => Err(403),
    }
}

/// The list of those whom the INVITE of a large message is for; none where it is for one.
pub fn list_of(invite: &Message) -> Option<bytes::Bytes> {
    let to_several = |part: &bodies::Part| {
        let disposition = part.disposition.as_deref().unwrap_or_default();
        part.essence == "application/resource-lists+xml"
            && disposition.split(';').next().is_some_and(|word| word.trim().eq_ignore_ascii_case("recipient-list"))
    };
    bodies::parts(invite).into_iter().find(to_several).map(|part| part.octets)
}

/// Sends a copy of a MESSAGE to each of those whom it is for. The copy holds the envelope alone, as it came.
pub fn explode(m: &mut Mechanics, request: &Message, served: &ServedUser, recipients: &[String]) {
    let Some(envelope) = bodies::parts(request).into_iter().find(|part| part.essence == "message/cpim") else { return };
    let hops = request.max_forwards().and_then(Result::ok).unwrap_or(70).saturating_sub(1);
    let from = request.from().map(|from| without_tag(&from)).unwrap_or_default();
    for recipient in recipients {
        let own = m.own_request(Method::Message, recipient, &served.identity, true);
        let own = own.header(Name::From, format!("{from};tag={}", m.tokens.tag()));
        let own = copied_but_body(request, own.header(Name::To, format!("<{recipient}>")));
        let copy = own.body(&envelope.content_type, envelope.octets.clone()).build();
        let copy = copy.edit().set(Name::MaxForwards, hops).remove(&Name::ContentDisposition).finish();
        // RFC 5365 section 7: what becomes of the copies is not the sender's to hear by an answer.
        m.sip.request(m.now, copy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn list(uris: &[&str]) -> String {
        List::to_recipients(uris.iter().copied()).to_xml()
    }

    #[test]
    fn each_recipient_is_named_once_in_the_order_of_the_list() {
        let named = recipients(list(&["sip:c@e", "sip:a@e", "sip:C@e", "sip:a@E;x=y", "tel:+15550100"]).as_bytes());
        assert_eq!(named.unwrap(), ["sip:c@e", "sip:a@e", "sip:C@e", "tel:+15550100"]);
    }

    #[test]
    fn a_list_of_nobody_or_of_rubbish_is_none() {
        assert_eq!(recipients(b"rubbish"), Err(400));
        assert_eq!(recipients(list(&[]).as_bytes()), Err(400));
        assert_eq!(recipients(list(&["http://x.example/"]).as_bytes()), Err(400));
        let many: Vec<String> = (0..=MOST).map(|number| format!("sip:u{number}@e")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(recipients(list(&many).as_bytes()), Err(403));
    }
}
