//! The suite on trial: what stands in for the reference on the virtual link, and what happens to its traffic on the way.
//!
//! A run that tests a target is no trial. Trials show that the suite sees what is wrong, and that it accuses nobody wrongly.

pub use super::noise::{Cut, Noise};
use super::null_targets::{NullTarget, Recording, Recordings, Tap};
use super::rewriting::Variety;
use crate::target::Role;
use cpm_reference::faults::Fault;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The circumstances of a run on the virtual link. By default there are none.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// What is under test.
    pub subject: Subject,
    /// What the reference sends is written down here, and replayed from here by a target that is none.
    pub recordings: Option<Recordings>,
    /// What the network between tester and target does to what crosses it.
    pub noise: Option<Noise>,
    /// Whether the virtual world lives on IPv6.
    pub ipv6: bool,
    /// The target says what it says in other legal words.
    pub variety: Option<Variety>,
    /// Whether scenarios begin in an order that the seed decides, and not in that of the features.
    pub shuffled: bool,
}

/// What stands where the target of a virtual run stands.
#[derive(Clone, Copy, Debug, Default)]
pub enum Subject {
    /// The reference, which does nothing wrong.
    #[default]
    Reference,
    /// The reference with a fault.
    Faulty(&'static Fault),
    /// A target that is none.
    Null(NullTarget),
}

impl Subject {
    /// The fault, or the target that is none, of that name.
    pub fn named(id: &str) -> Option<Subject> {
        let fault = Fault::named(id).map(Subject::Faulty);
        fault.or_else(|| NullTarget::ALL.into_iter().find(|null| null.as_str() == id).map(Subject::Null))
    }

    /// What the fault, or the target that is none, of that name does wrong.
    pub fn what(id: &str) -> &'static str {
        match Subject::named(id) {
            Some(Subject::Faulty(fault)) => fault.what,
            Some(Subject::Null(null)) => null.what(),
            Some(Subject::Reference) | None => "",
        }
    }

    /// The reference with each of the faults that it can have.
    pub fn faults() -> impl Iterator<Item = Subject> {
        Fault::all().map(Subject::Faulty)
    }

    /// Which role it stands in for; both for one that has no fault of a role.
    pub fn role(&self) -> Option<Role> {
        let named = |role: &Role| self.fault().is_some_and(|fault| fault.role.as_str() == role.as_str());
        [Role::ParticipatingFunction, Role::Client].into_iter().find(named)
    }

    /// The fault that the reference has, if any.
    pub fn fault(&self) -> Option<&'static Fault> {
        match self {
            Subject::Faulty(fault) => Some(fault),
            Subject::Null(_) | Subject::Reference => None,
        }
    }
}

impl Trial {
    /// What writes down what the target sends in a scenario, if somebody wants that.
    pub(super) fn tap(&self, scenario: &str) -> Option<Tap> {
        let wanted = self.recordings.clone().filter(|_| matches!(self.subject, Subject::Reference));
        wanted.map(|recordings| Tap::new(recordings, scenario))
    }

    /// What was written down of a scenario.
    pub fn recording(&self, scenario: &str) -> Recording {
        self.recordings.as_ref().map(|recordings| recordings.of(scenario)).unwrap_or_default()
    }

    /// The name by which a process is told what to stand for, unless it is the reference without a fault.
    pub fn served(&self) -> Option<&'static str> {
        match self.subject {
            Subject::Reference => None,
            Subject::Faulty(fault) => Some(fault.id),
            Subject::Null(null) => Some(null.as_str()),
        }
    }

    /// The fault that the reference of this role has, if any.
    pub fn fault(&self, role: Role) -> Option<&'static Fault> {
        self.subject.fault().filter(|_| self.subject.role() == Some(role))
    }

    /// The address of the virtual world.
    pub fn address(&self) -> IpAddr {
        if self.ipv6 { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() }
    }
}
