//! The notice that tells a device of what waits. No paper fixes its form: this is one of the reference's own, in which every
//! message has the identifiers by which it is fetched or rejected. [PF-MSG-04, PF-DEV-03, L32]

use crate::store::DeferredRecord;
use cpm_wire::sip::Name;
use cpm_wire::time::Time;
use cpm_wire::xml::harmless;
use roxmltree::{Document, Node};

/// The type of a notice.
pub const MEDIA_TYPE: &str = "application/x-cpm-deferred-messages+xml";
const NAMESPACE: &str = "urn:cpm-conformance:deferred-messages";
/// The most messages of one notice, oldest first: the others are told of once some of these are gone.
pub const MOST_TOLD: usize = 256;

/// A notice of these messages, all of which wait.
pub fn notice<'a>(user: &str, pending: impl Iterator<Item = &'a DeferredRecord>) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<deferred-messages".to_owned();
    attribute(&mut text, "xmlns", NAMESPACE);
    attribute(&mut text, "user", user);
    text.push_str(">\n");
    for record in pending {
        message(&mut text, record);
    }
    text.push_str("</deferred-messages>\n");
    text
}

fn message(text: &mut String, record: &DeferredRecord) {
    let about = &record.about;
    let head = super::head(record);
    let header = |name: Name| head.as_ref().and_then(|head| head.header(&name)).unwrap_or_default();
    text.push_str(" <message");
    if let Some(message_id) = &about.message_id {
        attribute(text, "message-id", message_id);
    }
    attribute(text, "contribution-id", header(Name::ContributionId));
    attribute(text, "conversation-id", header(Name::ConversationId));
    attribute(text, "from", about.author.as_deref().unwrap_or(&about.originator));
    if let Some(date) = &about.date_time {
        attribute(text, "date", date);
    }
    attribute(text, "octets", &record.entry.octets.to_string());
    if let Some(expires) = record.entry.expires {
        attribute(text, "expires", &Time::from_nanos(expires).to_rfc3339());
    }
    attribute(text, "media-type", &about.media_type);
    attribute(text, "status", "pending");
    text.push_str("/>\n");
}

/// Adds an attribute; what no document can contain becomes a question mark (XML 1.0 section 2.2).
fn attribute(text: &mut String, name: &str, value: &str) {
    text.push(' ');
    text.push_str(name);
    text.push_str("=\"");
    for character in value.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\t' | '\n' | '\r' => text.push(' '),
            ' '..='\u{FFFD}' | '\u{10000}'.. => text.push(character),
            _ => text.push('?'),
        }
    }
    text.push('"');
}

/// A message that a device names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// imdn.Message-ID.
    pub message_id: Option<String>,
    /// Contribution-ID.
    pub contribution: Option<String>,
}

/// The messages that a notice of a device's calls rejected; none when it is no notice, or one that would cost more to read
/// than it is worth.
pub fn rejected(octets: &[u8]) -> Option<Vec<Named>> {
    let document = Document::parse(harmless(octets).ok()?).ok()?;
    let root = document.root_element();
    if !is(&root, "deferred-messages") {
        return None;
    }
    let meant = |node: &Node<'_, '_>| is(node, "message") && node.attribute("status") == Some("rejected");
    let named = |node: Node<'_, '_>| Named {
        message_id: node.attribute("message-id").map(str::to_owned),
        contribution: node.attribute("contribution-id").map(str::to_owned),
    };
    Some(root.children().filter(meant).take(MOST_TOLD).map(named).collect())
}

fn is(node: &Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().namespace() == Some(NAMESPACE) && node.tag_name().name() == name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DeferredAbout, DeferredEntry};
    use bytes::Bytes;
    use pretty_assertions::assert_eq;

    fn record(message_id: &str) -> DeferredRecord {
        let head = "MESSAGE sip:bob@example.com SIP/2.0\r\nContribution-ID: c1\r\nConversation-ID: v1\r\n\r\n";
        let about = DeferredAbout {
            message_id: Some(message_id.to_owned()),
            originator: "sip:alice@example.com".to_owned(),
            media_type: "text/plain".to_owned(),
            ..DeferredAbout::default()
        };
        let entry = DeferredEntry { id: 1, octets: 7, expires: Some(1_000_000_000), ..DeferredEntry::default() };
        DeferredRecord { entry, about, head: Bytes::from_static(head.as_bytes()), ..DeferredRecord::default() }
    }

    #[test]
    fn a_notice_names_each_message_and_is_xml_whatever_stands_in_it() {
        let records = [record("m1"), record("<&\"\u{0}\u{1f}>")];
        let text = notice("sip:bob@example.com", records.iter());
        let document = Document::parse(&text).unwrap();
        let told: Vec<_> = document.root_element().children().filter(Node::is_element).collect();
        assert_eq!(told.len(), 2);
        assert_eq!(told[0].attribute("contribution-id"), Some("c1"));
        assert_eq!(told[0].attribute("expires"), Some("1970-01-01T00:00:01.000Z"));
        assert_eq!(told[1].attribute("message-id"), Some("<&\"??>"));
        assert_eq!(rejected(text.as_bytes()), Some(Vec::new()));
    }

    #[test]
    fn what_is_rejected_is_read() {
        let text = notice("sip:bob@example.com", [record("m1")].iter()).replace("\"pending\"", "\"rejected\"");
        let named = Named { message_id: Some("m1".to_owned()), contribution: Some("c1".to_owned()) };
        assert_eq!(rejected(text.as_bytes()), Some(vec![named]));
    }

    #[test]
    fn what_is_no_notice_is_not_read_and_costs_nothing() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]>\
                    <deferred-messages xmlns=\"urn:cpm-conformance:deferred-messages\">&b;</deferred-messages>";
        let long = format!("<deferred-messages xmlns=\"{NAMESPACE}\" user=\"{}\"/>", "x".repeat(1 << 21));
        let deep = format!("<deferred-messages xmlns=\"{NAMESPACE}\">{}", "<a>".repeat(100_000));
        for text in [bomb, &long, &deep, "", "<deferred-messages/>", "rubbish", "<x xmlns='urn:x'/>"] {
            assert_eq!(rejected(text.as_bytes()), None);
        }
    }
}
