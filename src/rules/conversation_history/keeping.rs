//! What is said is kept: its name, its words, its author, its time, its direction (L13, L14, L22).

use super::HIS_01;
use super::said::Said;
use crate::rules::findings::{same_author, warning};
use crate::rules::sessions::{Unmet, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Story, history};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use cpm_wire::time::Time;
use serde::{Deserialize, Serialize};

pub(super) const KEPT: RuleEntry = RuleEntry {
    id: "conversation_history.kept",
    requirement: HIS_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L13", "L14", "L22"],
    stage3: false,
    what: "What is said in a conversation that is to be kept stands in the history of the user: its message id and words, its \
           author, its time and its direction.",
    source: "PF-HIS-01",
};

/// Something that was said is kept in the history of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// What was said.
    pub label: String,
    /// In whose history.
    pub person: String,
}

impl Rule for Kept {
    fn entry(&self) -> &'static RuleEntry {
        &KEPT
    }

    fn expects(&self) -> String {
        expected(&self.label, &self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged = Said::last(story, &self.label).and_then(|said| {
            let first = kept(&KEPT, story, &said, &self.person, self.expects(), &mut warnings)?;
            let again = objects(story, &said, &self.person).nth(1);
            warnings.extend(again.map(|again| {
                let observed = format!("it is there by frame {} and by frame {}", first.frame, again.frame);
                warning(&KEPT, "L14", "it is kept once".to_owned(), observed, again.frame)
            }));
            Ok(Judgement::Met { checks: CHECKS })
        });
        settled(judged, warnings, moment)
    }
}

/// Message id, words, author, time and direction.
const CHECKS: usize = 5;

fn expected(label: &str, person: &str) -> String {
    format!("\"{label}\" is kept in the history of {person}, with author, time and direction")
}

pub(super) const KEPT_ONCE: RuleEntry = RuleEntry {
    id: "conversation_history.kept_once",
    requirement: HIS_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L22"],
    stage3: false,
    what: "What a user misses and gets later is kept in the history once.",
    source: "PF-HIS-01",
};

/// Something that was said is kept in the history of the person, and no second time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptOnce {
    /// What was said.
    pub label: String,
    /// In whose history.
    pub person: String,
}

impl Rule for KeptOnce {
    fn entry(&self) -> &'static RuleEntry {
        &KEPT_ONCE
    }

    fn expects(&self) -> String {
        format!("{}, once", expected(&self.label, &self.person))
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged = Said::last(story, &self.label).and_then(|said| {
            let first = kept(&KEPT_ONCE, story, &said, &self.person, self.expects(), &mut warnings)?;
            match objects(story, &said, &self.person).nth(1) {
                Some(again) => {
                    let observed = format!("it is there by frame {} and by frame {}", first.frame, again.frame);
                    Err(unkept(&KEPT_ONCE, self.expects(), observed, again.frame))
                }
                None => Ok(Judgement::Met { checks: CHECKS }),
            }
        });
        match (&judged, moment) {
            // A second one may come.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, warnings, moment),
        }
    }
}

/// The objects in a history that are what was said and that the store has taken.
fn objects<'a>(
    story: &'a Story,
    said: &Said<'a>,
    person: &'a str,
) -> impl Iterator<Item = &'a history::Kept> + use<'a> {
    let id = said.id;
    story.history_of(person).filter(move |kept| kept.taken.is_some() && kept.is_message(id))
}

/// The first object that is what was said, if all of it is there and right.
fn kept<'a>(
    entry: &RuleEntry,
    story: &'a Story,
    said: &Said<'a>,
    person: &'a str,
    expected: String,
    warnings: &mut Vec<Finding>,
) -> Result<&'a history::Kept, Unmet> {
    let Some(object) = objects(story, said, person).next() else {
        let tried = story.history_of(person).find(|kept| kept.is_message(said.id));
        let observed = match tried {
            Some(tried) => format!("the store has not taken the object in frame {}, and no other came", tried.frame),
            None => {
                format!("it was said in frame {}, and the history has no object with its message id", said.item.frame)
            }
        };
        return Err(missing(story, entry, expected, observed, said.item));
    };
    let broken = |observed: String| Err(unkept(entry, expected.clone(), observed, object.frame));
    if let Some(author) = other_author(object, said) {
        return broken(format!("the object in frame {} has the author {author}", object.frame));
    }
    if !at_its_time(object, said) {
        let date = object.field("date").unwrap_or("none");
        return broken(format!("the object in frame {} has another time; its Date is {date}", object.frame));
    }
    let direction = said.direction(person);
    match object.field("message-direction") {
        Some(own) if !own.eq_ignore_ascii_case(direction) => {
            return broken(format!("the object in frame {} says {own}, and it was {direction}", object.frame));
        }
        Some(_) => {}
        None => {
            let observed = format!("the object in frame {} tells it by its author alone", object.frame);
            warnings.push(warning(entry, "L22", format!("Message-Direction: {direction}"), observed, object.frame));
        }
    }
    let same_words = object.content.chat().is_some_and(|own| own.body == said.envelope.body);
    if !same_words && !object.holds(said.envelope.body.head()) {
        return broken(format!("the object in frame {} has other words", object.frame));
    }
    Ok(object)
}

/// Whom an object names as the author, if that is somebody else.
fn other_author(object: &history::Kept, said: &Said<'_>) -> Option<String> {
    let envelope = object.content.chat().and_then(|envelope| envelope.from.clone());
    let named: Vec<String> = envelope.into_iter().chain(object.address("from")).collect();
    let right = |author: &String| same_author(said.envelope.from.as_deref(), Some(author));
    // A group may stand in the head, and its member in the envelope.
    if named.iter().any(right) { None } else { Some(named.first().cloned().unwrap_or_else(|| "nobody".to_owned())) }
}

/// Whether an object has the instant of what was said: in its envelope, or in its head, which has whole seconds.
fn at_its_time(object: &history::Kept, said: &Said<'_>) -> bool {
    let Some(instant) = said.envelope.instant else { return true };
    let within = object.content.chat().and_then(|envelope| envelope.instant) == Some(instant);
    let seconds = |time: Time| time.as_nanos() / 1_000_000_000;
    within || object.field("date").and_then(dated).is_some_and(|date| seconds(date) == seconds(instant))
}

/// The instant in a Date field, as RFC 5322 or RFC 3339 writes it.
fn dated(text: &str) -> Option<Time> {
    Time::parse_rfc3339(text).ok().or_else(|| {
        let text = text.split_once(',').map_or(text, |(_, rest)| rest);
        let mut words = text.split_whitespace();
        let (day, month, year, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let month = MONTHS.iter().zip(1..).find(|(name, _)| name.eq_ignore_ascii_case(month)).map(|(_, at)| at)?;
        let zone = match words.next()? {
            "GMT" | "UT" | "UTC" | "Z" => "Z".to_owned(),
            zone => format!("{}:{}", zone.get(..3)?, zone.get(3..)?),
        };
        Time::parse_rfc3339(&format!("{year}-{month:02}-{day:0>2}T{clock}{zone}")).ok()
    })
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
