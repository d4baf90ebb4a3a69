//! Policies of the service provider that are not kept: the function is told something else. [CPM-CONV-058]

use crate::config::{Config, Policy, QuotaConduct};
use crate::faults::Fault;
use crate::faults::editing::with_text;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::sip;

pub(in crate::faults) const FAULTS: &[Fault] = &[
    Fault::of_function("ignores-storing-switched-off", "It is stored for users for whom storing is off", || {
        every(|policy| policy.store = true)
    }),
    Fault::of_function("ignores-the-quota", "Any number of messages is kept", || every(|policy| policy.quota = None)),
    Fault::of_function("drops-the-oldest-at-the-quota", "At the quota the oldest gives way, not the new one", || {
        every(|policy| policy.quota_conduct = QuotaConduct::DropOldest)
    }),
    Fault::of_function("puts-everybody-under-the-quota", "The quota of some users holds for all", || {
        Box::new(OneQuotaForAll)
    }),
    Fault::of_function("ignores-the-storage-time", "What has outlived its retention is kept", || {
        every(|policy| policy.retention = None)
    }),
    Fault::of_function("lets-it-expire-too-soon", "The retention is a twentieth of what was asked for", || {
        every(|policy| policy.retention = policy.retention.map(|retention| retention / 20))
    }),
    Fault::of_function("keeps-refused-types", "Types that are not to be kept are", || {
        every(|policy| policy.refused_types.clear())
    }),
    Fault::of_function(
        "keeps-nothing-large",
        "A message of more than ten thousand octets is refused, though nothing was said of that",
        || Box::new(KeepsNothingLarge),
    ),
];

/// Changes every policy.
struct EveryPolicy(fn(&mut Policy));

fn every(change: fn(&mut Policy)) -> Box<dyn Mischief> {
    Box::new(EveryPolicy(change))
}

impl Mischief for EveryPolicy {
    fn configure(&self, config: &mut Config) {
        config.policies.values_mut().for_each(self.0);
    }
}

struct OneQuotaForAll;

impl Mischief for OneQuotaForAll {
    fn configure(&self, config: &mut Config) {
        let quota = config.policies.values().filter_map(|policy| policy.quota).min();
        config.policies.values_mut().for_each(|policy| policy.quota = quota);
    }
}

/// Refuses what is large, and keeps to itself that it will.
struct KeepsNothingLarge;

impl Mischief for KeepsNothingLarge {
    fn configure(&self, config: &mut Config) {
        config.policies.values_mut().for_each(|policy| policy.max_message_octets = Some(10_000));
    }

    fn sip(&mut self, _: &Scene, way: Way, message: &sip::Message) -> Fate {
        let told = "a=max-size:10000\r\n";
        let tells = way == Way::Out && String::from_utf8_lossy(&message.body_octets()).contains(told);
        if tells { Fate::altered(with_text(message, told, "")) } else { Fate::Pass }
    }
}
