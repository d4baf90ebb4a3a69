//! Lists of participants in the session that brings a device what was missed: documents of the conference package
//! between the messages, one before each message, or one after the last, as declared. [CPM-CONV-058a, CPM-CONV-058b,
//! L11, L23]
//!
//! They end with what was missed: what changes later is told to who has subscribed. A device that does not list their
//! type gets none, and none of them holds up a message that came before it.

use super::chat::{Chat, DeviceLeg, DeviceState, Focus, InFlight, Purpose};
use super::deliver::COMPLETED;
use crate::call::Mechanics;
use crate::call::media;
use crate::call::registrations::Device;
use crate::config::{FinalList, Intermediate};
use crate::store::ItemKind;
use bytes::Bytes;
use cpm_wire::conference_info::{self, Roster};
use cpm_wire::sdp::MsrpMedia;

/// What one session has told of the list.
#[derive(Debug, Default)]
pub struct Lists {
    /// True once it is known whether there is anything to be told.
    begun: bool,
    /// True when there is nothing to be told any more.
    over: bool,
    /// What was told; nothing yet when there is none.
    seen: Option<Roster>,
    /// Up to which place of the history that is.
    told: u64,
    /// The place up to which the device knew the list as it came.
    known: u64,
    /// The version of the last document.
    version: u32,
    /// The message whose own list went last.
    before: Option<u64>,
    /// True once the final list went.
    complete: bool,
}

/// What a session is to tell next.
enum Next {
    /// Nothing before this message.
    Nothing,
    /// Nothing any more.
    Over,
    /// Something that is not known yet.
    Unknown,
    /// The list that the device knew last.
    First(Roster),
    /// What became of it at this place.
    Change(u64, Roster),
    /// The list as it was at this message, or as the device knew it already, and its place.
    Before(u64, u64, Roster),
    /// The list as it is now, and its place.
    Last(u64, Roster),
}

/// RFC 4975 section 8.6: what a SEND carries as it is has to be listed.
pub fn takes_lists(description: &MsrpMedia) -> bool {
    let fits = |one: &String| one == "*" || one.eq_ignore_ascii_case(conference_info::MEDIA_TYPE);
    description.accept_types.iter().any(fits)
}

impl Chat {
    /// Sends a device the list that is to come before this item, or after the last one; true when there is one, or it
    /// is waited for.
    pub fn send_list(&mut self, m: &mut Mechanics, at: usize, item: Option<(u64, ItemKind)>) -> bool {
        self.begin_lists(m, at);
        let next = self.devices.get(at).map_or(Next::Over, |leg| self.next_list(m, leg, item));
        let Some(leg) = self.devices.get_mut(at) else { return false };
        let lists = &mut leg.lists;
        let document = match next {
            Next::Nothing => return false,
            Next::Unknown => return true,
            Next::Over => {
                lists.over = true;
                return false;
            }
            Next::First(roster) => lists.whole(lists.told, roster),
            Next::Last(place, roster) => {
                lists.complete = true;
                lists.whole(place, roster)
            }
            Next::Before(item, place, roster) => {
                lists.before = Some(item);
                lists.version += 1;
                let document = roster.to_document(lists.version);
                if place > lists.told {
                    (lists.told, lists.seen) = (place, Some(roster));
                }
                document
            }
            Next::Change(place, roster) => lists.change(place, roster),
        };
        let (told, sent_as) = (lists.told, m.tokens.token());
        leg.in_flight = Some(InFlight::List(told, sent_as.clone()));
        let octets = Bytes::from(document.to_xml());
        m.media.send(m.now, leg.local.media, media::outgoing(sent_as, conference_info::MEDIA_TYPE.to_owned(), octets));
        true
    }

    /// Decides once for each session whether there is anything to tell: not to who has missed nothing.
    fn begin_lists(&mut self, m: &Mechanics, at: usize) {
        let Some(leg) = self.devices.get(at).filter(|leg| !leg.lists.begun) else { return };
        let told = self.told_before(&leg.device);
        let missed = leg.purpose == Purpose::Drain
            || self.items.wait_for(&leg.device)
            || self.roster.history.next_place(told).is_some();
        let declared = &m.config.delivery;
        let any = declared.final_list.contains(&FinalList::CarrierMsrp)
            || declared.intermediate.contains(&Intermediate::MsrpDocuments)
            || declared.intermediate.contains(&Intermediate::PerMessageList);
        let none = !(any && missed && leg.takes_lists) || leg.purpose == Purpose::Invitation || self.is_one_to_one();
        if let Some(leg) = self.devices.get_mut(at) {
            leg.lists = Lists { begun: true, over: none, told, known: told, ..Lists::default() };
        }
    }

    fn next_list(&self, m: &Mechanics, leg: &DeviceLeg, item: Option<(u64, ItemKind)>) -> Next {
        let (declared, lists, history) = (&m.config.delivery, &leg.lists, &self.roster.history);
        if lists.over {
            return Next::Nothing;
        }
        if declared.intermediate.contains(&Intermediate::MsrpDocuments) {
            let Some(seen) = &lists.seen else { return Next::First(history.at(lists.told)) };
            let due = |place: u64| item.is_none_or(|(id, _)| place < id) && !self.lacks_message_before(leg, place);
            if let Some((place, roster)) = history.next(lists.told, seen).filter(|(place, _)| due(*place)) {
                return Next::Change(place, roster);
            }
        }
        let each = declared.intermediate.contains(&Intermediate::PerMessageList);
        match item {
            Some((id, ItemKind::Message)) if each && lists.before != Some(id) => {
                // Places and messages are numbered alike.
                let place = id.max(lists.known);
                Next::Before(id, place, history.at(place))
            }
            Some(_) => Next::Nothing,
            None if lists.complete => Next::Over,
            None if !self.is_list_known() => Next::Unknown,
            None if declared.final_list.contains(&FinalList::CarrierMsrp)
                || (each && history.next_place(lists.told).is_some()) =>
            {
                let place = history.last_place();
                Next::Last(place, history.at(place))
            }
            None => Next::Over,
        }
    }

    /// True while a device gets lists between its messages: what a subscription tells it meanwhile does not count for those.
    pub fn is_being_listed(&self, m: &Mechanics, device: &Device) -> bool {
        let between = [Intermediate::MsrpDocuments, Intermediate::PerMessageList];
        let declared = between.iter().any(|one| m.config.delivery.intermediate.contains(one));
        let under_way = |leg: &DeviceLeg| {
            leg.takes_lists && !leg.lists.over && leg.state == DeviceState::Joined && leg.device.may_be(device)
        };
        declared && self.devices.iter().any(under_way)
    }

    /// True when a message is still to come to the device that was there before this place.
    pub fn lacks_message_before(&self, leg: &DeviceLeg, place: u64) -> bool {
        let mut earlier = self.items.held.iter().filter(|item| item.stored && item.record.id < place);
        earlier.any(|item| item.record.kind == ItemKind::Message && !item.is_with(&leg.device))
    }

    /// True when the list is what the focus says it is, or the focus will say no more.
    pub fn is_list_known(&self) -> bool {
        if matches!(self.focus, Focus::Absent) { self.roster.is_final() } else { self.roster.told }
    }

    /// A device has answered a list. One that cannot take it gets no more of them.
    pub fn list_answered(&mut self, m: &mut Mechanics, at: usize, told: u64, status: Option<u16>) {
        let Some(leg) = self.devices.get_mut(at) else { return };
        match status {
            Some(200) => {
                let device = leg.device.key.clone();
                if self.note_told(device, told) {
                    self.save(m);
                }
            }
            Some(403 | 413 | 415) => leg.lists.over = true,
            _ => return self.lost(m, at),
        }
        let Some(leg) = self.devices.get_mut(at) else { return };
        leg.in_flight = None;
        if leg.is_retiring() {
            self.end_device(m, at, COMPLETED);
        }
        self.pump(m);
    }
}

impl Lists {
    fn whole(&mut self, place: u64, roster: Roster) -> conference_info::Document {
        self.version += 1;
        let document = roster.to_document(self.version);
        (self.told, self.seen) = (place, Some(roster));
        document
    }

    fn change(&mut self, place: u64, roster: Roster) -> conference_info::Document {
        self.version += 1;
        let document = match &self.seen {
            Some(seen) => roster.changes_since(seen, self.version),
            None => roster.to_document(self.version),
        };
        (self.told, self.seen) = (place, Some(roster));
        document
    }
}
