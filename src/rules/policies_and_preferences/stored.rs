//! What was stored for a user before he blocked somebody.

use super::{Assessment, Judged, Judgement, Moment, RuleEntry, SES_03, harness, missing, settled};
use crate::rules::Rule;
use crate::rules::findings::{difference, same_author};
use crate::story::content::Envelope;
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const OTHERS_DELIVERED: RuleEntry = RuleEntry {
    id: "policies_and_preferences.others_delivered",
    requirement: SES_03,
    level: Level::Shall,
    absence: false,
    ledger: &["L05", "L19"],
    stage3: false,
    what: "What others wrote before somebody was blocked is delivered all the same, whoever had invited.",
    source: "PF-SES-03, CPM-CONV-058a",
};

/// What everybody but one wrote in the group is delivered; what that one wrote may be, or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OthersDelivered {
    /// The group.
    pub group: String,
    /// The served user.
    pub person: String,
    /// Who is blocked.
    pub blocked: String,
}

impl Rule for OthersDelivered {
    fn entry(&self) -> &'static RuleEntry {
        &OTHERS_DELIVERED
    }

    fn expects(&self) -> String {
        format!("{} gets of \"{}\" what others than {} wrote", self.person, self.group, self.blocked)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl OthersDelivered {
    fn judged(&self, story: &Story) -> Judged {
        let blocked = story.cast().person(&self.blocked);
        let by_blocked = |envelope: &Envelope| {
            let own = blocked.into_iter().flat_map(|person| &person.identities);
            own.into_iter().any(|own| same_author(Some(own), envelope.from.as_deref()))
        };
        let written: Vec<(&Item, &Envelope)> = self.items(story, Flow::NetworkToTarget).collect();
        let (theirs, others): (Vec<_>, Vec<_>) = written.into_iter().partition(|(_, of)| by_blocked(of));
        if theirs.is_empty() || others.is_empty() {
            return Err(harness(format!("{} and others did not both write in \"{}\"", self.blocked, self.group)));
        }
        for (item, sent) in &others {
            let came = self.items(story, Flow::TargetToDevice).find(|(_, came)| came.message_id == sent.message_id);
            let name =
                sent.message_id.as_deref().and_then(|id| story.cast().label(id)).map(|label| label.label.as_str());
            let name = name.unwrap_or("a message");
            let Some((_, came)) = came else {
                let observed = format!("\"{name}\" (frame {}) never came", item.frame);
                return Err(missing(story, &OTHERS_DELIVERED, self.expects(), observed, item.frame));
            };
            if let Some((expected, observed)) = difference(sent, came) {
                return Err(super::unkept(&OTHERS_DELIVERED, expected, observed, item.frame));
            }
        }
        Ok(Judgement::Met { checks: others.len() })
    }

    /// What was written, or came, and was taken.
    fn items<'a>(&'a self, story: &'a Story, flow: Flow) -> impl Iterator<Item = (&'a Item, &'a Envelope)> {
        let own = move |item: &&Item| {
            item.flow == flow
                && item.accepted()
                && item.group.as_ref() == Some(&self.group)
                && item.person.as_ref() == Some(&self.person)
        };
        story.items().iter().filter(own).filter_map(|item| Some((item, item.content.chat()?)))
    }
}
