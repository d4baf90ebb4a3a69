//! Several devices show a message, and its author is told.

use super::attempt::{Attempt, asked};
use super::{DEV_05, Judged, harness, missing, said, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Disposition;
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const SHOWN_ONCE: RuleEntry = RuleEntry {
    id: "multi_device.shown_once",
    requirement: DEV_05,
    level: Level::Policy,
    absence: false,
    ledger: &["L15"],
    stage3: false,
    what: "The author of a message that several devices showed is told so once at least, and once for each at most.",
    source: "PF-DEV-05, RFC 5438",
};

/// The author is told that the message was shown, as often as the statement says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShownOnce {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// What it is called.
    pub label: String,
}

impl Rule for ShownOnce {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWN_ONCE
    }

    fn expects(&self) -> String {
        format!(
            "the author of \"{}\" learns that {} was shown it, once for each device at most",
            self.label, self.person
        )
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        match (self.judged(story), moment) {
            // More of them may come.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            (judged, moment) => settled(judged, Vec::new(), moment),
        }
    }
}

impl ShownOnce {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let sent = said(story, &self.session, &self.label)?;
        let shown = reports(story, sent, Flow::DeviceToTarget).len();
        let told = reports(story, sent, Flow::TargetToNetwork);
        let missing = |observed| missing(story, &SHOWN_ONCE, self.expects(), observed, sent.frame);
        match told.len() {
            0 if shown == 0 && attempt.taken().next().is_some() => Err(harness("no device showed it".to_owned())),
            0 => Err(missing(format!("{shown} devices said that they had shown it, and the author was never told"))),
            told if told > shown => {
                let observed =
                    format!("{shown} devices said that they had shown it, and the author was told {told} times");
                Err(unkept(&SHOWN_ONCE, self.expects(), observed, sent))
            }
            told => Ok(Judgement::Met { checks: told }),
        }
    }
}

/// Reports of display on a message, in one direction.
fn reports<'a>(story: &'a Story, sent: &Item, flow: Flow) -> Vec<&'a Item> {
    let about = |item: &&Item| {
        let mut own = item.content.reports().iter();
        own.any(|report| Some(report.about.as_str()) == sent.chat_id() && report.disposition == Disposition::Displayed)
    };
    story.items().iter().filter(|item| item.flow == flow).filter(about).collect()
}
