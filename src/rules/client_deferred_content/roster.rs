//! The members that the client shows, against those of the focus (L11).

use std::collections::BTreeSet;

use super::chat::Chat;
use super::shown::seen;
use super::told::difference;
use super::{CONV_058C, harness, outside, warning};
use crate::evidence::{MemberStatus, ShownChat};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

/// How observers say that somebody is no longer there.
const GONE: [&str; 4] = ["departed", "removed", "disconnected", "left"];

pub(super) const SHOWS_ROSTER: RuleEntry = RuleEntry {
    id: "client_deferred_content.shows_roster",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L11"],
    stage3: false,
    what: "The members that are shown are those of the last good list.",
    source: "CPM-CONV-058c, RFC 4575 section 4.6",
};

/// The person's client shows the members of a chat as the focus holds them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShowsRoster {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for ShowsRoster {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWS_ROSTER
    }

    fn expects(&self) -> String {
        format!("the client of {} shows the members of \"{}\" as they are", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let warnings = if moment == Moment::Closed { oddly_marked(chat) } else { Vec::new() };
        Assessment { judgement: seen(members_right(&SHOWS_ROSTER, chat), moment), warnings }
    }
}

/// Whether the client shows those present whom the focus holds so, and nobody else.
pub(super) fn members_right(entry: &RuleEntry, chat: Chat<'_>) -> Result<usize, Judgement> {
    let told = chat.lists_sent().last().map(|sent| sent.frame);
    let listed = chat.deliveries().filter(|leg| leg.established() && leg.list.is_some()).map(|leg| leg.invited).max();
    let look = chat.look_after(told.max(listed))?;
    let one = chat.one(entry, &look)?;
    let present = chat.present_at(look.frame);
    if present.is_empty() {
        return Err(harness(format!("nobody but {} is in \"{}\"", chat.person, chat.group)));
    }
    let Some(difference) = difference(&present, &shown_present(chat, one)) else { return Ok(present.len()) };
    let expected = format!("the members shown are {}", present.iter().cloned().collect::<Vec<_>>().join(", "));
    if chat.was_told(&present, look.frame) {
        return Err(chat.missing(entry, expected, difference, look.frame));
    }
    if told.is_none() && chat.subscriptions().next().is_none() {
        let observed = format!("{difference}; the client never asked for the roster, so that nobody told it");
        return Err(Judgement::Broken(outside(entry, "L11", expected, observed, look.frame)));
    }
    Err(harness(format!("the client was not given the final list of \"{}\": {difference}", chat.group)))
}

/// Who of the others is shown as present.
pub(super) fn shown_present(chat: Chat<'_>, shown: &ShownChat) -> BTreeSet<String> {
    let present = shown.members.iter().filter(|member| !GONE.contains(&member.status.to_ascii_lowercase().as_str()));
    present.map(|member| chat.name_of(&member.entity)).filter(|name| name != chat.person).collect()
}

/// A warning for each member who is in and shown as invited, or the other way round.
fn oddly_marked(chat: Chat<'_>) -> Vec<Finding> {
    let Some(look) = chat.look() else { return Vec::new() };
    let members = chat.roster_at(look.frame).unwrap_or_default();
    let mut warnings = Vec::new();
    for shown in look.own.iter().flat_map(|own| &own.members) {
        let name = chat.name_of(&shown.entity);
        let held = members.iter().find(|member| chat.name_of(&member.entity) == name).map(|member| member.status);
        let word = match held {
            Some(MemberStatus::Connected) => "connected",
            Some(MemberStatus::Invited) => "invited",
            _ => continue,
        };
        if shown.status != word && !GONE.contains(&shown.status.as_str()) && name != chat.person {
            let observed = format!("shown as {}", shown.status);
            warnings.push(warning(&SHOWS_ROSTER, "L11", format!("{name} is shown as {word}"), observed, look.frame));
        }
    }
    warnings
}
