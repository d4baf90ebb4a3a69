//! What credit is counted in (RFC 8506 sections 8.8 to 8.26): time, octets, messages.

use crate::call::media::Volume;
use crate::config::FailureHandling;
use cpm_wire::diameter::dictionary::{
    CC_SERVICE_SPECIFIC_UNITS, CC_TIME, CC_TOTAL_OCTETS, CREDIT_CONTROL_FAILURE_HANDLING, FINAL_UNIT_INDICATION,
    GRANTED_SERVICE_UNIT, MULTIPLE_SERVICES_CREDIT_CONTROL, RESULT_CODE, VALIDITY_TIME,
};
use cpm_wire::diameter::{Avp, Group, Message, dictionary::Definition, result};
use cpm_wire::time::Time;
use std::time::Duration;

/// How much a user may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Grant {
    /// Seconds.
    pub time: Option<u32>,
    pub octets: Option<u64>,
    pub messages: Option<u64>,
    /// How long it holds.
    pub validity: Option<Duration>,
    /// There is no more when it is used up. Whether the server would have the user sent elsewhere or restricted, a messaging
    /// session ends.
    pub last: bool,
}

impl Grant {
    /// True where nothing may be used.
    pub fn is_nothing(&self) -> bool {
        let units = [self.time.map(u64::from), self.octets, self.messages];
        let nothing = units.iter().flatten().any(|units| *units == 0);
        nothing || self.last && units.iter().all(Option::is_none)
    }
}

/// How much was used since the last report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub since: Time,
    pub before: Volume,
}

impl Use {
    /// Adds what was used up to now.
    pub fn tell(&self, now: Time, volume: Volume, to: Group) -> Group {
        let nanoseconds = now.since(self.since).as_nanos();
        let seconds = u32::try_from(nanoseconds.div_ceil(1_000_000_000)).unwrap_or(u32::MAX);
        to.avp(&CC_TIME, seconds)
            .avp(&CC_TOTAL_OCTETS, volume.octets.saturating_sub(self.before.octets))
            .avp(&CC_SERVICE_SPECIFIC_UNITS, volume.messages.saturating_sub(self.before.messages))
    }
}

/// What an answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is credit.
    Granted(Grant),
    /// The service is not charged by credit.
    Free,
    /// There is no credit, or no service.
    Refused,
    /// Nobody has answered who could.
    Failed,
}

impl Verdict {
    pub fn of(answer: Option<&Message>) -> Verdict {
        let Some(answer) = answer else { return Verdict::Failed };
        let services = answer.avps().filter(|avp| avp.is(&MULTIPLE_SERVICES_CREDIT_CONTROL));
        let within = services.filter_map(|service| service.group().find(&RESULT_CODE)?.unsigned32().ok());
        // RFC 8506 section 8.16: each service may have a result of its own.
        let worst = within.chain(answer.result()).find(|code| !is_success(*code));
        match worst.or(answer.result()) {
            Some(code) if is_success(code) => match grant(answer) {
                grant if grant.is_nothing() => Verdict::Refused,
                grant => Verdict::Granted(grant),
            },
            Some(result::CREDIT_CONTROL_NOT_APPLICABLE) => Verdict::Free,
            // RFC 8506 section 6.5: protocol errors are failures.
            None | Some(..4000) => Verdict::Failed,
            Some(_) => Verdict::Refused,
        }
    }
}

fn is_success(code: u32) -> bool {
    (2000..3000).contains(&code)
}

/// What an answer says of failures to come.
pub(super) fn failure_handling(answer: &Message) -> Option<FailureHandling> {
    match answer.find(&CREDIT_CONTROL_FAILURE_HANDLING)?.integer32().ok()? {
        0 => Some(FailureHandling::Terminate),
        1 => Some(FailureHandling::Continue),
        2 => Some(FailureHandling::RetryAndTerminate),
        _ => None,
    }
}

/// What is granted in an answer, by itself or for the one service.
fn grant(answer: &Message) -> Grant {
    let service = answer.find(&MULTIPLE_SERVICES_CREDIT_CONTROL);
    let find = |definition: &Definition| -> Option<Avp<'_>> {
        service.and_then(|service| service.group().find(definition)).or_else(|| answer.find(definition))
    };
    let units = find(&GRANTED_SERVICE_UNIT);
    let unit = |definition: &Definition| units.and_then(|units| units.group().find(definition));
    let validity = find(&VALIDITY_TIME).and_then(|avp| avp.unsigned32().ok());
    Grant {
        time: unit(&CC_TIME).and_then(|avp| avp.unsigned32().ok()),
        octets: unit(&CC_TOTAL_OCTETS).and_then(|avp| avp.unsigned64().ok()),
        messages: unit(&CC_SERVICE_SPECIFIC_UNITS).and_then(|avp| avp.unsigned64().ok()),
        validity: validity.map(|seconds| Duration::from_secs(seconds.into())),
        last: find(&FINAL_UNIT_INDICATION).is_some(),
    }
}
