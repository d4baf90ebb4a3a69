//! Evidence by hand: every octet of these scenarios is typed here, none comes from an actor of the suite.

use std::fmt::Write as _;
use std::net::SocketAddr;

use bytes::Bytes;
use cpm_wire::time::Time;

use crate::evidence::{
    Connection, ConnectionWhat, Direction, Event, Member, MemberStatus, Octets, Protocol, Record, Transport, What,
};
use crate::rules::{Assessment, Judgement, Moment, Rule};
use crate::story::Story;
use crate::target::Profile;
use crate::target::statement::Statement;
use crate::verdict::{Blame, Finding, FindingVerdict};

pub const BOOKS: &str = "Book club";
pub const CHESS: &str = "Chess club";

/// A chat message.
#[derive(Clone)]
pub struct Text {
    pub id: String,
    pub from: &'static str,
    pub to: String,
    pub text: String,
    pub date: &'static str,
    pub asks: &'static str,
    pub prefix: &'static str,
    pub content_type: &'static str,
    /// DateTime in the first line instead of the last.
    pub date_first: bool,
}

pub fn text(id: &str, from: &'static str, text: &str) -> Text {
    Text {
        id: id.to_owned(),
        from,
        to: "sip:conf-books@focus.example.com".to_owned(),
        text: text.to_owned(),
        date: "2026-03-03T10:00:00Z",
        asks: "positive-delivery, display",
        prefix: "imdn",
        content_type: "text/plain; charset=UTF-8",
        date_first: false,
    }
}

impl Text {
    pub fn at(mut self, date: &'static str) -> Text {
        self.date = date;
        self
    }

    pub fn cpim(&self) -> String {
        let Text { id, from, to, text, date, asks, prefix, content_type, .. } = self;
        let date = format!("DateTime: {date}\r\n");
        let (first, last) = if self.date_first { (date.as_str(), "") } else { ("", date.as_str()) };
        let asks = match *asks {
            "" => String::new(),
            asks => format!("{prefix}.Disposition-Notification: {asks}\r\n"),
        };
        format!(
            "{first}From: <{from}>\r\nTo: <{to}>\r\nNS: {prefix} <urn:ietf:params:imdn>\r\n{prefix}.Message-ID: {id}\r\n\
             {asks}{last}\r\nContent-Type: {content_type}\r\n\r\n{text}"
        )
    }
}

/// A disposition notification.
#[derive(Clone)]
pub struct Notice {
    pub about: &'static str,
    pub status: &'static str,
    pub from: &'static str,
}

pub fn delivered(about: &'static str, from: &'static str) -> Notice {
    Notice { about, status: "delivered", from }
}

impl Notice {
    pub fn xml(&self) -> String {
        let kind = match self.status {
            "displayed" => "display-notification",
            "stored" | "processed" => "processing-notification",
            _ => "delivery-notification",
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>{}\
             </message-id><datetime>2026-03-03T10:01:00Z</datetime><recipient-uri>{}</recipient-uri>\
             <{kind}><status><{}/></status></{kind}></imdn>",
            self.about, self.from, self.status
        )
    }

    pub fn cpim(&self) -> String {
        let xml = self.xml();
        format!(
            "From: <{}>\r\nTo: <sip:anonymous@anonymous.invalid>\r\nNS: imdn <urn:ietf:params:imdn>\r\n\
             imdn.Message-ID: n-{}-{}\r\n\r\nContent-Type: message/imdn+xml\r\nContent-Disposition: notification\r\n\
             Content-Length: {}\r\n\r\n{xml}",
            self.from,
            self.about,
            self.status,
            xml.len()
        )
    }
}

/// Several notifications in one CPIM message.
pub fn aggregated(notices: &[Notice]) -> String {
    let mut parts = String::new();
    for notice in notices {
        write!(parts, "--part\r\nContent-Type: message/imdn+xml\r\n\r\n{}\r\n", notice.xml()).unwrap();
    }
    format!(
        "From: <sip:alice@example.com>\r\nTo: <sip:anonymous@anonymous.invalid>\r\n\r\n\
         Content-Type: multipart/mixed; boundary=\"part\"\r\n\r\n{parts}--part--\r\n"
    )
}

/// One leg of a script, with what its messages need.
#[derive(Clone)]
pub struct Wire {
    pub call_id: String,
    pub own_path: String,
    pub target_path: String,
    pub actor: String,
    pub connection: u64,
    pub by_target: bool,
}

/// Records, one after the other.
pub struct Script {
    records: Vec<Record>,
    count: u32,
    pub accept_wrapped: &'static str,
}

impl Script {
    /// Bob and Eve, served; Alice, Carol and Dave, remote; two groups with nobody invited.
    pub fn new() -> Script {
        let mut script =
            Script { records: Vec::new(), count: 0, accept_wrapped: "text/plain message/imdn+xml multipart/mixed" };
        for (name, served) in [("Bob", true), ("Eve", true), ("Alice", false), ("Carol", false), ("Dave", false)] {
            let user = name.to_lowercase();
            let mut identities = vec![format!("sip:{user}@example.com")];
            if name == "Bob" {
                identities.push("tel:+15550100".to_owned());
            }
            script.event(Event::Person { name: name.to_owned(), served, identities, class: None });
        }
        for (person, device, port) in [("Bob", "phone", 5101), ("Bob", "watch", 5102), ("Eve", "phone", 5103)] {
            let user = person.to_lowercase();
            script.event(Event::Device {
                person: person.to_owned(),
                device: device.to_owned(),
                instance: format!("\"<urn:uuid:{user}-{device}>\""),
                contact: format!("sip:{user}@192.0.2.10:{port}"),
                tags: Vec::new(),
            });
        }
        script.group(BOOKS, "books");
        script.group(CHESS, "chess");
        script
    }

    fn group(&mut self, name: &str, id: &str) {
        self.event(Event::Group {
            group: name.to_owned(),
            contribution: format!("contribution-{id}"),
            conversation: format!("conversation-{id}"),
            focus: format!("sip:conf-{id}@focus.example.com"),
            subject: name.to_owned(),
        });
        self.roster(name, &[("alice", MemberStatus::Connected), ("carol", MemberStatus::Connected)]);
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    fn push(&mut self, what: What) -> u64 {
        let frame = self.records.len() as u64 + 1;
        self.records.push(Record { at: Time::from_nanos(frame * 1_000_000), what });
        frame
    }

    pub fn frame(&self) -> u64 {
        self.records.len() as u64
    }

    pub fn event(&mut self, event: Event) -> u64 {
        self.push(What::Event(event))
    }

    pub fn connected(&mut self, actor: &str, connection: u64, what: ConnectionWhat) -> u64 {
        let (local, remote) = (here(), there());
        self.push(What::Connection(Connection { actor: actor.into(), step: 1, connection, local, remote, what }))
    }

    pub fn octets(
        &mut self,
        protocol: Protocol,
        actor: &str,
        connection: Option<u64>,
        direction: Direction,
        octets: impl Into<Bytes>,
    ) -> u64 {
        self.push(What::Octets(Octets {
            actor: actor.into(),
            step: 1,
            protocol,
            transport: if connection.is_some() { Transport::Tcp } else { Transport::Udp },
            direction,
            local: here(),
            remote: there(),
            connection,
            octets: octets.into(),
            malformed: None,
        }))
    }

    pub fn sip(&mut self, direction: Direction, octets: impl Into<Bytes>) -> u64 {
        self.octets(Protocol::Sip, "serving_cscf", None, direction, octets)
    }

    // -- events ------------------------------------------------------------------------------------------------------

    pub fn roster(&mut self, group: &str, members: &[(&str, MemberStatus)]) -> u64 {
        let members = members
            .iter()
            .map(|(user, status)| Member { entity: format!("sip:{user}@example.com"), status: *status })
            .collect();
        self.event(Event::Roster { group: group.to_owned(), members })
    }

    pub fn label(&mut self, group: &str, message: &Text) {
        self.event(Event::Message {
            group: Some(group.to_owned()),
            label: message.text.clone(),
            message_id: message.id.clone(),
            author: message.from.to_owned(),
        });
    }

    pub fn registers(&mut self, person: &str, device: &str) -> u64 {
        let frame = self.event(Event::Reachable {
            person: person.to_owned(),
            device: device.to_owned(),
            yes: true,
            trigger: "third_party_register".to_owned(),
        });
        let user = person.to_lowercase();
        let headers =
            format!("To: <sip:{user}@example.com>\r\nContact: <sip:scscf.example.com>\r\nExpires: 600000\r\n");
        let request = Request::new("REGISTER", "sip:target.example.com", self.next());
        let request = request.headers(&headers).without_to();
        self.sip(Direction::Sent, request.octets());
        self.sip(Direction::Received, request.answer(200, "", ""));
        frame
    }

    pub fn deregisters(&mut self, person: &str, device: &str) -> u64 {
        self.event(Event::Reachable {
            person: person.to_owned(),
            device: device.to_owned(),
            yes: false,
            trigger: "third_party_register".to_owned(),
        })
    }

    pub fn loses(&mut self, person: &str, device: &str) -> u64 {
        self.event(Event::Lost { person: person.to_owned(), device: device.to_owned(), how: "reset".to_owned() })
    }

    // -- legs --------------------------------------------------------------------------------------------------------

    /// The focus invites; the target answers with this status.
    pub fn invites(&mut self, group: &str, person: &str, status: u16) -> Wire {
        self.event(Event::Invited { group: group.to_owned(), person: person.to_owned() });
        let n = self.next();
        let user = person.to_lowercase();
        let leg = Wire {
            call_id: format!("call-{n}"),
            own_path: format!("msrp://192.0.2.20:7000/focus{n};tcp"),
            target_path: format!("msrp://198.51.100.1:2855/standin{n};tcp"),
            actor: format!("focus/{group}"),
            connection: u64::from(n),
            by_target: false,
        };
        let request = Request::new("INVITE", &format!("sip:{user}@example.com"), n)
            .headers(&format!(
                "P-Served-User: <sip:{user}@example.com>;sescase=term;regstate=unreg\r\n\
                 Contact: <sip:conf-{}@focus.example.com>;isfocus\r\n{}",
                short(group),
                ids(group)
            ))
            .body("application/sdp", &sdp(&leg.own_path, "sendrecv", self.accept_wrapped));
        self.sip(Direction::Sent, request.octets());
        let body = if (200..300).contains(&status) {
            sdp(&leg.target_path, "sendrecv", self.accept_wrapped)
        } else {
            String::new()
        };
        if status > 0 {
            self.sip(Direction::Received, request.answer(status, "Contact: <sip:target.example.com>\r\n", &body));
        }
        if (200..300).contains(&status) {
            self.connected(&leg.actor.clone(), leg.connection, ConnectionWhat::Accepted);
        }
        leg
    }

    /// The target invites a device, which answers with this status.
    pub fn drains(&mut self, group: &str, person: &str, device: &str, direction: &str, status: u16) -> Wire {
        self.drains_with(group, person, device, direction, status, None)
    }

    /// The same, with a resource list in the invitation.
    pub fn drains_with(
        &mut self,
        group: &str,
        person: &str,
        device: &str,
        direction: &str,
        status: u16,
        list: Option<&[&str]>,
    ) -> Wire {
        let n = self.next();
        let leg = self.device_wire(person, device, n, true);
        let port = port_of(person, device);
        let user = person.to_lowercase();
        let description = sdp(&leg.target_path, direction, self.accept_wrapped);
        let (kind, body) = match list {
            None => ("application/sdp".to_owned(), description),
            Some(list) => multipart(&description, list),
        };
        let request = Request::new("INVITE", &format!("sip:{user}@192.0.2.10:{port}"), n)
            .headers(&format!("Contact: <sip:conf-{}@focus.example.com>;isfocus\r\n{}", short(group), ids(group)))
            .body(&kind, &body);
        self.sip(Direction::Received, request.octets());
        let contact =
            format!("Contact: <sip:{user}@192.0.2.10:{port}>;+sip.instance=\"<urn:uuid:{user}-{device}>\"\r\n");
        let body = if (200..300).contains(&status) {
            sdp(&leg.own_path, if direction == "sendonly" { "recvonly" } else { "sendrecv" }, self.accept_wrapped)
        } else {
            String::new()
        };
        if status > 0 {
            self.sip(Direction::Sent, request.answer(status, &contact, &body));
        }
        leg
    }

    /// The device rejoins by itself, through the target.
    pub fn rejoins(&mut self, group: &str, person: &str, device: &str) -> Wire {
        let to = format!("sip:conf-{}@focus.example.com", short(group));
        self.originates(&to, group, person, device, None, 200)
    }

    /// The device invites `to`, through the target.
    pub fn originates(
        &mut self,
        to: &str,
        group: &str,
        person: &str,
        device: &str,
        list: Option<&[&str]>,
        status: u16,
    ) -> Wire {
        let n = self.next();
        let leg = self.device_wire(person, device, n, false);
        let (user, port) = (person.to_lowercase(), port_of(person, device));
        let description = sdp(&leg.own_path, "sendrecv", self.accept_wrapped);
        let (kind, body) = match list {
            None => ("application/sdp".to_owned(), description),
            Some(list) => multipart(&description, list),
        };
        let request = Request::new("INVITE", to, n)
            .headers(&format!(
                "P-Served-User: <sip:{user}@example.com>;sescase=orig;regstate=reg\r\n\
                 Contact: <sip:{user}@192.0.2.10:{port}>;+sip.instance=\"<urn:uuid:{user}-{device}>\"\r\n{}",
                ids(group)
            ))
            .body(&kind, &body);
        self.sip(Direction::Sent, request.octets());
        let body = if status == 200 { sdp(&leg.target_path, "sendrecv", self.accept_wrapped) } else { String::new() };
        if status > 0 {
            self.sip(Direction::Received, request.answer(status, "Contact: <sip:target.example.com>\r\n", &body));
        }
        leg
    }

    /// The target sends a restart on to the factory.
    pub fn sends_on(&mut self, to: &str, contribution: &str, list: Option<&[&str]>) -> u64 {
        let n = self.next();
        let description = sdp(&format!("msrp://198.51.100.1:2855/on{n};tcp"), "sendrecv", self.accept_wrapped);
        let (kind, body) = match list {
            None => ("application/sdp".to_owned(), description),
            Some(list) => multipart(&description, list),
        };
        let headers = format!(
            "P-Served-User: <sip:bob@example.com>;sescase=orig;regstate=reg\r\nContribution-ID: {contribution}\r\n\
             Conversation-ID: conversation-books\r\n"
        );
        let request = Request::new("INVITE", to, n).headers(&headers).body(&kind, &body);
        self.sip(Direction::Received, request.octets())
    }

    fn device_wire(&mut self, person: &str, device: &str, n: u32, by_target: bool) -> Wire {
        Wire {
            call_id: format!("call-{n}"),
            own_path: format!("msrp://192.0.2.10:8000/{person}{device}{n};tcp"),
            target_path: format!("msrp://198.51.100.1:2855/drain{n};tcp"),
            actor: format!("device/{person}/{device}"),
            connection: u64::from(n),
            by_target,
        }
    }

    /// A BYE on a leg.
    pub fn ends(&mut self, leg: &Wire, direction: Direction, reason: &str) -> u64 {
        let n = self.next();
        // The tester's tag is that of the one who invited when it did, else that of the one who answered.
        let (own, peer) = if leg.by_target { ("b", "a") } else { ("a", "b") };
        let (from, to) = if direction == Direction::Sent { (own, peer) } else { (peer, own) };
        let octets = format!(
            "BYE sip:peer.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKbye{n}\r\n\
             From: <sip:x@example.com>;tag=tag-{from}\r\nTo: <sip:y@example.com>;tag=tag-{to}\r\nCall-ID: {}\r\n\
             CSeq: 2 BYE\r\nMax-Forwards: 70\r\n{reason}Content-Length: 0\r\n\r\n",
            leg.call_id
        );
        self.sip(direction, octets)
    }

    // -- messages ----------------------------------------------------------------------------------------------------

    /// A SEND from the tester's side, with the target's answer; none when the status is 0.
    pub fn sends(&mut self, leg: &Wire, content: &str, status: u16) -> u64 {
        self.send(leg, Direction::Sent, "message/cpim", content.as_bytes(), status)
    }

    /// A SEND of the target, with the tester's answer; none when the status is 0.
    pub fn gets(&mut self, leg: &Wire, content: &str, status: u16) -> u64 {
        self.send(leg, Direction::Received, "message/cpim", content.as_bytes(), status)
    }

    /// A SEND in one chunk. Gives the number of its frame.
    pub fn send(&mut self, leg: &Wire, direction: Direction, kind: &str, content: &[u8], status: u16) -> u64 {
        let n = self.next();
        let total = content.len();
        let chunk = chunk(leg, direction, n, &format!("mid-{n}"), kind, content, (1, total), '$');
        let frame = self.octets(Protocol::Msrp, &leg.actor, Some(leg.connection), direction, chunk);
        self.answers(leg, direction, n, status);
        frame
    }

    /// The answer to the SEND with transaction number `n`.
    pub fn answers(&mut self, leg: &Wire, direction: Direction, n: u32, status: u16) {
        if status == 0 {
            return;
        }
        let (to, from, back) = match direction {
            Direction::Sent => (&leg.own_path, &leg.target_path, Direction::Received),
            Direction::Received => (&leg.target_path, &leg.own_path, Direction::Sent),
        };
        let octets =
            format!("MSRP tid{n} {status} whatever\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\n-------tid{n}$\r\n");
        self.octets(Protocol::Msrp, &leg.actor, Some(leg.connection), back, octets);
    }

    /// A SEND without a body, as the side that opens a connection sends it.
    pub fn bodiless(&mut self, leg: &Wire, status: u16) -> u64 {
        let n = self.next();
        let octets = format!(
            "MSRP tid{n} SEND\r\nTo-Path: {}\r\nFrom-Path: {}\r\nMessage-ID: mid-{n}\r\nByte-Range: 1-0/0\r\n-------tid{n}$\r\n",
            leg.target_path, leg.own_path
        );
        let frame = self.octets(Protocol::Msrp, &leg.actor, Some(leg.connection), Direction::Sent, octets);
        self.answers(leg, Direction::Sent, n, status);
        frame
    }

    /// The number that the next request gets; its MSRP Message-ID is `mid-` and the number.
    pub fn upcoming(&self) -> u32 {
        self.count + 1
    }

    /// A MESSAGE with a CPIM body, answered 200.
    pub fn pages(&mut self, direction: Direction, to: &str, headers: &str, content: &str) -> u64 {
        let n = self.next();
        let request = Request::new("MESSAGE", to, n).headers(headers).body("message/cpim", content);
        let frame = self.sip(direction, request.octets());
        let back = if direction == Direction::Sent { Direction::Received } else { Direction::Sent };
        self.sip(back, request.answer(200, "", ""));
        frame
    }

    // -- rosters -----------------------------------------------------------------------------------------------------

    /// A device subscribes to the roster; the target answers with this status. Gives the Call-ID.
    pub fn subscribes(&mut self, group: &str, person: &str, device: &str, status: u16) -> String {
        let n = self.next();
        let (user, port) = (person.to_lowercase(), port_of(person, device));
        let request =
            Request::new("SUBSCRIBE", &format!("sip:conf-{}@focus.example.com", short(group)), n).headers(&format!(
                "P-Served-User: <sip:{user}@example.com>;sescase=orig;regstate=reg\r\nEvent: conference\r\n\
                 Accept: application/conference-info+xml\r\nExpires: 3600\r\n\
                 Contact: <sip:{user}@192.0.2.10:{port}>;+sip.instance=\"<urn:uuid:{user}-{device}>\"\r\n"
            ));
        self.sip(Direction::Sent, request.octets());
        if status > 0 {
            self.sip(Direction::Received, request.answer(status, "Expires: 3600\r\n", ""));
        }
        format!("call-{n}")
    }

    /// The target notifies a device.
    pub fn notifies(&mut self, call_id: &str, document: &str) -> u64 {
        let n = self.next();
        let octets = format!(
            "NOTIFY sip:bob@192.0.2.10:5101 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKnotify{n}\r\n\
             From: <sip:conf@focus.example.com>;tag=tag-b\r\nTo: <sip:bob@example.com>;tag=tag-a\r\nCall-ID: {call_id}\r\n\
             CSeq: {n} NOTIFY\r\nMax-Forwards: 70\r\nEvent: conference\r\nSubscription-State: active;expires=600\r\n\
             Contact: <sip:target.example.com>\r\nContent-Type: application/conference-info+xml\r\n\
             Content-Length: {}\r\n\r\n{document}",
            document.len()
        );
        self.sip(Direction::Received, octets)
    }

    // -- judgement ---------------------------------------------------------------------------------------------------

    pub fn story(&self) -> Story {
        let mut story = Story::new();
        for (at, record) in self.records.iter().enumerate() {
            story.observe(at as u64 + 1, record);
        }
        story
    }

    pub fn judge(&self, rule: &dyn Rule, moment: Moment) -> Assessment {
        rule.judge(&self.story(), &reference(), moment)
    }

    pub fn judge_with(&self, rule: &dyn Rule, statement: &Statement) -> Assessment {
        rule.judge(&self.story(), statement, Moment::Closed)
    }

    /// Closed and met.
    pub fn met(&self, rule: &dyn Rule) -> (usize, Vec<Finding>) {
        let assessment = self.judge(rule, Moment::Closed);
        match assessment.judgement {
            Judgement::Met { checks } => {
                assert!(checks > 0, "met without a check");
                (checks, assessment.warnings)
            }
            other => panic!("not met: {other:#?}"),
        }
    }

    /// Closed and broken, to the target's blame.
    pub fn failed(&self, rule: &dyn Rule) -> Finding {
        match self.judge(rule, Moment::Closed).judgement {
            Judgement::Broken(finding) => {
                assert_eq!((finding.verdict, finding.blame), (FindingVerdict::Fail, Blame::Target), "{finding:#?}");
                finding
            }
            other => panic!("not broken: {other:#?}"),
        }
    }

    /// Closed and inconclusive by this ledger entry.
    pub fn outside(&self, rule: &dyn Rule, ledger: &str) -> Finding {
        match self.judge(rule, Moment::Closed).judgement {
            Judgement::Broken(finding) => {
                assert_eq!(finding.verdict, FindingVerdict::Inconclusive, "{finding:#?}");
                assert_eq!(finding.interpretation.as_deref(), Some(ledger));
                finding
            }
            other => panic!("not inconclusive: {other:#?}"),
        }
    }

    /// Closed and unseen, to this blame; and undecided before.
    pub fn unseen(&self, rule: &dyn Rule, whose: Blame) -> String {
        assert_eq!(self.judge(rule, Moment::Open).judgement, Judgement::Undecided);
        match self.judge(rule, Moment::Closed).judgement {
            Judgement::Unseen { why, blame } => {
                assert_eq!(blame, whose, "{why}");
                why
            }
            other => panic!("not unseen: {other:#?}"),
        }
    }

    /// The same records, to be continued in another way.
    pub fn clone_records(&self) -> Script {
        Script { records: self.records.clone(), count: self.count, accept_wrapped: self.accept_wrapped }
    }

    /// Each record rewritten.
    pub fn rewritten(&self, rewrite: impl Fn(&What) -> Vec<What>) -> Script {
        let mut script = Script { records: Vec::new(), count: self.count, accept_wrapped: self.accept_wrapped };
        for what in self.records.iter().flat_map(|record| rewrite(&record.what)) {
            script.push(what);
        }
        script
    }

    pub fn undecided(&self, rule: &dyn Rule) {
        assert_eq!(self.judge(rule, Moment::Open).judgement, Judgement::Undecided);
    }
}

/// The statement of the reference.
pub fn reference() -> Statement {
    Profile::reference().statement
}

/// The statement of the reference with another answer.
pub fn stating(key: &str, value: serde_json::Value) -> Statement {
    reference().with(key, value).unwrap()
}

fn here() -> SocketAddr {
    "192.0.2.10:5060".parse().unwrap()
}

fn there() -> SocketAddr {
    "198.51.100.1:5060".parse().unwrap()
}

fn short(group: &str) -> &'static str {
    if group == BOOKS { "books" } else { "chess" }
}

fn ids(group: &str) -> String {
    let id = short(group);
    format!("Contribution-ID: contribution-{id}\r\nConversation-ID: conversation-{id}\r\n")
}

fn port_of(person: &str, device: &str) -> u16 {
    match (person, device) {
        ("Bob", "phone") => 5101,
        ("Bob", _) => 5102,
        _ => 5103,
    }
}

/// A request outside a dialog; its tags are `tag-a` for who sends it and `tag-b` for who answers.
struct Request {
    method: &'static str,
    uri: String,
    n: u32,
    headers: String,
    to: String,
    body: (String, String),
}

impl Request {
    fn new(method: &'static str, uri: &str, n: u32) -> Request {
        let to = format!("To: <{uri}>\r\n");
        Request { method, uri: uri.to_owned(), n, headers: String::new(), to, body: (String::new(), String::new()) }
    }

    fn headers(mut self, headers: &str) -> Request {
        self.headers.push_str(headers);
        self
    }

    fn without_to(mut self) -> Request {
        self.to.clear();
        self
    }

    fn body(mut self, kind: &str, body: &str) -> Request {
        self.body = (kind.to_owned(), body.to_owned());
        self
    }

    fn common(&self) -> String {
        format!(
            "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{}\r\nFrom: <sip:originator@example.com>;tag=tag-a\r\n\
             Call-ID: call-{}\r\nCSeq: 1 {}\r\n",
            self.n, self.n, self.method
        )
    }

    fn octets(&self) -> String {
        let (kind, body) = &self.body;
        let kind = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
        format!(
            "{} {} SIP/2.0\r\n{}{}Max-Forwards: 70\r\n{}{kind}Content-Length: {}\r\n\r\n{body}",
            self.method,
            self.uri,
            self.common(),
            self.to,
            self.headers,
            body.len()
        )
    }

    fn answer(&self, status: u16, headers: &str, body: &str) -> String {
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        format!(
            "SIP/2.0 {status} Whatever\r\n{}To: <{}>;tag=tag-b\r\n{headers}{kind}Content-Length: {}\r\n\r\n{body}",
            self.common(),
            self.uri,
            body.len()
        )
    }
}

fn sdp(path: &str, direction: &str, wrapped: &str) -> String {
    let host = path.trim_start_matches("msrp://").split(':').next().unwrap();
    let port = path.split(':').nth(2).unwrap().split('/').next().unwrap();
    format!(
        "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=message {port} TCP/MSRP *\r\na=path:{path}\r\n\
         a=accept-types:message/cpim\r\na=accept-wrapped-types:{wrapped}\r\na={direction}\r\na=setup:actpass\r\n"
    )
}

fn multipart(description: &str, list: &[&str]) -> (String, String) {
    let mut entries = String::new();
    for user in list {
        write!(entries, "<entry uri=\"sip:{user}@example.com\"/>").unwrap();
    }
    let body = format!(
        "--limit\r\nContent-Type: application/sdp\r\n\r\n{description}\r\n--limit\r\n\
         Content-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list\r\n\r\n\
         <?xml version=\"1.0\"?><resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>{entries}</list>\
         </resource-lists>\r\n--limit--\r\n"
    );
    ("multipart/mixed;boundary=limit".to_owned(), body)
}

/// A conference-info document.
pub fn document(state: &str, version: u32, users: &[(&str, &str)]) -> String {
    let mut list = String::new();
    for (user, status) in users {
        match *status {
            "deleted" => write!(list, "<user entity=\"sip:{user}@example.com\" state=\"deleted\"/>").unwrap(),
            "" => write!(list, "<user entity=\"sip:{user}@example.com\"/>").unwrap(),
            status => write!(
                list,
                "<user entity=\"sip:{user}@example.com\"><endpoint entity=\"sip:{user}@example.com;gr=1\">\
                 <status>{status}</status></endpoint></user>"
            )
            .unwrap(),
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" \
         entity=\"sip:conf-books@focus.example.com\" state=\"{state}\" version=\"{version}\"><users state=\"{state}\">{list}\
         </users></conference-info>"
    )
}

/// One chunk of a SEND.
#[allow(clippy::too_many_arguments, reason = "a chunk has that many parts, and tests want to set each")]
pub fn chunk(
    leg: &Wire,
    direction: Direction,
    n: u32,
    message_id: &str,
    kind: &str,
    content: &[u8],
    (start, total): (usize, usize),
    flag: char,
) -> Vec<u8> {
    let (to, from) = match direction {
        Direction::Sent => (&leg.target_path, &leg.own_path),
        Direction::Received => (&leg.own_path, &leg.target_path),
    };
    let end = start + content.len() - 1;
    let mut octets = format!(
        "MSRP tid{n} SEND\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\nMessage-ID: {message_id}\r\n\
         Byte-Range: {start}-{end}/{total}\r\nContent-Type: {kind}\r\n\r\n"
    )
    .into_bytes();
    octets.extend_from_slice(content);
    octets.extend_from_slice(format!("\r\n-------tid{n}{flag}\r\n").as_bytes());
    octets
}
