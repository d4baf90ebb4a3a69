//! What a body holds, said otherwise: envelopes, notifications, rosters, lists, and parts of a multipart that are such.

use super::chance::Chance;
use super::freedoms::{Freedoms, Licence, Uses};
use super::{cpim, mime, xml};
use bytes::Bytes;
use cpm_wire::multipart::{self, Part};
use cpm_wire::{conference_info, imdn, resource_lists};
use memchr::memmem;

/// A body said otherwise; one of another type as it is.
pub fn rewrite(content_type: &str, octets: &[u8], freedoms: &Freedoms, chance: &mut Chance, uses: &mut Uses) -> Bytes {
    with(&mut Licence { freedoms, chance, uses }, content_type, &Bytes::copy_from_slice(octets))
}

pub(super) fn with(licence: &mut Licence<'_>, content_type: &str, octets: &Bytes) -> Bytes {
    match essence(content_type).as_str() {
        "message/cpim" => cpim::rewrite(licence, octets),
        imdn::MEDIA_TYPE => xml::rewrite(licence, xml::Kind::Notification, octets),
        conference_info::MEDIA_TYPE => xml::rewrite(licence, xml::Kind::Roster, octets),
        resource_lists::MEDIA_TYPE => xml::rewrite(licence, xml::Kind::List, octets),
        kind if kind.starts_with("multipart/") => {
            multipart(licence, content_type, octets).unwrap_or_else(|| octets.clone())
        }
        _ => octets.clone(),
    }
}

/// Whether a body is a disposition notification, or several of them.
pub(super) fn is_notification(content_type: &str, octets: &[u8]) -> bool {
    let of_notification = |part: &Part| part.content_type().map(essence).as_deref() == Some(imdn::MEDIA_TYPE);
    essence(content_type) == imdn::MEDIA_TYPE
        || boundary(content_type)
            .and_then(|boundary| multipart::parse(octets, &boundary).ok())
            .is_some_and(|parts| parts.iter().all(of_notification))
}

/// Type and subtype in small letters.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn boundary(content_type: &str) -> Option<String> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// Each part in its place, under the same boundary.
fn multipart(licence: &mut Licence<'_>, content_type: &str, octets: &Bytes) -> Option<Bytes> {
    let boundary = boundary(content_type)?;
    let parts = multipart::parse(octets, &boundary).ok()?;
    let mut other = Vec::with_capacity(octets.len());
    let mut at = 0;
    for part in &parts {
        other.extend_from_slice(octets.get(at..part.span.start)?);
        match self::part(licence, part).filter(|part| memmem::find(part, boundary.as_bytes()).is_none()) {
            Some(part) => other.extend_from_slice(&part),
            None => other.extend_from_slice(octets.get(part.span.clone())?),
        }
        at = part.span.end;
    }
    other.extend_from_slice(octets.get(at..)?);
    Some(other.into())
}

/// A part of its own; None where its length or coding is told.
fn part(licence: &mut Licence<'_>, part: &Part) -> Option<Vec<u8>> {
    let is_told = |(name, _): &(String, String)| {
        let name = name.to_ascii_lowercase();
        name.ends_with("encoding") || name == "content-length"
    };
    let content_type = part.content_type().filter(|_| !part.headers().iter().any(is_told))?;
    let body = with(licence, content_type, &part.body_octets());
    let mut other = format!("{}\r\n", mime::headers(licence, part.headers().to_vec())).into_bytes();
    other.extend_from_slice(&body);
    Some(other)
}
