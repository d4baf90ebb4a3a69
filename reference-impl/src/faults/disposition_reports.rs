//! Faults with disposition notifications outside sessions. [PF-MSG-03]

use super::Fault;
use super::deferred_messages::{Origins, answers_own, comes, followed, followed_by_another, for_absent};
use super::editing::{address, answer, is_notification, notification, notifying, pager_envelope, with_text};
use super::passage::Way;
use super::scene::Scene;
use super::tampering::{Fate, Mischief};
use crate::call::served::SessionCase;
use crate::store::{Contents, DeferredKind};
use bytes::Bytes;
use cpm_wire::cpim::{self, IMDN_NAMESPACE};
use cpm_wire::imdn::{self, Kind, Notification, Status};
use cpm_wire::sip::{Message, Method, Name};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("strips-report-requests", "What its sender wants to hear of a message is cut out of it", || {
        Box::new(Strips)
    }),
    Fault::of_function("loses-stored-reports", "A report for who is away is taken and thrown away", || {
        Box::new(LosesStored)
    }),
    Fault::of_function("forgets-reports-at-restart", "After a restart no report waits any more", || {
        Box::new(ForgetsReports)
    }),
    Fault::of_function("answers-reports-with-reports", "Who reports is told that the report was delivered", || {
        Box::new(ReportsOnReports)
    }),
    Fault::of_function(
        "fails-and-delivers",
        "Who hears that a message failed hears that it was delivered, too",
        || Box::new(AlsoDelivers::default()),
    ),
    Fault::of_function("says-failed-unasked", "Who did not ask for it is told that a message failed", || {
        Box::new(SaysUnasked::default())
    }),
    Fault::of_function("keeps-quiet-about-failure", "Nobody is told that a message failed", || {
        Box::new(KeepsQuiet::default())
    }),
    Fault::of_function("alters-a-foreign-report", "A report on a message that is not known names another one", || {
        Box::new(AltersForeign::default())
    }),
    Fault::of_function(
        "doubles-a-report",
        "Each report of a user goes to its author a second time as a new one",
        || Box::new(Doubles::default()),
    ),
    Fault::of_function("drops-reports-of-a-user", "What a user's devices report goes no further", || Box::new(Drops)),
];

/// The notification that a MESSAGE carries.
fn carried(message: &Message) -> Option<cpim::Message> {
    pager_envelope(message).filter(is_notification)
}

struct Strips;

impl Mischief for Strips {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let envelope = pager_envelope(message).filter(|_| comes(way, message, SessionCase::Terminating));
        let Some(envelope) = envelope else { return Fate::Pass };
        let Some(field) = envelope.find(Some(IMDN_NAMESPACE), "Disposition-Notification").next() else {
            return Fate::Pass;
        };
        let octets = envelope.octets();
        let before = octets.get(..field.value.start).unwrap_or_default();
        let begins = before.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
        let after = octets.get(field.value.end..).unwrap_or_default();
        let ends = after.iter().position(|octet| *octet == b'\n').map_or(after.len(), |at| at + 1);
        let left = [before.get(..begins).unwrap_or_default(), after.get(ends..).unwrap_or_default()].concat();
        let content_type = message.header(&Name::ContentType).unwrap_or_default();
        Fate::altered(message.edit().body(content_type, left.into()).finish().octets().clone())
    }
}

/// The element's own word that a message failed goes nowhere.
#[derive(Default)]
struct KeepsQuiet(Origins);

impl Mischief for KeepsQuiet {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        match self.0.says_failed(way, message) {
            Some(_) => Fate::Answered(answer(message, 200)),
            None => Fate::Pass,
        }
    }
}

struct LosesStored;

impl Mischief for LosesStored {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        match for_absent(way, message).filter(is_notification) {
            Some(_) => Fate::Answered(answer(message, 202)),
            None => Fate::Pass,
        }
    }
}

struct ForgetsReports;

impl Mischief for ForgetsReports {
    fn restore(&self, contents: &mut Contents) {
        contents.deferred.retain(|entry| entry.kind != DeferredKind::Report);
    }
}

/// A MESSAGE of the fault's own to whoever sent this one.
fn back(message: &Message, body: Bytes) -> Option<Bytes> {
    let own = message.routes().next()?.ok()?.uri.trim_start_matches("sip:").split(';').next()?.to_owned();
    let cscf = message.routes().nth(1)?.ok()?.uri.split('@').next_back()?.split(';').next()?.to_owned();
    let (from, to) = (message.from().ok()?.uri.to_owned(), message.to().ok()?.uri.to_owned());
    let call_id = message.call_id()?;
    let branch: String = call_id.chars().filter(char::is_ascii_alphanumeric).collect();
    // By the transport over which it came.
    let transport = message.header(&Name::Via)?.split_whitespace().next()?.to_owned();
    let own_call = format!("fault-{call_id}");
    let request = cpm_wire::sip::Builder::request(Method::Message, &from)
        .header(Name::Via, format!("{transport} {own};branch=z9hG4bKfault{branch}"))
        .header(Name::Route, format!("<sip:{};lr;orig>", cscf.trim_start_matches("sip:")))
        .header(Name::MaxForwards, 70)
        .header(Name::From, format!("<{to}>;tag=fault"))
        .header(Name::To, format!("<{from}>"))
        .header(Name::CallId, own_call)
        .header(Name::CSeq, "1 MESSAGE")
        .header(Name::PServedUser, format!("<{to}>;sescase=orig;regstate=reg"))
        .header(Name::PAssertedIdentity, format!("<{to}>"))
        .body("message/cpim", body);
    Some(request.build().octets().clone())
}

/// A notification on the message in an envelope, to its author.
fn on(envelope: &cpim::Message, status: Status) -> Option<Bytes> {
    let (id, date_time) = (envelope.imdn_message_id()?, envelope.date_time().unwrap_or("2026-01-02T03:04:05Z"));
    let told = Notification::new(id, date_time, Kind::Delivery, status);
    let octets = cpim::Builder::new(address(envelope.to().next()?), address(envelope.from()?))
        .date_time(date_time)
        .message_id(&format!("{id}-on"))
        .content_disposition("notification")
        .content(imdn::MEDIA_TYPE, told.to_xml().into_bytes())
        .build();
    Some(octets)
}

struct ReportsOnReports;

impl Mischief for ReportsOnReports {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        let report = carried(message).filter(|_| comes(way, message, SessionCase::Terminating));
        let told = report.and_then(|report| back(message, on(&report, Status::Delivered)?));
        told.map_or(Fate::Pass, |told| Fate::Replied(vec![told]))
    }
}

#[derive(Default)]
struct AlsoDelivers(Origins);

impl Mischief for AlsoDelivers {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        if self.0.says_failed(way, message).is_none() {
            return Fate::Pass;
        }
        let delivered = carried(message).and_then(|envelope| {
            let told = Notification { status: Status::Delivered, ..notification(&envelope)? };
            let to = address(envelope.to().next()?).to_owned();
            Some(notifying(&envelope, &to, &told))
        });
        delivered.map_or(Fate::Pass, |delivered| followed(message, delivered))
    }
}

/// The messages that came, by Call-ID: what their senders did not ask for.
#[derive(Default)]
struct SaysUnasked(HashMap<String, (Message, cpim::Message)>);

impl Mischief for SaysUnasked {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        let call_id = message.call_id().unwrap_or_default();
        if comes(way, message, SessionCase::Terminating) {
            let unasked = |envelope: &cpim::Message| {
                !is_notification(envelope) && envelope.dispositions().all(|wish| wish != "negative-delivery")
            };
            if let Some(envelope) = pager_envelope(message).filter(unasked) {
                self.0.insert(call_id.to_owned(), (message.clone(), envelope));
            }
        }
        let refuses = way == Way::Out && message.status().is_some_and(|status| status >= 300);
        let Some((request, envelope)) = self.0.get(call_id).filter(|_| refuses) else { return Fate::Pass };
        let told = on(envelope, Status::Failed).and_then(|failed| back(request, failed));
        told.map_or(Fate::Pass, |told| Fate::Followed(vec![(Duration::from_millis(1), told)]))
    }
}

/// The messages that are known.
#[derive(Default)]
struct AltersForeign(HashSet<String>);

impl Mischief for AltersForeign {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let Some(envelope) = pager_envelope(message).filter(|_| way == Way::In) else { return Fate::Pass };
        let Some(about) = notification(&envelope).map(|told| told.message_id) else {
            self.0.extend(envelope.imdn_message_id().map(str::to_owned));
            return Fate::Pass;
        };
        if self.0.contains(&about) {
            return Fate::Pass;
        }
        let other: String = about.chars().rev().map(|letter| if letter == 'x' { 'y' } else { 'x' }).collect();
        let tag = |id: &str| format!("<message-id>{id}</message-id>");
        Fate::altered(with_text(message, &tag(&about), &tag(&other)))
    }
}

#[derive(Default)]
struct Doubles(Origins);

impl Mischief for Doubles {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        let own = self.0.is_own(way, message);
        let passed = way == Way::Out && message.is_request() && !own;
        let originating = message.header(&Name::PServedUser).is_some_and(|served| served.contains("sescase=orig"));
        match carried(message).filter(|_| passed && originating) {
            Some(envelope) => followed_by_another(message, &envelope),
            None => Fate::Pass,
        }
    }
}

struct Drops;

impl Mischief for Drops {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        match carried(message).filter(|_| comes(way, message, SessionCase::Originating)) {
            Some(_) => Fate::Answered(answer(message, 200)),
            None => Fate::Pass,
        }
    }
}
