//! Base rules: what SIP, SDP, MSRP, CPIM, disposition notifications, conference state and Diameter ask of every
//! message, whoever sends it and whatever the scenario is about. A breach by the target fails; one by the tester that no
//! step has declared is an error of the suite.
//!
//! Raw octets are judged, by recognisers of this room; only the lossless splitters of `wire` are shared with the stack.
//! No fact of stage 3 is judged here, and habits of real stacks are accepted, or warned of.

mod bodies;
mod bounded;
mod conference_info;
mod cpim;
mod dialogs;
mod diameter;
mod digest;
mod grammar;
mod imdn;
mod is_composing;
mod lifetimes;
mod message_summary;
mod mime;
mod msrp;
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
use std::sync::Arc;

use bytes::Bytes;

use crate::evidence::{Direction, Octets, Protocol, Record, What};
use crate::verdict::Finding;
use bodies::{Contents, Kind};
use sheet::Sheet;
use sip::names::Name;
use sip::view::View;

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
        bodies::RULES,
        xml::RULES,
        imdn::RULES,
        conference_info::RULES,
        resource_lists::RULES,
        reginfo::RULES,
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
    transactions: transactions::Transactions,
    descriptions: sdp::Versions,
    negotiations: sdp::Negotiations,
    sessions: sdp::Sessions,
    documents: versions::Versions,
    memory: bodies::Memory,
    links: msrp::Links,
    peers: diameter::Peers,
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
            transactions: transactions::Transactions::new(),
            descriptions: sdp::Versions::new(),
            negotiations: sdp::Negotiations::new(),
            sessions: sdp::Sessions::new(),
            documents: versions::Versions::new(),
            memory: bodies::Memory::new(),
            links: msrp::Links::new(),
            peers: diameter::Peers::new(),
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
        checker
    }

    /// Octets of a connection are not there. What follows in that direction begins with a message.
    pub fn lost(&mut self, actor: &Arc<str>, connection: u64, direction: Direction) {
        self.links.lost(actor, connection, side(direction));
    }

    /// How many MSRP messages were seen.
    pub fn msrp_messages(&self) -> u64 {
        self.links.messages()
    }

    /// Takes the next record in, which is the `frame`th, and says what is wrong with it.
    pub fn observe(&mut self, frame: u64, record: &Record) -> Vec<Finding> {
        let mut findings = Vec::new();
        match &record.what {
            What::Octets(octets) => {
                let side = side(octets.direction);
                match octets.protocol {
                    Protocol::Sip => self.sip(&mut Sheet::new(frame, side, &mut findings), octets),
                    Protocol::Msrp => self.msrp(frame, side, octets, &mut findings),
                    // What is kept in a store is a detail: no rule of the base is about how.
                    Protocol::Imap => {}
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
        if sip::is_keep_alive(&record.octets, record.transport) {
            return;
        }
        let excused = record.malformed.is_some();
        // Empty lines before a start line belong to no message (RFC 3261 section 7.5).
        let lead = record.octets.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
        let octets = record.octets.slice(lead..);
        let sheet = &mut sheet.inside(Some(lead));
        if excused {
            match cpm_wire::sip::Message::parse(octets.clone()) {
                Ok(message) => {
                    let view = View::new(&message, &octets, record.transport);
                    self.transactions.observe(sheet, &view, &octets, None, true);
                }
                Err(_) => self.transactions.blur(),
            }
            return;
        }
        let Some(message) = sip::split(sheet, &octets) else { return };
        self.message(sheet, &View::new(&message, &octets, record.transport), &octets);
    }

    fn message(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, octets: &Bytes) {
        let content_type =
            view.line(Name::ContentType).filter(|_| !view.has(Name::ContentEncoding) && !view.body.is_empty());
        let content = content_type.map(|kind| Contents::read(kind.text, view.body)).unwrap_or_default();
        let described = content.first(Kind::Sdp).and_then(|leaf| Some((leaf, leaf.description.as_ref()?)));
        let at = described.map_or(0, |(leaf, _)| view.body_at + leaf.at);
        let offer = described.map(|(leaf, _)| sdp::Outline::new(octets.slice(at..at + leaf.octets.len())));
        let correlation = self.transactions.observe(sheet, view, octets, offer.clone(), false);
        if correlation.repeated || correlation.excused {
            return;
        }
        sip::check(sheet, view);
        let versioned = content.check(&mut sheet.inside(Some(view.body_at)), &mut self.memory);
        let call_id = view.call_id().unwrap_or_default();
        // A description in a refusal says what would be possible (RFC 3261 section 21.4.26), and answers nothing.
        let description = described.map(|(_, description)| description).filter(|_| !view.is_refusal());
        self.negotiations.observe(sheet, sdp::Told { view, description, at }, offer.clone());
        if let (Some(description), Some(own)) = (description, &offer) {
            let sheet = &mut sheet.inside(Some(at));
            self.descriptions.check(sheet, call_id, description);
            self.sessions.learn(description, own);
            if let Some(offer) = correlation.offer {
                sdp::check_answer(sheet, description, &offer);
            }
        }
        if let Some(leaf) = content.first(Kind::ResourceLists) {
            resource_lists::check_invite(sheet, view, leaf);
        }
        // What was overtaken is an older document, and says nothing of the order in which they were written.
        let in_order = view.is_request() && !correlation.overtaken;
        if let Some(document) = versioned.filter(|_| in_order) {
            let tags = (view.tag_from().unwrap_or_default(), view.tag_to().unwrap_or_default());
            self.documents.check(&mut sheet.inside(Some(view.body_at)), call_id, tags, document);
        }
    }

    fn msrp(&mut self, frame: u64, side: Side, octets: &Octets, findings: &mut Vec<Finding>) {
        for carried in self.links.octets(frame, side, octets, &self.sessions, findings) {
            let content = carried.content;
            let mut sheet = Sheet::new(carried.frame, carried.side, findings);
            let kind = std::str::from_utf8(&content.content_type).unwrap_or_default();
            Contents::read(kind, &content.octets).check(&mut sheet.inside(content.at), &mut self.memory);
        }
    }
}

/// Who made octets that went this way.
fn side(direction: Direction) -> Side {
    match direction {
        Direction::Sent => Side::Tester,
        Direction::Received => Side::Target,
    }
}
