//! Large message mode: a session of its own carries one message, and is over.

use super::course::{self, Course};
use super::delivered::{as_sent, by_the_target, came_to, lacking, told};
use super::{Judged, MSG_02, Unmet, missing, unkept};
use crate::rules::findings::outside;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::standalone::{Mode, Standalone};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const ONE_MESSAGE: RuleEntry = RuleEntry {
    id: "messages.one_message",
    requirement: MSG_02,
    level: Level::Shall,
    absence: false,
    ledger: &["L16", "L25", "L29"],
    stage3: false,
    what: "A message in large message mode comes unchanged in a session of its own, which carries nothing else and which the \
           target ends when its sender does.",
    source: "PF-MSG-02, RFC 4975 section 5, RFC 3261 section 15",
};

/// The message comes to a device of the served user, or to a user of another network, alone in its session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OneMessage {
    /// The message.
    pub label: String,
    /// The one whom it reaches.
    pub person: String,
    /// The device; none for a user of another network, and for any device.
    pub device: Option<String>,
}

impl Rule for OneMessage {
    fn entry(&self) -> &'static RuleEntry {
        &ONE_MESSAGE
    }

    fn expects(&self) -> String {
        let device = self.device.as_ref().map(|device| format!("'s {device}")).unwrap_or_default();
        format!("the message \"{}\" reaches {}{device} in a session that carries nothing else", self.label, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        course::judge(self, &self.label, story, moment, |course, _| self.judged(course, statement))
    }
}

impl OneMessage {
    fn judged(&self, course: &Course<'_>, statement: &Statement) -> Judged {
        let came = came_to(course, &self.person, self.device.as_deref())?;
        let Some(first) = came.iter().find(|passage| passage.taken()) else {
            return Err(lacking(&ONE_MESSAGE, self.expects(), course, &came));
        };
        as_sent(&ONE_MESSAGE, &self.expects(), course, first)?;
        told(&ONE_MESSAGE, &self.expects(), course)?;
        if first.mode == Mode::Pager {
            let observed = format!("{} brought it", first.told());
            let finding = outside(&ONE_MESSAGE, "L25", self.expects(), observed, first.frame);
            return Err(Judgement::Broken(finding).into());
        }
        alone(&ONE_MESSAGE, &self.expects(), course, first)?;
        Ok(by_the_target(&ONE_MESSAGE, course, first, statement).unwrap_or(Judgement::Met { checks: 4 }))
    }
}

/// That a session carried one message, and that the target has ended it.
pub(super) fn alone(
    entry: &RuleEntry,
    expected: &str,
    course: &Course<'_>,
    came: &Standalone<'_>,
) -> Result<(), Unmet> {
    let with_content = came.items().filter(|item| item.content.body.length > 0 && item.answer.is_some());
    if let Some(second) = with_content.skip(1).find(|item| item.chat_id() != came.message_id()) {
        let observed = format!("another message came in the session of frame {}", came.frame);
        return Err(unkept(entry, expected.to_owned(), observed, second));
    }
    let Some(leg) = came.leg().filter(|leg| leg.established()) else { return Ok(()) };
    match &leg.ended {
        Some(_) => Ok(()),
        None => {
            let observed = format!("the session of frame {} stands", came.frame);
            Err(missing(course.story, entry, expected.to_owned(), observed, came.frame))
        }
    }
}
