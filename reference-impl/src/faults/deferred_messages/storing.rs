//! Faults in what is kept, for whom, and how long. [PF-MSG-04]

use super::{Origins, SERVICE, for_absent};
use crate::config::{Config, ExpiryCarrier};
use crate::faults::Fault;
use crate::faults::editing::{answer, envelope, is_notification, pager_envelope};
use crate::faults::passage::Way;
use crate::faults::policies_and_preferences::documents::Misreads;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use crate::store::{Contents, DeferredKind};
use cpm_wire::msrp;
use cpm_wire::sip::{Message, Method};
use std::collections::HashSet;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("loses-a-deferred-message", "A message for who is away is taken and thrown away", || {
        Box::new(Loses)
    }),
    Fault::of_function("defers-for-who-wants-none", "Messages are kept for users for whom nothing is stored", || {
        Box::new(Configured(|config| config.policies.values_mut().for_each(|policy| policy.store = true)))
    }),
    Fault::of_function("delivers-after-expiry", "No message that waits ever expires", || {
        Box::new(Configured(|config| config.deferred.expiry_carrier.clear()))
    }),
    Fault::of_function(
        "forgets-the-senders-lifetime",
        "How long a message may wait is what the provider says, whatever its sender says",
        || Box::new(Configured(|config| config.deferred.expiry_carrier = vec![ExpiryCarrier::Policy])),
    ),
    Fault::of_function("keeps-quiet-about-expiry", "The sender of an expired message is not told", || {
        Box::new(KeepsQuiet::default())
    }),
    Fault::of_function("forgets-deferred-messages-at-restart", "After a restart no message waits any more", || {
        Box::new(ForgetsMessages)
    }),
    Fault::of_function("delivers-what-is-to-wait", "A message that is to be put off is delivered at once", || {
        let allowed = |_: &str, body: &str| Some(body.replace(">defer<", ">allow<"));
        Misreads::with(allowed, |_| {}, |config| config.deferral_request.clear())
    }),
    Fault::of_function("ignores-the-senders-request", "Whether a message is to wait its sender has no say in", || {
        Box::new(Configured(|config| config.deferral_request.clear()))
    }),
    Fault::of_function("gives-a-rejected-item", "What a device rejects is kept as if nothing had been said", || {
        Box::new(KeepsRejected)
    }),
];

struct Loses;

impl Mischief for Loses {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        match for_absent(way, message).filter(|envelope| !is_notification(envelope)) {
            Some(_) => Fate::Answered(answer(message, 202)),
            None => Fate::Pass,
        }
    }
}

/// The element is told to do something else.
pub(super) struct Configured(pub fn(&mut Config));

impl Mischief for Configured {
    fn configure(&self, config: &mut Config) {
        (self.0)(config);
    }
}

/// The element's own word that a message failed which no device was ever offered goes nowhere.
#[derive(Default)]
struct KeepsQuiet {
    origins: Origins,
    offered: HashSet<String>,
}

impl Mischief for KeepsQuiet {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let offered = pager_envelope(message).filter(|envelope| way == Way::Out && !is_notification(envelope));
        self.offered.extend(offered.and_then(|envelope| envelope.imdn_message_id().map(str::to_owned)));
        match self.origins.says_failed(way, message).filter(|about| !self.offered.contains(about)) {
            Some(_) => Fate::Answered(answer(message, 200)),
            None => Fate::Pass,
        }
    }

    fn msrp(&mut self, _: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let offered = envelope(message).filter(|_| way == Way::Out);
        self.offered.extend(offered.and_then(|envelope| envelope.imdn_message_id().map(str::to_owned)));
        Fate::Pass
    }
}

struct ForgetsMessages;

impl Mischief for ForgetsMessages {
    fn restore(&self, contents: &mut Contents) {
        contents.deferred.retain(|entry| entry.kind == DeferredKind::Report);
    }
}

struct KeepsRejected;

impl Mischief for KeepsRejected {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let to_service = message.request_uri().is_some_and(|target| target.starts_with(SERVICE));
        let rejects = way == Way::In && message.method() == Method::Message && to_service;
        if rejects { Fate::Answered(answer(message, 200)) } else { Fate::Pass }
    }
}
