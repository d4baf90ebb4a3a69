//! Who is to get nothing gets nothing, and interest that did not end is kept up (L05).

use super::chat::{flowing, name, sent_in};
use super::{CONV_058, CONV_058A, Chat, fail, harness, warning};
use crate::evidence::MemberStatus;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Disposition;
use crate::story::legs::Leg;
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use cpm_wire::sip::{Tokenized, split_list};
use serde::{Deserialize, Serialize};

pub(super) const NOTHING_DELIVERED: RuleEntry = RuleEntry {
    id: "missed_group_content.nothing_delivered",
    requirement: CONV_058,
    level: Level::Shall,
    absence: true,
    ledger: &["L02", "L06", "L19"],
    stage3: false,
    what: "Nothing of a chat reaches a user, or a device, that is to get nothing of it.",
    source: "CPM-CONV-058, CPM-CONV-058a",
};

/// No message of the group reaches the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NothingDelivered {
    /// Who.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// On this device; on any, when none is named.
    pub device: Option<String>,
    /// After this frame; ever, when none is named.
    pub since: Option<u64>,
    /// Whether what is held against the device is a missing feature tag alone, which is known from stage 3 (L06).
    pub tagless: bool,
}

impl Rule for NothingDelivered {
    fn entry(&self) -> &'static RuleEntry {
        &NOTHING_DELIVERED
    }

    fn expects(&self) -> String {
        format!("nothing of \"{}\" reaches {}", self.group, self.receiver())
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let after = |frame: u64| self.since.is_none_or(|since| frame > since);
        let came = flowing(story, Flow::TargetToDevice).find(|item| after(item.first) && self.is_of_ours(story, item));
        if let Some(item) = came {
            let observed = format!("{} came in frame {}", name(story, item.chat_id().unwrap_or_default()), item.frame);
            if self.tagless {
                let finding = warning(&NOTHING_DELIVERED, "L06", self.expects(), observed, item);
                return Assessment { judgement: Judgement::Met { checks: 1 }, warnings: vec![finding] };
            }
            return Judgement::Broken(fail(&NOTHING_DELIVERED, self.expects(), observed, item)).into();
        }
        if moment == Moment::Open {
            return Judgement::Undecided.into();
        }
        let triggers = story.cast().reachability(&self.person).filter(|change| {
            change.yes && after(change.frame) && self.device.as_ref().is_none_or(|device| *device == change.device)
        });
        match triggers.count() {
            0 => harness(format!("{} was never reachable, so nothing could have come", self.receiver())),
            checks => Judgement::Met { checks },
        }
        .into()
    }
}

impl NothingDelivered {
    fn receiver(&self) -> String {
        match &self.device {
            Some(device) => format!("{}'s {device}", self.person),
            None => self.person.clone(),
        }
    }

    /// A chat message for the receiver, in a session of the group, or one that the focus sent in it.
    fn is_of_ours(&self, story: &Story, item: &Item) -> bool {
        let Some(id) = item.chat_id() else { return false };
        item.person.as_deref() == Some(&self.person)
            && self.device.as_ref().is_none_or(|device| item.device.as_ref() == Some(device))
            && (item.group.as_deref() == Some(&self.group) || sent_in(story, &self.group, id))
    }
}

pub(super) const LEG_KEPT: RuleEntry = RuleEntry {
    id: "missed_group_content.leg_kept",
    requirement: CONV_058,
    level: Level::Shall,
    absence: true,
    ledger: &["L01", "L03", "L05"],
    stage3: false,
    what: "A lost connection is no voluntary leave: the target stays in the chat for the user.",
    source: "CPM-CONV-058",
};

/// The target has not left the group for the person after the loss.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LegKept {
    /// For whom.
    pub person: String,
    /// Which group.
    pub group: String,
}

impl Rule for LegKept {
    fn entry(&self) -> &'static RuleEntry {
        &LEG_KEPT
    }

    fn expects(&self) -> String {
        format!("the target does not leave \"{}\" for {}", self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let losses = story.cast().losses(&self.person);
        let at_loss = |leg: &&Leg| {
            let begun = leg.answer.filter(|answer| answer.is_success()).map(|answer| answer.frame);
            begun.is_some_and(|begun| losses.iter().any(|loss| *loss > begun && leg.alive_at(*loss)))
        };
        let legs = story.network_legs(&self.person, &self.group).filter(at_loss).collect::<Vec<_>>();
        let mut warnings = Vec::new();
        for leg in &legs {
            let Some(ending) = chat.left(leg) else { continue };
            let reason = ending.reason.as_deref().unwrap_or("(none)");
            let observed = format!("BYE of the target in frame {}, Reason {reason}", ending.frame);
            if voluntary(ending.reason.as_deref()) {
                let finding = fail(&LEG_KEPT, self.expects(), observed, Some(ending.frame));
                return Assessment { judgement: Judgement::Broken(finding), warnings };
            }
            warnings.push(warning(&LEG_KEPT, "L05", self.expects(), observed, Some(ending.frame)));
        }
        let judgement = match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed if losses.is_empty() => harness(format!("{} never lost a connection", self.person)),
            Moment::Closed if legs.is_empty() => chat.nothing_owed(&LEG_KEPT),
            Moment::Closed => Judgement::Met { checks: legs.len() },
        };
        Assessment { judgement, warnings }
    }
}

/// A leave is voluntary unless its Reason says otherwise: a SIP cause other than 200.
fn voluntary(reason: Option<&str>) -> bool {
    let said = split_list(reason.unwrap_or_default()).map(Tokenized::parse);
    let mut causes = said.filter(|reason| reason.value.eq_ignore_ascii_case("SIP")).filter_map(|reason| {
        let cause = reason.params.token("cause")?;
        cause.parse::<u16>().ok()
    });
    causes.next().is_none_or(|cause| cause == 200)
}

pub(super) const AFTER_INTEREST_ENDED: RuleEntry = RuleEntry {
    id: "missed_group_content.after_interest_ended",
    requirement: CONV_058,
    level: Level::Policy,
    absence: false,
    ledger: &["L05"],
    stage3: false,
    what: "After a decline, a leave or a removal the user gets what the statement says.",
    source: "CPM-CONV-058",
};

/// How interest ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conduct {
    /// The invitation was declined with 603.
    Declined,
    /// The user left by BYE.
    Left,
    /// The focus removed the user.
    Removed,
    /// The delivery was declined with 603.
    DrainRefused,
}

impl Conduct {
    /// The key of the statement that answers it.
    pub fn key(self) -> &'static str {
        match self {
            Conduct::Declined => "after_decline",
            Conduct::Left => "after_leave",
            Conduct::Removed => "after_removal",
            Conduct::DrainRefused => "after_drain_refused",
        }
    }
}

/// The person, whose interest has ended, gets of the group what the statement says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AfterInterestEnded {
    /// Who.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// How interest ended.
    pub conduct: Conduct,
}

impl Rule for AfterInterestEnded {
    fn entry(&self) -> &'static RuleEntry {
        &AFTER_INTEREST_ENDED
    }

    fn expects(&self) -> String {
        format!("{} gets of \"{}\" what the statement says under {}", self.person, self.group, self.conduct.key())
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        if moment == Moment::Open {
            return Judgement::Undecided.into();
        }
        let chat = Chat::new(story, &self.person, &self.group);
        let Some(ended) = self.ended(story) else {
            return harness(format!("the interest of {} in \"{}\" did not end", self.person, self.group)).into();
        };
        if !story.cast().reachability(&self.person).any(|change| change.yes && change.frame > ended) {
            return harness(format!("{} was not reachable after that", self.person)).into();
        }
        let later = chat.came(None).find(|item| item.first > ended);
        let word = if later.is_some() { "stored" } else { "nothing" };
        let warnings = super::undeclared(
            &AFTER_INTEREST_ENDED,
            statement,
            (self.conduct.key(), word),
            "L05",
            Some(later.map_or(ended, |item| item.frame)),
        );
        Assessment { judgement: Judgement::Met { checks: 1 }, warnings: warnings.into_iter().collect() }
    }
}

impl AfterInterestEnded {
    /// The frame in which interest ended.
    fn ended(&self, story: &Story) -> Option<u64> {
        let mut legs = story.device_legs(&self.person, &self.group);
        match self.conduct {
            Conduct::Declined | Conduct::DrainRefused => {
                { legs.filter_map(|leg| leg.answer.filter(|answer| leg.by_target && answer.status == 603)).next() }
                    .map(|answer| answer.frame)
            }
            Conduct::Left => {
                legs.find_map(|leg| leg.ended.as_ref().filter(|ending| !ending.by_target).map(|ending| ending.frame))
            }
            Conduct::Removed => {
                let group = story.cast().group(&self.group)?;
                let removed = |member: &crate::evidence::Member| {
                    member.status == MemberStatus::Removed
                        && story.cast().person_of(&member.entity).is_some_and(|person| person.name == self.person)
                };
                group.rosters.iter().find(|(_, members)| members.iter().any(removed)).map(|(frame, _)| *frame)
            }
        }
    }
}

pub(super) const EXPIRED_NOT_DELIVERED: RuleEntry = RuleEntry {
    id: "missed_group_content.expired_not_delivered",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: true,
    ledger: &["L26"],
    stage3: false,
    what: "A message that has outlived its storage time is not delivered, nor reported as delivered.",
    source: "CPM-CONV-058, CPM-CONV-058a",
};

/// This message, which has outlived its storage time, never reaches the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExpiredNotDelivered {
    /// Who.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// Its imdn.Message-ID.
    pub message_id: String,
}

impl Rule for ExpiredNotDelivered {
    fn entry(&self) -> &'static RuleEntry {
        &EXPIRED_NOT_DELIVERED
    }

    fn expects(&self) -> String {
        format!("the message {} of \"{}\" has expired and never reaches {}", self.message_id, self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let name = chat.name(&self.message_id);
        let mut came = flowing(story, Flow::TargetToDevice).filter(|item| item.person.as_ref() == Some(&self.person));
        if let Some(item) = came.find(|item| item.chat_id() == Some(&self.message_id)) {
            return self.broken(format!("{name} came in frame {}", item.frame), item.frame);
        }
        if let Some(item) = self.reported(story, Disposition::Delivered) {
            return self.broken(format!("{name} was reported delivered in frame {}", item.frame), item.frame);
        }
        let Some(original) = chat.original(&self.message_id).filter(|_| moment == Moment::Closed) else {
            return match moment {
                Moment::Open => Judgement::Undecided.into(),
                Moment::Closed => chat.nothing_owed(&EXPIRED_NOT_DELIVERED).into(),
            };
        };
        let returned =
            story.cast().reachability(&self.person).any(|change| change.yes && change.frame > original.frame);
        if !returned {
            return harness(format!("{} was not reachable after {name}", self.person)).into();
        }
        Assessment { judgement: Judgement::Met { checks: 1 }, warnings: self.unreported(story, original) }
    }
}

impl ExpiredNotDelivered {
    fn broken(&self, observed: String, frame: u64) -> Assessment {
        Judgement::Broken(fail(&EXPIRED_NOT_DELIVERED, self.expects(), observed, Some(frame))).into()
    }

    fn reported<'a>(&self, story: &'a Story, kind: Disposition) -> Option<&'a Item> {
        flowing(story, Flow::TargetToNetwork).find(|item| {
            item.person.as_ref().is_none_or(|person| *person == self.person)
                && item.content.reports().iter().any(|r| r.about == self.message_id && r.disposition == kind)
        })
    }

    /// The author who asked for it is told that the message failed, as a rule (L26).
    fn unreported(&self, story: &Story, original: &Item) -> Vec<Finding> {
        let asked = original.content.chat().is_some_and(|chat| chat.dispositions.contains("negative-delivery"));
        if !asked || self.reported(story, Disposition::Failed).is_some() {
            return Vec::new();
        }
        let expected = "a report \"failed\" to the author, who asked for it".to_owned();
        vec![warning(&EXPIRED_NOT_DELIVERED, "L26", expected, "none came".to_owned(), original)]
    }
}
