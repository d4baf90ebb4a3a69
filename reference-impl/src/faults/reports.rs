//! Faults with disposition notifications that belong to a delivery. [CPM-CONV-058a]

use super::editing::{answer, answers_own, copied, is_notification, renamed, with_body, with_text};
use super::missed::{Item, delivered, item};
use super::passage::Way;
use super::scene::{Scene, Side};
use super::tampering::{Fate, Mischief};
use super::{Fault, Role};
use crate::call::served::{SessionCase, served_user};
use bytes::Bytes;
use cpm_wire::{cpim, msrp, multipart, sip};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        id: "drops-the-users-reports",
        role: Role::ParticipatingFunction,
        what: "Reports of the user on what was delivered go no further",
        make: || Box::new(DropsReports { of: SessionCase::Originating }),
    },
    Fault {
        id: "drops-a-report-on-the-users-message",
        role: Role::ParticipatingFunction,
        what: "Reports on what the user sent are left out of the delivery",
        make: || Box::new(DropsReports { of: SessionCase::Terminating }),
    },
    Fault {
        id: "sends-notifications-to-a-client-that-takes-none",
        role: Role::ParticipatingFunction,
        what: "What a device says that it takes in its session is not minded",
        make: || Box::new(MindsNoTypes),
    },
    Fault {
        id: "splits-and-loses",
        role: Role::ParticipatingFunction,
        what: "Of notifications gathered in one the first alone is delivered",
        make: || Box::new(SplitsAndLoses),
    },
    Fault {
        id: "reports-twice-to-the-author",
        role: Role::ParticipatingFunction,
        what: "Each report of a user goes to its author twice",
        make: || Box::new(ReportsTwice),
    },
    Fault {
        id: "also-reports-delivered-for-the-expired",
        role: Role::ParticipatingFunction,
        what: "The author of an expired message is told that it failed, and that it was delivered",
        make: || Box::new(AlsoDelivered),
    },
];

struct DropsReports {
    of: SessionCase,
}

impl DropsReports {
    fn way(&self) -> Way {
        if self.of == SessionCase::Originating { Way::In } else { Way::Out }
    }
}

impl Mischief for DropsReports {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let is_message = message.is_request() && message.method() == sip::Method::Message;
        let meant = way == self.way() && is_message && served_user(message).is_some_and(|user| user.case == self.of);
        let envelope = || cpim::Message::parse(message.body_octets());
        let lost = meant && envelope().is_ok_and(|envelope| is_notification(&envelope));
        if lost { Fate::Answered(answer(message, 200)) } else { Fate::Pass }
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let item = item(scene, way, message).filter(|item| item.is_notification && item.leg.side == Side::Device);
        let lost = way == self.way() && item.is_some();
        if lost { Fate::Answered(msrp::response(message, 200)) } else { Fate::Pass }
    }
}

struct MindsNoTypes;

impl Mischief for MindsNoTypes {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        if way == Way::Out || scene.leg(message).is_none_or(|leg| leg.side != Side::Device) {
            return Fate::Pass;
        }
        let body = String::from_utf8_lossy(message.body());
        let wrapped = body.lines().find(|line| line.starts_with("a=accept-wrapped-types:"));
        match wrapped.filter(|line| !line.contains("message/imdn+xml")) {
            Some(line) => Fate::altered(with_text(message, line, &format!("{line} message/imdn+xml"))),
            None => Fate::Pass,
        }
    }
}

struct SplitsAndLoses;

impl SplitsAndLoses {
    fn first(item: &Item<'_>) -> Option<Vec<u8>> {
        let content_type = sip::MediaType::parse(item.envelope.content_type()?).ok()?;
        let parts = multipart::parse(item.envelope.body(), &content_type.param("boundary")?).ok()?;
        let first = parts.first()?.body();
        let head = item.envelope.octets().get(..item.envelope.content_fields().first()?.name.start)?;
        let content = format!(
            "Content-Type: message/imdn+xml\r\nContent-Disposition: notification\r\nContent-Length: {}\r\n\r\n",
            first.len()
        );
        Some([head, content.as_bytes(), first].concat())
    }
}

impl Mischief for SplitsAndLoses {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let first = delivered(scene, way, message).filter(|item| item.is_notification);
        match first.and_then(|item| SplitsAndLoses::first(&item)) {
            Some(first) => Fate::altered(with_body(message, &first)),
            None => Fate::Pass,
        }
    }
}

/// A notification that goes to the far side.
fn reported<'a>(scene: &'a Scene, way: Way, message: &msrp::Message) -> Option<Item<'a>> {
    let item = item(scene, way, message)?;
    (way == Way::Out && item.is_notification && item.leg.side == Side::Remote).then_some(item)
}

struct ReportsTwice;

impl Mischief for ReportsTwice {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        match reported(scene, way, message) {
            Some(item) => copied(message, &renamed(item.envelope.octets())),
            None => Fate::Pass,
        }
    }
}

struct AlsoDelivered;

impl Mischief for AlsoDelivered {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        let Some(item) = reported(scene, way, message) else { return Fate::Pass };
        let failed = String::from_utf8_lossy(item.envelope.octets()).into_owned();
        if !failed.contains("<failed/>") {
            return Fate::Pass;
        }
        // The words differ in length.
        let octets = Bytes::from(failed.replace("<failed/>", "<delivered/>"));
        let told = item.envelope.body().len();
        let right = String::from_utf8_lossy(&renamed(&octets))
            .replace(&format!("Content-Length: {told}"), &format!("Content-Length: {}", told + 3));
        copied(message, right.as_bytes())
    }
}
