//! Sessions that the function holds for a user who asked for none: it stands in, delivers what was missed, comes back.

use super::findings::undeclared;
use super::{Judged, SES_02, Unmet, harness, missing, outside, settled, unkept};
use crate::rules::missed_group_content::identity_of;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::{End, Leg, MediaDirection};
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

use super::attempt::{legs, opposite, spot};

pub(super) const ON_BEHALF: RuleEntry = RuleEntry {
    id: "sessions.on_behalf",
    requirement: SES_02,
    level: Level::Shall,
    absence: false,
    ledger: &["L07", "L27"],
    stage3: false,
    what: "A session on behalf of a user is one of its own, of the user and of the chat, and is ended by BYE.",
    source: "PF-SES-02, RFC 3261 sections 12 and 15, RFC 5502",
};

/// What the target began by itself for the user in the chat is as if the user had.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OnBehalf {
    /// The chat.
    pub group: String,
    /// The served user.
    pub person: String,
}

impl Rule for OnBehalf {
    fn entry(&self) -> &'static RuleEntry {
        &ON_BEHALF
    }

    fn expects(&self) -> String {
        format!("the target holds sessions of \"{}\" on behalf of {}", self.group, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), self.identities(story, statement), moment)
    }
}

impl OnBehalf {
    fn judged(&self, story: &Story) -> Judged {
        let own = self.own(story);
        let Some(invited) =
            legs(story, &self.group, &self.person).find(|leg| !leg.by_target && leg.end == End::Network)
        else {
            return Err(harness(format!("the focus of \"{}\" sent {} no invitation", self.group, self.person)));
        };
        let mut checks = 0;
        for leg in &own {
            checks +=
                self.own_dialog(story, leg)? + self.of_user_and_chat(story, leg)? + self.ended_well(story, leg)?;
        }
        if own.iter().any(|leg| leg.established()) {
            return Ok(Judgement::Met { checks });
        }
        match self.fetched(story) {
            0 => {
                let observed = "it began no session by itself that came to be".to_owned();
                Err(missing(story, &ON_BEHALF, self.expects(), observed, spot(invited)))
            }
            fetched => Ok(Judgement::Met { checks: checks + fetched }),
        }
    }

    /// The legs that the target opened while nobody on the other side waited for an answer.
    fn own<'a>(&'a self, story: &'a Story) -> Vec<&'a Leg> {
        let asked = |leg: &&Leg| {
            let pending = |other: &Leg| {
                let open = other.answer.is_none_or(|answer| answer.frame > leg.invited);
                !other.by_target && other.end == opposite(leg.end) && other.invited < leg.invited && open
            };
            !legs(story, &self.group, &self.person).any(pending)
        };
        let to_users = |leg: &&Leg| leg.by_target && !leg.echoed && leg.end != End::Interworking;
        legs(story, &self.group, &self.person).filter(to_users).filter(asked).collect()
    }

    fn broken(&self, observed: String, frame: u64) -> Unmet {
        unkept(&ON_BEHALF, self.expects(), observed, frame)
    }

    /// Call-ID and tag are no other leg's. Devices that answer one forked invitation share those of the target.
    fn own_dialog(&self, story: &Story, leg: &Leg) -> Result<usize, Unmet> {
        for other in story.legs().iter().filter(|other| other.invited != leg.invited) {
            if other.call_id == leg.call_id {
                let observed = format!("frame {} has the Call-ID of frame {}", leg.invited, other.invited);
                return Err(self.broken(observed, leg.invited));
            }
            let tags = [&other.own_tag, &other.target_tag];
            if leg.target_tag.is_some() && tags.contains(&&leg.target_tag) {
                let observed = format!("frame {} has a tag of the dialog in frame {}", leg.invited, other.invited);
                return Err(self.broken(observed, leg.invited));
            }
        }
        Ok(2)
    }

    fn of_user_and_chat(&self, story: &Story, leg: &Leg) -> Result<usize, Unmet> {
        let is_user = |uri: &str| story.cast().person_of(uri).is_some_and(|person| person.name == self.person);
        if let Some(served) = leg.served.as_deref().filter(|uri| !is_user(uri)) {
            return Err(self.broken(format!("the served user in frame {} is {served}", leg.invited), leg.invited));
        }
        let known = story.cast().group(&self.group);
        let of_chat = known.is_some_and(|group| {
            leg.contribution.as_ref().is_some_and(|id| group.contributions.contains(id))
                && leg.conversation.as_ref().is_some_and(|id| group.conversations.contains(id))
        });
        if !of_chat {
            let (contribution, conversation) = (&leg.contribution, &leg.conversation);
            let observed = format!("its identifiers are {contribution:?} and {conversation:?} (frame {})", leg.invited);
            return Err(self.broken(observed, leg.invited));
        }
        match leg.end {
            // Towards the network the target speaks for the user.
            End::Network => {
                let who = leg.asserted.first().unwrap_or(&leg.from);
                if !leg
                    .asserted
                    .iter()
                    .chain(Some(&leg.from).filter(|_| leg.asserted.is_empty()))
                    .any(|uri| is_user(uri))
                {
                    return Err(self.broken(format!("frame {} comes from {who}", leg.invited), leg.invited));
                }
            }
            // There it speaks for whoever called.
            End::Interworking => {}
            End::Device | End::Client => {
                if identity_of(story, &self.person, &self.group, leg).is_none() && !leg.asserted.is_empty() {
                    let expected = "the identity of the inviter, of the focus, or of the store".to_owned();
                    let observed = format!("{} is asserted (frame {})", leg.asserted.join(", "), leg.invited);
                    return Err(Judgement::Broken(outside(&ON_BEHALF, "L27", expected, observed, leg.invited)).into());
                }
            }
        }
        Ok(3)
    }

    /// What was answered is ended by BYE: when the chat is over, and when all that was to be sent was sent. A device that
    /// is gone need not be told.
    fn ended_well(&self, story: &Story, leg: &Leg) -> Result<usize, Unmet> {
        let Some(answer) = leg.answer.filter(|answer| answer.is_success()) else { return Ok(0) };
        if let Some(cancelled) = leg.cancelled.filter(|cancelled| *cancelled > answer.frame) {
            return Err(self.broken("it was cancelled when it stood".to_owned(), cancelled));
        }
        if leg.ended.is_some() {
            return Ok(1);
        }
        let gone = leg
            .device
            .as_ref()
            .is_some_and(|device| story.cast().losses_of(&self.person, device).iter().any(|lost| *lost > answer.frame));
        let over = story.cast().group(&self.group).is_some_and(|group| group.ended.is_some());
        let one_way = leg.target.as_ref().is_some_and(|media| media.direction == MediaDirection::SendOnly);
        if (over || one_way) && !gone {
            let observed = format!("the session in frame {} was never ended", leg.invited);
            return Err(missing(story, &ON_BEHALF, self.expects(), observed, leg.invited));
        }
        Ok(0)
    }

    /// Messages that the target took while no session with a device stood, and gave to a device that called by itself (L07).
    fn fetched(&self, story: &Story) -> usize {
        let held = |id: &str, leg: &Leg| {
            let mut sent = story.from_network(&self.person, &self.group);
            sent.any(|item| item.chat_id() == Some(id) && item.accepted() && item.frame < leg.invited)
        };
        let from_store = |item: &&Item| {
            let leg = story.leg_of(item).filter(|leg| !leg.by_target);
            item.flow == Flow::TargetToDevice && leg.zip(item.chat_id()).is_some_and(|(leg, id)| held(id, leg))
        };
        story.to_devices(&self.person, &self.group).filter(from_store).count()
    }

    /// Whose identity the legs towards devices carry, against the statement (L27).
    fn identities(&self, story: &Story, statement: &Statement) -> Vec<Finding> {
        let to_devices = self.own(story).into_iter().filter(|leg| leg.end == End::Device);
        let word = |leg: &Leg| identity_of(story, &self.person, &self.group, leg);
        let told = |leg: &Leg| undeclared(&ON_BEHALF, statement, ("drain_identity", word(leg)?), "L27", leg.invited);
        to_devices.filter_map(told).collect()
    }
}
