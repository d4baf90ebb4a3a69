//! One of several devices leaves a session that goes on for the others.

use super::attempt::{Attempt, asked};
use super::{DEV_05, Judged, device, harness, own_accord, said, settled, to_device, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::{Ending, Leg};
use crate::story::{Flow, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const NOTHING_AFTER_LEAVING: RuleEntry = RuleEntry {
    id: "multi_device.nothing_after_leaving",
    requirement: DEV_05,
    level: Level::Shall,
    absence: true,
    ledger: &["L16"],
    stage3: false,
    what: "A device that left a session gets nothing more of it, and the session stands for the others.",
    source: "PF-DEV-05, RFC 3261 section 15",
};

/// The device left the session, and nothing that was said afterwards came to it; the target ended nothing else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NothingAfterLeaving {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The device.
    pub device: String,
    /// What was said after it had left.
    pub label: String,
}

impl Rule for NothingAfterLeaving {
    fn entry(&self) -> &'static RuleEntry {
        &NOTHING_AFTER_LEAVING
    }

    fn expects(&self) -> String {
        format!("{}'s {} gets nothing more of \"{}\", which goes on", self.person, self.device, self.session)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        match (self.judged(story), moment) {
            // What is not there yet may come.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            (judged, moment) => settled(judged, Vec::new(), moment),
        }
    }
}

impl NothingAfterLeaving {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let broken = |observed, frame: u64| unkept(&NOTHING_AFTER_LEAVING, self.expects(), observed, frame);
        let mut own = to_device(&attempt, &self.device).into_iter().filter_map(|leg| leg.ended.as_ref());
        let Some(left) = own.next_back().filter(|ending| !ending.by_target) else {
            return Err(harness(format!("the {} did not leave \"{}\"", self.device, self.session)));
        };
        if let Some((leg, ending)) = sent_away(&attempt, left) {
            let observed = format!("{} was sent away in frame {}", whom(leg), ending.frame);
            return Err(broken(observed, ending.frame));
        }
        let sent = said(story, &self.session, &self.label)?;
        if sent.first < left.frame {
            return Err(harness(format!("\"{}\" was said before the {} left", self.label, self.device)));
        }
        let came = story.items().iter().find(|item| {
            item.flow == Flow::TargetToDevice
                && item.group.as_deref() == Some(&self.session)
                && item.device.as_deref() == Some(&self.device)
                && item.first > left.frame
                && item.chat_id() == sent.chat_id()
        });
        match came {
            Some(item) => {
                let observed = format!("\"{}\" came to it in frame {}", self.label, item.frame);
                Err(unkept(&NOTHING_AFTER_LEAVING, self.expects(), observed, item))
            }
            None => Ok(Judgement::Met { checks: 1 }),
        }
    }
}

/// A leg of the session that the target ended after the device had left, though others stay.
fn sent_away<'a>(attempt: &Attempt<'a>, left: &Ending) -> Option<(&'a Leg, &'a Ending)> {
    let story = attempt.story;
    let after = |leg: &'a Leg| own_accord(story, leg).filter(|ending| ending.frame > left.frame);
    attempt.legs().find_map(|leg| Some((leg, after(leg)?)))
}

fn whom(leg: &Leg) -> String {
    if leg.by_target { format!("the {}", device(leg)) } else { "the caller".to_owned() }
}
