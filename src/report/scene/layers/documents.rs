//! XML documents that SIP and MSRP carry, each with what it says, and HTTP messages around such.

use std::ops::Range;

use bytes::Bytes;
use cpm_wire::x1::http::Framer;
use cpm_wire::{conference_info, group_state, imdn, pidf, reginfo, resource_lists};

use super::{Layer, counted};
use crate::evidence::Direction;

/// As many names are told of a list.
const NAMES: usize = 8;

/// A document of a type that the wire reads; none of another.
pub(super) fn document(kind: &str, octets: &Bytes, range: Range<usize>) -> Option<Layer> {
    Some(match kind {
        imdn::MEDIA_TYPE => {
            let read = imdn::Notification::parse(octets);
            let says = read.map(|told| format!("{}: {}, of {}", told.kind, told.status, told.message_id));
            Layer::read("IMDN", range, says)
        }
        conference_info::MEDIA_TYPE => {
            Layer::read("conference-info", range, conference_info::Document::parse(octets).map(|read| roster(&read)))
        }
        resource_lists::MEDIA_TYPE => {
            let read = resource_lists::List::parse(octets);
            let says = read.map(|list| {
                let uris: Vec<&str> = list.uris().collect();
                format!("{}: {}", counted(uris.len(), "entry", "entries"), some(uris.iter().copied()))
            });
            Layer::read("resource-lists", range, says)
        }
        reginfo::MEDIA_TYPE => Layer::read("reginfo", range, reginfo::Document::parse(octets).map(|read| bound(&read))),
        pidf::MEDIA_TYPE => {
            let says = pidf::Document::parse(octets).map(|read| {
                let basic = read
                    .basic()
                    .map_or_else(|| "says neither open nor closed".to_owned(), |own| format!("{own:?}").to_lowercase());
                format!("{}: {basic}, {}", read.entity, counted(read.tuples.len(), "tuple", "tuples"))
            });
            Layer::read("PIDF", range, says)
        }
        group_state::MEDIA_TYPE => {
            let says = group_state::GroupState::parse(octets).map(|read| {
                let members = read.participants.iter().map(|member| member.comm_addr.as_str());
                format!("of {}: {}", read.timestamp, some(members))
            });
            Layer::read("group state", range, says)
        }
        _ => return None,
    })
}

fn roster(read: &conference_info::Document) -> String {
    let version = read.version.map_or_else(|| "without a version".to_owned(), |version| format!("version {version}"));
    let users = read.users().map(|user| {
        let status = user.endpoints.iter().find_map(|endpoint| endpoint.status.as_ref());
        format!("{} {}", user.entity, status.map_or(user.state.as_str(), |status| status.as_str()))
    });
    let users: Vec<String> = users.collect();
    let told = some(users.iter().map(String::as_str));
    format!("{}, {version}, {}: {told}", read.state.as_str(), counted(users.len(), "user", "users"))
}

fn bound(read: &reginfo::Document) -> String {
    let registrations = read.registrations.iter().map(|own| {
        format!("{} {}, {}", own.aor, own.state.as_str(), counted(own.contacts.len(), "contact", "contacts"))
    });
    let registrations: Vec<String> = registrations.collect();
    format!("version {}: {}", read.version, some(registrations.iter().map(String::as_str)))
}

/// The first few of a list, and how many more there are.
fn some<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let mut told = names.iter().take(NAMES).copied().collect::<Vec<_>>().join("; ");
    if let Some(more) = names.len().checked_sub(NAMES).filter(|more| *more > 0) {
        told.push_str(&format!("; and {more} more"));
    }
    told
}

/// A message of HTTP, or a piece of one.
pub(super) fn http(octets: &Bytes, direction: Direction) -> Layer {
    // What the tester asks of the target comes from a client of the tester, and the other way round: the first word tells.
    let response = octets.starts_with(b"HTTP/");
    let mut framer = if response { Framer::responses() } else { Framer::requests() };
    framer.push(octets);
    let all = 0..octets.len();
    let from = if direction == Direction::Sent { "tester" } else { "target" };
    match framer.next() {
        None => Layer::new("HTTP", format!("a piece of a message of the {from}"), all),
        Some(Err(why)) => Layer { fault: Some(why.to_string()), ..Layer::new("HTTP", "", all) },
        Some(Ok(message)) => {
            let says = match (response, message.request()) {
                (false, Some((method, path))) => format!("request {method} {path}"),
                _ => format!("response {}", message.status().unwrap_or_default()),
            };
            let body = octets.len().saturating_sub(message.body.len());
            let own = (!message.body.is_empty() && octets.ends_with(&message.body)).then(|| {
                let kind = message.field("Content-Type").unwrap_or("content without a type");
                Layer::new(kind, counted(message.body.len(), "octet", "octets"), body..octets.len())
            });
            Layer::new("HTTP", says, all).with(own)
        }
    }
}
