//! Faults in starting an ended chat again with its final list. [CPM-CONV-058c]

use super::{fault, is_invitation};
use crate::call::bodies;
use crate::client::control::Shown;
use crate::faults::Fault;
use crate::faults::editing;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::multipart;
use cpm_wire::resource_lists::{self, Entry, List};
use cpm_wire::sip::{self, Message, Name};
use cpm_wire::{msrp, sdp};
use std::collections::{HashMap, HashSet};

pub(in crate::faults) const FAULTS: &[Fault] = &[
    fault("restarts-with-a-stale-list", "Those of the invitation are called, not those of the final list", || {
        Box::new(StaleList::default())
    }),
    fault("restarts-without-one-of-the-list", "The last of the final list is not called", || Box::new(OneShort)),
    fault("restarts-with-itself-in-the-list", "The user stands in the list of those who are called", || {
        Box::new(ListsItself)
    }),
    fault("restarts-under-a-new-contribution-id", "The chat that is started again is another one", || {
        Box::new(NewContribution)
    }),
    fault("keeps-the-old-focus", "The Contact of the new focus is not taken over", || {
        Box::new(OldFocus { focuses: HashMap::new(), what: sip::Method::Invite })
    }),
    fault("watches-the-old-focus", "After a restart the members are asked for at the old focus", || {
        Box::new(OldFocus { focuses: HashMap::new(), what: sip::Method::Subscribe })
    }),
    fault("forgets-the-history-at-a-restart", "What was said before a restart is shown no more", || {
        Box::new(Forgets::default())
    }),
];

/// The list in an INVITE.
fn list_in(message: &Message) -> Option<List> {
    let part = bodies::parts(message).into_iter().find(|part| part.essence == resource_lists::MEDIA_TYPE)?;
    List::parse(&part.octets).ok()
}

/// True for an INVITE of the client that calls the members of a list.
fn is_restart(way: Way, message: &Message) -> bool {
    way == Way::Out && is_invitation(message) && list_in(message).is_some()
}

/// An INVITE with another list.
fn with_list(invite: &Message, entries: Vec<Entry>) -> Option<Fate> {
    let offer = bodies::parts(invite).into_iter().find(|part| part.essence == sdp::MEDIA_TYPE)?;
    let list = multipart::Part::new(resource_lists::MEDIA_TYPE, List { entries }.to_xml().into())
        .header("Content-Disposition", "recipient-list");
    let (content_type, body) = multipart::build(&[multipart::Part::new(sdp::MEDIA_TYPE, offer.octets), list]);
    Some(Fate::altered(invite.edit().body(&content_type, body).finish().octets().clone()))
}

/// The list of the first invitation, by chat.
#[derive(Default)]
struct StaleList(HashMap<String, List>);

impl Mischief for StaleList {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some((leg, list)) = scene.leg(message).zip(list_in(message)) else { return Fate::Pass };
        if way == Way::In {
            self.0.entry(leg.contribution.clone()).or_insert(list);
            return Fate::Pass;
        }
        let own = message.from().map(|from| from.uri.to_owned()).unwrap_or_default();
        let stale = self.0.get(&leg.contribution).map(|list| list.entries.clone()).unwrap_or_default();
        let others = stale.into_iter().filter(|entry| entry.uri != own).collect();
        with_list(message, others).unwrap_or_default()
    }
}

struct OneShort;

impl Mischief for OneShort {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &Message) -> Fate {
        let list = list_in(message).filter(|_| is_restart(way, message));
        let Some(List { mut entries }) = list else { return Fate::Pass };
        entries.pop();
        with_list(message, entries).unwrap_or_default()
    }
}

struct ListsItself;

impl Mischief for ListsItself {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &Message) -> Fate {
        let list = list_in(message).filter(|_| is_restart(way, message));
        let (Some(List { mut entries }), Ok(from)) = (list, message.from()) else { return Fate::Pass };
        entries.push(Entry::new(from.uri));
        with_list(message, entries).unwrap_or_default()
    }
}

struct NewContribution;

impl Mischief for NewContribution {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &Message) -> Fate {
        if !is_restart(way, message) {
            return Fate::Pass;
        }
        let old = message.header(&Name::ContributionId).unwrap_or_default();
        let edited = message.edit().set(Name::ContributionId, format!("{old}-again"));
        Fate::altered(edited.finish().octets().clone())
    }
}

/// The first focus of each chat, and the request that still knows no other.
struct OldFocus {
    focuses: HashMap<String, String>,
    what: sip::Method,
}

impl Mischief for OldFocus {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message) else { return Fate::Pass };
        if way == Way::In && is_invitation(message) {
            let focus = message.contacts().find_map(Result::ok).map(|contact| contact.uri.to_owned());
            self.focuses.entry(leg.contribution.clone()).or_insert(focus.unwrap_or_default());
            return Fate::Pass;
        }
        let (Some(old), true) = (self.focuses.get(&leg.contribution), message.method() == self.what) else {
            return Fate::Pass;
        };
        let accepted = way == Way::In && leg.invited && matches!(message.status(), Some(200..300));
        let begins = way == Way::Out && self.what == sip::Method::Subscribe && message.to_tag().is_none();
        let edited = match (accepted && self.what == sip::Method::Invite, begins) {
            (true, _) => message.edit().set(Name::Contact, format!("<{old}>;isfocus")),
            (_, true) => message.edit().set_request_uri(old).set(Name::To, format!("<{old}>")),
            (false, false) => return Fate::Pass,
        };
        Fate::altered(edited.finish().octets().clone())
    }
}

/// What has come since the restart, by chat.
#[derive(Default)]
struct Forgets(HashMap<String, HashSet<String>>);

impl Mischief for Forgets {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        if is_restart(way, message)
            && let Some(leg) = scene.leg(message)
        {
            self.0.insert(leg.contribution.clone(), HashSet::new());
        }
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if let Some((envelope, leg)) = editing::envelope(message).zip(scene.leg_of(way, message))
            && let (Some(since), Some(id)) = (self.0.get_mut(&leg.contribution), envelope.imdn_message_id())
        {
            since.insert(id.to_owned());
        }
        Fate::Pass
    }

    fn shows(&mut self, mut shown: Shown) -> Shown {
        for chat in &mut shown.chats {
            if let Some(since) = self.0.get(&chat.contribution) {
                chat.messages.retain(|message| since.contains(&message.message_id));
            }
        }
        shown
    }
}
