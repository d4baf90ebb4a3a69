//! Faults in the reports that a client makes on what it was given. [CPM-CONV-058c]

use super::{Wishes, fault};
use crate::client::control::{Act, Request};
use crate::faults::Fault;
use crate::faults::editing::{self, address, notifying};
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn::{Kind, Notification, Status};
use cpm_wire::sip::{self, Name};
use cpm_wire::{imdn, msrp};
use std::collections::HashMap;
use std::time::Duration;

pub(in crate::faults) const FAULTS: &[Fault] = &[
    fault("answers-and-sends-no-report", "Every message is taken, and no report is made on any", || {
        Box::new(Reports(Silent(None)))
    }),
    fault("never-reports-displayed", "What the user has seen is not reported", || {
        Box::new(Reports(Silent(Some(Kind::Display))))
    }),
    fault("reports-what-came-as-failed", "A message that was delivered is reported as failed", || {
        Box::new(Reports(SaysFailed))
    }),
    fault("reports-the-wrong-message", "A report is about the message before the one that it should be about", || {
        Box::new(Reports(OneBehind::default()))
    }),
    fault("reports-under-the-msrp-id", "A report names its message by the Message-ID of MSRP", || {
        Box::new(Reports(MsrpIds::default()))
    }),
    fault("reports-to-the-wrong-one", "Every report of a chat goes to the author of its first message", || {
        Box::new(Reports(ToTheFirst::default()))
    }),
    fault("reports-twice", "Every report is sent a second time", || Box::new(Twice::default())),
    fault("reports-displayed-at-once", "A message is reported as displayed although nobody has looked at it", || {
        Box::new(OpensAtOnce::default())
    }),
    fault("reports-on-a-report", "A report on a message of the user is itself reported as delivered", || {
        Box::new(OnReports::default())
    }),
];

/// When a report is repeated: it is answered by then.
const AFTER: Duration = Duration::from_millis(50);

/// What becomes of a report.
enum Told {
    AsItIs,
    NotAtAll,
    To(String, Notification),
}

/// A wrong way to report.
trait Reporting: Send {
    /// A message comes in, under an MSRP Message-ID.
    fn hears(&mut self, _chat: &str, _id: &str, _envelope: &cpim::Message) {}

    /// The client reports to somebody.
    fn tells(&mut self, chat: &str, to: &str, report: Notification) -> Told;
}

/// A wrong way to report, on both of the ways that reports take.
struct Reports<R>(R);

impl<R: Reporting> Reports<R> {
    fn told(&mut self, chat: &str, envelope: &cpim::Message) -> Option<Told> {
        let to = envelope.to().next().map(address).unwrap_or_default().to_owned();
        Some(self.0.tells(chat, &to, editing::notification(envelope)?))
    }
}

impl<R: Reporting> Mischief for Reports<R> {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let Some(envelope) = editing::pager_envelope(message).filter(|_| way == Way::Out) else { return Fate::Pass };
        let chat = message.header(&Name::ContributionId).unwrap_or_default();
        match self.told(chat, &envelope) {
            None | Some(Told::AsItIs) => Fate::Pass,
            Some(Told::NotAtAll) => Fate::Answered(editing::answer(message, 200)),
            Some(Told::To(to, report)) => {
                let content = notifying(&envelope, &to, &report);
                let edited = message.edit().set_request_uri(&to).set(Name::To, format!("<{to}>"));
                Fate::altered(edited.body("message/cpim", content).finish().octets().clone())
            }
        }
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let Some(envelope) = editing::envelope(message) else { return Fate::Pass };
        let chat = scene.leg_of(way, message).map(|leg| leg.contribution.clone()).unwrap_or_default();
        if way == Way::In {
            self.0.hears(&chat, message.message_id().unwrap_or_default(), &envelope);
            return Fate::Pass;
        }
        match self.told(&chat, &envelope) {
            None | Some(Told::AsItIs) => Fate::Pass,
            Some(Told::NotAtAll) => Fate::Answered(msrp::response(message, 200)),
            Some(Told::To(to, report)) => {
                let content = notifying(&envelope, &to, &report);
                Fate::altered(editing::with_body(message, &content))
            }
        }
    }
}

/// No reports; or none of this kind.
struct Silent(Option<Kind>);

impl Reporting for Silent {
    fn tells(&mut self, _chat: &str, _to: &str, report: Notification) -> Told {
        if self.0.is_none_or(|kind| kind == report.kind) { Told::NotAtAll } else { Told::AsItIs }
    }
}

struct SaysFailed;

impl Reporting for SaysFailed {
    fn tells(&mut self, _chat: &str, to: &str, report: Notification) -> Told {
        let failed = Notification { status: Status::Failed, ..report };
        if failed.kind == Kind::Delivery { Told::To(to.to_owned(), failed) } else { Told::AsItIs }
    }
}

/// The message before, by chat.
#[derive(Default)]
struct OneBehind(HashMap<String, String>);

impl Reporting for OneBehind {
    fn tells(&mut self, chat: &str, to: &str, report: Notification) -> Told {
        match self.0.insert(chat.to_owned(), report.message_id.clone()) {
            Some(message_id) => Told::To(to.to_owned(), Notification { message_id, ..report }),
            None => Told::AsItIs,
        }
    }
}

/// MSRP Message-IDs by imdn.Message-ID.
#[derive(Default)]
struct MsrpIds(HashMap<String, String>);

impl Reporting for MsrpIds {
    fn hears(&mut self, _chat: &str, id: &str, envelope: &cpim::Message) {
        let named = envelope.imdn_message_id().unwrap_or_default();
        self.0.insert(named.to_owned(), id.to_owned());
    }

    fn tells(&mut self, _chat: &str, to: &str, report: Notification) -> Told {
        match self.0.get(&report.message_id).cloned() {
            Some(message_id) => Told::To(to.to_owned(), Notification { message_id, ..report }),
            None => Told::AsItIs,
        }
    }
}

/// The author of the first message, by chat.
#[derive(Default)]
struct ToTheFirst(HashMap<String, String>);

impl Reporting for ToTheFirst {
    fn hears(&mut self, chat: &str, _id: &str, envelope: &cpim::Message) {
        let author = address(envelope.from().unwrap_or_default());
        self.0.entry(chat.to_owned()).or_insert_with(|| author.to_owned());
    }

    fn tells(&mut self, chat: &str, to: &str, report: Notification) -> Told {
        let first = self.0.get(chat).map_or(to, String::as_str);
        Told::To(first.to_owned(), report)
    }
}

/// Repeats reports, and counts them.
#[derive(Default)]
struct Twice(u64);

impl Mischief for Twice {
    fn msrp(&mut self, _scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let report = editing::envelope(message).filter(|_| way == Way::Out).as_ref().and_then(editing::notification);
        self.0 += 1;
        match report.and_then(|_| editing::again(message, &format!("again{}", self.0))) {
            Some(again) => Fate::Followed(vec![(AFTER, again)]),
            None => Fate::Pass,
        }
    }
}

/// Opens a chat when a message has come in it.
#[derive(Default)]
struct OpensAtOnce(Wishes);

impl Mischief for OpensAtOnce {
    fn sip(&mut self, scene: &Scene, _way: Way, message: &sip::Message) -> Fate {
        self.0.watch(scene, message);
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if way == Way::Out
            && message.status() == Some(200)
            && let Some(leg) = scene.leg_of(way, message)
        {
            self.0.wish(&leg.contribution, Act::Open);
        }
        Fate::Pass
    }

    fn wishes(&mut self) -> Option<Request> {
        self.0.next()
    }
}

/// Reports on reports, and counts them.
#[derive(Default)]
struct OnReports(u64);

impl OnReports {
    fn report_on(envelope: &cpim::Message) -> Option<Bytes> {
        editing::notification(envelope)?;
        let about = envelope.imdn_message_id()?;
        let date_time = envelope.date_time().unwrap_or_default();
        let report = Notification::new(about, date_time, Kind::Delivery, Status::Delivered);
        let own = envelope.to().next().map(address).unwrap_or_default();
        let content = cpim::Builder::new(own, address(envelope.from()?)).date_time(date_time);
        let content = content.message_id(&format!("on-{about}")).content_disposition("notification");
        Some(content.content(imdn::MEDIA_TYPE, report.to_xml().into_bytes()).build())
    }
}

impl Mischief for OnReports {
    fn msrp(&mut self, _scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let heard = editing::envelope(message).filter(|_| way == Way::In);
        let Some(report) = heard.as_ref().and_then(OnReports::report_on) else { return Fate::Pass };
        self.0 += 1;
        let names = format!("onreport{}", self.0);
        Fate::Replied(vec![editing::sent_back(message, &names, &report)])
    }
}
