//! The notifier: RFC 6665 section 4.2.

use super::{Reason, Refusal, SubscriptionState, ends_subscription, same_event};
use crate::dialog::Dialog;
use crate::sip::{Builder, Message, Method, Name};
use crate::time::Time;
use bytes::Bytes;
use std::time::Duration;

/// A duration of an hour or more must not be called too brief (RFC 6665 section 4.2.1.1).
const NEVER_TOO_BRIEF_S: u32 = 3600;

/// One subscription at its notifier.
#[derive(Clone, Debug)]
pub struct Notifier {
    /// The dialog that SUBSCRIBE made.
    pub dialog: Dialog,
    /// The Event of the SUBSCRIBE, with its id.
    pub event: String,
    /// When it ends unless it is refreshed.
    pub expires_at: Time,
    /// Its state. The owner may set it to pending while it has not decided.
    pub state: SubscriptionState,
    /// The shortest duration that it grants, in seconds.
    pub min_expires: u32,
    /// The longest duration that it grants, in seconds.
    pub max_expires: u32,
}

impl Notifier {
    /// Takes a SUBSCRIBE and grants it a duration in seconds, for the Expires of the 2xx; the owner has to notify at
    /// once (RFC 6665 section 4.2.1.2). A request without Expires is granted `max_expires`; one for less than
    /// `min_expires` is refused with 423. Whether the event package is served is the owner's to decide before.
    pub fn accept(
        now: Time,
        subscribe: &Message,
        local_tag: &str,
        min_expires: u32,
        max_expires: u32,
    ) -> Result<(Notifier, u32), Refusal> {
        let event = subscribe.header(&Name::Event).ok_or(Refusal::new(489))?.to_owned();
        let granted = grant(subscribe, min_expires, max_expires)?;
        let dialog = Dialog::uas(subscribe, subscribe.to_tag().unwrap_or(local_tag))?;
        let notifier = Notifier {
            dialog,
            event,
            expires_at: now + seconds(granted),
            state: SubscriptionState::Active,
            min_expires,
            max_expires,
        };
        Ok((notifier, granted))
    }

    /// Takes a SUBSCRIBE within the dialog, which refreshes the subscription or, with Expires 0, ends it; grants a
    /// duration in seconds. The owner has to notify at once.
    pub fn resubscribe(&mut self, now: Time, subscribe: &Message) -> Result<u32, Refusal> {
        self.dialog.receive(subscribe)?;
        if !same_event(&self.event, subscribe) || self.is_over(now) {
            return Err(Refusal::new(481));
        }
        let granted = grant(subscribe, self.min_expires, self.max_expires)?;
        self.expires_at = now + seconds(granted);
        Ok(granted)
    }

    /// A NOTIFY of the state; when the subscription has expired, the last one, with the reason `timeout` (RFC 6665
    /// section 4.2.2). Via and Contact are the caller's to add.
    pub fn notify(&mut self, now: Time, body: Option<(&str, Bytes)>) -> Builder {
        let builder = if self.is_over(now) {
            self.terminate(&Reason::Timeout)
        } else {
            let left = self.expires_at.since(now).as_millis().div_ceil(1000);
            let state = format!("{};expires={left}", self.state.as_str());
            self.build(&state)
        };
        match body {
            Some((content_type, octets)) => builder.body(content_type, octets),
            None => builder,
        }
    }

    /// The last NOTIFY, with this reason. The caller may add a body, and Via and Contact as ever.
    pub fn terminate(&mut self, reason: &Reason) -> Builder {
        self.state = SubscriptionState::Terminated;
        self.build(&format!("terminated;reason={reason}"))
    }

    /// Tells what became of a NOTIFY: its final response, or none (timer F). True when the subscription goes on (RFC
    /// 6665 section 4.2.2).
    pub fn answered(&mut self, response: Option<&Message>) -> bool {
        let status = response.and_then(Message::status);
        if status.is_none_or(ends_subscription) {
            self.state = SubscriptionState::Terminated;
        }
        self.state != SubscriptionState::Terminated
    }

    /// When the subscription expires: then [`Notifier::notify`] makes the last NOTIFY.
    pub fn poll_timeout(&self) -> Option<Time> {
        (self.state != SubscriptionState::Terminated).then_some(self.expires_at)
    }

    /// True when the subscription was terminated or has expired.
    pub fn is_over(&self, now: Time) -> bool {
        self.state == SubscriptionState::Terminated || now >= self.expires_at
    }

    fn build(&mut self, state: &str) -> Builder {
        self.dialog.request(Method::Notify).header(Name::Event, &self.event).header(Name::SubscriptionState, state)
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

/// The granted duration: never longer than asked for (RFC 6665 section 4.2.1.1).
fn grant(subscribe: &Message, min_expires: u32, max_expires: u32) -> Result<u32, Refusal> {
    match subscribe.expires() {
        Some(0) => Ok(0),
        Some(wanted) if wanted < min_expires && wanted < NEVER_TOO_BRIEF_S => {
            Err(Refusal::with(423, Name::MinExpires, min_expires))
        }
        wanted => Ok(wanted.unwrap_or(max_expires).min(max_expires)),
    }
}
