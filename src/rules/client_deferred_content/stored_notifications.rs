//! Sessions with stored notifications, opened in the name of the store (L27, L31).

use super::chat::{Chat, client_legs, is_of_store, store_is_asserted, to_client};
use super::taking::Offer;
use super::{CONV_058C, harness, outside, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::Leg;
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Blame, Finding, Level};
use serde::{Deserialize, Serialize};

/// The key of the statement that claims these sessions.
const CLAIM: &str = "client_stored_notifications";

pub(super) const ANSWERS_STORED_NOTIFICATIONS: RuleEntry = RuleEntry {
    id: "client_deferred_content.answers_stored_notifications",
    requirement: CONV_058C,
    level: Level::Policy,
    absence: false,
    ledger: &["L27", "L31"],
    stage3: true,
    what: "A session with stored notifications is taken without the user when the name of the store is asserted, else refused.",
    source: "CPM-CONV-058c",
};

/// The person's client takes, or refuses, a session with stored notifications.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnswersStoredNotifications {
    /// Whose client.
    pub person: String,
    /// Whether it is to be taken: the one that is asserted is, the other is not.
    pub accepted: bool,
}

impl Rule for AnswersStoredNotifications {
    fn entry(&self) -> &'static RuleEntry {
        &ANSWERS_STORED_NOTIFICATIONS
    }

    fn expects(&self) -> String {
        format!(
            "the client of {} {} the session with stored notifications",
            self.person,
            if self.accepted { "takes" } else { "refuses" }
        )
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let offered = client_legs(story, &self.person).filter(|leg| is_of_store(leg));
        let Some(leg) = offered.filter(|leg| store_is_asserted(leg) == self.accepted).last() else {
            let which = if self.accepted { "an asserted" } else { "an unasserted" };
            let why = format!("no session with stored notifications was offered to {} in {which} name", self.person);
            return if moment == Moment::Open { Judgement::Undecided } else { harness(why) }.into();
        };
        let chat = Chat::new(story, &self.person, leg.group.as_deref().unwrap_or_default());
        let judgement = if self.accepted {
            warnings.extend(otherwise(chat, leg, statement));
            self.to_be_taken(chat, leg, statement, moment)
        } else {
            self.to_be_refused(chat, leg, moment, &mut warnings)
        };
        Assessment { judgement, warnings }
    }
}

impl AnswersStoredNotifications {
    fn to_be_taken(&self, chat: Chat<'_>, leg: &Leg, statement: &Statement, moment: Moment) -> Judgement {
        match Offer::of(leg) {
            Offer::Taken(_) => {
                let of_leg = |item: &&Item| chat.story.leg_of(item).is_some_and(|own| std::ptr::eq(own, leg));
                let items = to_client(chat.story, chat.person).filter(of_leg).filter(|item| chat.takes(item));
                match chat.acknowledged_of(&ANSWERS_STORED_NOTIFICATIONS, moment, items) {
                    Ok(acknowledged) => Judgement::Met { checks: 1 + acknowledged },
                    Err(judgement) => judgement,
                }
            }
            Offer::Withdrawn => harness("the offer was taken back".to_owned()),
            Offer::Refused(_, answer) if statement.flag(CLAIM) => {
                let observed = format!("it was answered {}", answer.status);
                let finding = outside(&ANSWERS_STORED_NOTIFICATIONS, "L31", self.expects(), observed, answer.frame);
                Judgement::Broken(finding)
            }
            Offer::Refused(..) => Judgement::Unseen {
                why: "the statement does not claim sessions with stored notifications".to_owned(),
                blame: Blame::Configuration,
            },
            Offer::Open(_) if moment == Moment::Open => Judgement::Undecided,
            // To ask the user is one of the ways (L31).
            Offer::Open(leg) if leg.provisional.is_some() => Judgement::Met { checks: 1 },
            Offer::Open(leg) => chat.unanswered(&ANSWERS_STORED_NOTIFICATIONS, leg),
        }
    }

    fn to_be_refused(&self, chat: Chat<'_>, leg: &Leg, moment: Moment, warnings: &mut Vec<Finding>) -> Judgement {
        match Offer::of(leg) {
            Offer::Taken(_) => {
                let expected = format!("{}, for nobody asserts its name", self.expects());
                let frame = leg.answer.map_or(leg.invited, |answer| answer.frame);
                let observed = "it was accepted".to_owned();
                Judgement::Broken(warning(&ANSWERS_STORED_NOTIFICATIONS, "L27", expected, observed, frame))
            }
            Offer::Refused(_, answer) => {
                if !(400..500).contains(&answer.status) {
                    let expected = "a refusal with a 4xx".to_owned();
                    let observed = answer.status.to_string();
                    warnings.push(warning(&ANSWERS_STORED_NOTIFICATIONS, "L27", expected, observed, answer.frame));
                }
                Judgement::Met { checks: 1 }
            }
            Offer::Withdrawn => harness("the offer was taken back".to_owned()),
            Offer::Open(_) if moment == Moment::Open => Judgement::Undecided,
            Offer::Open(leg) => chat.unanswered(&ANSWERS_STORED_NOTIFICATIONS, leg),
        }
    }
}

/// A warning when the client takes the session in another way than its statement says: at once, or by its user (L31).
fn otherwise(chat: Chat<'_>, leg: &Leg, statement: &Statement) -> Option<Finding> {
    let taken = leg.answer.filter(|answer| answer.is_success()).map(|answer| answer.frame);
    let accepted = chat.story.acts().iter().find(|act| {
        let before = taken.is_none_or(|taken| act.frame < taken);
        act.person == chat.person && act.act == "accept" && act.frame > leg.invited && before
    });
    let ringing = leg.provisional.filter(|_| leg.answer.is_none()).map(|ringing| ringing.frame);
    let asked = ringing.or(accepted.map(|act| act.frame));
    let (expected, observed) = match (statement.flag(CLAIM), asked, taken) {
        (true, Some(asked), _) => ("without the user", format!("the user was asked (frame {asked})")),
        (false, None, Some(_)) => ("by the user, if at all", "it was taken at once".to_owned()),
        _ => return None,
    };
    let expected = format!("the session is taken {expected}, as the statement says");
    Some(warning(&ANSWERS_STORED_NOTIFICATIONS, "L31", expected, observed, taken.or(asked)))
}
