//! Invitations to the chat of a group, for a user who is not there, as presence says: no device hears of it until it is, and
//! what the target took meanwhile comes then (L02, L06).

use super::availability::{closed_at, opens_after, until};
use super::{Judged, PRS_01, Unmet, harness, missing, settled, unkept};
use crate::rules::sessions::attempt::asked;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::legs::Leg;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const CHAT_WITHHELD: RuleEntry = RuleEntry {
    id: "presence.chat_withheld",
    requirement: PRS_01,
    level: Level::May,
    absence: true,
    ledger: &["L02", "L12"],
    stage3: false,
    what: "An invitation to a group, for a user whose presence is closed, reaches no device of the user, and is answered.",
    source: "PF-PRS-01, RFC 3863 section 4.1.4",
};

/// No device of the person hears of the group while presence is closed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChatWithheld {
    /// Whose.
    pub person: String,
    /// The group.
    pub group: String,
}

impl Rule for ChatWithheld {
    fn entry(&self) -> &'static RuleEntry {
        &CHAT_WITHHELD
    }

    fn expects(&self) -> String {
        format!("no device of {}, whose presence is closed, hears of the group \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let judged = self.judged(story);
        match (&judged, moment) {
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, Vec::new(), moment),
        }
    }
}

impl ChatWithheld {
    fn judged(&self, story: &Story) -> Judged {
        let invitation = invitation(story, &self.person, &self.group)?;
        closed_at(story, &self.person, invitation.invited, &CHAT_WITHHELD, &self.expects())?;
        let until = until(story, &self.person, asked(story, self));
        let mut hears = story.device_legs(&self.person, &self.group).filter(|leg| leg.by_target);
        if let Some(leg) = hears.find(|leg| leg.invited < until) {
            let observed = format!("a device was invited in frame {}", leg.invited);
            return Err(unkept(&CHAT_WITHHELD, self.expects(), observed, leg.invited));
        }
        match invitation.answer {
            Some(_) => Ok(Judgement::Met { checks: 2 }),
            None => {
                let observed = format!("the invitation in frame {} was never answered", invitation.invited);
                Err(missing(story, &CHAT_WITHHELD, self.expects(), observed, invitation.invited))
            }
        }
    }
}

pub(super) const CHAT_COMES: RuleEntry = RuleEntry {
    id: "presence.chat_comes",
    requirement: PRS_01,
    level: Level::May,
    absence: false,
    ledger: &["L02", "L06"],
    stage3: false,
    what: "What was taken of a group for a user whose presence was closed comes when presence is open again.",
    source: "PF-PRS-01, CPM-CONV-058a",
};

/// What was said in the group reaches the person now that presence is open, as far as it was taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChatComes {
    /// Whose.
    pub person: String,
    /// The group.
    pub group: String,
}

impl Rule for ChatComes {
    fn entry(&self) -> &'static RuleEntry {
        &CHAT_COMES
    }

    fn expects(&self) -> String {
        format!("what was said in \"{}\" reaches {}, whose presence is open again", self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl ChatComes {
    fn judged(&self, story: &Story) -> Judged {
        let invitation = invitation(story, &self.person, &self.group)?;
        let opens = opens_after(story, &self.person, invitation.invited)
            .ok_or_else(|| harness(format!("nobody told that the presence of {} is open again", self.person)))?;
        let taken = story.from_network(&self.person, &self.group).filter(|item| item.accepted());
        let owed: Vec<&str> = taken.filter_map(|item| item.chat_id()).collect();
        let delivered = story.messages_delivered_to(&self.person, &self.group);
        let lacking = owed.iter().filter(|id| !delivered.iter().any(|came| came == *id)).count();
        if lacking > 0 {
            let observed = format!("{lacking} of {} messages that were taken have not come", owed.len());
            return Err(missing(story, &CHAT_COMES, self.expects(), observed, opens));
        }
        // Who refuses for somebody who is not there owes nothing.
        let refused = usize::from(invitation.answer.is_some_and(|answer| !answer.is_success()));
        Ok(Judgement::Met { checks: owed.len() + refused })
    }
}

/// The invitation of the person to the group.
fn invitation<'a>(story: &'a Story, person: &'a str, group: &'a str) -> Result<&'a Leg, Unmet> {
    let invited = story.network_legs(person, group).find(|leg| !leg.by_target);
    invited.ok_or_else(|| harness(format!("nobody invited {person} to \"{group}\"")))
}
