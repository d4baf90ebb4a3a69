//! Faults with credit: that it is not asked for, or that what the server says of it counts for nothing.

use super::{Answers, Configured, Requests, credit_type, success, swallowed, with_result, without};
use crate::config::Charging;
use crate::faults::Fault;
use crate::faults::editing::answer;
use crate::faults::passage::Way;
use crate::faults::scene::{Scene, Side};
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::diameter::dictionary::{
    FINAL_UNIT_INDICATION, GRANTED_SERVICE_UNIT, MULTIPLE_SERVICES_CREDIT_CONTROL, USED_SERVICE_UNIT, VALIDITY_TIME,
};
use cpm_wire::diameter::{Message, result};
use cpm_wire::sip::{self, Method, Name};
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("asks-for-no-credit", "Who pays by credit is charged by records alone", || {
        Box::new(Configured(|config| {
            let policies = config.policies.values_mut().filter(|policy| policy.charging.is_online());
            policies.for_each(|policy| policy.charging = Charging::Offline);
        }))
    }),
    Fault::of_function("asks-for-credit-too-late", "Credit is asked for when the service has gone on", || {
        Box::new(Requests(|_, request| match credit_type(request) {
            Some(1 | 4) => Fate::Overtaken(success(request), Duration::from_millis(300)),
            _ => Fate::Pass,
        }))
    }),
    Fault::of_function("returns-no-credit", "The end of a session with credit is not told", || {
        Box::new(Requests(|_, request| match credit_type(request) {
            Some(3) => swallowed(request),
            _ => Fate::Pass,
        }))
    }),
    Fault::of_function("serves-without-credit", "Who has no credit is served", || {
        Box::new(Answers(|answer| match answer.result() {
            Some(code) if code != result::CREDIT_CONTROL_NOT_APPLICABLE && begins(answer) && code >= 4000 => {
                with_result(answer, result::SUCCESS)
            }
            _ => Fate::Pass,
        }))
    }),
    Fault::of_function("refuses-what-is-not-charged", "What credit does not apply to is refused", || {
        Box::new(Answers(|answer| match answer.result() {
            Some(result::CREDIT_CONTROL_NOT_APPLICABLE) => with_result(answer, result::CREDIT_LIMIT_REACHED),
            _ => Fate::Pass,
        }))
    }),
    Fault::of_function("refuses-whoever-pays-by-credit", "Nobody has credit", || {
        Box::new(Answers(|answer| match answer.result() {
            Some(result::SUCCESS) if begins(answer) => with_result(answer, result::CREDIT_LIMIT_REACHED),
            _ => Fate::Pass,
        }))
    }),
    Fault::of_function("goes-on-when-credit-is-used-up", "Credit never comes to an end", || {
        let limits = [MULTIPLE_SERVICES_CREDIT_CONTROL, GRANTED_SERVICE_UNIT, FINAL_UNIT_INDICATION, VALIDITY_TIME];
        Box::new(Unlimited(limits))
    }),
    Fault::of_function("ends-one-side-when-credit-is-used-up", "The user's device hears nothing of the end", || {
        Box::new(EndsOneSide)
    }),
    Fault::of_function("reports-no-use", "The end of a session does not tell what was used", || {
        Box::new(Requests(|_, request| match credit_type(request) {
            Some(3) => without(request, &[MULTIPLE_SERVICES_CREDIT_CONTROL, USED_SERVICE_UNIT]),
            _ => Fate::Pass,
        }))
    }),
];

/// True for the answer to a question that a service waits for.
fn begins(answer: &Message) -> bool {
    matches!(credit_type(answer), None | Some(1 | 4))
}

/// Takes from answers what limits them.
struct Unlimited([cpm_wire::diameter::dictionary::Definition; 4]);

impl Mischief for Unlimited {
    fn diameter(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let grants = !message.is_request() && credit_type(message).is_some();
        if way == Way::In && grants { without(message, &self.0) } else { Fate::Pass }
    }
}

struct EndsOneSide;

impl Mischief for EndsOneSide {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let ends = way == Way::Out && message.is_request() && message.method() == Method::Bye;
        let for_credit = message.header(&Name::Reason).is_some_and(|reason| reason.contains("cause=402"));
        let to_device = scene.leg(message).is_some_and(|leg| leg.side == Side::Device);
        if ends && for_credit && to_device { Fate::Answered(answer(message, 200)) } else { Fate::Pass }
    }
}
