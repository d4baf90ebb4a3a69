//! When a SIP message goes out, and what goes before and after it (RFC 3261 sections 13.3.1 and 17, RFC 6665 section 4).
//!
//! Whatever waits, the messages of one Call-ID keep their order, but for the one NOTIFY that may overtake the 2xx to its
//! SUBSCRIBE.

use super::chance::Chance;
use super::freedoms::{Freedom, Freedoms, Licence, Uses};
use super::sip::Carrier;
use cpm_wire::sip::{Builder, Message, Method, Name};
use cpm_wire::time::Time;
use std::collections::{HashSet, VecDeque};
use std::time::Duration;

/// So long a 2xx to SUBSCRIBE waits for a NOTIFY to go first.
const FOR_A_NOTIFY: Duration = Duration::from_millis(2);
/// So long, at most, a NOTIFY takes.
const LATE_MS: usize = 20;

/// A message that waits, and where it is to go.
#[derive(Debug)]
struct Waiting<W> {
    due: Time,
    call_id: String,
    /// It waits for a NOTIFY of its Call-ID, and no longer.
    for_notify: bool,
    message: Message,
    way: W,
}

/// The messages on their way out; `W` says where each is to go.
#[derive(Debug)]
pub struct Pace<W> {
    freedoms: Freedoms,
    chance: Chance,
    /// Call-ID and own tag of dialogs that the target has been heard in.
    heard: HashSet<(String, String)>,
    /// Branches of INVITEs that a provisional response went to.
    tried: HashSet<String>,
    waiting: VecDeque<Waiting<W>>,
    ready: VecDeque<(Message, W)>,
}

impl<W: Clone> Pace<W> {
    /// Nothing is on its way.
    pub fn new(seed: u64, freedoms: Freedoms) -> Pace<W> {
        Pace {
            freedoms,
            chance: Chance::new(seed),
            heard: HashSet::new(),
            tried: HashSet::new(),
            waiting: VecDeque::new(),
            ready: VecDeque::new(),
        }
    }

    /// A message is to go.
    pub fn take(&mut self, now: Time, message: Message, carrier: Carrier, way: W, uses: &mut Uses) {
        self.provisional(&message, &way, uses);
        let again = self.again(&message, carrier, uses);
        let copies = 1 + usize::from(again);
        for message in std::iter::repeat_n(message, copies) {
            self.one(now, message, way.clone(), uses);
        }
    }

    /// The next one whose time has come.
    pub fn poll(&mut self) -> Option<(Message, W)> {
        self.ready.pop_front()
    }

    /// When the next one goes.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.waiting.iter().map(|waiting| waiting.due).min()
    }

    /// Lets those go whose time has come.
    pub fn handle_timeout(&mut self, now: Time) {
        self.release(|waiting| waiting.due <= now);
    }

    /// Lets go all that goes this way: it is about to end.
    pub fn flush(&mut self, ends: impl Fn(&W) -> bool) {
        self.release(|waiting| ends(&waiting.way));
    }

    fn release(&mut self, is_due: impl Fn(&Waiting<W>) -> bool) {
        // Nothing overtakes another of its Call-ID: what stands before one that goes, goes too.
        let mut last: Vec<(String, usize)> = Vec::new();
        for (place, waiting) in self.waiting.iter().enumerate().filter(|(_, waiting)| is_due(waiting)) {
            last.push((waiting.call_id.clone(), place));
        }
        let mut place = 0;
        self.waiting.retain(|waiting| {
            let goes = last.iter().any(|(call_id, last)| *call_id == waiting.call_id && place <= *last);
            place += 1;
            if goes {
                self.ready.push_back((waiting.message.clone(), waiting.way.clone()));
            }
            !goes
        });
    }

    /// A provisional response before the final one to an INVITE, if the target gave none.
    fn provisional(&mut self, message: &Message, way: &W, uses: &mut Uses) {
        let branch = message.via().ok().and_then(|via| via.branch()).unwrap_or_default().to_owned();
        let first_heard = self.first_heard(message);
        let Some(status) = message.status().filter(|_| message.method() == Method::Invite) else { return };
        let untried = self.tried.insert(branch);
        if status < 200 || !untried {
            return;
        }
        let mut licence = Licence { freedoms: &self.freedoms, chance: &mut self.chance, uses };
        if licence.takes(Freedom::TimingTrying) {
            licence.note(Freedom::TimingTrying, true);
            self.ready.push_back((before(message, 100, "Trying"), way.clone()));
        }
        let mut licence = Licence { freedoms: &self.freedoms, chance: &mut self.chance, uses };
        if status < 300 && first_heard && licence.takes(Freedom::TimingProvisional) {
            licence.note(Freedom::TimingProvisional, true);
            let (code, phrase) = if licence.chance.one_in(2) { (180, "Ringing") } else { (183, "Session Progress") };
            self.ready.push_back((before(message, code, phrase), way.clone()));
        }
    }

    /// Whether the target is heard in this dialog for the first time.
    fn first_heard(&mut self, message: &Message) -> bool {
        let tag = if message.is_request() { message.from_tag() } else { message.to_tag() };
        match (message.call_id(), tag) {
            (Some(call_id), Some(tag)) => self.heard.insert((call_id.to_owned(), tag.to_owned())),
            _ => false,
        }
    }

    /// Over UDP a message may go twice. An ACK answers the 2xx that comes again, and nothing else.
    fn again(&mut self, message: &Message, carrier: Carrier, uses: &mut Uses) -> bool {
        let freedom = match message.status() {
            None if message.method() != Method::Ack => Freedom::TimingRequestAgain,
            Some(200..) => Freedom::TimingResponseAgain,
            _ => return false,
        };
        let mut licence = Licence { freedoms: &self.freedoms, chance: &mut self.chance, uses };
        let again = carrier == Carrier::Datagram && licence.takes(freedom);
        licence.note(freedom, again);
        again
    }

    fn one(&mut self, now: Time, message: Message, way: W, uses: &mut Uses) {
        let call_id = message.call_id().unwrap_or_default().to_owned();
        let is_notify = message.is_request() && message.method() == Method::Notify;
        let is_accepted = message.method() == Method::Subscribe && matches!(message.status(), Some(200..300));
        let mut behind = self.waiting.iter().filter(|waiting| waiting.call_id == call_id).peekable();
        if behind.peek().is_some() {
            let overtakes = is_notify && behind.all(|waiting| waiting.for_notify);
            if overtakes {
                self.ready.push_back((message, way));
                uses.count(Freedom::TimingEarlyNotify);
                self.release(|waiting| waiting.call_id == call_id);
            } else {
                self.wait(now, call_id, message, way);
            }
            return;
        }
        let mut licence = Licence { freedoms: &self.freedoms, chance: &mut self.chance, uses };
        if is_accepted && licence.takes(Freedom::TimingEarlyNotify) {
            let due = now + FOR_A_NOTIFY;
            self.waiting.push_back(Waiting { due, call_id, for_notify: true, message, way });
        } else if is_notify && licence.takes(Freedom::TimingLateNotify) {
            licence.note(Freedom::TimingLateNotify, true);
            let late = licence.chance.below(LATE_MS) + 1;
            let due = now + Duration::from_millis(u64::try_from(late).unwrap_or(1));
            self.waiting.push_back(Waiting { due, call_id, for_notify: false, message, way });
        } else {
            self.ready.push_back((message, way));
        }
    }

    /// Behind what waits of its Call-ID already.
    fn wait(&mut self, now: Time, call_id: String, message: Message, way: W) {
        let of_call = self.waiting.iter().filter(|waiting| waiting.call_id == call_id);
        let last = of_call.map(|waiting| (waiting.due, waiting.for_notify)).max();
        let (due, for_notify) = last.unwrap_or((now, false));
        self.waiting.push_back(Waiting { due, call_id, for_notify, message, way });
    }
}

/// A provisional response to the request that this is the final response to.
fn before(last: &Message, code: u16, phrase: &str) -> Message {
    let builder = Builder::response(last, code, phrase);
    match last.header(&Name::Contact).filter(|_| code > 100) {
        Some(contact) => builder.header(Name::Contact, contact).build(),
        None => builder.build(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use pretty_assertions::assert_eq;

    fn message(start: &str, cseq: &str, call_id: &str, own_tag: &str) -> Message {
        let (from, to) = if start.starts_with("SIP") { ("theirs", own_tag) } else { (own_tag, "theirs") };
        let branch = cseq.replace(' ', "");
        let text = format!(
            "{start}\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK{branch}\r\nRecord-Route: <sip:p.example;lr>\r\n\
             From: <sip:a@a.example>;tag={from}\r\nTo: <sip:b@b.example>;tag={to}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq}\r\nContact: <sip:b@127.0.0.1>\r\nContent-Length: 0\r\n\r\n"
        );
        Message::parse(Bytes::from(text)).unwrap()
    }

    fn ok(cseq: &str) -> Message {
        message("SIP/2.0 200 OK", cseq, "c1", "own")
    }

    fn notify(number: u32) -> Message {
        message("NOTIFY sip:a@a.example SIP/2.0", &format!("{number} NOTIFY"), "c1", "own")
    }

    /// What goes out, and when in milliseconds, of what comes in at one instant; the first line and the CSeq.
    fn paced(seed: u64, freedom: Freedom, carrier: Carrier, messages: &[Message]) -> (Vec<(u64, String)>, u64) {
        let (mut pace, mut uses) = (Pace::new(seed, Freedoms::only(freedom)), Uses::default());
        let mut out = Vec::new();
        let mut go = |pace: &mut Pace<u8>, now: Time| {
            while let Some((message, _)) = pace.poll() {
                let start = message.status().map_or_else(|| message.method().to_string(), |code| code.to_string());
                let cseq = message.cseq().unwrap();
                out.push((now.as_nanos() / 1_000_000, format!("{start} {} {}", cseq.number, cseq.method)));
            }
        };
        for message in messages {
            pace.take(Time::ZERO, message.clone(), carrier, 0, &mut uses);
            go(&mut pace, Time::ZERO);
        }
        while let Some(due) = pace.poll_timeout() {
            pace.handle_timeout(due);
            go(&mut pace, due);
        }
        (out, uses.of(freedom))
    }

    /// All that some seed makes of these messages.
    fn all(freedom: Freedom, carrier: Carrier, messages: &[Message]) -> Vec<Vec<(u64, String)>> {
        let runs = (0..64).map(|seed| paced(seed, freedom, carrier, messages));
        let mut seen: Vec<_> = runs.map(|(out, _)| out).collect();
        seen.sort();
        seen.dedup();
        seen
    }

    fn at_once(words: &[&str]) -> Vec<(u64, String)> {
        words.iter().map(|word| (0, (*word).to_owned())).collect()
    }

    #[test]
    fn an_invite_may_hear_something_before_its_answer() {
        let accepted = [ok("1 INVITE")];
        let trying = all(Freedom::TimingTrying, Carrier::Stream, &accepted);
        assert_eq!(trying, [at_once(&["100 1 INVITE", "200 1 INVITE"]), at_once(&["200 1 INVITE"])]);
        let ringing = all(Freedom::TimingProvisional, Carrier::Stream, &accepted);
        assert_eq!(ringing.len(), 3, "{ringing:?}");
        assert!(ringing.contains(&at_once(&["183 1 INVITE", "200 1 INVITE"])));
    }

    #[test]
    fn a_provisional_response_makes_the_dialog_that_the_final_one_makes() {
        let first = before(&ok("1 INVITE"), 180, "Ringing");
        let copied =
            |name: &Name| (first.header(name).map(str::to_owned), ok("1 INVITE").header(name).map(str::to_owned));
        for name in [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq, Name::Contact, Name::RecordRoute] {
            let (own, of_final) = copied(&name);
            assert_eq!(own, of_final, "{name}");
        }
        assert_eq!(before(&ok("1 INVITE"), 100, "Trying").header(&Name::Contact), None);
    }

    #[test]
    fn where_something_was_said_before_nothing_is_added() {
        let within = [message("BYE sip:a@a.example SIP/2.0", "5 BYE", "c1", "own"), ok("6 INVITE")];
        assert_eq!(
            all(Freedom::TimingProvisional, Carrier::Stream, &within),
            [at_once(&["BYE 5 BYE", "200 6 INVITE"])]
        );
        let refused = [message("SIP/2.0 180 Ringing", "1 INVITE", "c1", "own"), ok("1 INVITE")];
        for freedom in [Freedom::TimingTrying, Freedom::TimingProvisional] {
            assert_eq!(all(freedom, Carrier::Stream, &refused), [at_once(&["180 1 INVITE", "200 1 INVITE"])]);
        }
        assert_eq!(all(Freedom::TimingTrying, Carrier::Stream, &[ok("1 SUBSCRIBE")]).len(), 1);
    }

    #[test]
    fn datagrams_may_go_twice_but_an_ack_goes_once() {
        let bye = [message("BYE sip:a@a.example SIP/2.0", "5 BYE", "c1", "own")];
        let twice = all(Freedom::TimingRequestAgain, Carrier::Datagram, &bye);
        assert_eq!(twice, [at_once(&["BYE 5 BYE"]), at_once(&["BYE 5 BYE", "BYE 5 BYE"])]);
        assert_eq!(all(Freedom::TimingRequestAgain, Carrier::Stream, &bye).len(), 1);
        assert_eq!(all(Freedom::TimingResponseAgain, Carrier::Datagram, &[ok("1 BYE")]).len(), 2);
        let ack = [message("ACK sip:a@a.example SIP/2.0", "1 ACK", "c1", "own")];
        assert_eq!(all(Freedom::TimingRequestAgain, Carrier::Datagram, &ack).len(), 1);
        let ringing = [message("SIP/2.0 180 Ringing", "1 INVITE", "c1", "own")];
        assert_eq!(all(Freedom::TimingResponseAgain, Carrier::Datagram, &ringing).len(), 1);
    }

    #[test]
    fn the_first_notify_may_overtake_the_answer_to_its_subscribe() {
        let seen = all(Freedom::TimingEarlyNotify, Carrier::Datagram, &[ok("1 SUBSCRIBE"), notify(1), notify(2)]);
        let (usual, early) = (["200 1 SUBSCRIBE", "NOTIFY 1 NOTIFY"], ["NOTIFY 1 NOTIFY", "200 1 SUBSCRIBE"]);
        let with_second = |first: [&str; 2]| at_once(&[first[0], first[1], "NOTIFY 2 NOTIFY"]);
        assert_eq!(seen, [with_second(usual), with_second(early)]);
        // It waits for none for long.
        let seen = all(Freedom::TimingEarlyNotify, Carrier::Datagram, &[ok("1 SUBSCRIBE")]);
        assert_eq!(seen, [at_once(&["200 1 SUBSCRIBE"]), vec![(2, "200 1 SUBSCRIBE".to_owned())]]);
    }

    #[test]
    fn a_late_notify_holds_up_its_dialog_and_no_other() {
        let elsewhere = message("BYE sip:a@a.example SIP/2.0", "5 BYE", "c2", "own");
        let messages = [notify(1), notify(2), elsewhere, notify(3)];
        let seen = all(Freedom::TimingLateNotify, Carrier::Datagram, &messages);
        assert!(seen.len() > 10, "{seen:?}");
        for out in seen {
            let notified: Vec<&str> =
                out.iter().map(|(_, what)| what.as_str()).filter(|what| what.starts_with('N')).collect();
            assert_eq!(notified, ["NOTIFY 1 NOTIFY", "NOTIFY 2 NOTIFY", "NOTIFY 3 NOTIFY"]);
            assert!(out.iter().all(|(at, _)| *at <= 20), "{out:?}");
            assert!(out.contains(&(0, "BYE 5 BYE".to_owned())));
        }
    }

    #[test]
    fn what_waits_goes_before_its_way_ends() {
        let (mut pace, mut uses) = (Pace::new(1, Freedoms::only(Freedom::TimingLateNotify)), Uses::default());
        while pace.poll_timeout().is_none() {
            pace.take(Time::ZERO, notify(1), Carrier::Stream, 7, &mut uses);
        }
        while pace.poll().is_some() {}
        pace.flush(|way| *way == 8);
        assert!(pace.poll().is_none());
        pace.flush(|way| *way == 7);
        assert!(pace.poll().is_some());
        assert_eq!(pace.poll_timeout(), None);
    }
}
