//! Messages come in an order that the ledger accepts (L08).

use cpm_wire::time::Time;

use super::content::decided_when_delivered;
use super::{CONV_058A, Chat, harness, outside, undeclared};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const IN_ORDER: RuleEntry = RuleEntry {
    id: "missed_group_content.in_order",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L08"],
    stage3: true,
    what: "Within a leg messages come in the order in which the target got them whole, or by their DateTime.",
    source: "CPM-CONV-058a",
};

/// The messages of the group reach the person in order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InOrder {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

/// What is known of one delivered message: its place in the focus's leg, and its author's time.
struct Place<'a> {
    came: &'a Item,
    sent: u64,
    instant: Option<Time>,
}

impl Rule for InOrder {
    fn entry(&self) -> &'static RuleEntry {
        &IN_ORDER
    }

    fn expects(&self) -> String {
        format!("the messages of \"{}\" reach {} in order", self.group, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut checks = 0;
        let mut warnings = Vec::new();
        for leg in legs(&chat) {
            let places = places(&chat, leg);
            checks += places.len();
            let last = places.last().map(|place| place.came.frame);
            match order(&places) {
                Order::Completion => {}
                Order::DateTime => {
                    warnings.extend(undeclared(&IN_ORDER, statement, ("drain_order", "datetime"), "L08", last));
                }
                Order::Neither => {
                    let expected =
                        format!("the messages of \"{}\" come as they were completed, or by DateTime", self.group);
                    let came = places.iter().map(|place| chat.name(place.came.chat_id().unwrap_or_default()));
                    let observed = format!("they came as {}", came.collect::<Vec<_>>().join(", "));
                    let finding = outside(&IN_ORDER, "L08", expected, observed, last);
                    return Assessment { judgement: Judgement::Broken(finding), warnings };
                }
            }
        }
        let judgement = decided_when_delivered(&chat, &IN_ORDER, checks, moment, self.expects());
        let judgement = match judgement {
            Judgement::Met { .. } if chat.owed().len() < 2 => {
                harness(format!("the focus of \"{}\" sent fewer than two messages", self.group))
            }
            judgement => judgement,
        };
        Assessment { judgement, warnings }
    }
}

/// The legs in which messages came, each once.
fn legs(chat: &Chat<'_>) -> Vec<Option<usize>> {
    let mut legs = Vec::new();
    for item in chat.came(None) {
        if !legs.contains(&item.leg()) {
            legs.push(item.leg());
        }
    }
    legs
}

/// The messages of one leg with a known original, the first of each imdn.Message-ID.
fn places<'a>(chat: &Chat<'a>, leg: Option<usize>) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = Vec::new();
    for came in chat.came(None).filter(|item| item.leg() == leg) {
        let Some(original) = came.chat_id().and_then(|id| chat.original(id)) else { continue };
        if places.iter().any(|known| known.came.chat_id() == came.chat_id()) {
            continue;
        }
        let instant = original.content.chat().and_then(|envelope| envelope.instant);
        places.push(Place { came, sent: original.frame, instant });
    }
    places
}

enum Order {
    Completion,
    DateTime,
    Neither,
}

/// Messages may overlap in chunks, so either their beginnings or their ends have to be in order.
fn order(ended: &[Place<'_>]) -> Order {
    let mut begun = ended.iter().collect::<Vec<_>>();
    begun.sort_by_key(|place| place.came.first);
    let ended = ended.iter().collect::<Vec<_>>();
    let completion = |places: &[&Place<'_>]| places.is_sorted_by_key(|place| place.sent);
    let by_time = |places: &[&Place<'_>]| {
        places.iter().all(|place| place.instant.is_some()) && places.is_sorted_by_key(|place| place.instant)
    };
    if completion(&ended) || completion(&begun) {
        Order::Completion
    } else if by_time(&ended) || by_time(&begun) {
        Order::DateTime
    } else {
        Order::Neither
    }
}
