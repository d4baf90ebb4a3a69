//! What was seen of a target that speaks for an answer of its statement. It is told beside what the profile says; it changes
//! neither the profile nor any verdict.

use cpm_wire::sip::{Message, Method, Name};
use serde::Serialize;

use super::meaning::Charged;
use crate::target::Profile;

/// An answer that something speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The key of the profile.
    pub key: &'static str,
    /// What the profile says.
    pub declared: String,
    /// What was seen speaks for.
    pub seen: String,
    /// What was seen.
    pub because: String,
}

impl Proposal {
    /// Whether the profile says what was seen.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.declared == self.seen
    }
}

/// What the target said and did.
#[derive(Clone, Debug, Default)]
pub(super) struct Observed {
    /// Its 2xx to OPTIONS.
    pub options: Option<Message>,
    /// What it asked of the tester.
    pub asked: Vec<Message>,
    /// How it charged.
    pub charged: Charged,
}

/// What speaks for which answer.
pub(super) fn proposals(profile: &Profile, observed: &Observed) -> Vec<Proposal> {
    let statement = profile.statement();
    let mut found = Vec::new();
    if let Some(supported) =
        observed.options.as_ref().and_then(|answer| answer.header(&Name::Supported).map(|_| answer))
    {
        let timer = supported.values(&Name::Supported).any(|word| word.trim().eq_ignore_ascii_case("timer"));
        found.push(Proposal {
            key: "statement.session_timer",
            declared: statement.flag("session_timer").to_string(),
            seen: timer.to_string(),
            because: "Supported in its answer to OPTIONS".to_owned(),
        });
    }
    let asks = |method: &Method, package: &str| {
        let of = |message: &&Message| {
            message.method() == *method && message.header(&Name::Event).is_some_and(|event| event.starts_with(package))
        };
        observed.asked.iter().find(of).is_some()
    };
    if asks(&Method::Subscribe, "reg") {
        found.push(Proposal {
            key: "statement.reachability_trigger",
            declared: has(statement.has("reachability_trigger", "reg_event"), "reg_event"),
            seen: "reg_event".to_owned(),
            because: "it subscribed to the state of a registration".to_owned(),
        });
    }
    for (key, method) in
        [("statement.presence_source", Method::Publish), ("statement.presence_watcher", Method::Subscribe)]
    {
        if asks(&method, "presence") {
            found.push(Proposal {
                key,
                declared: statement.flag(key.trim_start_matches("statement.")).to_string(),
                seen: "true".to_owned(),
                because: format!("it sent {} for presence", method.as_str()),
            });
        }
    }
    if observed.charged.capabilities.is_some() {
        found.push(Proposal {
            key: "statement.charging_interface",
            declared: statement.text("charging_interface").to_owned(),
            seen: "rf_ro".to_owned(),
            because: "it introduced itself to the charging server".to_owned(),
        });
    }
    found
}

fn has(declared: bool, word: &str) -> String {
    if declared { word.to_owned() } else { format!("without {word}") }
}
