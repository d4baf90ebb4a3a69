//! Session timers (RFC 4028), on each leg by itself: what the two ends of a leg agree on, and when what is due.

use crate::call::Mechanics;
use cpm_wire::sip::{Builder, Message, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::ServerId;
use std::time::Duration;

/// The option tag.
pub const TAG: &str = "timer";
/// The shortest interval that is agreed to, in seconds (RFC 4028 section 4).
pub const MIN_SE: u32 = 90;

/// The timer of a leg that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Session-Expires, in seconds.
    pub seconds: u32,
    /// Whether it is for this side to refresh.
    pub own: bool,
    /// Since when.
    pub since: Time,
}

/// What a request says of the timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing is asked for.
    Nothing,
    /// An interval that is refused.
    TooShort,
    /// This is to hold.
    For(Timer),
}

impl Timer {
    fn span(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    /// Before the interval is over a session that was not refreshed is ended, by this much at most (RFC 4028 section 10).
    fn margin(&self) -> Duration {
        Duration::from_secs(32).min(self.span() / 3)
    }

    /// When the session ends that nobody has refreshed: half of the time that the RFC gives is left for a late refresh.
    pub fn end(&self) -> Time {
        self.since + (self.span() - self.margin() / 2)
    }

    /// When there is something to be done: to refresh, or to end the session.
    pub fn due(&self) -> Time {
        if self.own { self.since + self.span() / 2 } else { self.end() }
    }

    /// When a refresh that was refused is tried again.
    pub fn retry(&self, now: Time) -> Time {
        now + self.span() / 16
    }

    /// The same timer from now on.
    pub fn again(self, now: Time) -> Timer {
        Timer { since: now, ..self }
    }
}

fn supports(message: &Message) -> bool {
    [Name::Supported, Name::Require].iter().any(|name| message.tokens(name).any(|tag| tag == TAG))
}

fn refresher(message: &Message) -> Option<String> {
    let value = message.tokenized(&Name::SessionExpires).next()?;
    Some(value.params.get("refresher")??.to_ascii_lowercase())
}

/// What a request that begins, changes or refreshes a session asks for; `before` is what holds so far (RFC 4028 section 9).
pub fn asked(m: &Mechanics, request: &Message, before: Option<&Timer>) -> Asked {
    if !m.config.session_timer {
        return Asked::Nothing;
    }
    let Some(seconds) = request.seconds(&Name::SessionExpires) else {
        return before.map_or(Asked::Nothing, |timer| Asked::For(timer.again(m.now)));
    };
    let supported = supports(request);
    if seconds < MIN_SE && supported {
        return Asked::TooShort;
    }
    // Who does not know the extension cannot refresh; else the side that asks does, unless it names the other.
    let own = !supported || refresher(request).as_deref() == Some("uas");
    Asked::For(Timer { seconds: seconds.max(MIN_SE), own, since: m.now })
}

/// Refuses an interval that is too short (RFC 4028 section 6).
pub fn refuse_short(m: &mut Mechanics, server: ServerId, request: &Message) {
    m.reply(server, request, 422, |response| response.header(Name::MinSe, MIN_SE));
}

/// Adds to a 2xx what is agreed with who sent `request`, when the extension is `known`.
pub fn granted(known: bool, timer: Option<&Timer>, request: &Message, answer: Builder) -> Builder {
    if !known {
        return answer;
    }
    let answer = answer.header(Name::Supported, TAG);
    let Some(timer) = timer else { return answer };
    let refresher = if timer.own { "uas" } else { "uac" };
    let answer = answer.header(Name::SessionExpires, format!("{};refresher={refresher}", timer.seconds));
    if supports(request) { answer.header(Name::Require, TAG) } else { answer }
}

/// Adds to a request within a session what is to hold on, when the extension is `known`.
pub fn continued(known: bool, timer: Option<&Timer>, request: Builder) -> Builder {
    if !known {
        return request;
    }
    let request = request.header(Name::Supported, TAG);
    let Some(timer) = timer else { return request };
    let refresher = if timer.own { "uac" } else { "uas" };
    request.header(Name::SessionExpires, format!("{};refresher={refresher}", timer.seconds)).header(Name::MinSe, MIN_SE)
}

/// What a 2xx to a request of this side says (RFC 4028 section 7.2).
pub fn agreed(m: &Mechanics, response: &Message) -> Option<Timer> {
    let seconds = response.seconds(&Name::SessionExpires).filter(|_| m.config.session_timer)?;
    let own = refresher(response).as_deref() != Some("uas");
    Some(Timer { seconds: seconds.max(1), own, since: m.now })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_session_ends_between_the_margin_and_the_expiry() {
        let since = Time::from_nanos(0);
        let table = [(90, 75), (1800, 1784), (96, 80)];
        for (seconds, end) in table {
            let timer = Timer { seconds, own: false, since };
            assert_eq!(timer.due(), since + Duration::from_secs(end), "{seconds}");
            assert_eq!(Timer { own: true, ..timer }.due(), since + Duration::from_secs(u64::from(seconds) / 2));
        }
    }
}
