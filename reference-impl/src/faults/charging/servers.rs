//! Faults while the charging server is away.

use super::{Configured, Requests, record_type, swallowed};
use crate::config::{Charging, FailureHandling};
use crate::faults::Fault;
use crate::faults::scene::Scene;
use crate::faults::tampering::Fate;
use cpm_wire::diameter::Message;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("forgets-records-without-a-server", "What the server does not take at once is lost", || {
        Box::new(Requests(|scene, record| match record_type(record) {
            Some(_) if is_late(scene, record) => swallowed(record),
            _ => Fate::Pass,
        }))
    }),
    Fault::of_function("holds-up-traffic-without-a-server", "Who is charged by records waits for the server", || {
        Box::new(Configured(|config| {
            config.policies.entry(config.default_policy.clone()).or_default();
            let policies = config.policies.values_mut().filter(|policy| policy.charging == Charging::Offline);
            policies.for_each(|policy| policy.charging = Charging::Both);
            if let Some(charging) = &mut config.charging {
                charging.failure = FailureHandling::Terminate;
            }
        }))
    }),
    Fault::of_function(
        "turns-failure-handling-round",
        "A service is had without a server, or not, the other way round",
        || {
            Box::new(Configured(|config| {
                if let Some(charging) = &mut config.charging {
                    charging.failure = match charging.failure {
                        FailureHandling::Continue => FailureHandling::Terminate,
                        FailureHandling::Terminate | FailureHandling::RetryAndTerminate => FailureHandling::Continue,
                    };
                }
            }))
        },
    ),
];

/// True for a record that was made more than a second ago: its End-to-End Identifier begins with the seconds.
fn is_late(scene: &Scene, record: &Message) -> bool {
    let now = (scene.now.as_nanos() / 1_000_000_000) & 0xFFF;
    let made = u64::from(record.header().end_to_end >> 20);
    now.wrapping_sub(made) & 0xFFF > 1
}
