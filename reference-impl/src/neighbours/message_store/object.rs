//! The objects of the store: a head of mail fields (RFC 5322, RFC 2045) with those of CPM, and a body.

use bytes::Bytes;
use cpm_wire::group_state::{GroupState, MEDIA_TYPE};
use cpm_wire::time::Time;
use std::fmt::Write;

/// The longest encoded word is 75 octets (RFC 2047 section 2); this is what one holds of the text, at most.
const WORD_OCTETS: usize = 60;

/// What the head of an object says.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    /// Whom it is from: the group session identity.
    pub from: &'a str,
    /// The user whose history it belongs to.
    pub to: &'a str,
    /// Since when it holds.
    pub date: Time,
    /// The subject of the chat; none is left out.
    pub subject: &'a str,
    /// Conversation-ID.
    pub conversation: &'a str,
    /// Contribution-ID.
    pub contribution: &'a str,
}

impl Heading<'_> {
    /// The group-state object with this head.
    pub fn group_state(&self, state: &GroupState) -> Bytes {
        self.object(&format!("{MEDIA_TYPE};charset=utf-8"), &state.to_xml())
    }

    fn object(&self, content_type: &str, body: &str) -> Bytes {
        let subject = encoded(&plain(self.subject));
        let fields = [
            ("From", format!("<{}>", plain(self.from))),
            ("To", format!("<{}>", plain(self.to))),
            ("Date", self.date.to_rfc5322()),
            ("Subject", subject),
            ("Conversation-ID", plain(self.conversation)),
            ("Contribution-ID", plain(self.contribution)),
            ("MIME-Version", "1.0".to_owned()),
            ("Content-Type", content_type.to_owned()),
        ];
        let mut object = String::new();
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            // Writing to a String cannot fail.
            let _ = write!(object, "{name}: {value}\r\n");
        }
        object.push_str("\r\n");
        for line in body.lines() {
            object.push_str(line);
            object.push_str("\r\n");
        }
        object.into()
    }
}

/// A value of one line: what a peer has put into it begins no other field.
pub fn plain(value: &str) -> String {
    value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// Text beyond ASCII as encoded words (RFC 2047).
pub fn encoded(text: &str) -> String {
    if text.is_ascii() && !text.contains("=?") {
        return text.to_owned();
    }
    let mut words = vec![String::new()];
    for character in text.chars() {
        let mut piece = String::new();
        match character {
            ' ' => piece.push('_'),
            c if c.is_ascii_alphanumeric() => piece.push(c),
            c => {
                for octet in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(piece, "={octet:02X}");
                }
            }
        }
        match words.last_mut() {
            Some(word) if word.len() + piece.len() <= WORD_OCTETS => word.push_str(&piece),
            _ => words.push(piece),
        }
    }
    words.iter().map(|word| format!("=?utf-8?Q?{word}?=")).collect::<Vec<_>>().join("\r\n ")
}

/// Octets as text in lines of 76 characters (RFC 2045 section 6.8).
pub fn base64(octets: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |value: u32| DIGITS.get((value & 63) as usize).map_or('=', |digit| char::from(*digit));
    let mut text = String::with_capacity(octets.len() / 3 * 4 + octets.len() / 28 + 8);
    for (at, three) in octets.chunks(3).enumerate() {
        if at > 0 && at % 19 == 0 {
            text.push_str("\r\n");
        }
        let octet = |at: usize| three.get(at).map_or(0, |octet| u32::from(*octet));
        let value = octet(0) << 16 | octet(1) << 8 | octet(2);
        for place in 0..4 {
            text.push(if place > three.len() { '=' } else { digit(value >> (18 - 6 * place)) });
        }
    }
    text.push_str("\r\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpm_wire::group_state::Participant;
    use pretty_assertions::assert_eq;

    fn heading() -> Heading<'static> {
        Heading {
            from: "sip:chat-1@conf.example.com",
            to: "sip:bob@example.com",
            date: Time::ZERO,
            subject: "Books",
            conversation: "conv-1",
            contribution: "c1",
        }
    }

    fn text(heading: Heading<'_>) -> String {
        let state = GroupState {
            timestamp: Time::ZERO.to_rfc3339(),
            participants: vec![Participant { name: None, comm_addr: "sip:alice@example.com".to_owned() }],
            ..GroupState::default()
        };
        String::from_utf8(heading.group_state(&state).to_vec()).unwrap()
    }

    #[test]
    fn an_object_has_the_head_of_a_mail_and_lines_that_end_as_in_one() {
        let object = text(heading());
        let (head, body) = object.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            head.split("\r\n").collect::<Vec<_>>(),
            [
                "From: <sip:chat-1@conf.example.com>",
                "To: <sip:bob@example.com>",
                "Date: Thu, 1 Jan 1970 00:00:00 +0000",
                "Subject: Books",
                "Conversation-ID: conv-1",
                "Contribution-ID: c1",
                "MIME-Version: 1.0",
                "Content-Type: application/group-state-object+xml;charset=utf-8",
            ]
        );
        assert!(!object.replace("\r\n", "").contains(['\r', '\n']));
        assert_eq!(GroupState::parse(body.as_bytes()).unwrap().participants.len(), 1);
    }

    #[test]
    fn what_a_peer_named_makes_no_field_of_its_own() {
        let object = text(Heading { subject: "x\r\nContribution-ID: other", from: "sip:a@b\n", ..heading() });
        assert_eq!(object.matches("\r\nContribution-ID:").count(), 1);
        assert!(!text(Heading { subject: "", ..heading() }).contains("Subject"));
    }

    #[test]
    fn octets_are_written_as_text() {
        let plain = ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes()));
        assert_eq!(plain, ["\r\n", "Zg==\r\n", "Zm8=\r\n", "Zm9v\r\n", "Zm9vYg==\r\n"]);
        let long = base64(&[0; 115]);
        assert!(long.lines().all(|line| line.len() <= 76) && long.lines().count() == 3, "{long}");
    }

    #[test]
    fn a_subject_in_any_language_is_ascii_on_the_way() {
        assert_eq!(encoded("Bücher"), "=?utf-8?Q?B=C3=BCcher?=");
        let long = encoded(&"ü ".repeat(200));
        assert!(long.is_ascii() && long.split("\r\n ").all(|word| word.len() <= 75), "{long}");
    }
}
