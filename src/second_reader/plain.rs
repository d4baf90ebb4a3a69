//! The tester's plain requests and offers, built by second readers: a probe that asks whether a target is there, a
//! simple MESSAGE, an offer of a message session. What they cannot say right is refused here, never sent wrong.

use std::net::IpAddr;

use bytes::Bytes;
use cpm_wire::sip::Message;
use rsip::headers::{CallId, ContentLength, ContentType, MaxForwards, UntypedHeader};
use rsip::typed::{CSeq, From, To, Via};
use rsip::{Header, Uri, Version, uri};
use sdp_rs::lines::common::{Addrtype, Nettype};
use sdp_rs::lines::connection::ConnectionAddress;
use sdp_rs::lines::media::{MediaType, ProtoType};
use sdp_rs::lines::{Active, Attribute, Connection, Media, Origin, SessionName};
use sdp_rs::{MediaDescription, SessionDescription, Time};
use thiserror::Error;

use super::spelled;

/// Why something is not plain enough.
#[derive(Debug, Error)]
pub enum NotPlain {
    /// rsip does not take a URI, or does not give it back as it was given.
    #[error("rsip does not take the URI {given:?}: {why}")]
    Uri {
        /// What was asked for.
        given: String,
        /// What would have been sent, or why nothing could be.
        why: String,
    },
    /// What was built does not read back.
    #[error("the request does not read back: {0}")]
    Request(String),
    /// sdp-rs does not take the offer.
    #[error("sdp-rs does not take the offer: {0}")]
    Offer(String),
}

/// The methods of plain requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainMethod {
    /// Is somebody there, and what does it support.
    Options,
    /// A message (RFC 3428).
    Message,
}

/// A request outside of dialogs with the headers that RFC 3261 section 8.1.1 asks for.
#[derive(Clone, Debug)]
pub struct PlainRequest<'a> {
    /// What is asked.
    pub method: PlainMethod,
    /// Request-URI.
    pub uri: &'a str,
    /// The URI of From.
    pub from: &'a str,
    /// The tag of From.
    pub from_tag: &'a str,
    /// The URI of To.
    pub to: &'a str,
    /// Call-ID.
    pub call_id: &'a str,
    /// The number of CSeq.
    pub cseq: u32,
    /// Whether it goes over TCP; over UDP otherwise.
    pub tcp: bool,
    /// Host and port of Via.
    pub sent_by: &'a str,
    /// The branch of Via, which begins with z9hG4bK.
    pub branch: &'a str,
    /// Further headers, raw, in their order.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body and its type.
    pub body: Option<(&'a str, &'a [u8])>,
}

/// Builds a plain request. Typed headers of rsip where it gets them right, raw ones elsewhere.
pub fn plain_request(request: &PlainRequest<'_>) -> Result<Bytes, NotPlain> {
    let method = match request.method {
        PlainMethod::Options => rsip::Method::Options,
        PlainMethod::Message => rsip::Method::Message,
    };
    let (kind, body) = request.body.map_or((None, &[][..]), |(kind, body)| (Some(kind), body));
    let via = Via {
        version: Version::V2,
        transport: if request.tcp { rsip::Transport::Tcp } else { rsip::Transport::Udp },
        uri: uri_of_host(request.sent_by)?,
        params: vec![uri::Param::Branch(uri::param::Branch::new(request.branch))],
    };
    let tag = uri::Param::Tag(uri::param::Tag::new(request.from_tag));
    let from = From { display_name: None, uri: uri_of(request.from)?, params: vec![tag] };
    let to = To { display_name: None, uri: uri_of(request.to)?, params: Vec::new() };
    let mut headers: Vec<Header> = vec![
        via.into(),
        MaxForwards::from(70).into(),
        from.into(),
        to.into(),
        CallId::new(request.call_id).into(),
        CSeq { seq: request.cseq, method }.into(),
    ];
    headers.extend(request.headers.iter().map(|(name, value)| Header::Other((*name).to_owned(), (*value).to_owned())));
    headers.extend(kind.map(|kind| ContentType::new(kind).into()));
    // More octets than a u32 counts fit into no message.
    headers.push(ContentLength::from(u32::try_from(body.len()).unwrap_or(u32::MAX)).into());
    let head = rsip::Request {
        method,
        uri: uri_of(request.uri)?,
        version: Version::V2,
        headers: headers.into(),
        body: Vec::new(),
    };
    // rsip writes a body as text; ours is octets.
    let octets = Bytes::from([head.to_string().as_bytes(), body].concat());
    match Message::parse(octets.clone()).map(|message| message.check_request()) {
        Ok(Ok(())) => Ok(octets),
        Ok(Err(error)) => Err(NotPlain::Request(error.to_string())),
        Err(error) => Err(NotPlain::Request(error.to_string())),
    }
}

/// A URI, if rsip gives it back as it is.
fn uri_of(text: &str) -> Result<Uri, NotPlain> {
    match Uri::try_from(text) {
        Ok(read) if spelled(&read.to_string()) == spelled(text) => Ok(read),
        Ok(read) => Err(NotPlain::Uri { given: text.to_owned(), why: format!("it makes {read} of it") }),
        Err(error) => Err(NotPlain::Uri { given: text.to_owned(), why: error.to_string() }),
    }
}

/// Host and port, as rsip wants them in a Via.
fn uri_of_host(text: &str) -> Result<Uri, NotPlain> {
    let whole = uri_of(&format!("sip:{text}"))?;
    Ok(Uri { scheme: None, ..whole })
}

/// An offer of one message session (RFC 4975 section 8).
#[derive(Clone, Debug)]
pub struct PlainOffer<'a> {
    /// The number of the session in o=.
    pub session_id: u64,
    /// The version in o=.
    pub version: u64,
    /// The address in o= and c=.
    pub address: IpAddr,
    /// The port of m=.
    pub port: u16,
    /// The path, of MSRP URIs.
    pub path: &'a str,
    /// `active`, `passive` or `actpass`.
    pub setup: &'a str,
    /// `sendrecv`, `sendonly`, `recvonly` or `inactive`.
    pub direction: &'a str,
    /// What is accepted.
    pub accept_types: &'a str,
    /// What is accepted within message/cpim.
    pub accept_wrapped_types: &'a str,
}

/// Builds a plain offer.
pub fn plain_offer(offer: &PlainOffer<'_>) -> Result<String, NotPlain> {
    let addrtype = if offer.address.is_ipv4() { Addrtype::Ip4 } else { Addrtype::Ip6 };
    let valued = |name: &str, value: &str| Attribute::Other(name.to_owned(), Some(value.to_owned()));
    let attributes = vec![
        valued("accept-types", offer.accept_types),
        valued("accept-wrapped-types", offer.accept_wrapped_types),
        valued("path", offer.path),
        valued("setup", offer.setup),
        direction(offer.direction)?,
    ];
    let media = Media {
        media: MediaType::Message,
        port: offer.port,
        num_of_ports: None,
        proto: ProtoType::Other("TCP/MSRP".to_owned()),
        fmt: "*".to_owned(),
    };
    let time = Time { active: Active { start: 0, stop: 0 }, repeat: Vec::new(), zone: None };
    let description = SessionDescription {
        version: sdp_rs::lines::Version::V0,
        origin: Origin {
            username: "-".to_owned(),
            sess_id: offer.session_id.to_string(),
            sess_version: offer.version.to_string(),
            nettype: Nettype::In,
            addrtype: addrtype.clone(),
            unicast_address: offer.address,
        },
        session_name: SessionName::new("-".to_owned()),
        session_info: None,
        uri: None,
        emails: Vec::new(),
        phones: Vec::new(),
        connection: Some(Connection {
            nettype: Nettype::In,
            addrtype,
            connection_address: ConnectionAddress { base: offer.address, ttl: None, numaddr: None },
        }),
        bandwidths: Vec::new(),
        times: vec![time].try_into().map_err(|_| NotPlain::Offer("it has no time".to_owned()))?,
        key: None,
        attributes: Vec::new(),
        media_descriptions: vec![MediaDescription {
            media,
            info: None,
            connections: Vec::new(),
            bandwidths: Vec::new(),
            key: None,
            attributes,
        }],
    };
    Ok(description.to_string())
}

fn direction(word: &str) -> Result<Attribute, NotPlain> {
    match word {
        "sendrecv" => Ok(Attribute::Sendrecv),
        "sendonly" => Ok(Attribute::Sendonly),
        "recvonly" => Ok(Attribute::Recvonly),
        "inactive" => Ok(Attribute::Inactive),
        other => Err(NotPlain::Offer(format!("{other:?} is no direction"))),
    }
}
