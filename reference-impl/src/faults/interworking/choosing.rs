//! Faults in what goes to the interworking function, and when.

use crate::config::{Config, OfflinePrecedence};
use crate::faults::Fault;
use crate::faults::choices::Told;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("interworks-nothing", "No final code leads to the interworking function", || {
        Box::new(Told(|config| with_codes(config, Vec::new())))
    }),
    Fault::of_function("interworks-on-any-code", "Every final code leads to the interworking function", || {
        Box::new(Told(|config| with_codes(config, (400..700).collect())))
    }),
    Fault::of_function("leaves-out-codes", "Of the final codes that lead to interworking only the first does", || {
        Box::new(Told(|config| {
            let first = config.interworking.as_ref().map(|function| function.codes.iter().copied().take(1).collect());
            with_codes(config, first.unwrap_or_default());
        }))
    }),
    Fault::of_function(
        "interworks-before-it-defers",
        "Interworking goes before deferral for everybody who is offline",
        || Box::new(Told(|config| config.offline_precedence = OfflinePrecedence::Interworking)),
    ),
    Fault::of_function(
        "defers-before-it-interworks",
        "Deferral goes before interworking for everybody who is offline",
        || Box::new(Told(|config| config.offline_precedence = OfflinePrecedence::Deferral)),
    ),
];

fn with_codes(config: &mut Config, codes: Vec<u16>) {
    if let Some(function) = &mut config.interworking {
        function.codes = codes;
    }
}
