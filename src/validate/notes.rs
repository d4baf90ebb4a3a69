//! Takes down what is found in one file, and forgets nothing that is not told.

use std::collections::HashMap;
use std::fmt::Display;

use super::excerpt::Excerpt;
use super::{Found, Level, Options, Validated};
use crate::rules;
use crate::verdict::Finding;

/// So many findings of one rule are told of a file; the others are counted.
const TOLD: u64 = 100;
/// Rules that speak of what came before, or did not come: right where everything was seen, as in a live run. A capture may lack
/// the very message, and nobody is accused of that.
pub(super) const TRUSTING: [&str; 34] = [
    "base.conference_info.first_full",
    "base.conference_info.version_step",
    "base.diameter.answer_unasked",
    "base.diameter.hop_by_hop",
    "base.diameter.record_number",
    "base.diameter.record_sequence",
    "base.imdn.unasked",
    "base.msrp.active_side",
    "base.msrp.first_send",
    "base.msrp.gap",
    "base.msrp.report_unasked",
    "base.msrp.response_unasked",
    "base.msrp.session_paths",
    "base.msrp.transaction_reused",
    "base.reginfo.first_full",
    "base.reginfo.version_step",
    "base.sdp.answer_missing",
    "base.sdp.offer_pending",
    "base.sdp.version_step",
    "base.sip.ack_of_refusal",
    "base.sip.ack_of_success",
    "base.sip.cancel",
    "base.sip.cancel_early",
    "base.sip.entity_tag",
    "base.sip.glare",
    "base.sip.notify_after_end",
    "base.sip.notify_event",
    "base.sip.notify_unasked",
    "base.sip.overlap",
    "base.sip.prack",
    "base.sip.remote_target",
    "base.sip.route_set",
    "base.sip.rseq_order",
    "base.sip.session_retry",
];

/// So many words about what could not be decided.
const WORDS: usize = 50;

/// The findings about one file.
pub(super) struct Notes<'o> {
    pub options: &'o Options,
    pub validated: Validated,
    /// What a rule wants, by its id.
    wants: HashMap<&'static str, &'static str>,
    told: HashMap<String, u64>,
}

impl<'o> Notes<'o> {
    pub fn new(file: String, options: &'o Options) -> Notes<'o> {
        let wants = rules::catalogue().iter().map(|rule| (rule.id, rule.what)).collect();
        let validated = Validated { file, ..Validated::default() };
        Notes { options, validated, wants, told: HashMap::new() }
    }

    /// The file could not be read, or not to its end.
    pub fn failed(&mut self, why: impl Display) {
        self.validated.error = Some(why.to_string());
    }

    /// So many messages of a protocol were judged.
    pub fn count(&mut self, protocol: &'static str, messages: u64) {
        if messages > 0 {
            *self.validated.messages.entry(protocol).or_default() += messages;
        }
    }

    /// Something that could not be judged.
    pub fn say(&mut self, words: String) {
        if self.validated.notes.len() < WORDS {
            self.validated.notes.push(words);
        }
    }

    /// Takes down a finding of a base rule about what somebody captured.
    pub fn captured(&mut self, mut finding: Finding, message: Option<&[u8]>, between: Option<String>) {
        let trusting = TRUSTING.contains(&finding.rule.as_str());
        if trusting {
            finding.observed.push_str(", unless the capture lacks a message");
        }
        let level = if trusting { Level::Info } else { Level::from(finding.verdict) };
        self.tell(finding, level, message, between);
    }

    /// Takes down a finding about a message, which is at hand if it is the one that was just read.
    pub fn found(&mut self, finding: Finding, message: Option<&[u8]>, between: Option<String>) {
        let level = Level::from(finding.verdict);
        self.tell(finding, level, message, between);
    }

    fn tell(&mut self, finding: Finding, level: Level, message: Option<&[u8]>, between: Option<String>) {
        if !self.options.tells(&finding.rule, level) {
            return;
        }
        let told = self.told.entry(finding.rule.clone()).or_default();
        *told += 1;
        if *told > TOLD {
            let more = self.validated.more.entry(finding.rule).or_insert((level, 0));
            more.1 += 1;
            return;
        }
        let wants = self.wants.get(finding.rule.as_str()).copied().unwrap_or_default();
        self.validated.findings.push(Found {
            level,
            frame: finding.frame.unwrap_or_default(),
            octets: finding.octets,
            message: wants.to_owned(),
            expected: finding.expected,
            observed: finding.observed,
            source: finding.source,
            requirement: finding.requirement,
            interpretation: finding.interpretation,
            between,
            excerpt: message.map(|message| Excerpt::of(message, finding.octets)),
            rule: finding.rule,
        });
    }
}
