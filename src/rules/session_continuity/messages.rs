//! Nothing that is said is lost or doubled while a session moves.

use super::attempt::onward;
use super::{DEV_04, Judged, Sides, Unmet, harness, missing, settled, unkept};
use crate::rules::findings::{difference, same_author, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Envelope;
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const CARRIED_OVER: RuleEntry = RuleEntry {
    id: "session_continuity.carried_over",
    requirement: DEV_04,
    level: Level::Shall,
    absence: false,
    ledger: &["L14", "L18"],
    stage3: false,
    what: "What is said before, at and after a move arrives, unchanged and under its own message id alone.",
    source: "PF-DEV-04, RFC 4975 section 7, RFC 3862 section 2",
};

/// What was said in a session arrives at the other side of it: at this device, or at any.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CarriedOver {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// What it is called.
    pub label: String,
    /// The device that is to get it; none for any, and for what a device said.
    pub device: Option<String>,
}

impl Rule for CarriedOver {
    fn entry(&self) -> &'static RuleEntry {
        &CARRIED_OVER
    }

    fn expects(&self) -> String {
        let whom = self.device.as_ref().map_or_else(String::new, |device| format!(" at the {device}"));
        format!("\"{}\" of \"{}\" arrives{whom}, once", self.label, self.session)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let warnings = self.sent(story).map(|sent| self.repeated(story, sent)).unwrap_or_default();
        settled(self.judged(story), warnings, moment)
    }
}

impl CarriedOver {
    fn judged(&self, story: &Story) -> Judged {
        let missing = |observed, frame: u64| missing(story, &CARRIED_OVER, self.expects(), observed, frame);
        let Some(sent) = self.sent(story) else { return Err(self.unsent(story)) };
        let came: Vec<&Item> = self.arrived(story, sent).collect();
        let wanted = |item: &&&Item| self.device.is_none() || item.device == self.device;
        let Some(first) = came.iter().find(wanted) else {
            let observed = match came.first() {
                Some(elsewhere) => format!("it came elsewhere (frame {})", elsewhere.frame),
                None => format!("sent in frame {}, it never came", sent.frame),
            };
            return Err(missing(observed, sent.frame));
        };
        let (Some(original), Some(copy)) = (sent.content.chat(), first.content.chat()) else {
            return Err(harness(format!("\"{}\" has no envelope", self.label)));
        };
        if let Some((expected, observed)) = difference(original, copy) {
            let observed = format!("it came with {observed}");
            return Err(unkept(&CARRIED_OVER, format!("it comes with {expected}"), observed, *first));
        }
        if let Some(double) = self.renamed(story, sent, original).next() {
            let id = double.chat_id().unwrap_or("none");
            let observed = format!("the same came as {id} too (frame {})", double.frame);
            return Err(unkept(&CARRIED_OVER, self.expects(), observed, double));
        }
        if !came.iter().any(|item| item.accepted()) {
            return Err(harness(format!("it was not taken where it arrived (frame {})", first.frame)));
        }
        // Whose connection the tester closed itself can be told nothing there.
        let cut_off = story.closing_of(sent).is_some_and(|(_, by_target)| !by_target);
        match sent.accepted() || cut_off {
            true => Ok(Judgement::Met { checks: 3 }),
            false => {
                Err(missing(format!("its sender was not told that it was taken (frame {})", sent.frame), sent.frame))
            }
        }
    }

    fn of_session<'a>(&'a self, story: &'a Story) -> impl Iterator<Item = &'a Item> {
        let of_person = story.items().iter().filter(|item| item.person.as_ref() == Some(&self.person));
        of_person.filter(|item| item.group.as_ref() == Some(&self.session))
    }

    fn sent<'a>(&'a self, story: &'a Story) -> Option<&'a Item> {
        let ids: Vec<&str> = story.cast().called_in(&self.session, &self.label).collect();
        let own = self.of_session(story).filter(|item| onward(item.flow).is_some());
        own.filter(|item| item.chat_id().is_some_and(|id| ids.contains(&id))).last()
    }

    /// Why it could not be said: because the target had ended the session, or nobody tried.
    fn unsent(&self, story: &Story) -> Unmet {
        let over = Sides::of(story, &self.session, &self.person, u64::MAX).ended_there();
        match over {
            Some(over) => {
                let observed = format!("the target had ended the session of the other side in frame {over}");
                missing(story, &CARRIED_OVER, self.expects(), observed, over)
            }
            None => harness(format!("\"{}\" was not said in \"{}\"", self.label, self.session)),
        }
    }

    fn arrived<'a>(&'a self, story: &'a Story, sent: &'a Item) -> impl Iterator<Item = &'a Item> {
        let goes_on = |item: &&Item| Some(item.flow) == onward(sent.flow) && item.frame > sent.first;
        self.of_session(story).filter(goes_on).filter(|item| item.chat_id() == sent.chat_id())
    }

    /// The same content of the same author under another name, which nobody sent so.
    fn renamed<'a>(
        &'a self,
        story: &'a Story,
        sent: &'a Item,
        original: &'a Envelope,
    ) -> impl Iterator<Item = &'a Item> {
        let same = move |item: &&Item| {
            item.content.chat().is_some_and(|copy| {
                copy.body == original.body
                    && copy.content_type == original.content_type
                    && same_author(copy.from.as_deref(), original.from.as_deref())
            })
        };
        let known =
            |id: &str| self.of_session(story).any(|item| onward(item.flow).is_some() && item.chat_id() == Some(id));
        let goes_on = move |item: &&Item| Some(item.flow) == onward(sent.flow) && item.frame > sent.first;
        let others = self.of_session(story).filter(goes_on).filter(|item| item.chat_id() != sent.chat_id());
        others.filter(same).filter(move |item| !item.chat_id().is_some_and(known))
    }

    /// The same again, at the same end.
    fn repeated(&self, story: &Story, sent: &Item) -> Vec<Finding> {
        let came: Vec<&Item> = self.arrived(story, sent).collect();
        let again = came
            .iter()
            .enumerate()
            .filter(|(at, item)| came.iter().take(*at).any(|first| first.device == item.device && first.accepted()));
        let told = |(_, item): (usize, &&Item)| {
            let observed = format!("it came again in frame {}", item.frame);
            warning(&CARRIED_OVER, "L14", format!("\"{}\" comes once", self.label), observed, *item)
        };
        again.map(told).collect()
    }
}
