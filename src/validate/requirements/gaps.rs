//! What a capture of signalling shows to lack: an answer to nothing, a question that nobody answers and nobody asks again, an
//! acceptance that nobody acknowledges (RFC 3261 sections 13.3.1.4 and 17). Of datagrams nothing else tells that one is missing.
//!
//! Whoever gets no answer asks again. So what was asked once was answered, in the capture or past it, unless the capture ends before
//! it was to be asked again.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use cpm_wire::sip::{Message, Method, Name, NameAddr, identity_key};
use cpm_wire::time::Time;

use crate::evidence::Transport;
use crate::story::legs::When;

/// So many transactions, and so many gaps, are remembered; of a capture of more it is not known what it lacks.
const LIMIT: usize = 65_536;

/// Nobody asks again sooner (RFC 3261 section 17.1.1.1).
const T1: Duration = Duration::from_millis(500);

/// Who sent a request, and the print of its branch and method.
type Key = (bool, u64);

/// What is missing, and where that shows.
#[derive(Clone, Copy, Debug)]
enum Gap {
    Request { answered: u64 },
    Response { asked: u64 },
    Ack { accepted: u64 },
}

impl Gap {
    /// The packet by which it is known.
    const fn shows_in(self) -> u64 {
        match self {
            Gap::Request { answered: frame } | Gap::Response { asked: frame } | Gap::Ack { accepted: frame } => frame,
        }
    }

    fn words(self) -> String {
        match self {
            Gap::Request { answered } => format!("the capture lacks what packet {answered} answers"),
            Gap::Response { asked } => format!("the capture lacks the answer to packet {asked}"),
            Gap::Ack { accepted } => format!("the capture lacks the ACK of packet {accepted}"),
        }
    }
}

/// What a message is about: the prints of its Call-ID, and of the identities that it names.
#[derive(Clone, Debug)]
struct About {
    call: u64,
    people: Vec<u64>,
}

impl About {
    fn of(message: &Message) -> Option<About> {
        let served = message.header(&Name::PServedUser).and_then(|value| NameAddr::parse(value).ok());
        let served = served.as_ref().map(|served| served.uri);
        let ends = [message.from().ok(), message.to().ok()].into_iter().flatten().map(|end| end.uri);
        let named = ends.chain(message.request_uri()).chain(served);
        let mut people: Vec<u64> = named.map(|uri| print(identity_key(uri))).collect();
        people.dedup();
        Some(About { call: print(message.call_id()?), people })
    }
}

/// A final response, by the tag of who gave it.
#[derive(Debug)]
struct Final {
    tag: u64,
    when: When,
    times: u32,
    acknowledged: bool,
}

#[derive(Debug)]
struct Transaction {
    about: About,
    when: When,
    invite: bool,
    /// Over UDP: what is lost on the way is sent again.
    datagrams: bool,
    times: u32,
    heard: bool,
    finals: Vec<Final>,
}

impl Transaction {
    /// What of it is missing in a capture that goes on until then.
    fn gap(&self, until: Time) -> Option<Gap> {
        let once = |when: When, times: u32| times == 1 && until.since(when.at) >= T1;
        // An acceptance is repeated over streams as well (RFC 3261 section 13.3.1.4).
        let lost = |last: &&Final| self.invite && !last.acknowledged && once(last.when, last.times);
        match self.finals.iter().find(lost) {
            Some(last) => Some(Gap::Ack { accepted: last.when.frame }),
            // Who has heard something of an INVITE waits.
            None if self.datagrams
                && self.finals.is_empty()
                && once(self.when, self.times)
                && !(self.invite && self.heard) =>
            {
                Some(Gap::Response { asked: self.when.frame })
            }
            None => None,
        }
    }
}

/// The print of what names something.
fn print(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// Follows the transactions of a capture.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    transactions: HashMap<Key, Transaction>,
    /// The INVITEs of each side by Call-ID, tag and number: what the ACK of a success is found by.
    invites: HashMap<Key, Vec<Key>>,
    gaps: Vec<(About, Gap)>,
    full: bool,
}

impl Gaps {
    /// Takes the next message.
    pub fn observe(&mut self, when: When, sent: bool, transport: Transport, message: &Message) {
        let Some(branch) = message.via().ok().and_then(|via| via.branch().map(str::to_owned)) else { return };
        let method = message.method();
        if !tells(&method) {
            return;
        }
        match message.status() {
            Some(status) => self.response(when, (!sent, print((&branch, method.as_str()))), status, message),
            None if method == Method::Ack => self.ack(when, sent, &branch, message),
            None => self.request(when, (sent, print((&branch, method.as_str()))), transport, message),
        }
    }

    fn request(&mut self, when: When, key: Key, transport: Transport, message: &Message) {
        if let Some(known) = self.transactions.get_mut(&key) {
            known.times += 1;
            return;
        }
        if self.transactions.len() >= LIMIT {
            self.full = true;
            return;
        }
        let Some(about) = About::of(message) else { return };
        let invite = message.method() == Method::Invite;
        if invite {
            self.invites.entry(of_ack(key.0, message)).or_default().push(key);
        }
        let datagrams = transport == Transport::Udp;
        let asked = Transaction { about, when, invite, datagrams, times: 1, heard: false, finals: Vec::new() };
        self.transactions.insert(key, asked);
    }

    fn response(&mut self, when: When, key: Key, status: u16, message: &Message) {
        let Some(asked) = self.transactions.get_mut(&key) else {
            return self.lacks(message, Gap::Request { answered: when.frame });
        };
        asked.heard = true;
        if status < 200 {
            return;
        }
        let tag = print(message.to_tag());
        match asked.finals.iter_mut().find(|last| last.tag == tag) {
            Some(last) => last.times += 1,
            None => asked.finals.push(Final { tag, when, times: 1, acknowledged: false }),
        }
    }

    fn ack(&mut self, when: When, sent: bool, branch: &str, message: &Message) {
        let of_refusal = (sent, print((branch, Method::Invite.as_str())));
        let of_success = self.invites.get(&of_ack(sent, message)).cloned().unwrap_or_default();
        let tag = print(message.to_tag());
        let mut known = false;
        for key in [of_refusal].into_iter().chain(of_success) {
            let Some(asked) = self.transactions.get_mut(&key) else { continue };
            for last in asked.finals.iter_mut().filter(|last| last.tag == tag) {
                (last.acknowledged, known) = (true, true);
            }
        }
        if !known {
            self.lacks(message, Gap::Request { answered: when.frame });
        }
    }

    fn lacks(&mut self, message: &Message, gap: Gap) {
        if self.gaps.len() >= LIMIT {
            self.full = true;
        } else if let Some(about) = About::of(message) {
            self.gaps.push((about, gap));
        }
    }

    /// Nothing more comes after that: what was not answered is not in the capture.
    pub fn close(&mut self, until: Time) {
        let open = self.transactions.values().filter_map(|asked| Some((asked.about.clone(), asked.gap(until)?)));
        self.gaps.extend(open);
        self.gaps.sort_by_key(|(_, gap)| gap.shows_in());
    }

    /// What the capture lacks of these calls; or from a packet on of somebody with these identities.
    pub fn of<'a>(
        &self,
        calls: impl Iterator<Item = &'a str>,
        identities: impl Iterator<Item = &'a str>,
        since: u64,
    ) -> Option<String> {
        let calls: Vec<u64> = calls.map(print).collect();
        let people: Vec<u64> = identities.map(print).collect();
        let named = |about: &About| about.people.iter().any(|one| people.contains(one));
        let concerns =
            |(about, gap): &&(About, Gap)| calls.contains(&about.call) || gap.shows_in() >= since && named(about);
        let gap = self.gaps.iter().find(concerns).map(|(_, gap)| gap.words());
        gap.or_else(|| self.full.then(|| "the capture holds more than is kept".to_owned()))
    }
}

/// Whether a method tells anything of calls and of who can be reached.
fn tells(method: &Method) -> bool {
    matches!(
        method,
        Method::Invite
            | Method::Ack
            | Method::Bye
            | Method::Cancel
            | Method::Prack
            | Method::Update
            | Method::Refer
            | Method::Message
            | Method::Subscribe
            | Method::Notify
            | Method::Register
    )
}

/// What an ACK has in common with its INVITE, whatever the branch.
fn of_ack(sent: bool, message: &Message) -> Key {
    (sent, print((message.call_id(), message.from_tag(), message.cseq().map(|cseq| cseq.number).ok())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use pretty_assertions::assert_eq;

    /// A message of the call `c` from Alice to Bob.
    fn message(start: &str, cseq: &str, branch: &str, to_tag: &str) -> Message {
        let text = format!(
            "{start}\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{branch}\r\nFrom: <sip:alice@example.com>;tag=a\r\n\
             To: <sip:bob@example.com>{to_tag}\r\nCall-ID: c\r\nCSeq: {cseq}\r\nContent-Length: 0\r\n\r\n"
        );
        Message::parse(Bytes::from(text)).unwrap()
    }

    const INVITE: (&str, &str, &str) = ("INVITE sip:bob@example.com SIP/2.0", "1 INVITE", "i");
    const TRYING: (&str, &str, &str) = ("SIP/2.0 100 Trying", "1 INVITE", "i");
    const OK: (&str, &str, &str) = ("SIP/2.0 200 OK", "1 INVITE", "i");
    const ACK: (&str, &str, &str) = ("ACK sip:bob@example.com SIP/2.0", "1 ACK", "k");
    const BYE: (&str, &str, &str) = ("BYE sip:bob@example.com SIP/2.0", "2 BYE", "b");
    const ENDED: (&str, &str, &str) = ("SIP/2.0 200 OK", "2 BYE", "b");

    /// What a capture of these messages lacks, of the call and of Bob.
    fn lacks(seen: &[(&str, &str, &str)]) -> [Option<String>; 2] {
        let mut gaps = Gaps::default();
        for (frame, (start, cseq, branch)) in (1..).zip(seen) {
            let to_tag = if *branch == "i" && start.starts_with("INVITE") { "" } else { ";tag=b" };
            let message = message(start, cseq, branch, to_tag);
            gaps.observe(When { frame, at: Time::ZERO }, message.is_request(), Transport::Udp, &message);
        }
        gaps.close(Time::ZERO + T1);
        let of_bob = gaps.of(std::iter::empty(), ["sip:bob@example.com"].into_iter(), 0);
        assert_eq!(gaps.of(["other"].into_iter(), ["sip:carol@example.com"].into_iter(), 0), None);
        [gaps.of(["c"].into_iter(), std::iter::empty(), 99), of_bob]
    }

    #[test]
    fn what_is_missing_of_a_call_shows_in_the_rest() {
        let whole = [INVITE, TRYING, OK, ACK, BYE, ENDED];
        assert_eq!(lacks(&whole), [None, None]);
        for (lost, shows) in [
            (0, "the capture lacks what packet 1 answers"),
            (2, "the capture lacks what packet 3 answers"),
            (3, "the capture lacks the ACK of packet 3"),
            (4, "the capture lacks what packet 5 answers"),
            (5, "the capture lacks the answer to packet 5"),
        ] {
            let mut part = whole.to_vec();
            part.remove(lost);
            assert_eq!(lacks(&part), [Some(shows.to_owned()), Some(shows.to_owned())], "without {:?}", whole[lost]);
        }
    }

    #[test]
    fn who_asks_again_got_no_answer() {
        assert_eq!(lacks(&[INVITE, TRYING, OK, ACK, BYE, BYE]), [None, None]);
        assert_eq!(lacks(&[INVITE, TRYING, OK, OK]), [None, None]);
        assert_eq!(lacks(&[INVITE, TRYING]), [None, None]);
    }
}
