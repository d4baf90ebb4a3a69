//! Sessions between Alice, of another network, and Bob's phone and watch, or Eve's phone, by hand: every octet of the legs
//! is typed here.

use std::ops::{Deref, DerefMut};

use crate::evidence::Direction::{self, Received, Sent};
use crate::evidence::{ChatKind, Event};
use crate::rules::Rule;
pub use crate::rules::missed_group_content::tests::script::{Script, Text, Wire, stating, text};
use serde::Serialize;

/// Who is at the tester's end of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Alice,
    Bob,
    /// The watch of the same Bob.
    Watch,
    Eve,
}
use Who::{Alice, Bob, Eve, Watch};

impl Who {
    pub fn other(self) -> Who {
        if self == Alice { Bob } else { Alice }
    }

    fn uri(self) -> &'static str {
        match self {
            Alice => "sip:alice@example.com",
            Bob | Watch => "sip:bob@example.com",
            Eve => "sip:eve@example.com",
        }
    }

    fn contact(self) -> &'static str {
        match self {
            Alice => "sip:alice@192.0.2.10:5200",
            Bob => "sip:bob@192.0.2.10:5101",
            Watch => "sip:bob@192.0.2.10:5102",
            Eve => "sip:eve@192.0.2.10:5103",
        }
    }

    fn actor(self) -> &'static str {
        match self {
            Alice => "remote/Alice",
            Bob => "device/Bob/phone",
            Watch => "device/Bob/watch",
            Eve => "device/Eve/phone",
        }
    }
}

/// One leg, with what its messages need.
#[derive(Clone)]
pub struct Line {
    pub wire: Wire,
    pub who: Who,
    by_target: bool,
    from: String,
    to: String,
    own_tag: String,
    target_tag: String,
    branch: String,
}

impl Line {
    /// The same INVITE by another branch of a proxy.
    pub fn by_another_way(&self) -> Line {
        Line { branch: format!("{}-again", self.branch), ..self.clone() }
    }

    /// The same leg with another tag of the target.
    pub fn tagged(&self, tag: &str) -> Line {
        Line { target_tag: tag.to_owned(), ..self.clone() }
    }
}

/// A request within a leg, to be answered.
#[derive(Clone)]
pub struct Asked {
    direction: Direction,
    head: String,
}

/// A script of sessions.
pub struct Talk {
    script: Script,
    count: u32,
}

impl Deref for Talk {
    type Target = Script;
    fn deref(&self) -> &Script {
        &self.script
    }
}

impl DerefMut for Talk {
    fn deref_mut(&mut self) -> &mut Script {
        &mut self.script
    }
}

pub const LUNCH: &str = "Lunch";

impl Talk {
    pub fn new() -> Talk {
        let mut talk = Talk { script: Script::new(), count: 0 };
        for session in [LUNCH, "Dinner", "Tea"] {
            talk.introduces(session, session);
        }
        talk
    }

    /// A session of the conversation of another, or of its own.
    pub fn introduces(&mut self, session: &str, conversation: &str) {
        self.event(Event::Group {
            group: session.to_owned(),
            contribution: format!("contribution-{session}"),
            conversation: format!("conversation-{conversation}"),
            focus: Alice.uri().to_owned(),
            subject: session.to_owned(),
            kind: ChatKind::OneToOne,
        });
    }

    /// The same so far, to be continued in another way.
    pub fn clone_talk(&self) -> Talk {
        Talk { script: self.script.clone_records(), count: self.count }
    }

    /// With something that the target said, so that it is not silent.
    pub fn registered(mut self) -> Talk {
        self.registers("Bob", "phone");
        self
    }

    /// Undecided while more may come, unless it is met already.
    pub fn undecided_unless(&self, met: bool, rule: &dyn Rule) {
        if !met && self.story().target_spoke() {
            self.undecided(rule);
        }
    }

    /// Closed and broken, as nothing came.
    pub fn unanswered(&self, rule: &dyn Rule) {
        assert!(self.failed(rule).observed.contains("never answered"));
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    /// The tester's end calls; the INVITE alone.
    pub fn calls(&mut self, session: &str, who: Who) -> Line {
        self.calls_as(session, who, |invite| invite)
    }

    pub fn calls_as(&mut self, session: &str, who: Who, edit: impl Fn(String) -> String) -> Line {
        let line = self.line(session, who, false);
        let served = if who == Alice { Bob.uri() } else { who.uri() };
        let case = if who == Alice { "term" } else { "orig" };
        let headers = format!("P-Served-User: <{served}>;sescase={case};regstate=reg\r\n");
        let invite = self.invite(&line, session, who.other().uri(), &headers);
        self.sip(Sent, measured(&edit(invite)));
        line
    }

    /// The INVITE of a leg once more.
    pub fn again(&mut self, line: &Line, session: &str) -> u64 {
        let invite = self.invite(line, session, line.who.other().uri(), "");
        self.sip(Sent, invite)
    }

    /// The target's INVITE to the tester's end.
    pub fn reaches(&mut self, session: &str, who: Who) -> Line {
        self.reaches_as(session, who, |invite| invite)
    }

    pub fn reaches_as(&mut self, session: &str, who: Who, edit: impl Fn(String) -> String) -> Line {
        let line = self.line(session, who, true);
        let uri = if who == Alice { Alice.uri() } else { who.contact() };
        let invite = self.invite(&line, session, uri, "");
        self.sip(Received, measured(&edit(invite)));
        line
    }

    fn line(&mut self, session: &str, who: Who, by_target: bool) -> Line {
        let n = self.next();
        let (from, to) = if by_target { (who.other(), who) } else { (who, who.other()) };
        Line {
            wire: Wire {
                call_id: format!("talk-{session}-{n}"),
                own_path: format!("msrp://192.0.2.10:8000/own{n};tcp"),
                target_path: format!("msrp://198.51.100.1:2855/target{n};tcp"),
                actor: who.actor().to_owned(),
                connection: u64::from(n),
                by_target,
            },
            who,
            by_target,
            from: from.uri().to_owned(),
            to: to.uri().to_owned(),
            own_tag: format!("own{n}"),
            target_tag: format!("target{n}"),
            branch: format!("z9hG4bKinvite{n}"),
        }
    }

    fn invite(&self, line: &Line, session: &str, uri: &str, headers: &str) -> String {
        let (path, tag) = match line.by_target {
            true => (&line.wire.target_path, &line.target_tag),
            false => (&line.wire.own_path, &line.own_tag),
        };
        let description = offer(path, "sendrecv");
        format!(
            "INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch={}\r\nMax-Forwards: 70\r\n\
             From: <{}>;tag={tag}\r\nTo: <{}>\r\nCall-ID: {}\r\nCSeq: 1 INVITE\r\nContact: {}\r\n\
             P-Asserted-Identity: <{}>\r\nP-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session\r\n\
             Contribution-ID: contribution-{session}\r\nConversation-ID: conversation-{session}\r\n{headers}\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{description}",
            line.branch,
            line.from,
            line.to,
            line.wire.call_id,
            contact(line, !line.by_target),
            line.from,
            description.len()
        )
    }

    /// The answer to the INVITE of a leg, from whoever got it.
    pub fn answers(&mut self, line: &Line, status: u16) -> u64 {
        self.answers_with(line, status, "")
    }

    pub fn answers_with(&mut self, line: &Line, status: u16, headers: &str) -> u64 {
        self.answers_describing(line, status, headers, "")
    }

    /// The same, with these lines behind the description of the message session.
    pub fn answers_describing(&mut self, line: &Line, status: u16, headers: &str, besides: &str) -> u64 {
        let (direction, octets) = self.answer(line, status, headers, besides);
        self.sip(direction, octets)
    }

    fn answer(&self, line: &Line, status: u16, headers: &str, besides: &str) -> (Direction, String) {
        let (direction, path) = match line.by_target {
            true => (Sent, &line.wire.own_path),
            false => (Received, &line.wire.target_path),
        };
        let (from, to) = match line.by_target {
            true => (&line.target_tag, &line.own_tag),
            false => (&line.own_tag, &line.target_tag),
        };
        let accepts = (200..300).contains(&status);
        let body = if accepts { offer(path, "sendrecv") + besides } else { String::new() };
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let tag = if status == 100 { String::new() } else { format!(";tag={to}") };
        let octets = format!(
            "SIP/2.0 {status} Whatever\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch={}\r\nFrom: <{}>;tag={from}\r\n\
             To: <{}>{tag}\r\nCall-ID: {}\r\nCSeq: 1 INVITE\r\nContact: {}\r\n{headers}{kind}Content-Length: {}\r\n\r\n{body}",
            line.branch,
            line.from,
            line.to,
            line.wire.call_id,
            contact(line, line.by_target),
            body.len()
        );
        (direction, octets)
    }

    /// The same, edited as a whole; its length is that of its body then.
    pub fn answers_as(&mut self, line: &Line, status: u16, edit: impl Fn(String) -> String) -> u64 {
        let (direction, octets) = self.answer(line, status, "", "");
        self.sip(direction, measured(&edit(octets)))
    }

    /// The ACK of a success.
    pub fn acknowledges(&mut self, line: &Line) -> u64 {
        let direction = if line.by_target { Received } else { Sent };
        self.asks(line, direction, "ACK", "", "");
        self.frame()
    }

    /// A request within a leg.
    pub fn asks(&mut self, line: &Line, direction: Direction, method: &str, headers: &str, body: &str) -> Asked {
        let n = self.next();
        let (from, to) = match direction {
            Sent => (&line.own_tag, &line.target_tag),
            Received => (&line.target_tag, &line.own_tag),
        };
        let head = format!(
            "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKwithin{n}\r\nFrom: <sip:x@example.com>;tag={from}\r\n\
             To: <sip:y@example.com>;tag={to}\r\nCall-ID: {}\r\nCSeq: {} {method}\r\n",
            line.wire.call_id,
            n + 1
        );
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let octets = format!(
            "{method} sip:peer.example.com SIP/2.0\r\n{head}Max-Forwards: 70\r\n{headers}{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.sip(direction, octets);
        Asked { direction, head }
    }

    /// The answer to a request within a leg.
    pub fn replies(&mut self, asked: &Asked, status: u16, headers: &str, body: &str) -> u64 {
        let back = if asked.direction == Sent { Received } else { Sent };
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let octets = format!(
            "SIP/2.0 {status} Whatever\r\n{}{headers}{kind}Content-Length: {}\r\n\r\n{body}",
            asked.head,
            body.len()
        );
        self.sip(back, octets)
    }

    /// A BYE, with its answer; none when the status is 0.
    pub fn byes(&mut self, line: &Line, direction: Direction, status: u16) {
        let bye = self.asks(line, direction, "BYE", "", "");
        if status > 0 {
            self.replies(&bye, status, "", "");
        }
    }

    /// A CANCEL of the INVITE of a leg, answered 200.
    pub fn cancels(&mut self, line: &Line) {
        let (direction, tag) = if line.by_target { (Received, &line.target_tag) } else { (Sent, &line.own_tag) };
        let head = format!(
            "Via: SIP/2.0/UDP 192.0.2.1:5060;branch={}\r\nFrom: <{}>;tag={tag}\r\nTo: <{}>\r\nCall-ID: {}\r\n\
             CSeq: 1 CANCEL\r\n",
            line.branch, line.from, line.to, line.wire.call_id
        );
        let octets =
            format!("CANCEL sip:peer.example.com SIP/2.0\r\n{head}Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
        self.sip(direction, octets);
        self.replies(&Asked { direction, head }, 200, "", "");
    }

    /// A change of the media by re-INVITE or UPDATE, and its answer; none when the status is 0.
    pub fn changes(&mut self, line: &Line, asker: Direction, asked: (&str, &str), replied: (u16, &str)) {
        let ((method, direction), (status, back)) = (asked, replied);
        let path = |ours: bool| if ours { &line.wire.own_path } else { &line.wire.target_path };
        let body = offer(path(asker == Sent), direction);
        let asked = self.asks(line, asker, method, "", &body);
        if status > 0 {
            let body = if status < 300 { offer(path(asker == Received), back) } else { String::new() };
            self.replies(&asked, status, "", &body);
        }
    }

    /// Both legs of a session that `who` calls for, accepted, acknowledged, their media at work.
    pub fn stands(&mut self, session: &str, who: Who) -> (Line, Line) {
        self.stands_with(session, who, "")
    }

    /// The same, with these headers in the answer to the caller.
    pub fn stands_with(&mut self, session: &str, who: Who, headers: &str) -> (Line, Line) {
        let near = self.calls_as(session, who, |invite| match headers {
            "" => invite,
            _ => invite.replace("Contribution-ID:", "Supported: timer\r\nSession-Expires: 90\r\nContribution-ID:"),
        });
        let far = self.reaches(session, who.other());
        self.answers(&far, 200);
        self.answers_with(&near, 200, headers);
        self.acknowledges(&near);
        self.acknowledges(&far);
        for line in [&near, &far] {
            self.bodiless(&line.wire, 200);
        }
        (near, far)
    }

    /// A message from one leg to the other.
    pub fn says(&mut self, from: &Line, to: &Line, message: &Text) {
        self.sends(&from.wire, &message.cpim(), 200);
        self.gets(&to.wire, &message.cpim(), 200);
    }

    /// The rule is awaited here.
    pub fn awaits(&mut self, rule: &(impl Rule + Serialize)) {
        let arguments = serde_json::to_value(rule).unwrap();
        self.event(Event::Awaited { rule: rule.id().to_owned(), arguments, ms: 1000 });
    }
}

fn contact(line: &Line, ours: bool) -> String {
    let instance = match line.who {
        _ if !ours => return "<sip:target.example.com>".to_owned(),
        Alice => "",
        Bob => ";+sip.instance=\"<urn:uuid:bob-phone>\"",
        Watch => ";+sip.instance=\"<urn:uuid:bob-watch>\"",
        Eve => ";+sip.instance=\"<urn:uuid:eve-phone>\"",
    };
    format!("<{}>{instance}", line.who.contact())
}

/// A description of media at this path.
pub fn offer(path: &str, direction: &str) -> String {
    crate::rules::missed_group_content::tests::script::octets::sdp(path, direction, "message/cpim", "*")
}

/// The same with the length that its body has.
fn measured(request: &str) -> String {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let lines = head.split("\r\n").filter(|line| !line.starts_with("Content-Length:"));
    let head: String = lines.map(|line| format!("{line}\r\n")).collect();
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
}
