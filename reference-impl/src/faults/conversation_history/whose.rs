//! Faults in whose history is kept.

use crate::config::{Config, HistoryRequest};
use crate::faults::Fault;
use crate::faults::choices::Told;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("keeps-no-history", "Nothing is ever kept", || {
        Box::new(Told(|config| set_all(config, Some(false))))
    }),
    Fault::of_function("keeps-everybodys-history", "The history of those who do not want it is kept, too", || {
        Box::new(Told(|config| set_all(config, Some(true))))
    }),
    Fault::of_function("hears-no-request-for-history", "What devices ask to be kept is not", || {
        Box::new(Told(|config| config.history_request = vec![HistoryRequest::RecipientSetting]))
    }),
];

/// All users have it so, and those of no policy, too.
fn set_all(config: &mut Config, history: Option<bool>) {
    let usual = config.default_policy.clone();
    config.policies.entry(usual).or_default();
    config.policies.values_mut().for_each(|policy| policy.history = history);
}
