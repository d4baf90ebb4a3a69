//! How something that is kept is written: a head of mail fields with those of CPM, and the content as it was
//! (OMA-TS-CPM_MessageStorage, RFC 5322, RFC 2045).

use super::entries::Entry;
use crate::neighbours::message_store::{base64, encoded, plain};
use cpm_wire::time::Time;
use std::fmt::Write;

/// The object of an entry.
pub fn object(entry: &Entry) -> Vec<u8> {
    let direction = if entry.sent { "sent" } else { "received" };
    let text = is_text(&entry.octets);
    let message_id = entry.message_id.as_deref().map(plain).unwrap_or_default();
    let fields = [
        ("From", address(&entry.from)),
        ("To", address(&entry.to)),
        ("Date", mail_date(&entry.date)),
        ("DateTime", plain(&entry.date)),
        ("Subject", encoded(&plain(&entry.subject))),
        ("Conversation-ID", plain(&entry.conversation)),
        ("Contribution-ID", plain(&entry.contribution)),
        ("IMDN-Message-ID", message_id),
        ("Message-Direction", direction.to_owned()),
        ("Message-Context", entry.context.to_owned()),
        ("MIME-Version", "1.0".to_owned()),
        ("Content-Type", plain(&entry.content_type)),
        ("Content-Transfer-Encoding", if text { "8bit" } else { "base64" }.to_owned()),
    ];
    let mut head = String::new();
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a String cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    let mut object = head.into_bytes();
    match text {
        true => object.extend_from_slice(&entry.octets),
        false => object.extend_from_slice(base64(&entry.octets).as_bytes()),
    }
    object
}

fn address(uri: &str) -> String {
    format!("<{}>", plain(uri))
}

/// The date of a mail for one of RFC 3339; empty where it cannot be read.
fn mail_date(date: &str) -> String {
    Time::parse_rfc3339(date).map(|date| date.to_rfc5322()).unwrap_or_default()
}

/// True for what a store takes as it is: text in lines that end as those of a mail, none of them too long (RFC 2045 section 2.8).
fn is_text(octets: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(octets) else { return false };
    let bare = text.replace("\r\n", "");
    !bare.contains(['\r', '\n', '\0']) && text.split("\r\n").all(|line| line.len() <= 998)
}
