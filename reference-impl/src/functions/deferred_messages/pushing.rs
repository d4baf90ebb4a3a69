//! Sending what waits to the devices of its user, one item after the other in the order of arrival: a device has at most one
//! MESSAGE of them unanswered (RFC 3428 section 8). Items are read in batches as they are needed. An item is delivered once a
//! device has taken it; what all devices refuse for good is rejected, and what none can have now waits for the next trigger.
//! [PF-MSG-04, PF-DEV-03, L32]

use super::triggers::Now;
use super::{DeferredMessages, Loading};
use crate::call::registrations::{ANY, Device};
use crate::call::{Mechanics, is_absence};
use crate::functions::multi_device::preference::DevicePreference;
use crate::functions::policies_and_preferences::Policies;
use crate::store::{DeferredKind, DeferredRecord};
use cpm_wire::time::Time;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// The most items that are read at a time, and the most octets of more than one.
const BATCH: (usize, u64) = (32, 1024 * 1024);
/// How long the other devices are waited for once one has an item.
const OTHERS: Duration = Duration::from_secs(2);

/// The delivery of what waits for one user.
pub struct Round {
    user: String,
    /// Those that are served.
    pub devices: Vec<Device>,
    /// Of those, the keys of those that get notifications alone: of messages they are told.
    reports_only: Vec<String>,
    /// The last item that was read.
    after: u64,
    reading: bool,
    ready: VecDeque<(DeferredRecord, DevicePreference)>,
    flight: Option<Flight>,
}

/// An item that is on its way.
pub struct Flight {
    /// The item.
    id: u64,
    record: DeferredRecord,
    /// The devices whose answer is awaited, by what was sent.
    waiting: HashMap<u64, String>,
    delivered: bool,
    refused: bool,
    absent: bool,
    /// The others are waited for until then.
    until: Option<Time>,
}

/// What became of an item at one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The device has it.
    Delivered,
    /// The device cannot have it now.
    Absent,
    /// The device does not want it, now or later.
    Refused,
}

impl Outcome {
    /// What the final answer of a device comes to; none for one that has not answered. A notification is owed to the user: only
    /// a device that will never understand it is left alone with it.
    pub fn of(kind: DeferredKind, status: Option<u16>) -> Outcome {
        match status {
            Some(200..=299) => Outcome::Delivered,
            Some(405 | 415 | 488 | 501) => Outcome::Refused,
            Some(400..=499 | 600..) if kind == DeferredKind::Report => Outcome::Absent,
            Some(status @ (400..=499 | 600..)) if !is_absence(status) => Outcome::Refused,
            _ => Outcome::Absent,
        }
    }
}

impl DeferredMessages {
    /// A device is to have what waits; or, with `reports_only`, the notifications among it.
    pub(super) fn begin_round(&mut self, m: &mut Mechanics, user: &str, device: &Device, reports_only: bool) {
        let wanted = self.index.of(user).any(|one| !(reports_only && one.is_message()));
        if !wanted {
            return;
        }
        let number = match self.round_of.get(user) {
            Some(number) => *number,
            None => {
                let number = self.next();
                self.round_of.insert(user.to_owned(), number);
                let round = Round {
                    user: user.to_owned(),
                    devices: Vec::new(),
                    reports_only: Vec::new(),
                    after: 0,
                    reading: false,
                    ready: VecDeque::new(),
                    flight: None,
                };
                self.rounds.insert(number, round);
                number
            }
        };
        let Some(round) = self.rounds.get_mut(&number) else { return };
        // A device that nothing is known of may be one of those that are.
        round.devices.retain(|held| held.key != device.key && held.key != ANY);
        round.reports_only.retain(|key| *key != device.key);
        round.devices.push(device.clone());
        if reports_only {
            round.reports_only.push(device.key.clone());
        }
        // What was passed over for want of a device may go to this one.
        round.after = 0;
        self.advance(m, number);
    }

    pub(super) fn end_round(&mut self, number: u64) {
        self.due.set(number, None);
        let Some(round) = self.rounds.remove(&number) else { return };
        self.round_of.remove(&round.user);
        if let Some(flight) = round.flight {
            self.index.give_back(&round.user, flight.id);
        }
    }

    /// Sends the next item, or has more read; ends the round when there is nothing more.
    fn advance(&mut self, m: &mut Mechanics, number: u64) {
        loop {
            let Some(round) = self.rounds.get_mut(&number) else { return };
            if round.flight.is_some() || round.reading {
                return;
            }
            if round.devices.is_empty() {
                return self.end_round(number);
            }
            if let Some((record, wish)) = round.ready.pop_front() {
                self.launch(m, number, record, &wish);
                continue;
            }
            let ids = self.index.next_batch(&round.user, round.after, m.now, BATCH);
            let Some(last) = ids.last() else { return self.end_round(number) };
            (round.after, round.reading) = (*last, true);
            return self.load(m, Loading::Round(number), ids, true);
        }
    }

    pub(super) fn round_loaded(
        &mut self,
        m: &mut Mechanics,
        policies: &Policies,
        number: u64,
        records: Vec<DeferredRecord>,
    ) {
        let mut ready = VecDeque::with_capacity(records.len());
        for record in records {
            match self.decided(m, policies, &record) {
                Now::Due(wish) => ready.push_back((record, wish)),
                Now::PutOff => {}
                Now::Withheld => self.forget(m, &record.entry.user, record.entry.id),
            }
        }
        if let Some(round) = self.rounds.get_mut(&number) {
            round.reading = false;
            round.ready = ready;
        }
        self.advance(m, number);
    }

    /// Sends an item to the devices that are to have it, unless it is gone meanwhile.
    fn launch(&mut self, m: &mut Mechanics, number: u64, record: DeferredRecord, wish: &DevicePreference) {
        let Some(round) = self.rounds.get(&number) else { return };
        let (user, id) = (round.user.clone(), record.entry.id);
        let is_report = record.entry.kind == DeferredKind::Report;
        let takes = |device: &&Device| is_report || !round.reports_only.contains(&device.key);
        let devices = wish.arranged(round.devices.iter().filter(takes).cloned().collect());
        let pending = self.index.get(&user, id).is_some_and(|one| one.is_pending(m.now));
        if devices.is_empty() || !pending || !self.index.take(&user, id) {
            return;
        }
        let sent = |device: Device| Some((self.carry(m, number, &record, &device)?, device.key));
        let waiting: HashMap<u64, String> = devices.into_iter().filter_map(sent).collect();
        if waiting.is_empty() {
            return self.index.give_back(&user, id);
        }
        let record = DeferredRecord { octets: bytes::Bytes::new(), ..record };
        let flight = Flight { id, record, waiting, delivered: false, refused: false, absent: false, until: None };
        if let Some(round) = self.rounds.get_mut(&number) {
            round.flight = Some(flight);
        }
    }

    /// It is known what became of an item at a device.
    pub(super) fn pushed(&mut self, m: &mut Mechanics, number: u64, sent: u64, outcome: Outcome) {
        let Some(round) = self.rounds.get_mut(&number) else { return };
        let Some(flight) = &mut round.flight else { return };
        let Some(device) = flight.waiting.remove(&sent) else { return };
        let (id, first) = (flight.id, !flight.delivered && outcome == Outcome::Delivered);
        match outcome {
            Outcome::Delivered => {
                flight.delivered = true;
                flight.until.get_or_insert(m.now + OTHERS);
            }
            Outcome::Refused => flight.refused = true,
            Outcome::Absent => {
                flight.absent = true;
                round.devices.retain(|held| held.key != device);
            }
        }
        let (over, until, user) = (flight.waiting.is_empty(), flight.until, round.user.clone());
        if first {
            self.forget(m, &user, id);
        }
        match over {
            true => self.landed(m, number),
            false => self.due.set(number, until),
        }
    }

    /// All devices have answered, or are not waited for any more.
    fn landed(&mut self, m: &mut Mechanics, number: u64) {
        self.due.set(number, None);
        let Some(round) = self.rounds.get_mut(&number) else { return };
        let Some(flight) = round.flight.take() else { return };
        let user = round.user.clone();
        match (flight.delivered, flight.refused && !flight.absent) {
            (true, _) => {}
            (false, true) => self.rejected(m, flight.record),
            (false, false) => self.index.give_back(&user, flight.id),
        }
        self.advance(m, number);
    }

    /// One device has the item, and the others have not said a word: they get no more of this round.
    pub(super) fn round_due(&mut self, m: &mut Mechanics, number: u64) {
        let Some(round) = self.rounds.get_mut(&number) else { return };
        let Some(flight) = &mut round.flight else { return };
        let silent: Vec<String> = flight.waiting.drain().map(|(_, device)| device).collect();
        round.devices.retain(|device| !silent.contains(&device.key));
        self.landed(m, number);
    }
}
