//! What is left of a judgement where a real core stands between tester and target (topology `ims_core`). The core writes headers,
//! answers and loses as well as the target: nothing is held against the target that the core may have done, and nothing passes in
//! which the target was not seen. It is seen where octets name one of its addresses: in a path of MSRP (RFC 4975 section 6), in
//! Via, Record-Route or Contact (RFC 3261).

use std::collections::HashSet;

use bytes::Bytes;
use cpm_wire::sip::{Message, Name};

use super::note;
use crate::evidence::{Direction, Event, Header, Octets, Protocol, Record, What};
use crate::verdict::{Blame, Finding, FindingVerdict};

const REFUSAL: &str = "whether the target or the core refused";
const ASSERTED: &str = "what the target asserts to the network, which the core asserts as well";
const SERVED: &str = "for whom the target tells the serving CSCF that it acts";

/// Rules that look at what cannot be told at the edges, and what that is.
const HIDDEN: [(&str, &str); 17] = [
    ("sessions.refused_well", REFUSAL),
    ("sessions.limit_kept", REFUSAL),
    ("sessions.not_established", REFUSAL),
    ("sessions.small_interval_handled", REFUSAL),
    ("sessions.on_behalf", SERVED),
    ("session_continuity.stranger_kept_out", REFUSAL),
    ("media_negotiation.offer_refused", REFUSAL),
    ("messages.over_limit", REFUSAL),
    ("messages.no_message", REFUSAL),
    ("deferred_messages.refused", REFUSAL),
    ("policies_and_preferences.refused", REFUSAL),
    ("policies_and_preferences.message_refused", REFUSAL),
    ("policies_and_preferences.not_let_out", REFUSAL),
    ("policies_and_preferences.message_not_let_out", REFUSAL),
    ("policies_and_preferences.medium_barred", REFUSAL),
    ("policies_and_preferences.private", ASSERTED),
    ("policies_and_preferences.message_private", ASSERTED),
];

/// Rules that miss something which comes in the same session as the rest of its chat. Of others, what comes may show one way, and
/// what is missing have taken another, which the core keeps for longer.
const OF_DELIVERY: &str = "missed_group_content.";

/// What shows the target in the evidence of one scenario.
struct Sight<'a> {
    records: &'a [Record],
    target: &'a [String],
    /// Connections on which the target speaks, by the actor at our end.
    connections: HashSet<(&'a str, Option<u64>)>,
}

/// Weighs findings by what can be told before a core; where there is none, they stay as they are. Gives why a scenario that
/// would have passed does not.
pub(super) fn weigh(header: &Header, records: &[Record], findings: &mut Vec<Finding>) -> Option<String> {
    let core = records.iter().find_map(|record| match &record.what {
        What::Event(Event::Core { target, .. }) => Some(target),
        _ => None,
    });
    let sight = Sight::new(records, core?);
    for finding in findings.iter_mut().filter(|finding| finding.verdict == FindingVerdict::Fail) {
        if !sight.is_of_target(finding) {
            doubt(finding);
        }
    }
    if findings.iter().any(|finding| !matches!(finding.verdict, FindingVerdict::Warning)) {
        return None;
    }
    let unseen = match hidden(records) {
        Some(what) => what,
        None if sight.anywhere() => return None,
        None => "that what was seen passed the target: no address of the target is named in it",
    };
    let why = format!("not observable at the edges of a core: {unseen}");
    findings.push(note(header, FindingVerdict::Inconclusive, &why, Blame::Configuration));
    Some(why)
}

/// What the core may have done fails nobody. A base rule then says what is odd, and no more.
fn doubt(finding: &mut Finding) {
    finding.verdict = match finding.requirement {
        Some(_) => FindingVerdict::Inconclusive,
        None => FindingVerdict::Warning,
    };
    finding.blame = Blame::Unknown;
    finding.observed.push_str("; not observable at the edges of a core: whether the target or the core did so");
}

/// What a rule that was awaited would have to see, and nobody sees here.
fn hidden(records: &[Record]) -> Option<&'static str> {
    records.iter().find_map(|record| match &record.what {
        What::Event(Event::Awaited { rule, .. }) => {
            HIDDEN.iter().find(|(hidden, _)| hidden == rule).map(|(_, what)| *what)
        }
        _ => None,
    })
}

impl<'a> Sight<'a> {
    fn new(records: &'a [Record], target: &'a [String]) -> Sight<'a> {
        let speaking =
            received(records).filter(|octets| octets.protocol == Protocol::Msrp && paths_name(octets, target));
        let connections = speaking.map(|octets| (&*octets.actor, octets.connection)).collect();
        Sight { records, target, connections }
    }

    /// Whether the target was seen at all.
    fn anywhere(&self) -> bool {
        !self.connections.is_empty()
            || received(self.records)
                .filter(|octets| octets.protocol == Protocol::Sip)
                .any(|octets| self.in_sip(octets))
    }

    /// Whether a finding is about what the target itself did: about octets that it sent over its own media connection, about the
    /// body of a message that names it, or about what of a chat it was given over its own connection while the way through the
    /// core was open for that chat. A head of SIP may have been written by the core.
    fn is_of_target(&self, finding: &Finding) -> bool {
        let at = finding.frame.and_then(|frame| usize::try_from(frame).ok()?.checked_sub(1));
        let Some((at, record)) = at.and_then(|at| Some((at, self.records.get(at)?))) else { return false };
        let What::Octets(octets) = &record.what else { return false };
        match (octets.protocol, octets.direction) {
            (Protocol::Msrp, Direction::Received) => self.speaks(octets),
            (Protocol::Msrp, Direction::Sent) => {
                finding.rule.starts_with(OF_DELIVERY) && self.speaks(octets) && self.speaks_after(at, octets)
            }
            (Protocol::Sip, Direction::Received) => self.in_sip(octets) && in_body(finding, octets),
            _ => false,
        }
    }

    fn speaks(&self, octets: &Octets) -> bool {
        self.connections.contains(&(&*octets.actor, octets.connection))
    }

    /// Whether the target sent other messages of the same chat after this line: whatever it wanted to say of it, it could.
    fn speaks_after(&self, at: usize, given: &Octets) -> bool {
        let chats: HashSet<&str> = self.chats_in(given).collect();
        let later = received(self.records.get(at..).unwrap_or_default());
        let mut said = later.filter(|octets| octets.protocol == Protocol::Msrp && self.speaks(octets));
        said.any(|octets| self.chats_in(octets).any(|chat| chats.contains(chat)))
    }

    /// The chats whose messages stand in these octets.
    fn chats_in(&self, octets: &Octets) -> impl Iterator<Item = &'a str> {
        let text = String::from_utf8_lossy(&octets.octets).into_owned();
        self.records.iter().filter_map(move |record| match &record.what {
            What::Event(Event::Message { group: Some(group), message_id, .. })
                if text.contains(message_id.as_str()) =>
            {
                Some(group.as_str())
            }
            _ => None,
        })
    }

    /// Whether a message of SIP names the target as one that it passed or that it leads to.
    fn in_sip(&self, octets: &Octets) -> bool {
        let Ok(message) = Message::parse(Bytes::clone(&octets.octets)) else { return false };
        // The Via of a response are those of the tester's own request.
        let passed: &[Name] = if message.is_request() { &[Name::Via] } else { &[] };
        let names = passed.iter().chain(&[Name::RecordRoute, Name::Contact]);
        let in_head = names.flat_map(|name| message.headers(name)).any(|value| self.named_in(value));
        let body = String::from_utf8_lossy(message.body());
        in_head || body.lines().any(|line| line.starts_with("a=path:") && self.named_in(line))
    }

    fn named_in(&self, text: &str) -> bool {
        self.target.iter().any(|address| names(text, address))
    }
}

fn received(records: &[Record]) -> impl Iterator<Item = &Octets> {
    records.iter().filter_map(|record| match &record.what {
        What::Octets(octets) if octets.direction == Direction::Received => Some(octets),
        _ => None,
    })
}

/// Whether the path that a sender of MSRP gives for itself names one of these addresses.
fn paths_name(octets: &Octets, target: &[String]) -> bool {
    let text = String::from_utf8_lossy(&octets.octets);
    let mut from = text.lines().filter_map(|line| line.strip_prefix("From-Path:"));
    from.any(|path| target.iter().any(|address| names(path, address)))
}

/// Whether a text names an address, and not one whose port begins with the same digits.
fn names(text: &str, address: &str) -> bool {
    text.match_indices(address).any(|(at, found)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
        let part_of_name = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
        !part_of_name(before) && !after.is_some_and(|c| c.is_ascii_digit())
    })
}

/// Whether a finding is about octets within the body of a message.
fn in_body(finding: &Finding, octets: &Octets) -> bool {
    let begin = octets.octets.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    matches!((finding.octets, begin), (Some((from, _)), Some(begin)) if from >= begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(direction: Direction, protocol: Protocol, connection: Option<u64>, text: &str) -> Record {
        let address = |port: u16| std::net::SocketAddr::from(([127, 0, 0, 1], port));
        let octets = Octets {
            actor: "device/Bob/phone".into(),
            step: 1,
            protocol,
            transport: crate::evidence::Transport::Tcp,
            direction,
            local: address(5060),
            remote: address(4060),
            connection,
            octets: Bytes::from(text.replace('\n', "\r\n")),
            malformed: None,
        };
        Record { at: cpm_wire::time::Time::ZERO, what: What::Octets(octets) }
    }

    fn message(group: &str, id: &str) -> Record {
        let (label, author) = (id.to_owned(), "Alice".to_owned());
        let (group, message_id) = (Some(group.to_owned()), id.to_owned());
        let event = Event::Message { group, label, message_id, author, private_to: None };
        Record { at: cpm_wire::time::Time::ZERO, what: What::Event(event) }
    }

    fn about(frame: u64, octets: Option<(usize, usize)>) -> Finding {
        Finding {
            rule: "missed_group_content.complete".to_owned(),
            requirement: Some("CPM-CONV-058".to_owned()),
            level: crate::verdict::Level::Shall,
            verdict: FindingVerdict::Fail,
            expected: String::new(),
            observed: "it is not there".to_owned(),
            frame: Some(frame),
            octets,
            source: String::new(),
            interpretation: None,
            blame: Blame::Target,
        }
    }

    /// Two messages of one chat and one of another are given to the target, which delivers one of the first chat.
    fn given_and_delivered() -> Vec<Record> {
        let send = |id: &str| format!("MSRP x SEND\nFrom-Path: msrp://127.0.0.1:9/a;tcp\n\nimdn.Message-ID: {id}\n");
        let came = "MSRP y SEND\nFrom-Path: msrp://127.0.0.1:2855/b;tcp\n\nimdn.Message-ID: one-2\n";
        let head = "INVITE sip:bob@127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:4060\n";
        vec![
            message("one", "one-1"),
            message("one", "one-2"),
            message("two", "two-1"),
            octets(
                Direction::Received,
                Protocol::Msrp,
                Some(1),
                "MSRP x 200 OK\nFrom-Path: msrp://127.0.0.1:2855/a;tcp\n",
            ),
            octets(Direction::Sent, Protocol::Msrp, Some(1), &send("one-1")),
            octets(Direction::Sent, Protocol::Msrp, Some(1), &send("two-1")),
            octets(Direction::Received, Protocol::Msrp, Some(2), came),
            octets(Direction::Received, Protocol::Sip, None, &format!("{head}Contact: <sip:127.0.0.1:5080>\n\nbody")),
            octets(Direction::Received, Protocol::Sip, None, &format!("{head}Contact: <sip:127.0.0.1:4060>\n\nbody")),
        ]
    }

    #[test]
    fn only_what_the_target_said_itself_or_had_the_way_to_say_is_its_own() {
        let (records, target) = (given_and_delivered(), ["127.0.0.1:5080", "127.0.0.1:2855"].map(str::to_owned));
        let sight = Sight::new(&records, &target);
        let body = records.get(7).map(|record| match &record.what {
            What::Octets(octets) => (octets.octets.len() - 4, octets.octets.len()),
            _ => (0, 0),
        });
        let table = [
            (about(5, None), true, "of the first chat another message came"),
            (about(6, None), false, "of the second chat nothing came"),
            (about(7, None), true, "it came over the target's own connection"),
            (about(8, body), true, "the body of a message that names the target"),
            (about(8, Some((0, 6))), false, "the head of a message"),
            (about(8, None), false, "a message as a whole"),
            (about(9, body), false, "a message that names the core alone"),
            (Finding { frame: None, ..about(1, None) }, false, "nothing at all"),
        ];
        for (finding, own, why) in table {
            assert_eq!(sight.is_of_target(&finding), own, "{why}");
        }
        assert!(sight.anywhere());
        let nothing: Vec<Record> = records.into_iter().skip(8).collect();
        assert!(!Sight::new(&nothing, &target).anywhere());
    }

    #[test]
    fn what_may_be_the_cores_doing_fails_nobody() {
        let mut own = about(9, None);
        doubt(&mut own);
        assert_eq!((own.verdict, own.blame), (FindingVerdict::Inconclusive, Blame::Unknown));
        let mut base = Finding { requirement: None, ..about(9, None) };
        doubt(&mut base);
        assert_eq!((base.verdict, base.blame), (FindingVerdict::Warning, Blame::Unknown));
    }

    #[test]
    fn an_address_is_named_as_a_whole_and_not_as_a_part_of_another() {
        let table = [
            ("msrp://127.0.0.1:2855/x;tcp", true),
            ("SIP/2.0/UDP 127.0.0.1:2855;branch=z9hG4bKx", true),
            ("msrp://127.0.0.1:28550/x;tcp", false),
            ("msrp://10.127.0.0.1:2855/x;tcp", false),
            ("sip:127.0.0.1", false),
        ];
        for (text, named) in table {
            assert_eq!(names(text, "127.0.0.1:2855"), named, "{text}");
        }
    }
}
