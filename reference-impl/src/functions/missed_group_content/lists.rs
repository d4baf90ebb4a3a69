//! Lists of participants in the session that delivers what was missed: documents (RFC 4575) between the messages, one
//! before each message, the final one after the last. [CPM-CONV-058a, CPM-CONV-058b, L11, L23]
//!
//! They are for what was missed: once a device has all of it, changes reach it by its subscription.

use super::chat::{Chat, DeviceLeg, DeviceState, Focus, InFlight, Purpose};
use super::items::Item;
use crate::call::Mechanics;
use crate::call::media;
use crate::call::registrations::Device;
use crate::config::{FinalList, Intermediate, Order};
use crate::store::ItemKind;
use bytes::Bytes;
use cpm_wire::conference_info::{self, Document, Roster};
use cpm_wire::sdp::MsrpMedia;

/// The most devices of which it is remembered what they were told.
const MOST_TOLD: usize = 16;

/// How far the lists in a session are.
#[derive(Debug)]
pub struct Lists {
    /// True when there are none to send, or no more.
    done: bool,
    version: u32,
    /// What the device has been told in this session.
    seen: Option<Roster>,
    /// Up to which place of the history that is; before that, what it knew as it came.
    told: u64,
    /// The message that has its own list already.
    listed: Option<u64>,
    /// True once something of what was missed went out.
    begun: bool,
}

impl Default for Lists {
    fn default() -> Lists {
        Lists { done: true, version: 0, seen: None, told: 0, listed: None, begun: false }
    }
}

/// What is said of the roster next.
enum Next {
    /// All of it, as it was at this place.
    Whole(u64),
    /// What changed at this place.
    Change(u64, Roster),
    /// All of it, as it was at the place of this message.
    Before(u64),
    /// The final list.
    Last,
}

impl Chat {
    /// A device takes part now, and said so with this description of its media: its lists begin with what it knows.
    pub fn begin_lists(&mut self, m: &Mechanics, at: usize, description: &MsrpMedia) {
        let delivery = &m.config.delivery;
        let wanted = has_documents(&delivery.intermediate) || delivery.final_list.contains(&FinalList::CarrierMsrp);
        let taken = wanted && !self.is_one_to_one() && takes_lists(description);
        let Some(device) = self.devices.get(at).map(|leg| leg.device.clone()) else { return };
        let told = self.told_before(&device);
        if let Some(leg) = self.devices.get_mut(at) {
            let done = !taken || leg.purpose == Purpose::Invitation;
            leg.lists = Lists { done, told, ..Lists::default() };
        }
    }

    /// Up to which place of the history a device has been told.
    pub fn told_before(&self, device: &Device) -> u64 {
        let told = self.record.rosters_told.iter().find(|(key, _)| *key == device.key);
        told.map_or(0, |(_, place)| *place)
    }

    /// A device has been told up to this place.
    pub fn note_told(&mut self, device: &Device, place: u64) {
        let told = &mut self.record.rosters_told;
        told.retain(|(key, _)| *key != device.key);
        told.push((device.key.clone(), place));
        let surplus = told.len().saturating_sub(MOST_TOLD);
        told.drain(..surplus);
    }

    /// True while a device gets lists between its messages: what a subscription tells it does not count before those.
    pub fn is_being_listed(&self, m: &Mechanics, device: &Device) -> bool {
        let under_way =
            |leg: &DeviceLeg| leg.state == DeviceState::Joined && !leg.lists.done && leg.device.may_be(device);
        has_documents(&m.config.delivery.intermediate) && self.devices.iter().any(under_way)
    }

    /// Sends the list that a device is to have before this item, or, when there is none, at the end of what was missed.
    /// True when the item, or the end of the session, has to wait for it.
    pub fn list_first(&mut self, m: &mut Mechanics, at: usize, item: Option<u64>) -> bool {
        let Some(leg) = self.devices.get(at).filter(|leg| !leg.lists.done) else { return false };
        if item.is_none() && leg.lists.begun && self.is_last_list_unknown(m) {
            return true;
        }
        let next = self.next_list(m, leg, item);
        let Some(leg) = self.devices.get_mut(at) else { return false };
        let lists = &mut leg.lists;
        let history = &self.roster.history;
        let (place, roster, partial) = match next {
            Some(Next::Whole(place)) => (place, history.at(place), false),
            Some(Next::Change(place, roster)) => (place, roster, true),
            Some(Next::Before(item)) => {
                lists.listed = Some(item);
                // What the device knows already was so, even if this message is older.
                let place = history.place_at(item).max(lists.told);
                (place, history.at(place), false)
            }
            Some(Next::Last) => {
                lists.done = true;
                (history.last_place(), history.at(history.last_place()), false)
            }
            None => {
                lists.begun = true;
                lists.done = item.is_none();
                return false;
            }
        };
        lists.begun = true;
        let document = lists.document(&roster, partial);
        (lists.seen, lists.told) = (Some(roster), place);
        let message_id = m.tokens.token();
        leg.in_flight = Some(InFlight::List(message_id.clone()));
        let outgoing =
            media::outgoing(message_id, conference_info::MEDIA_TYPE.to_owned(), Bytes::from(document.to_xml()));
        m.media.send(m.now, leg.local.media, outgoing);
        true
    }

    /// True when something is still to come in the session with a device that was there before this place: a change told
    /// now would be news from its future.
    pub fn owes_earlier(&self, m: &Mechanics, leg: &DeviceLeg, place: u64) -> bool {
        let earlier = |item: &Item| item.record.id < place && !self.comes_apart(m, item, leg);
        self.items.next_for(&leg.device, Order::Completion, earlier).is_some()
    }

    /// True while the focus may still say what the final list is.
    fn is_last_list_unknown(&self, m: &Mechanics) -> bool {
        let known = if matches!(self.focus, Focus::Absent) { self.roster.is_final() } else { self.roster.told };
        !known && m.config.delivery.final_list.contains(&FinalList::CarrierMsrp)
    }

    fn next_list(&self, m: &Mechanics, leg: &DeviceLeg, item: Option<u64>) -> Option<Next> {
        let delivery = &m.config.delivery;
        let (lists, history) = (&leg.lists, &self.roster.history);
        let documents = delivery.intermediate.contains(&Intermediate::MsrpDocuments);
        let each = delivery.intermediate.contains(&Intermediate::PerMessageList);
        let news = history.next_place(lists.told).filter(|place| item.is_none_or(|item| *place < item));
        if documents {
            match &lists.seen {
                None if item.is_some() || news.is_some() => return Some(Next::Whole(lists.told)),
                Some(seen) if news.is_some_and(|place| !self.owes_earlier(m, leg, place)) => {
                    return history.next(lists.told, seen).map(|(place, roster)| Next::Change(place, roster));
                }
                _ => {}
            }
        }
        match item.and_then(|id| self.items.get(id)) {
            Some(item) if item.record.kind == ItemKind::Message && each => {
                let id = item.record.id;
                (lists.listed != Some(id)).then_some(Next::Before(id))
            }
            Some(_) => None,
            None if delivery.final_list.contains(&FinalList::CarrierMsrp) => {
                (lists.begun || news.is_some()).then_some(Next::Last)
            }
            None => (each && news.is_some()).then_some(Next::Last),
        }
    }

    /// A device has answered a list; one that does not take them gets its messages all the same.
    pub fn list_answered(&mut self, m: &mut Mechanics, at: usize, status: Option<u16>) {
        let Some(leg) = self.devices.get_mut(at) else { return };
        match status {
            Some(200) => {
                let (device, told) = (leg.device.clone(), leg.lists.told);
                self.note_told(&device, told);
                self.save(m);
            }
            Some(413 | 415) => leg.lists.done = true,
            _ => return self.lost(m, at),
        }
        self.went_out(m, at);
    }
}

impl Lists {
    fn document(&mut self, roster: &Roster, partial: bool) -> Document {
        self.version += 1;
        match self.seen.as_ref().filter(|_| partial) {
            Some(seen) => roster.changes_since(seen, self.version),
            None => roster.to_document(self.version),
        }
    }
}

/// True when lists come between the messages.
fn has_documents(intermediate: &[Intermediate]) -> bool {
    intermediate.iter().any(|one| matches!(one, Intermediate::MsrpDocuments | Intermediate::PerMessageList))
}

/// RFC 4975 section 8.6: a document may be sent to those who list it.
fn takes_lists(description: &MsrpMedia) -> bool {
    let fits = |one: &String| one == "*" || one.eq_ignore_ascii_case(conference_info::MEDIA_TYPE);
    description.accept_types.iter().any(fits)
}
