//! What becomes of messages that cannot be delivered now, in the words of the statement.

use serde::Deserialize;

/// The choices of deferral (statement keys `deferred_delivery` and `expiry_carrier`).
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Deferring {
    /// How a device gets to what waits for its user: the first that is open to it. Subscriptions to it are open to those that
    /// have one, and nobody may have one where they are not listed.
    pub delivery: Vec<DeferredDelivery>,
    /// What limits the life of a message.
    pub expiry_carrier: Vec<ExpiryCarrier>,
}

impl Default for Deferring {
    fn default() -> Deferring {
        Deferring {
            delivery: vec![DeferredDelivery::NotifySubscribed, DeferredDelivery::Push],
            expiry_carrier: vec![ExpiryCarrier::Expires, ExpiryCarrier::MessageExpires, ExpiryCarrier::Policy],
        }
    }
}

impl Deferring {
    /// True where devices may subscribe to what waits.
    pub fn takes_subscriptions(&self) -> bool {
        self.delivery.contains(&DeferredDelivery::NotifySubscribed)
    }

    /// How a device without a subscription gets to what waits.
    pub fn unsubscribed(&self) -> DeferredDelivery {
        let open = |one: &DeferredDelivery| *one != DeferredDelivery::NotifySubscribed;
        self.delivery.iter().copied().find(open).unwrap_or(DeferredDelivery::Fetch)
    }
}

/// How a deferred message reaches its recipient (statement key `deferred_delivery`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum DeferredDelivery {
    /// It is sent as it would have been.
    Push,
    /// NOTIFY in a subscription of the device, which then fetches.
    NotifySubscribed,
    /// NOTIFY without a subscription.
    NotifyUnsolicited,
    /// A notice in a MESSAGE.
    NotifyMessage,
    /// Nothing is told: the device fetches unasked.
    Fetch,
}

/// What limits the life of a message (statement key `expiry_carrier`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryCarrier {
    /// Expires of the request (RFC 3428 section 6).
    Expires,
    /// Message-Expires of the request.
    MessageExpires,
    /// The provider's own (`retention_ms`).
    Policy,
}
