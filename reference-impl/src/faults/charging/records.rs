//! Faults in records: that they are not made, or not whole, or made twice.

use super::{Requests, kept, record_type, remade, swallowed};
use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::diameter::Message;
use cpm_wire::diameter::dictionary::{
    ACCOUNTING_RECORD_NUMBER, IMS_CHARGING_IDENTIFIER, IMS_INFORMATION, SERVICE_INFORMATION, SESSION_ID,
};
use std::collections::HashSet;
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("records-no-sessions", "Nothing is recorded of sessions", || {
        Box::new(Requests(|_, record| dropped(record, &[2, 3, 4])))
    }),
    Fault::of_function("records-no-end-of-sessions", "The end of a session is not recorded", || {
        Box::new(Requests(|_, record| dropped(record, &[4])))
    }),
    Fault::of_function("records-no-change-of-sessions", "Neither records nor credit follow a change", || {
        Box::new(Requests(|_, request| match super::credit_type(request) {
            Some(2) => swallowed(request),
            _ => dropped(request, &[3]),
        }))
    }),
    Fault::of_function("records-no-messages", "Nothing is recorded of messages", || {
        Box::new(Requests(|_, record| dropped(record, &[1])))
    }),
    Fault::of_function("ends-the-record-of-another-session", "A stop record is of no session that began", || {
        Box::new(Requests(|_, record| match record_type(record) {
            Some(4) => Fate::altered(in_session(record, "other")),
            _ => Fate::Pass,
        }))
    }),
    Fault::of_function("records-another-charging-identifier", "The icid of a record is not that of the leg", || {
        Box::new(Requests(|_, record| record_type(record).and_then(|_| of_another(record)).unwrap_or_default()))
    }),
    Fault::of_function("numbers-all-records-alike", "Every record of a session has the same number", || {
        Box::new(Requests(|_, record| match record_type(record) {
            Some(_) => Fate::altered(remade(record, |to, avp| match avp.is(&ACCOUNTING_RECORD_NUMBER) {
                true => to.avp(&ACCOUNTING_RECORD_NUMBER, 0_u32),
                false => kept(to, avp),
            })),
            None => Fate::Pass,
        }))
    }),
    Fault::of_function("records-messages-twice", "A message is recorded as two events", || Box::new(Twice::default())),
];

/// Records of these types are not sent.
fn dropped(record: &Message, types: &[u32]) -> Fate {
    match record_type(record) {
        Some(kind) if types.contains(&kind) => swallowed(record),
        _ => Fate::Pass,
    }
}

/// The record in another session, whose name ends so.
fn in_session(record: &Message, end: &str) -> bytes::Bytes {
    let session = format!("{};{end}", record.session_id().unwrap_or_default());
    remade(record, |to, avp| match avp.is(&SESSION_ID) {
        true => to.avp(&SESSION_ID, session.as_str()),
        false => kept(to, avp),
    })
}

/// The record with its icid backwards, wherever that stands.
fn of_another(record: &Message) -> Option<Fate> {
    let information = record.find(&SERVICE_INFORMATION)?.group().find(&IMS_INFORMATION)?;
    let icid = information.group().find(&IMS_CHARGING_IDENTIFIER)?.data;
    let mut other: Vec<u8> = icid.iter().rev().copied().collect();
    if let Some(first) = other.first_mut() {
        *first = if *first == b'x' { b'y' } else { b'x' };
    }
    let mut octets = record.octets().to_vec();
    let mut at = 0;
    while let Some(place) = octets.get_mut(at..at + icid.len()) {
        if place == icid {
            place.copy_from_slice(&other);
        }
        at += 1;
    }
    Some(Fate::altered(octets))
}

/// The events that were recorded once more, by their End-to-End Identifiers.
#[derive(Default)]
struct Twice(HashSet<u32>);

/// The Hop-by-Hop Identifiers of the second records: none of the function's own is near.
const OWN: u32 = 0x8000_0000;

impl Mischief for Twice {
    fn diameter(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let header = *message.header();
        if way == Way::In
            || !message.is_request()
            || record_type(message) != Some(1)
            || !self.0.insert(header.end_to_end)
        {
            return Fate::Pass;
        }
        let Ok(second) = Message::parse(in_session(message, "again")) else { return Fate::Pass };
        let second = second.numbered(header.hop_by_hop ^ OWN).octets().clone();
        Fate::Followed(vec![(Duration::from_millis(1), second)])
    }
}
