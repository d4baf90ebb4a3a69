//! Faults in how long a session lasts of which nobody speaks (RFC 4028). [PF-SES-01].

use super::{Signalled, with_status};
use crate::faults::Fault;
use crate::faults::editing::{answer, with_field};
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::Fate;
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("refuses-refreshes", "A refresh is answered with an error", || {
        Signalled::boxed(|_, way, message| {
            let granted = message.method() == Method::Update && message.status() == Some(200);
            if granted && way == Way::Out { Fate::altered(with_status(message, 500)) } else { Fate::Pass }
        })
    }),
    Fault::of_function("lets-sessions-stand-for-ever", "A session that nobody refreshes is never ended", || {
        Signalled::boxed(|_, way, message| {
            let expired = message.header(&Name::Reason).is_some_and(|reason| reason.contains("timer"));
            let ends = way == Way::Out && message.is_request() && message.method() == Method::Bye && expired;
            if ends { Fate::Answered(answer(message, 200)) } else { Fate::Pass }
        })
    }),
    Fault::of_function("ends-long-before-the-expiry", "A session ends long before the time that was agreed", || {
        Signalled::boxed(promises_more)
    }),
    Fault::of_function("ignores-refreshes", "A refresh is granted, and the time runs on", || {
        Signalled::boxed(ignores_refreshes)
    }),
    Fault::of_function("refuses-small-intervals-badly", "Too small an interval is refused as a bad request", || {
        Signalled::boxed(|_, way, message| match message.status() {
            Some(422) if way == Way::Out => Fate::altered(with_status(message, 400)),
            _ => Fate::Pass,
        })
    }),
];

/// What is granted is thrice what is kept.
fn promises_more(_: &Scene, way: Way, message: &Message) -> Fate {
    let kept = message.seconds(&Name::SessionExpires).filter(|_| way == Way::Out && message.status() == Some(200));
    match kept {
        Some(seconds) => {
            Fate::altered(with_field(message, Name::SessionExpires, format!("{};refresher=uac", 3 * seconds)))
        }
        None => Fate::Pass,
    }
}

fn ignores_refreshes(_: &Scene, way: Way, message: &Message) -> Fate {
    let within = message.is_request() && message.method() == Method::Update && message.to_tag().is_some();
    let interval =
        message.header(&Name::SessionExpires).filter(|_| way == Way::In && within && message.body().is_empty());
    let Some(interval) = interval else { return Fate::Pass };
    let contact = format!("<{}>", message.request_uri().unwrap_or_default());
    let granted = Builder::response(message, 200, reason_phrase(200)).header(Name::Contact, contact);
    let granted = granted.header(Name::Require, "timer").header(Name::SessionExpires, interval);
    Fate::Answered(granted.build().octets().clone())
}
