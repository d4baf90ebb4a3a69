//! What was seen of each enabler on which the capabilities are built, and what the base rules made of it [PF-ENB-01]. It is
//! reported and never scored: a breach counts in its scenario, whoever's rule it is.

use serde::Serialize;

use super::event::ScenarioResult;
use crate::verdict::{Blame, FindingVerdict};

/// An enabler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Enabler {
    /// SIP and SDP: sessions, registrations, subscriptions.
    SipCore,
    /// Documents and lists of users (XDM, RFC 4825, RFC 4826).
    Xdm,
    /// Presence (RFC 3856, RFC 3903).
    Presence,
    /// MESSAGE, MSRP, CPIM, disposition notifications, what a conference tells of its members.
    Messaging,
    /// Diameter (RFC 6733, RFC 8506, TS 32.299).
    Charging,
}

impl Enabler {
    /// Every enabler, in the order in which they are listed.
    pub const ALL: [Enabler; 5] =
        [Enabler::SipCore, Enabler::Xdm, Enabler::Presence, Enabler::Messaging, Enabler::Charging];

    /// The enabler in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Enabler::SipCore => "SIP core",
            Enabler::Xdm => "XDM",
            Enabler::Presence => "presence",
            Enabler::Messaging => "messaging",
            Enabler::Charging => "charging",
        }
    }

    /// The enabler that a base rule is about; none for another rule.
    #[must_use]
    pub fn of_rule(rule: &str) -> Option<Enabler> {
        let family = rule.strip_prefix("base.")?.split('.').next()?;
        Some(match family {
            "resource_lists" => Enabler::Xdm,
            "pidf" | "presence" => Enabler::Presence,
            "msrp" | "cpim" | "imdn" | "is_composing" | "conference_info" | "message_summary" => Enabler::Messaging,
            "diameter" => Enabler::Charging,
            _ => Enabler::SipCore,
        })
    }
}

/// What a run saw of an enabler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnablerResult {
    /// Which.
    pub enabler: Enabler,
    /// How many messages of the target were seen.
    pub messages: usize,
    /// In how many scenarios.
    pub scenarios: usize,
    /// How often a message of the target broke a base rule.
    pub errors: usize,
    /// How often one was against what a base rule recommends.
    pub warnings: usize,
}

/// What these scenarios saw of each enabler.
#[must_use]
pub fn enablers(scenarios: &[ScenarioResult]) -> Vec<EnablerResult> {
    let of = |enabler: Enabler| {
        let found = |verdict: FindingVerdict| {
            let findings = scenarios.iter().flat_map(|scenario| &scenario.findings);
            let own = findings.filter(|found| found.blame == Blame::Target && found.verdict == verdict);
            own.filter(|found| Enabler::of_rule(&found.rule) == Some(enabler)).count()
        };
        EnablerResult {
            enabler,
            messages: scenarios.iter().map(|scenario| scenario.seen.of(enabler)).sum(),
            scenarios: scenarios.iter().filter(|scenario| scenario.seen.of(enabler) > 0).count(),
            errors: found(FindingVerdict::Fail),
            warnings: found(FindingVerdict::Warning),
        }
    };
    Enabler::ALL.into_iter().map(of).collect()
}

/// The same on one line, for people; none when nothing was seen.
#[must_use]
pub fn line(enablers: &[EnablerResult]) -> Option<String> {
    let seen = enablers.iter().any(|own| own.messages > 0);
    let words = enablers.iter().map(|own| {
        let (name, messages) = (own.enabler.as_str(), own.messages);
        match (own.errors, own.warnings) {
            (0, 0) => format!("{name} {messages}"),
            (errors, warnings) => format!("{name} {messages} ({errors} errors, {warnings} warnings)"),
        }
    });
    seen.then(|| format!("Messages judged by the base rules: {}.", words.collect::<Vec<_>>().join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;
    use crate::verdict::Outcome;
    use pretty_assertions::assert_eq;

    #[test]
    fn messages_and_breaches_are_counted_for_their_enabler() {
        let mut first = samples::scenario("TP-CPM-CONV-058-01", Outcome::Fail);
        first.seen.add(Enabler::Messaging, 3);
        first.seen.add(Enabler::SipCore, 2);
        let mut broken = samples::failed().findings.remove(1);
        broken.rule = "base.msrp.request.path".to_owned();
        first.findings = vec![broken.clone(), broken];
        let mut second = samples::scenario("TP-CPM-CONV-058-02", Outcome::Pass);
        second.seen.add(Enabler::SipCore, 5);
        let told = enablers(&[first, second]);
        let figures = told.iter().map(|own| (own.enabler, own.messages, own.scenarios, own.errors, own.warnings));
        let expected = [
            (Enabler::SipCore, 7, 2, 0, 0),
            (Enabler::Xdm, 0, 0, 0, 0),
            (Enabler::Presence, 0, 0, 0, 0),
            (Enabler::Messaging, 3, 1, 2, 0),
            (Enabler::Charging, 0, 0, 0, 0),
        ];
        assert_eq!(figures.collect::<Vec<_>>(), expected);
        let line = line(&told).unwrap();
        assert!(line.contains("SIP core 7, XDM 0") && line.contains("messaging 3 (2 errors, 0 warnings)"), "{line}");
        assert_eq!(super::line(&enablers(&[])), None);
    }

    #[test]
    fn a_rule_of_a_requirement_is_of_no_enabler() {
        assert_eq!(Enabler::of_rule("charging.session_recorded"), None);
        assert_eq!(Enabler::of_rule("base.diameter.avp.length"), Some(Enabler::Charging));
        assert_eq!(Enabler::of_rule("base.sip.cseq"), Some(Enabler::SipCore));
    }
}
