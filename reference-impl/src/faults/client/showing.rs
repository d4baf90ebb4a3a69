//! Faults in what a client shows its user of the content that was missed. [CPM-CONV-058c]

use super::fault;
use crate::client::control::{Shown, ShownChat, ShownMessage};
use crate::faults::Fault;
use crate::faults::editing;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::msrp;
use std::collections::{BTreeMap, HashMap, HashSet};

pub(in crate::faults) const FAULTS: &[Fault] = &[
    fault("shows-a-duplicate-twice", "A message that comes twice is shown twice", || Box::new(ShowsTwice::default())),
    fault("shows-nothing-of-a-delivery", "What comes in a session to receive alone is reported and not shown", || {
        Box::new(ShowsLiveAlone::default())
    }),
    fault("shows-two-chats", "Each session of a chat is shown as a chat of its own", || Box::new(TwoChats::default())),
    fault("does-not-change-the-state", "A report on a message of the user is taken and changes nothing", || {
        Box::new(IgnoresReports)
    }),
    fault("changes-the-state-of-another", "A report changes the state of the latest message of the user", || {
        Box::new(ChangesTheLatest::default())
    }),
];

/// Messages that have come, and those of them that have come again.
#[derive(Default)]
struct ShowsTwice {
    once: HashSet<String>,
    again: HashSet<String>,
}

/// The imdn.Message-ID of what comes in a session.
fn coming(way: Way, message: &msrp::Message) -> Option<String> {
    let envelope = editing::envelope(message).filter(|_| way == Way::In)?;
    envelope.imdn_message_id().map(str::to_owned)
}

impl Mischief for ShowsTwice {
    fn msrp(&mut self, _scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if let Some(id) = coming(way, message)
            && !self.once.insert(id.clone())
        {
            self.again.insert(id);
        }
        Fate::Pass
    }

    fn shows(&mut self, mut shown: Shown) -> Shown {
        for chat in &mut shown.chats {
            let twice: Vec<ShownMessage> =
                chat.messages.iter().filter(|message| self.again.contains(&message.message_id)).cloned().collect();
            chat.messages.extend(twice);
        }
        shown
    }
}

/// The messages that came in sessions to receive alone.
#[derive(Default)]
struct ShowsLiveAlone {
    calls: HashSet<String>,
    hidden: HashSet<String>,
}

impl Mischief for ShowsLiveAlone {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &cpm_wire::sip::Message) -> Fate {
        if way == Way::In && super::is_delivery(message) {
            self.calls.extend(message.call_id().map(str::to_owned));
        }
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let hidden = scene.leg_of(way, message).is_some_and(|leg| self.calls.contains(&leg.call_id));
        self.hidden.extend(coming(way, message).filter(|_| hidden));
        Fate::Pass
    }

    fn shows(&mut self, mut shown: Shown) -> Shown {
        shown.chats.iter_mut().for_each(|chat| chat.messages.retain(|one| !self.hidden.contains(&one.message_id)));
        shown
    }
}

/// The Call-ID of the session in which each message came.
#[derive(Default)]
struct TwoChats(HashMap<String, String>);

impl Mischief for TwoChats {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if let Some((id, leg)) = coming(way, message).zip(scene.leg_of(way, message)) {
            self.0.entry(id).or_insert_with(|| leg.call_id.clone());
        }
        Fate::Pass
    }

    fn shows(&mut self, shown: Shown) -> Shown {
        Shown { chats: shown.chats.into_iter().flat_map(|chat| self.parted(chat)).collect() }
    }
}

impl TwoChats {
    /// A chat in as many as it had sessions.
    fn parted(&self, chat: ShownChat) -> Vec<ShownChat> {
        let mut parts: BTreeMap<Option<&String>, Vec<ShownMessage>> = BTreeMap::new();
        for message in &chat.messages {
            parts.entry(self.0.get(&message.message_id)).or_default().push(message.clone());
        }
        if parts.len() < 2 {
            return vec![chat];
        }
        parts.into_values().map(|messages| ShownChat { messages, ..chat.clone() }).collect()
    }
}

struct IgnoresReports;

impl Mischief for IgnoresReports {
    fn msrp(&mut self, _scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let report = editing::envelope(message).filter(|_| way == Way::In).as_ref().and_then(editing::notification);
        if report.is_some() { Fate::Answered(msrp::response(message, 200)) } else { Fate::Pass }
    }
}

/// The latest own message, by chat.
#[derive(Default)]
struct ChangesTheLatest(HashMap<String, String>);

impl Mischief for ChangesTheLatest {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let (Some(envelope), Some(leg)) = (editing::envelope(message), scene.leg_of(way, message)) else {
            return Fate::Pass;
        };
        let (chat, report) = (leg.contribution.clone(), editing::notification(&envelope));
        match (way, report, envelope.imdn_message_id()) {
            (Way::Out, None, Some(id)) => {
                self.0.insert(chat, id.to_owned());
                Fate::Pass
            }
            (Way::In, Some(mut report), _) if self.0.contains_key(&chat) => {
                report.message_id = self.0.get(&chat).cloned().unwrap_or_default();
                let to = envelope.to().next().map(editing::address).unwrap_or_default().to_owned();
                let content = editing::notifying(&envelope, &to, &report);
                Fate::altered(editing::with_body(message, &content))
            }
            _ => Fate::Pass,
        }
    }
}
