//! Base rules: what SIP, SDP, MSRP, CPIM, disposition notifications and conference state ask of every message, whoever
//! sends it and whatever the scenario is about. A breach by the target fails; one by the tester that no step has
//! declared is an error of the suite.
//!
//! Raw octets are judged, by recognisers of this room; only the lossless splitters of `wire` are shared with the stack.
//! No fact of stage 3 is judged here, and habits of real stacks are accepted, or warned of.

mod bodies;
mod bounded;
mod conference_info;
mod cpim;
mod dialogs;
mod grammar;
mod imdn;
mod msrp;
mod piece;
mod resource_lists;
mod sdp;
mod sheet;
mod sip;
mod transactions;
mod xml;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use bytes::Bytes;

use crate::evidence::{Direction, Octets, Protocol, Record, What};
use crate::verdict::Finding;
use sheet::Sheet;
use sip::view::View;

pub use sheet::{BaseRule, Severity, Side};

/// Every base rule.
pub fn catalogue() -> Vec<&'static BaseRule> {
    let alone = [
        transactions::RULES,
        dialogs::RULES,
        bodies::RULES,
        cpim::RULES,
        xml::RULES,
        imdn::RULES,
        conference_info::RULES,
        resource_lists::RULES,
    ];
    sip::rules().chain(msrp::rules()).chain(sdp::rules()).chain(alone.into_iter().flatten().copied()).collect()
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
    conferences: conference_info::Versions,
    links: msrp::Links,
    reported: HashMap<(String, Side), usize>,
    total: usize,
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
            conferences: conference_info::Versions::new(),
            links: msrp::Links::new(),
            reported: HashMap::new(),
            total: 0,
        }
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
                }
            }
            What::Connection(connection) => self.links.connection(frame, connection, &mut findings),
            What::Event(_) => {}
        }
        findings.retain(|finding| self.is_to_be_told(finding));
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
        let content_type = view.line("Content-Type").filter(|_| !view.has("Content-Encoding") && !view.body.is_empty());
        let leaves = content_type.map_or_else(Vec::new, |kind| bodies::leaves(kind.text, view.body, None));
        let of = |essence: &str| leaves.iter().find(|leaf| leaf.essence == essence);
        let description =
            of("application/sdp").and_then(|leaf| Some((leaf.at, std::str::from_utf8(leaf.octets).ok()?)));
        let offer = description.map(|(_, text)| sdp::outline(text));
        let correlation = self.transactions.observe(sheet, view, octets, offer, false);
        if correlation.repeated || correlation.excused {
            return;
        }
        sip::check(sheet, view);
        if let Some(kind) = content_type {
            bodies::check(&mut sheet.inside(Some(view.body_at)), kind.text, view.body);
        }
        let call_id = view.call_id().unwrap_or_default();
        // A description in a refusal says what would be possible (RFC 3261 section 21.4.26), and answers nothing.
        if let Some((at, text)) = description.filter(|_| !view.is_refusal()) {
            let sheet = &mut sheet.inside(Some(view.body_at + at));
            self.descriptions.check(sheet, call_id, text);
            if let Some(offer) = correlation.offer {
                sdp::check_answer(sheet, text, &offer);
            }
        }
        if let Some(leaf) = of(resource_lists::TYPE) {
            resource_lists::check_invite(sheet, view, leaf);
        }
        // What was overtaken is an older document, and says nothing of the order in which they were written.
        let in_order = view.is_request() && !correlation.overtaken;
        if let Some(leaf) = of("application/conference-info+xml").filter(|_| in_order) {
            let tags = (view.tag("From").unwrap_or_default(), view.tag("To").unwrap_or_default());
            let sheet = &mut sheet.inside(Some(view.body_at + leaf.at));
            self.conferences.check(sheet, call_id, tags, leaf.octets);
        }
    }

    fn msrp(&mut self, frame: u64, side: Side, octets: &Octets, findings: &mut Vec<Finding>) {
        for carried in self.links.octets(frame, side, octets, findings) {
            let content = carried.content;
            let mut sheet = Sheet::new(carried.frame, carried.side, findings);
            bodies::check(&mut sheet.inside(content.at), &content.content_type, &content.octets);
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
