//! Choices that the ledger leaves open, taken otherwise than the statement says. [CPM-CONV-058a]

use super::tampering::Mischief;
use super::{Fault, Role};
use crate::config::{Config, DrainDevices, Identity, NotificationPath, Reports, Shape};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        id: "another-shape-of-delivery",
        role: Role::ParticipatingFunction,
        what: "A chat that goes on is delivered in a session of its own",
        make: || Box::new(Told(|config| config.delivery.shape_live = Shape::SendonlyThenRejoin)),
    },
    Fault {
        id: "another-identity",
        role: Role::ParticipatingFunction,
        what: "A delivery carries the identity of the member who invited",
        make: || Box::new(Told(|config| config.delivery.identity = Identity::Inviter)),
    },
    Fault {
        id: "another-path-of-notifications",
        role: Role::ParticipatingFunction,
        what: "Stored notifications come in a session of their own",
        make: || {
            Box::new(Told(|config| config.delivery.notifications = vec![NotificationPath::StoredNotificationSession]))
        },
    },
    Fault {
        id: "reports-once-per-device",
        role: Role::ParticipatingFunction,
        what: "The author gets a report of each device",
        make: || Box::new(Told(|config| config.delivery.reports = Reports::PerDevice)),
    },
    Fault {
        id: "delivers-to-one-device-only",
        role: Role::ParticipatingFunction,
        what: "The first device of a user that can be reached gets all, and the others nothing",
        make: || Box::new(Told(|config| config.delivery.devices = DrainDevices::First)),
    },
];

/// The function is told something else.
pub(super) struct Told(pub(super) fn(&mut Config));

impl Mischief for Told {
    fn configure(&self, config: &mut Config) {
        (self.0)(config);
    }
}
