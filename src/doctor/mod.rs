//! What stands between tester and target before anything is judged: a list of checks, each with what was seen and, where that is
//! a fault, with what helps. What is seen is told apart from what it means: `probing`, `handshake`, `dns` and `line` see, `meaning`,
//! `ways`, `clock`, `zone` and `arrangement` say what it means, without input or output. No verdict ever depends on it.

mod arrangement;
mod clock;
mod dns;
mod handshake;
mod line;
mod meaning;
mod probing;
mod proposals;
mod record;
#[cfg(test)]
mod tests;
mod ways;
mod zone;

use std::fmt;
use std::net::SocketAddr;

use serde::Serialize;

pub use proposals::Proposal;

use crate::target::Profile;

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Fine,
    /// It could not be told, or is not asked of this target.
    Skipped,
    /// A run goes on all the same, and may be disturbed by it.
    Note,
    /// A run fails, or says nothing, because of it.
    Fault,
}

/// One check, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What was looked at: `name`, `port`, `transport`, `tls`, `bind`, `address`, `ports`, `options`, `register`, `route`, `media`,
    /// `store`, `xcap`, `presence`, `x1`, `x2`, `charging`, `clock`, `zone`, `secret`, `users`.
    pub check: &'static str,
    /// The key of the profile, or the address, that it is about.
    pub about: String,
    /// What became of it.
    pub state: State,
    /// What was seen.
    pub seen: String,
    /// What helps; empty where nothing is wrong.
    pub cure: String,
}

impl Outcome {
    fn new(
        check: &'static str,
        about: &str,
        state: State,
        seen: impl Into<String>,
        cure: impl Into<String>,
    ) -> Outcome {
        Outcome { check, about: about.to_owned(), state, seen: seen.into(), cure: cure.into() }
    }

    fn fine(check: &'static str, about: &str, seen: impl Into<String>) -> Outcome {
        Outcome::new(check, about, State::Fine, seen, "")
    }

    fn skipped(check: &'static str, about: &str, why: impl Into<String>) -> Outcome {
        Outcome::new(check, about, State::Skipped, why, "")
    }

    fn note(check: &'static str, about: &str, seen: impl Into<String>, cure: impl Into<String>) -> Outcome {
        Outcome::new(check, about, State::Note, seen, cure)
    }

    fn fault(check: &'static str, about: &str, seen: impl Into<String>, cure: impl Into<String>) -> Outcome {
        Outcome::new(check, about, State::Fault, seen, cure)
    }
}

/// How wide the column is that says what a check is about; what is longer pushes the rest of its line.
const ABOUT: usize = 44;

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.state {
            State::Fine => "ok",
            State::Skipped => "skipped",
            State::Note => "note",
            State::Fault => "FAULT",
        };
        write!(f, "{word:<8} {:<9} {:<ABOUT$} {}", self.check, self.about, self.seen)?;
        if self.cure.is_empty() { Ok(()) } else { write!(f, "\n{:19}cure: {}", "", self.cure) }
    }
}

/// All checks of a target, and what was seen of its statement.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Examination {
    /// The checks, in the order in which they were made.
    pub checks: Vec<Outcome>,
    /// Answers that what was seen speaks for. They change nothing by themselves.
    pub proposals: Vec<Proposal>,
}

impl Examination {
    /// Whether nothing is in the way of a run.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.checks.iter().all(|outcome| outcome.state != State::Fault)
    }
}

/// Looks at everything. `resolver`: who is asked whether the zone file is loaded, in place of the resolver of this machine.
pub async fn examine(profile: &Profile, resolver: Option<SocketAddr>) -> Examination {
    let mut examination = Examination::default();
    let set = |name: &str| std::env::var_os(name).is_some();
    examination.checks.extend(arrangement::secrets(profile, set));
    examination.checks.push(arrangement::users(profile));
    let target = probing::names(profile, &mut examination.checks).await;
    let local = match target {
        Some(target) => probing::local_toward(target).await,
        None => None,
    };
    examination.checks.extend(arrangement::ports(profile));
    examination.checks.extend(arrangement::addresses(profile, target.zip(local)));
    if let Some(target) = target {
        probing::ways(profile, target, &mut examination.checks).await;
        probing::orders(profile, &mut examination.checks).await;
    }
    dns::zones(profile, resolver, &mut examination.checks).await;
    line::talk(profile, target, &mut examination).await;
    examination
}
