//! The parts of a message's body: SDP, lists, included requests; alone or in a multipart (RFC 2046, RFC 5621).

use bytes::Bytes;
use cpm_wire::msrp::MsrpUri;
use cpm_wire::sip::{MediaType, Message, Name};
use cpm_wire::{multipart, sdp};

/// One part of a body.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its media type, in lower case, without parameters.
    pub essence: String,
    /// Its Content-Type as it came.
    pub content_type: String,
    /// Its Content-Disposition as it came.
    pub disposition: Option<String>,
    /// Its octets.
    pub octets: Bytes,
}

/// The parts of a message's body: those of a multipart, or the body itself; none when it cannot be read.
pub fn parts(message: &Message) -> Vec<Part> {
    let Some(Ok(media_type)) = message.content_type() else { return Vec::new() };
    let body = message.body_octets();
    let essence = media_type.essence();
    if !essence.starts_with("multipart/") {
        let content_type = message.header(&Name::ContentType).unwrap_or_default().to_owned();
        let disposition = message.header(&Name::ContentDisposition).map(str::to_owned);
        return vec![Part { essence, content_type, disposition, octets: body }];
    }
    let Some(boundary) = media_type.param("boundary") else { return Vec::new() };
    let Ok(parts) = multipart::parse(&body, &boundary) else { return Vec::new() };
    parts.iter().map(Part::of).collect()
}

/// The session id in the path of MSRP that a message describes, when its sender is its first hop.
pub fn own_session(message: &Message) -> Option<String> {
    let parts = parts(message);
    let description = parts.iter().find(|part| part.essence == sdp::MEDIA_TYPE)?;
    let text = std::str::from_utf8(&description.octets).ok()?;
    let path = text.lines().find_map(|line| line.strip_prefix("a=path:"))?;
    MsrpUri::parse(path.split_ascii_whitespace().next()?).ok()?.session_id.map(str::to_owned)
}

/// The envelope (RFC 3862) in the content of a message: the content itself, or a part of a multipart beside a list (RFC 5365).
pub fn envelope(content_type: &str, content: &Bytes) -> Option<Bytes> {
    let media_type = MediaType::parse(content_type).ok()?;
    if media_type.essence() == CPIM {
        return Some(content.clone());
    }
    let parts = multipart::parse(content, &media_type.param("boundary")?).ok()?;
    parts.iter().map(Part::of).find(|part| part.essence == CPIM).map(|part| part.octets)
}

const CPIM: &str = "message/cpim";

impl Part {
    /// As it is written.
    pub fn to_wire(&self) -> multipart::Part {
        let part = multipart::Part::new(&self.content_type, self.octets.clone());
        match &self.disposition {
            Some(disposition) => part.header("Content-Disposition", disposition),
            None => part,
        }
    }

    fn of(part: &multipart::Part) -> Part {
        let content_type = part.content_type().unwrap_or("text/plain").to_owned();
        Part {
            essence: content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
            content_type,
            disposition: part.get("Content-Disposition").map(str::to_owned),
            octets: part.body_octets(),
        }
    }
}

/// The body of a received INVITE with an own offer in place of its SDP; everything else in it goes on unchanged.
pub fn with_own_offer(received: &Message, sdp: String) -> (String, Bytes) {
    let parts = parts(received);
    if parts.len() < 2 {
        return (cpm_wire::sdp::MEDIA_TYPE.to_owned(), Bytes::from(sdp));
    }
    let parts = parts.into_iter().map(|part| match part.essence.as_str() {
        cpm_wire::sdp::MEDIA_TYPE => multipart::Part::new(cpm_wire::sdp::MEDIA_TYPE, Bytes::from(sdp.clone())),
        _ => part.to_wire(),
    });
    multipart::build(&parts.collect::<Vec<_>>())
}

/// True for an INVITE of a group session: it comes from a focus, goes to a list, or says so by its service.
pub fn is_group(invite: &Message) -> bool {
    let from_focus = invite.contacts().filter_map(Result::ok).any(|contact| contact.param("isfocus").is_some());
    let named = [Name::PAssertedService, Name::PPreferredService, Name::AcceptContact];
    let by_service = named.iter().any(|name| invite.headers(name).any(|value| value.contains("oma.cpm.session.group")));
    let to_list = parts(invite).iter().any(|part| part.essence == "application/resource-lists+xml");
    from_focus || by_service || to_list
}
