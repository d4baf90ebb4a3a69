//! Base rules: what SIP, SDP, MSRP, CPIM, disposition notifications, conference state and Diameter ask of every
//! message, whoever sends it and whatever the scenario is about. A breach by the target fails; one by the tester that no
//! step has declared is an error of the suite.
//!
//! Raw octets are judged, by recognisers of this room; only the lossless splitters of `wire` are shared with the stack.
//! No fact of stage 3 is judged here, and habits of real stacks are accepted, or warned of.

mod alone;
mod bodies;
mod bounded;
mod conference_info;
mod cpim;
mod dialogs;
mod diameter;
mod digest;
mod glare;
mod grammar;
mod imdn;
mod is_composing;
mod lifetimes;
mod memo;
mod message_summary;
mod mime;
mod msrp;
mod notices;
mod pidf;
mod piece;
mod reginfo;
mod reliability;
mod resource_lists;
mod sdp;
mod sessions;
mod sheet;
mod sip;
mod subscriptions;
mod transactions;
mod versions;
mod xml;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use cpm_wire::time::Time;

use crate::evidence::{Direction, Octets, Protocol, Record, What};
use crate::verdict::Finding;
use bodies::{Contents, Kind};
use sheet::Sheet;

pub use alone::{Alone, Reader, Split};
pub use msrp::Framed;
pub use sdp::Promises;
pub use sheet::{BaseRule, Severity, Side};

/// Every base rule.
pub fn catalogue() -> Vec<&'static BaseRule> {
    let alone = [
        transactions::RULES,
        dialogs::RULES,
        lifetimes::RULES,
        reliability::RULES,
        sessions::RULES,
        subscriptions::RULES,
        glare::RULES,
        notices::RULES,
        bodies::RULES,
        xml::RULES,
        imdn::RULES,
        conference_info::RULES,
        resource_lists::RULES,
        reginfo::RULES,
        pidf::RULES,
        is_composing::RULES,
        message_summary::RULES,
    ];
    let protocols = sip::rules().chain(msrp::rules()).chain(sdp::rules()).chain(diameter::rules()).chain(cpim::rules());
    protocols.chain(alone.into_iter().flatten().copied()).collect()
}

/// Whose messages are judged. What the others say is heeded all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Target and tester.
    Both,
    /// One of them.
    Only(Side),
}

/// At most so many findings of one rule about one side are reported, and so many in all: who sends the same fault a
/// thousand times is told a few times.
const FINDINGS_OF_A_RULE: usize = 5;
const FINDINGS: usize = 200;

/// Applies every base rule to the evidence of one scenario, record by record. Bounded, whatever comes.
pub struct Checker {
    judged: Judged,
    reader: Reader,
    transactions: transactions::Transactions,
    descriptions: sdp::Versions,
    negotiations: sdp::Negotiations,
    sessions: sdp::Sessions,
    documents: versions::Versions,
    memory: bodies::Memory,
    links: msrp::Links,
    peers: diameter::Peers,
    /// What is told of captures alone.
    notices: Option<notices::Notices>,
    /// Messages in which the findings told last, from the one with this number to that before the other, have their place.
    wholes: Vec<(Range<usize>, Bytes)>,
    reported: HashMap<(String, Side), usize>,
    total: usize,
    /// Whoever asks counts by himself what is told.
    unbounded: bool,
}

impl Default for Checker {
    fn default() -> Checker {
        Checker::new(Judged::Both)
    }
}

impl Checker {
    /// A checker that has seen nothing.
    pub fn new(judged: Judged) -> Checker {
        Checker {
            judged,
            reader: Reader::default(),
            transactions: transactions::Transactions::new(),
            descriptions: sdp::Versions::new(),
            negotiations: sdp::Negotiations::new(),
            sessions: sdp::Sessions::new(),
            documents: versions::Versions::new(),
            memory: bodies::Memory::new(),
            links: msrp::Links::new(),
            peers: diameter::Peers::new(),
            notices: None,
            wholes: Vec::new(),
            reported: HashMap::new(),
            total: 0,
            unbounded: false,
        }
    }

    /// A checker of what others captured, from some moment on: no message is held against anybody because one before it is not
    /// there. It tells everything that it finds.
    pub fn of_capture() -> Checker {
        let mut checker = Checker::new(Judged::Both);
        checker.unbounded = true;
        checker.transactions.blur();
        checker.links.begin_anywhere();
        checker.descriptions.allow_gaps();
        checker.documents.allow_gaps();
        checker.sessions.report();
        checker.notices = Some(notices::Notices::default());
        checker
    }

    /// What session descriptions of a capture have said since this was last asked.
    pub fn promises(&mut self) -> Promises {
        self.sessions.news()
    }

    /// Session descriptions that were seen elsewhere. MSRP is held against them.
    pub fn promised(&mut self, promises: Promises) {
        self.sessions.hear(promises);
    }

    /// The message in which the finding with this number, of those that `observe` gave last, has its place: one that was put
    /// together. Of others the place is in their record.
    pub fn whole(&self, finding: usize) -> Option<&Bytes> {
        self.wholes.iter().find(|(findings, _)| findings.contains(&finding)).map(|(_, octets)| octets)
    }

    /// Octets of a connection are not there. What follows in that direction begins with a message.
    pub fn lost(&mut self, actor: &Arc<str>, connection: u64, direction: Direction) {
        self.links.lost(actor, connection, side(direction));
        self.peers.lost(actor, connection);
    }

    /// How many transactions of SIP are remembered, by which it is told how much is.
    pub fn remembered(&self) -> usize {
        self.transactions.len()
    }

    /// Forgets the older half of what SIP has told.
    pub fn halve(&mut self) {
        self.transactions.halve();
        self.descriptions.halve();
        self.negotiations.halve();
        self.sessions.halve();
        self.documents.halve();
        self.memory.reports.halve();
    }

    /// How many MSRP messages were seen.
    pub fn msrp_messages(&self) -> u64 {
        self.links.messages()
    }

    /// Takes a SIP message in, from the `frame`th record, that was judged by itself already. `stream`: the number of the
    /// connection over which it came.
    pub fn alone(
        &mut self,
        frame: u64,
        (at, stream): (Time, Option<u64>),
        direction: Direction,
        alone: Alone<'_>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.transactions.at(at, stream);
        self.message(&mut Sheet::new(frame, side(direction), &mut findings), alone);
        if !self.unbounded {
            findings.retain(|finding| self.is_to_be_told(finding));
        }
        findings
    }

    /// Takes the next record in, which is the `frame`th, and says what is wrong with it.
    pub fn observe(&mut self, frame: u64, record: &Record) -> Vec<Finding> {
        self.framed(frame, record, None)
    }

    /// The same for octets of MSRP that were cut up and judged by themselves already.
    pub fn framed(&mut self, frame: u64, record: &Record, framed: Option<Framed>) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.wholes.clear();
        match &record.what {
            What::Octets(octets) => {
                // Each actor counts its own connections.
                let stream = octets.connection.map(|connection| digest::digest((&*octets.actor, connection)));
                self.transactions.at(record.at, stream);
                let side = side(octets.direction);
                match octets.protocol {
                    Protocol::Sip => self.sip(&mut Sheet::new(frame, side, &mut findings), octets),
                    Protocol::Msrp => self.msrp(frame, side, octets, framed, &mut findings),
                    // What is kept in a store, ordered or handed over is a detail: no rule of the base is about how.
                    Protocol::Imap | Protocol::Http | Protocol::X2x3 => {}
                    Protocol::Diameter => self.peers.message(&mut Sheet::new(frame, side, &mut findings), octets),
                }
            }
            What::Connection(connection) => {
                self.links.connection(frame, connection, &mut findings);
                self.peers.connection(connection);
            }
            What::Event(_) => {}
        }
        if !self.unbounded {
            findings.retain(|finding| self.is_to_be_told(finding));
        }
        findings
    }

    fn is_to_be_told(&mut self, finding: &Finding) -> bool {
        let side = if finding.blame == crate::verdict::Blame::Harness { Side::Tester } else { Side::Target };
        if matches!(self.judged, Judged::Only(only) if only != side) || self.total == FINDINGS {
            return false;
        }
        let told = self.reported.entry((finding.rule.clone(), side)).or_default();
        if *told == FINDINGS_OF_A_RULE {
            return false;
        }
        *told += 1;
        self.total += 1;
        true
    }

    fn sip(&mut self, sheet: &mut Sheet<'_>, record: &Octets) {
        let Some(split) = Split::of(&record.octets, record.transport) else { return };
        let mut alone = self.reader.read(&split);
        if record.malformed.is_none() {
            return self.message(sheet, alone);
        }
        match &mut alone.read {
            Ok(read) => self.transactions.excuse(&mut sheet.inside(Some(split.lead)), read),
            Err(_) => self.transactions.blur(),
        }
    }

    /// Takes a SIP message in that was judged by itself, from this side, and holds it against those before.
    fn message(&mut self, sheet: &mut Sheet<'_>, alone: Alone<'_>) {
        let octets = &alone.split.octets;
        let lead = alone.split.lead;
        let mut read = match alone.read {
            Ok(read) => read,
            Err(error) => return sip::cannot_be_split(&mut sheet.inside(Some(lead)), octets, error),
        };
        let offer = read.offer.take();
        let at = offer.as_ref().map_or(0, |(_, at)| *at);
        let offer = offer.map(|(offer, _)| offer);
        let own = &mut sheet.inside(Some(lead));
        let correlation = self.transactions.observe(own, &mut read);
        if correlation.repeated && self.notices.is_some() {
            notices::Notices::again(own, &read.view);
        }
        if correlation.repeated || correlation.excused {
            return;
        }
        if let Some(notices) = &mut self.notices {
            notices.message(own, &read.view, octets);
        }
        own.adopt(std::mem::take(&mut read.findings));
        let promises = std::mem::take(&mut read.promises);
        let view = &read.view;
        let versioned = match read.content.take() {
            Some(inside) => {
                own.adopt(inside.findings);
                self.memory.take(inside.wishes);
                inside.versioned
            }
            None => read.contents.check(&mut own.inside(Some(view.body_at)), &mut self.memory),
        };
        let call_id = view.call_id().unwrap_or_default();
        // A description in a refusal says what would be possible (RFC 3261 section 21.4.26), and answers nothing.
        let description = read.description().filter(|_| !view.is_refusal());
        self.negotiations.observe(own, sdp::Told { view, description, at }, offer.as_ref());
        if let Some(description) = description {
            let own = &mut own.inside(Some(at));
            self.descriptions.check(own, call_id, description);
            self.sessions.learn(promises);
            if let Some(offer) = correlation.offer {
                sdp::check_answer(own, description, &offer);
            }
        }
        if let Some(leaf) = read.contents.first(Kind::ResourceLists) {
            resource_lists::check_invite(own, view, leaf);
        }
        // What was overtaken is an older document, and says nothing of the order in which they were written.
        let in_order = view.is_request() && !correlation.overtaken;
        if let Some(document) = versioned.filter(|_| in_order) {
            let tags = (view.tag_from().unwrap_or_default(), view.tag_to().unwrap_or_default());
            self.documents.check(&mut own.inside(Some(view.body_at)), call_id, tags, document);
        }
    }

    fn msrp(&mut self, frame: u64, side: Side, octets: &Octets, framed: Option<Framed>, findings: &mut Vec<Finding>) {
        let told = findings.len();
        let known = (&self.sessions, &mut self.memory.memo);
        for carried in self.links.octets(frame, side, octets, framed, known, findings) {
            let content = carried.content;
            let before = findings.len();
            let mut sheet = Sheet::new(carried.frame, carried.side, findings);
            if let Some(judged) = carried.judged {
                sheet.adopt(judged.findings);
                self.memory.take(judged.wishes);
            } else {
                let kind = std::str::from_utf8(&content.content_type).unwrap_or_default();
                Contents::read(kind, &content.octets).check(&mut sheet.inside(content.at), &mut self.memory);
            }
            if let Some(whole) = carried.whole.filter(|_| before < findings.len()) {
                self.wholes.push((before..findings.len(), whole));
            }
        }
        self.wholes.extend(self.links.wholes(told));
    }
}

/// Who made octets that went this way.
fn side(direction: Direction) -> Side {
    match direction {
        Direction::Sent => Side::Tester,
        Direction::Received => Side::Target,
    }
}
