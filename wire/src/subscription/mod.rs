//! Subscriptions to events: RFC 6665 at both ends, sans-IO, each over a dialog of its own.
//!
//! [`Notifier`] and [`Subscriber`] keep the state and make the requests; the owner adds Via and Contact, sends them
//! through its transaction layer, and tells what came of them.

mod notifier;
mod subscriber;
#[cfg(test)]
mod tests;

pub use notifier::Notifier;
pub use subscriber::{Notified, Subscriber, SubscriberEvent, Wanted};

use crate::dialog::{DialogError, OutOfOrder};
use crate::sip::{Builder, Message, Name, reason_phrase};
use std::fmt;

/// The state of a subscription (RFC 6665 section 4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubscriptionState {
    /// It waits for authorisation.
    Pending,
    /// It is in force.
    Active,
    /// It is over.
    Terminated,
}

impl SubscriptionState {
    /// The word in Subscription-State.
    pub fn as_str(self) -> &'static str {
        match self {
            SubscriptionState::Pending => "pending",
            SubscriptionState::Active => "active",
            SubscriptionState::Terminated => "terminated",
        }
    }
}

/// Why a subscription was terminated (RFC 6665 section 4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Subscribe anew at once.
    Deactivated,
    /// Subscribe anew later.
    Probation,
    /// Not authorised; do not come again.
    Rejected,
    /// It was not refreshed in time.
    Timeout,
    /// Authorisation was not had in time; subscribe anew.
    Giveup,
    /// The resource is no more; do not come again.
    Noresource,
    /// The state can never change again; do not come again.
    Invariant,
    /// A reason that RFC 6665 does not name; treated as if there were none.
    Other(String),
}

impl Reason {
    /// The word in Subscription-State.
    pub fn as_str(&self) -> &str {
        match self {
            Reason::Deactivated => "deactivated",
            Reason::Probation => "probation",
            Reason::Rejected => "rejected",
            Reason::Timeout => "timeout",
            Reason::Giveup => "giveup",
            Reason::Noresource => "noresource",
            Reason::Invariant => "invariant",
            Reason::Other(word) => word,
        }
    }

    /// True when the subscriber may subscribe anew (RFC 6665 section 4.1.3).
    pub fn allows_another(&self) -> bool {
        !matches!(self, Reason::Rejected | Reason::Noresource | Reason::Invariant)
    }
}

impl From<&str> for Reason {
    fn from(word: &str) -> Reason {
        match word.to_ascii_lowercase().as_str() {
            "deactivated" => Reason::Deactivated,
            "probation" => Reason::Probation,
            "rejected" => Reason::Rejected,
            "timeout" => Reason::Timeout,
            "giveup" => Reason::Giveup,
            "noresource" => Reason::Noresource,
            "invariant" => Reason::Invariant,
            _ => Reason::Other(word.to_owned()),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A SUBSCRIBE or NOTIFY that is to be refused, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// What the response has to say besides.
    pub headers: Vec<(Name, String)>,
}

impl Refusal {
    fn new(status: u16) -> Refusal {
        Refusal { status, headers: Vec::new() }
    }

    fn with(status: u16, name: Name, value: impl fmt::Display) -> Refusal {
        Refusal { status, headers: vec![(name, value.to_string())] }
    }

    /// The response to the refused request; the To tag is the caller's to add.
    pub fn response(&self, request: &Message) -> Builder {
        let response = Builder::response(request, self.status, reason_phrase(self.status));
        self.headers.iter().fold(response, |response, (name, value)| response.header(name.clone(), value))
    }
}

impl From<OutOfOrder> for Refusal {
    fn from(_: OutOfOrder) -> Refusal {
        Refusal::new(500)
    }
}

impl From<DialogError> for Refusal {
    fn from(_: DialogError) -> Refusal {
        Refusal::new(400)
    }
}

/// Type and id of an Event, which name a subscription within its dialog; both are compared octet by octet (RFC 6665
/// section 8.2.1).
fn same_event(event: &str, message: &Message) -> bool {
    let ours = crate::sip::Tokenized::parse(event);
    message
        .event()
        .is_some_and(|theirs| theirs.value == ours.value && theirs.params.token("id") == ours.params.token("id"))
}

/// The responses that end a subscription, to a refreshing SUBSCRIBE (RFC 6665 section 4.1.2.2) and to a NOTIFY
/// (section 4.2.2); any other failure leaves it in force.
fn ends_subscription(status: u16) -> bool {
    matches!(status, 404 | 405 | 410 | 416 | 480..=485 | 489 | 501 | 604)
}
