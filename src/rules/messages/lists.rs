//! Messages to several: the function makes the copies, or passes the message on to the exploder with its list (RFC 5365).

use std::collections::BTreeSet;

use super::course::{self, Course};
use super::delivered::{as_sent, told};
use super::large::alone;
use super::{Judged, MSG_02, Unmet, harness, missing, settled, unkept};
use crate::rules::sessions::attempt::asked;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::standalone::{Mode, Standalone};
use crate::target::statement::Statement;
use crate::verdict::Level;
use cpm_wire::sip::identity_key;
use serde::{Deserialize, Serialize};

pub(super) const LIST_REACHED: RuleEntry = RuleEntry {
    id: "messages.list_reached",
    requirement: MSG_02,
    level: Level::Shall,
    absence: false,
    ledger: &[],
    stage3: false,
    what: "A message to a list reaches every member of it once and nobody else, in copies that the target makes or by the \
           exploder of lists.",
    source: "PF-MSG-02, RFC 5365 sections 5 and 7",
};

/// Everybody on the list is reached once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListReached {
    /// The message.
    pub label: String,
    /// The served user who sent it.
    pub person: String,
}

impl Rule for ListReached {
    fn entry(&self) -> &'static RuleEntry {
        &LIST_REACHED
    }

    fn expects(&self) -> String {
        format!("everybody on the list gets the message \"{}\" of {} once", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        course::judge(self, &self.label, story, moment, |course, _| self.judged(course))
    }
}

impl ListReached {
    fn judged(&self, course: &Course<'_>) -> Judged {
        let sent = course.sent;
        let listed = sent.recipients.as_ref().ok_or_else(|| harness(format!("{} has no list", sent.told())))?;
        let members: BTreeSet<String> = listed.iter().map(|uri| identity_key(uri)).collect();
        let went: Vec<Standalone<'_>> = course.to_network().collect();
        for passage in &went {
            self.is_in_order(course, passage, &members)?;
        }
        for member in &members {
            let mut reaching = went.iter().filter(|passage| reaches(passage, &sent, member));
            let Some(first) = reaching.next() else {
                let observed = format!("{} went out, and nothing went to {member}", sent.told());
                return Err(missing(course.story, &LIST_REACHED, self.expects(), observed, sent.frame));
            };
            if let Some(second) = reaching.next() {
                let observed = format!("it went to {member} in frame {} and in frame {}", first.frame, second.frame);
                return Err(unkept(&LIST_REACHED, self.expects(), observed, second.frame));
            }
            if !first.taken() {
                let observed = format!("{} brought nothing whole to {member}", first.told());
                return Err(missing(course.story, &LIST_REACHED, self.expects(), observed, first.frame));
            }
            if first.mode == Mode::Large {
                alone(&LIST_REACHED, &self.expects(), course, first)?;
            }
        }
        told(&LIST_REACHED, &self.expects(), course)?;
        Ok(Judgement::Met { checks: members.len() })
    }

    /// A copy goes to a member and has no list to be sent to again; what goes to the exploder has the list.
    fn is_in_order(
        &self,
        course: &Course<'_>,
        passage: &Standalone<'_>,
        members: &BTreeSet<String>,
    ) -> Result<(), Unmet> {
        let to = identity_key(&passage.request_uri);
        let expected = self.expects();
        let on_to_exploder = to == identity_key(&course.sent.request_uri);
        if !on_to_exploder && !members.contains(&to) {
            return Err(unkept(&LIST_REACHED, expected, format!("{} went to {to}", passage.told()), passage.frame));
        }
        let stranger = |uri: &&String| !members.contains(&identity_key(uri));
        if let Some(stranger) = passage.recipients.iter().flatten().find(stranger) {
            let observed = format!("{} has {stranger} on its list", passage.told());
            return Err(unkept(&LIST_REACHED, expected, observed, passage.frame));
        }
        if !on_to_exploder && passage.recipients.is_some() {
            let observed = format!("the copy in frame {} has a list of recipients", passage.frame);
            return Err(unkept(&LIST_REACHED, expected, observed, passage.frame));
        }
        if passage.content().is_some() { as_sent(&LIST_REACHED, &expected, course, passage) } else { Ok(()) }
    }
}

/// Whether a passage brings the message to a member: as a copy, or within the list that goes to the exploder.
fn reaches(passage: &Standalone<'_>, sent: &Standalone<'_>, member: &str) -> bool {
    let to = identity_key(&passage.request_uri);
    let listed = || passage.recipients.iter().flatten().any(|uri| identity_key(uri) == member);
    to == member || to == identity_key(&sent.request_uri) && listed()
}

pub(super) const NOT_EXPLODED: RuleEntry = RuleEntry {
    id: "messages.not_exploded",
    requirement: MSG_02,
    level: Level::Shall,
    absence: true,
    ledger: &[],
    stage3: false,
    what: "A copy that tells who else got the message is for its recipient, and goes to none of those once more.",
    source: "PF-MSG-02, RFC 5365 section 7.4",
};

/// The copy for the user goes to nobody else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotExploded {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
}

impl Rule for NotExploded {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_EXPLODED
    }

    fn expects(&self) -> String {
        format!("the copy of the message \"{}\" for {} goes to nobody else", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let course = match Course::last(story, &self.label, asked(story, self)) {
            Ok(course) => course,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        let elsewhere = |passage: &Standalone<'_>| passage.person.as_deref() != Some(self.person.as_str());
        let others = course.to_network().chain(course.came().filter(elsewhere)).next();
        match (others, moment) {
            (Some(other), _) => {
                let observed = format!("{} went to {}", other.told(), other.request_uri);
                (*unkept(&NOT_EXPLODED, self.expects(), observed, other.frame)).into()
            }
            (None, Moment::Open) => Judgement::Undecided.into(),
            (None, Moment::Closed) => Judgement::Met { checks: 1 }.into(),
        }
    }
}
