//! The parts of a message's body: SDP, lists, included requests; alone or in a multipart (RFC 2046, RFC 5621).

use bytes::Bytes;
use cpm_wire::multipart;
use cpm_wire::sip::{Message, Name};

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
