//! The membership between the user's invitation and the end, told in order: [CPM-CONV-058b] (L23).

use std::collections::BTreeSet;

use super::devices::settled;
use super::lists::{drain_end, no_list};
use super::roster::{key, shown};
use super::streams::{Form, Place, Stream, in_force, matching, rosters, streams};
use super::{CONV_058B, Chat, fail, harness, undeclared, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const ROSTER_HISTORY: RuleEntry = RuleEntry {
    id: "missed_group_content.roster_history",
    requirement: CONV_058B,
    level: Level::May,
    absence: false,
    ledger: &["L01", "L23"],
    stage3: false,
    what: "The lists fold to the final one, and at each message give the membership of that moment.",
    source: "CPM-CONV-058b, RFC 4575 sections 4.4 to 4.6",
};

/// The lists that reach the person tell how the membership of the group changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RosterHistory {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for RosterHistory {
    fn entry(&self) -> &'static RuleEntry {
        &ROSTER_HISTORY
    }

    fn expects(&self) -> String {
        format!("{} can follow who was in \"{}\" at each message", self.person, self.group)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let judgement = match self.told(&chat, statement, moment, &mut warnings) {
            Judgement::Met { .. } if moment == Moment::Open && !chat.all_delivered() => Judgement::Undecided,
            judgement => judgement,
        };
        settled(judgement, warnings, moment)
    }
}

impl RosterHistory {
    fn told(&self, chat: &Chat<'_>, statement: &Statement, moment: Moment, warnings: &mut Vec<Finding>) -> Judgement {
        let Some((form, streams)) = most_telling(chat, statement) else {
            return no_list(&ROSTER_HISTORY, chat);
        };
        // What is declared may still come: it is slower where it goes by way of a store.
        if moment == Moment::Open && !form.is_declared(statement) {
            return Judgement::Undecided;
        }
        let first = streams.iter().flat_map(|stream| &stream.places).map(|place| place.frame).min();
        warnings.extend(form_differs(&ROSTER_HISTORY, statement, form, first.unwrap_or_default()));
        let mut checks = 0;
        for stream in &streams {
            match self.in_sequence(stream) {
                Ok(lists) => checks += lists,
                Err(finding) => return Judgement::Broken(*finding),
            }
        }
        if let Some(judgement) = self.ends_elsewhere(chat, &streams).or_else(|| self.only_final(chat, &streams)) {
            return judgement;
        }
        match at_messages(chat, form, &streams) {
            Ok((right, remarks)) => {
                warnings.extend(remarks);
                Judgement::Met { checks: checks + right }
            }
            Err(finding) => Judgement::Broken(*finding),
        }
    }

    /// Each list shows a roster that was, and none an earlier one than the list before.
    fn in_sequence(&self, stream: &Stream<'_>) -> Result<usize, Box<Finding>> {
        let mut reached = 0;
        for place in &stream.places {
            let Some(latest) = place.rosters.last() else {
                let expected = "each list shows a membership that the focus held".to_owned();
                let observed = format!("that in frame {} never was: {}", place.frame, place.nearest);
                return Err(fail(&ROSTER_HISTORY, expected, observed, Some(place.frame)).into());
            };
            let Some(next) = place.rosters.iter().find(|at| **at >= reached) else {
                let expected = "the lists tell the membership in the order in which it changed".to_owned();
                let observed =
                    format!("that in frame {} goes back to roster {} after roster {reached}", place.frame, latest);
                return Err(fail(&ROSTER_HISTORY, expected, observed, Some(place.frame)).into());
            };
            reached = *next;
        }
        Ok(stream.places.len())
    }

    /// The latest stream of each device folds to the final list.
    fn ends_elsewhere(&self, chat: &Chat<'_>, streams: &[Stream<'_>]) -> Option<Judgement> {
        let final_ones = in_force(chat, drain_end(chat)?);
        let latest = |stream: &&Stream<'_>| streams.iter().rfind(|other| other.device == stream.device);
        let ended = streams.iter().filter(|stream| latest(stream).is_some_and(|latest| std::ptr::eq(latest, *stream)));
        let last = ended.filter_map(|stream| stream.places.last());
        let wrong = { last }.find(|place| place.rosters.last().is_none_or(|at| *at < final_ones))?;
        let expected = format!("the lists of \"{}\" fold to the final one", self.group);
        let observed = format!("after the last, in frame {}: {}", wrong.frame, wrong.difference);
        Some(chat.missing(&ROSTER_HISTORY, expected, observed, Some(wrong.frame)))
    }

    /// Where the membership changed, something else than the final list has to come too; the list of the invitation will
    /// do.
    fn only_final(&self, chat: &Chat<'_>, streams: &[Stream<'_>]) -> Option<Judgement> {
        let invited = chat.story.network_legs(chat.person, chat.group).map(|leg| leg.invited).min()?;
        let begun = in_force(chat, invited);
        let all = rosters(chat);
        let (_, last) = all.last()?;
        let like_last = matching(chat, &[shown(chat, last)]);
        if (begun..all.len()).all(|at| like_last.contains(&at)) {
            return Some(harness(format!("the membership of \"{}\" never changed", self.group)));
        }
        let last_names = names_of(chat, last.iter().map(|member| &member.entity));
        let by_invitation = chat.story.drains_of(chat.person, chat.group).filter_map(|leg| leg.list.as_ref());
        let mut by_invitation = by_invitation.map(|list| names_of(chat, list.iter()));
        if tells_earlier(chat, streams, 0) || by_invitation.any(|names| names != last_names) {
            return None;
        }
        let expected = format!("{} learns how \"{}\" changed, from the initial list on", self.person, self.group);
        let frame = streams.iter().flat_map(|stream| &stream.places).map(|place| place.frame).next();
        Some(chat.missing(&ROSTER_HISTORY, expected, "only the final list came".to_owned(), frame))
    }
}

/// The lists that came, in the form that tells most: a declared one before others, but one that brought the final list
/// alone behind one that brought what was before. What came before the delivery, live, tells nothing of its form.
fn most_telling<'a>(chat: &Chat<'a>, statement: &Statement) -> Option<(Form, Vec<Stream<'a>>)> {
    let told = Form::in_order(statement).into_iter().map(|form| (form, streams(chat, form)));
    let told = told.filter(|(_, streams)| !streams.is_empty()).collect::<Vec<_>>();
    let begun = chat.story.drains_of(chat.person, chat.group).map(|leg| leg.invited).max().unwrap_or_default();
    let at = told.iter().position(|(_, streams)| tells_earlier(chat, streams, begun)).unwrap_or_default();
    told.into_iter().nth(at)
}

/// Whether any list from this frame on shows something else than the last roster.
fn tells_earlier(chat: &Chat<'_>, streams: &[Stream<'_>], since: u64) -> bool {
    let last = rosters(chat).last().map(|(_, last)| shown(chat, last)).unwrap_or_default();
    let like_last = matching(chat, &[last]);
    let is_earlier = |place: &Place| place.frame >= since && place.rosters.iter().all(|at| !like_last.contains(at));
    streams.iter().flat_map(|stream| &stream.places).any(is_earlier)
}

fn names_of<'a>(chat: &Chat<'_>, uris: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    uris.map(|uri| key(chat, uri)).filter(|name| name != chat.person).collect()
}

/// A warning when lists come in a form that the statement does not declare.
pub(super) fn form_differs(entry: &RuleEntry, statement: &Statement, form: Form, frame: u64) -> Option<Finding> {
    if form.is_declared(statement) {
        return None;
    }
    let word = form.words().first()?;
    undeclared(entry, statement, ("intermediate", word), "L23", Some(frame))
}

/// Where a message was among the changes, by the lists that its device had.
enum Told {
    Right,
    Earlier,
    Later(u64),
}

/// Compares, at each stored message, what its device had been told with what the focus held then.
fn at_messages(chat: &Chat<'_>, form: Form, streams: &[Stream<'_>]) -> Result<(usize, Vec<Finding>), Box<Finding>> {
    if form == Form::Store {
        return Ok((0, Vec::new()));
    }
    let (mut right, mut remarks) = (0, Vec::new());
    for came in chat.delivered(None) {
        let Some((original, told)) = told_at(chat, streams, came) else { continue };
        let name = chat.name(came.chat_id().unwrap_or_default());
        let expected = format!("at {name} the lists give the membership of its time");
        match told {
            Told::Right => right += 1,
            Told::Earlier if remarks.is_empty() => {
                let observed = format!("they give an earlier one (sent in frame {})", original.frame);
                remarks.push(warning(&ROSTER_HISTORY, "L23", expected, observed, came));
            }
            Told::Later(frame) if form == Form::Session => {
                let observed = format!("the list in frame {frame}, before it, is of a later time");
                return Err(fail(&ROSTER_HISTORY, expected, observed, came).into());
            }
            Told::Later(frame) if remarks.is_empty() => {
                let observed = format!("the notification in frame {frame} is of a later time: they do not alternate");
                remarks.push(warning(&ROSTER_HISTORY, "L23", expected, observed, came));
            }
            Told::Earlier | Told::Later(_) => {}
        }
    }
    Ok((right, remarks))
}

/// A message that was stored before its leg began, and what its device had been told before it came. Of one that the
/// target acknowledged only after a change the place is open on that side.
fn told_at<'a>(chat: &Chat<'a>, streams: &[Stream<'_>], came: &Item) -> Option<(&'a Item, Told)> {
    let original = chat.original(came.chat_id()?)?;
    let leg = chat.story.leg_of(came)?;
    if original.frame > leg.invited {
        return None;
    }
    let own = streams.iter().filter(|stream| stream.device == came.device.as_deref());
    let before = own.flat_map(|stream| &stream.places).filter(|place| place.frame < came.first);
    let Some(latest) = before.max_by_key(|place| place.frame) else { return Some((original, Told::Earlier)) };
    let acknowledged = original.answer.map_or(original.frame, |answer| answer.frame);
    let span = in_force(chat, original.first)..=in_force(chat, acknowledged);
    let told = match latest.rosters.first() {
        _ if latest.rosters.iter().any(|at| span.contains(at)) => Told::Right,
        Some(first) if first > span.end() => Told::Later(latest.frame),
        _ => Told::Earlier,
    };
    Some((original, told))
}
