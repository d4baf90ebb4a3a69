//! What a message of a group is made of: text, or the documents and pictures that are said instead (GSMA RCC.07: file
//! transfer by HTTP, geolocation push).

use super::Focus;
use crate::actors::signalling::Signalling;

/// What a message is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// Text.
    Text,
    /// Where a file is to be fetched.
    File,
    /// A picture.
    Picture,
    /// A place on the map.
    Place,
    /// Octets of some other type.
    Other(String),
}

impl Matter {
    /// Content type and octets; `text` names it, `octets` is the least size where size can be chosen.
    pub(super) fn content(&self, text: &str, octets: usize) -> (String, Vec<u8>) {
        match self {
            Matter::Text => ("text/plain; charset=utf-8".to_owned(), filled(text, octets).into_bytes()),
            Matter::File => ("application/vnd.gsma.rcs-ft-http+xml".to_owned(), file(text).into_bytes()),
            Matter::Picture => ("image/png".to_owned(), picture(text, octets.max(64))),
            Matter::Place => ("application/vnd.gsma.rcspushlocation+xml".to_owned(), place(text).into_bytes()),
            Matter::Other(kind) => (kind.clone(), picture(text, octets.max(64))),
        }
    }
}

fn filled(text: &str, octets: usize) -> String {
    let mut content = text.to_owned();
    while content.len() < octets {
        content.push_str(" · ");
        content.push_str(text);
    }
    content
}

/// Octets that no text could be taken for, and that differ from text to text.
fn picture(text: &str, octets: usize) -> Vec<u8> {
    let head = b"\x89PNG\r\n\x1a\n".iter().copied();
    let body = text.bytes().cycle().zip(0u32..).map(|(octet, at)| octet.wrapping_mul(31) ^ at.to_le_bytes()[0]);
    head.chain(body).take(octets).collect()
}

fn file(name: &str) -> String {
    let name = escaped(name);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <file xmlns=\"urn:gsma:params:xml:ns:rcs:rcs:fthttp\"><file-info type=\"file\"><file-size>20480</file-size>\
         <file-name>{name}</file-name><content-type>application/pdf</content-type>\
         <data url=\"https://content.example.com/files/1\" until=\"2030-01-01T00:00:00Z\"/></file-info></file>"
    )
}

fn place(label: &str) -> String {
    let label = escaped(label);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <rcsenvelope xmlns=\"urn:gsma:params:xml:ns:rcs:rcs:geolocation\" xmlns:gp=\"urn:ietf:params:xml:ns:pidf:geopriv10\" \
         xmlns:gml=\"http://www.opengis.net/gml\" xmlns:gs=\"http://www.opengis.net/pidflo/1.0\" \
         entity=\"sip:somebody@example.com\"><rcspushlocation id=\"a1\" label=\"{label}\"><gp:geopriv><gp:location-info>\
         <gs:Circle srsName=\"urn:ogc:def:crs:EPSG::4326\"><gml:pos>48.2082 16.3738</gml:pos>\
         <gs:radius uom=\"urn:ogc:def:uom:EPSG::9001\">10</gs:radius></gs:Circle></gp:location-info>\
         <gp:usage-rules/></gp:geopriv><timestamp>2026-01-01T00:00:00Z</timestamp></rcspushlocation></rcsenvelope>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// A sign that somebody writes (RFC 3994).
const WRITING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>active</state><contenttype>text/plain</contenttype>\
    <refresh>60</refresh></isComposing>";

impl Focus {
    /// A member is seen writing: once as a document of the session itself, once in an envelope.
    pub fn writes(&mut self, signalling: &mut Signalling, author: &str) {
        let kind = "application/im-iscomposing+xml";
        self.spread_as(signalling, kind, WRITING.into(), &super::speaking::ToAll::default());
        let author = self.known_as(author);
        let envelope = cpm_wire::cpim::Builder::new(&author, &self.uri)
            .date_time(&signalling.now.to_rfc3339())
            .content(kind, WRITING)
            .build();
        self.spread_as(signalling, "message/cpim", envelope, &super::speaking::ToAll::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_well_formed_and_pictures_as_large_as_asked_for() {
        for matter in [Matter::File, Matter::Place] {
            let (kind, octets) = matter.content("A < B & \"C\"", 0);
            let text = String::from_utf8(octets).unwrap();
            assert!(kind.ends_with("+xml") && roxmltree::Document::parse(&text).is_ok(), "{text}");
        }
        assert!(roxmltree::Document::parse(WRITING).is_ok());
        assert_eq!(Matter::Picture.content("x", 100_000).1.len(), 100_000);
        assert_ne!(Matter::Picture.content("x", 0).1, Matter::Picture.content("y", 0).1);
    }
}
