//! What becomes of a message at the far end is what its sender is told.

use super::super::findings::warning;
use super::super::sessions::attempt::{Attempt, asked, onward};
use super::super::sessions::{Judged, Unmet, harness, missing, settled, unkept};
use super::SES_05;
use crate::rules::{Assessment, Moment, Rule, RuleEntry};
use crate::story::legs::Leg;
use crate::story::{Carriage, Item, Outcome, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const REPORT_CARRIED: RuleEntry = RuleEntry {
    id: "media_negotiation.report_carried",
    requirement: SES_05,
    level: Level::Shall,
    absence: false,
    ledger: &["L29"],
    stage3: false,
    what: "The sender of a message in a session learns what became of it at the far end: success where a report was asked \
           for, and failure in any case.",
    source: "PF-SES-05, RFC 4975 sections 7.1.2, 7.2 and 10",
};

/// What the far end said to a message reaches its sender.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportCarried {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// What the message is called.
    pub label: String,
    /// What the far end says: 200, a refusal, or 408 for nothing at all.
    pub status: u16,
}

impl Rule for ReportCarried {
    fn entry(&self) -> &'static RuleEntry {
        &REPORT_CARRIED
    }

    fn expects(&self) -> String {
        match self.status {
            200 => format!("the sender of \"{}\" gets the report that it arrived", self.label),
            status => format!("the sender of \"{}\" learns that it did not arrive ({status})", self.label),
        }
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let sent = Sent::of(self, story);
        let judged = sent.as_ref().map_err(Clone::clone).and_then(|sent| match self.status {
            200 => self.succeeded(sent, statement),
            _ => self.failed(sent, statement),
        });
        let other = sent.ok().and_then(|sent| match self.status {
            200 => self.early(&sent),
            _ => self.otherwise(&sent),
        });
        settled(judged, other.into_iter().collect(), moment)
    }
}

/// A message, and what its sender was told of it.
struct Sent<'a> {
    attempt: Attempt<'a>,
    /// The leg in which it was sent.
    leg: &'a Leg,
    /// The message, when it was sent whole.
    whole: Option<&'a Item>,
    /// Its imdn.Message-ID.
    id: String,
    told: Vec<&'a Outcome>,
}

impl<'a> Sent<'a> {
    fn of(rule: &ReportCarried, story: &'a Story) -> Result<Sent<'a>, Unmet> {
        let attempt = Attempt::last(story, &rule.session, &rule.person, asked(story, rule))?;
        attempt.stood(&REPORT_CARRIED, format!("\"{}\" stands", rule.session))?;
        let Some(id) = story.cast().called_in(&rule.session, &rule.label).last().map(str::to_owned) else {
            return Err(harness(format!("nothing in \"{}\" is called \"{}\"", rule.session, rule.label)));
        };
        let whole = story.items().iter().find(|item| item.chat_id() == Some(&id) && onward(item.flow).is_some());
        // Where it was never sent whole: ends of the tester give the MSRP message the id of its envelope.
        let message_id = whole.and_then(message_id).unwrap_or(&id).to_owned();
        let told: Vec<&Outcome> =
            story.outcomes().iter().filter(|told| told.to_tester && told.message_id == message_id).collect();
        let of_item = whole.and_then(|item| story.leg_of(item));
        let of_told = || told.iter().find_map(|told| story.legs().get(told.leg?));
        let unsent = || harness(format!("nothing was sent as \"{}\", and nothing heard of it", rule.label));
        let leg = of_item.or_else(of_told).ok_or_else(unsent)?;
        Ok(Sent { attempt, leg, whole, id, told })
    }

    /// What came of it at the far end.
    fn arrived(&self) -> Option<&'a Item> {
        let goes_on = |item: &&Item| onward(item.flow).is_none() && item.chat_id() == Some(&self.id);
        self.attempt.story.items().iter().find(goes_on)
    }

    fn spot(&self) -> u64 {
        self.whole.map_or(self.leg.invited, |item| item.frame)
    }

    /// The first refusal that its sender was told of.
    fn refusal(&self) -> Option<(u16, u64)> {
        let of_item = self.whole.and_then(Item::refusal).map(|answer| (answer.status, answer.frame));
        let told = self.told.iter().filter(|told| !told.is_success()).map(|told| (told.status, told.frame));
        told.chain(of_item).min_by_key(|(_, frame)| *frame)
    }

    fn success(&self) -> Option<&'a Outcome> {
        self.told.iter().copied().find(|told| told.by_report && told.is_success())
    }
}

/// The MSRP Message-ID of an item.
fn message_id(item: &Item) -> Option<&str> {
    match &item.carriage {
        Carriage::Session { message_id, .. } => Some(message_id),
        Carriage::Pager(_) => None,
    }
}

impl ReportCarried {
    fn succeeded(&self, sent: &Sent<'_>, statement: &Statement) -> Judged {
        let lacking = |observed: &str| {
            missing(sent.attempt.story, &REPORT_CARRIED, self.expects(), observed.to_owned(), sent.spot())
        };
        let Some(arrived) = sent.arrived() else { return Err(lacking("the message never came to the far end")) };
        if !arrived.accepted() {
            return Err(harness(format!(
                "\"{}\" was not taken where it arrived (frame {})",
                self.label, arrived.frame
            )));
        }
        if let Some((status, frame)) = sent.refusal() {
            return Err(unkept(&REPORT_CARRIED, self.expects(), format!("it was told {status}"), frame));
        }
        if sent.success().is_none() {
            return Err(lacking("no report came"));
        }
        Ok(sent.attempt.met(&REPORT_CARRIED, statement, 2))
    }

    /// A report of success that came before anybody at the far end could say so.
    fn early(&self, sent: &Sent<'_>) -> Option<Finding> {
        let report = sent.success()?;
        let taken = sent.arrived()?.answer?.frame;
        let observed = || format!("it came before the far end had taken the message (frame {taken})");
        (report.frame < taken).then(|| warning(&REPORT_CARRIED, "L29", self.expects(), observed(), report.frame))
    }

    fn failed(&self, sent: &Sent<'_>, statement: &Statement) -> Judged {
        if let Some(item) = sent.arrived().filter(|item| item.accepted()) {
            return Err(harness(format!("\"{}\" was taken at the far end (frame {})", self.label, item.frame)));
        }
        if let Some(report) = sent.success() {
            let observed = format!("its sender was told {}", report.status);
            return Err(unkept(&REPORT_CARRIED, self.expects(), observed, report.frame));
        }
        let ended = sent.leg.ended.as_ref().filter(|ending| ending.by_target);
        if sent.refusal().is_some() || ended.is_some() {
            return Ok(sent.attempt.met(&REPORT_CARRIED, statement, 1));
        }
        let observed = "its sender was told nothing of the kind".to_owned();
        Err(missing(sent.attempt.story, &REPORT_CARRIED, self.expects(), observed, sent.spot()))
    }

    /// A failure that was told in another way than the far end's.
    fn otherwise(&self, sent: &Sent<'_>) -> Option<Finding> {
        let (observed, frame) = match sent.refusal() {
            Some((status, _)) if status == self.status => return None,
            Some((status, frame)) => (format!("its sender was told {status}"), frame),
            None => ("the session was ended".to_owned(), sent.leg.ended.as_ref()?.frame),
        };
        Some(warning(&REPORT_CARRIED, "L29", self.expects(), observed, frame))
    }
}
