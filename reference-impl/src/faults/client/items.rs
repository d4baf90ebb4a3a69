//! Faults in what a client makes of lists before the final one. [CPM-CONV-058d]

use super::lists::{Leaves, is_change, notified, sent};
use super::sessions::Told;
use super::{fault, is_delivery};
use crate::client::control::{Shown, ShownChange, ShownMember};
use crate::faults::Fault;
use crate::faults::editing;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::conference_info::{Document, Member, Roster};
use cpm_wire::msrp;
use cpm_wire::sip::{Message, Method};
use std::collections::{HashMap, HashSet};

pub(in crate::faults) const FAULTS: &[Fault] = &[
    fault("ignores-the-history-of-the-roster", "Lists in between leave no history", || {
        Box::new(Told(|config| config.intermediate_lists = false))
    }),
    fault(
        "takes-an-item-in-between-for-the-final-list",
        "After the first change all further lists are ignored",
        || Box::new(FirstChangeCounts::default()),
    ),
    fault(
        "lets-the-session-have-the-last-word",
        "What came in a session counts for more than what the group tells",
        || Box::new(SessionCounts::default()),
    ),
    fault("refuses-a-list-in-the-session", "A list that comes in a session is refused as forbidden", || {
        Box::new(RefusesLists(403))
    }),
    fault("takes-no-list-in-the-session", "A list that comes in a session is of no type that is taken", || {
        Box::new(RefusesLists(415))
    }),
    fault("refuses-a-list-by-notification", "A notification of a change is refused", || Box::new(RefusesChanges)),
    fault("ends-the-session-at-a-list-in-between", "At the first change the session is ended", || {
        Box::new(Leaves::at(is_change))
    }),
    fault("forgets-what-it-knew", "A delivery without a final list leaves no members", || {
        Box::new(Unfinished { what: Without::Members, ..Unfinished::default() })
    }),
    fault("refuses-the-next-delivery", "After a delivery without a final list the next is refused", || {
        Box::new(Unfinished { what: Without::Next, ..Unfinished::default() })
    }),
    fault("mixes-up-who-came-and-who-went", "Who came is shown as gone, and who went as come", || {
        Box::new(Shows(|change| change.what = if change.what == "joined" { "left" } else { "joined" }))
    }),
    fault("misplaces-the-changes", "All changes are shown before the first message", || {
        Box::new(Shows(|change| change.after_messages = 0))
    }),
];

/// The chats of which a change has come.
#[derive(Default)]
struct FirstChangeCounts(HashSet<String>);

impl FirstChangeCounts {
    fn is_ignored(&mut self, chat: &str, document: &[u8]) -> bool {
        let ignored = self.0.contains(chat);
        if is_change(document) {
            self.0.insert(chat.to_owned());
        }
        ignored
    }
}

impl Mischief for FirstChangeCounts {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let found = notified(message).filter(|_| way == Way::In).zip(scene.leg(message));
        let ignored = found.is_some_and(|(document, leg)| self.is_ignored(&leg.contribution, &document));
        if ignored { Fate::Answered(editing::answer(message, 200)) } else { Fate::Pass }
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let found = sent(message).filter(|_| way == Way::In).zip(scene.leg_of(way, message));
        let ignored = found.is_some_and(|(document, leg)| self.is_ignored(&leg.contribution, &document));
        if ignored { Fate::Answered(msrp::response(message, 200)) } else { Fate::Pass }
    }
}

/// What documents in sessions told, by chat.
#[derive(Default)]
struct SessionCounts(HashMap<String, Roster>);

impl Mischief for SessionCounts {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let document = sent(message).filter(|_| way == Way::In).map(|octets| Document::parse(&octets));
        if let (Some(Ok(document)), Some(leg)) = (document, scene.leg_of(way, message)) {
            // What does not fit is not told.
            let _ = self.0.entry(leg.contribution.clone()).or_default().apply(&document);
        }
        Fate::Pass
    }

    fn shows(&mut self, mut shown: Shown) -> Shown {
        for chat in &mut shown.chats {
            if let Some(roster) = self.0.get(&chat.contribution) {
                let word = |here| if here { "connected" } else { "departed" };
                let member = |(entity, member): (&String, &Member)| ShownMember {
                    entity: entity.clone(),
                    status: word(member.is_in()),
                };
                chat.members = roster.members().iter().map(member).collect();
            }
        }
        shown
    }
}

/// With this status.
struct RefusesLists(u16);

impl Mischief for RefusesLists {
    fn msrp(&mut self, _scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let refused = way == Way::In && sent(message).is_some();
        if refused { Fate::Answered(msrp::response(message, self.0)) } else { Fate::Pass }
    }
}

struct RefusesChanges;

impl Mischief for RefusesChanges {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &Message) -> Fate {
        let refused = way == Way::In && notified(message).is_some_and(|document| is_change(&document));
        if refused { Fate::Answered(editing::answer(message, 400)) } else { Fate::Pass }
    }
}

/// What a delivery without a final list leaves undone.
#[derive(Default, PartialEq, Eq)]
enum Without {
    #[default]
    Members,
    Next,
}

/// The chats whose last word was no whole list, and those whose delivery ended so.
#[derive(Default)]
struct Unfinished {
    what: Without,
    deliveries: HashSet<String>,
    open: HashSet<String>,
    ended: HashSet<String>,
}

impl Unfinished {
    fn told(&mut self, chat: &str, document: &[u8]) {
        if is_change(document) {
            self.open.insert(chat.to_owned());
        } else {
            self.open.remove(chat);
        }
        if self.what == Without::Members {
            self.ended.remove(chat);
        }
    }
}

impl Mischief for Unfinished {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message).filter(|_| way == Way::In) else { return Fate::Pass };
        if let Some(document) = notified(message) {
            self.told(&leg.contribution, &document);
        }
        if is_delivery(message) {
            if self.what == Without::Next && self.ended.contains(&leg.contribution) {
                return Fate::Answered(editing::answer(message, 486));
            }
            self.deliveries.insert(leg.call_id.clone());
        }
        let over = message.is_request() && message.method() == Method::Bye && self.deliveries.contains(&leg.call_id);
        if over && self.open.contains(&leg.contribution) {
            self.ended.insert(leg.contribution.clone());
        }
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if let Some((document, leg)) = sent(message).filter(|_| way == Way::In).zip(scene.leg_of(way, message)) {
            self.told(&leg.contribution, &document);
        }
        Fate::Pass
    }

    fn shows(&mut self, mut shown: Shown) -> Shown {
        let forgotten = |chat: &str| self.what == Without::Members && self.ended.contains(chat);
        shown.chats.iter_mut().filter(|chat| forgotten(&chat.contribution)).for_each(|chat| chat.members.clear());
        shown
    }
}

/// Shows each change otherwise.
struct Shows(fn(&mut ShownChange));

impl Mischief for Shows {
    fn shows(&mut self, mut shown: Shown) -> Shown {
        shown.chats.iter_mut().flat_map(|chat| &mut chat.changes).for_each(self.0);
        shown
    }
}
