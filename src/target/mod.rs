//! The target under test as its vendor describes it: the profile, which is statement (ICS), network (IXIT), control and
//! provisioning. A profile that is not wholly understood is refused; nothing in it is ever guessed.

pub mod address;
mod answer;
mod attach;
pub mod calling;
mod check;
pub mod control;
pub mod core;
mod keys;
pub mod neighbours;
pub mod network;
pub mod questions;
pub mod statement;
pub mod template;
pub mod users;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::yaml::{self, Fault};
use address::{HostPort, Range, Uri};
pub use answer::{QuotaConduct, Refusal, RefusedCase, Retention, StorePolicy};
use control::{Control, Provisioning};
use network::Network;
pub use network::Timers;
pub use statement::Statement;
use users::{Class, Pools, User};

/// The profile of the embedded reference.
const REFERENCE: &str = include_str!("../../fixtures/targets/reference.yaml");

/// The profile of the embedded reference client.
const REFERENCE_CLIENT: &str = include_str!("../../fixtures/targets/client.yaml");

/// A target: who it is, what it claims, where it is, what may be done with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name of the product.
    pub name: String,
    /// Who makes it.
    pub vendor: String,
    /// Its version.
    pub version: String,
    /// Which side of CPM it is.
    pub role: Role,
    /// Where the tester stands.
    #[serde(default)]
    pub topology: Topology,
    /// Addresses, users and times.
    pub network: Network,
    /// Its answers to what the papers leave open.
    pub statement: Statement,
    /// Hooks.
    #[serde(default)]
    pub control: Control,
    /// How users get their policies.
    #[serde(default)]
    pub provisioning: Provisioning,
    /// The users by class.
    #[serde(skip)]
    pub pools: Pools,
    /// SHA-256 of the file, in hexadecimal.
    #[serde(skip)]
    pub sha256: String,
    /// What stands in the file under `network`, key by key, as it may be told.
    #[serde(skip)]
    pub keys: BTreeMap<String, String>,
}

/// Which side of CPM a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The participating function.
    ParticipatingFunction,
    /// The client.
    Client,
}

impl Role {
    /// The word that stands in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::ParticipatingFunction => "participating-function",
            Role::Client => "client",
        }
    }
}

/// Where the tester stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topology {
    /// The tester is the serving CSCF and all neighbours.
    #[default]
    IscDirect,
    /// The tester stands at the edges of a real core.
    ImsCore,
    /// Nobody sends; captures are read.
    CaptureOnly,
}

impl Topology {
    /// Whether the tester is all that the target meets.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        *self == Topology::IscDirect
    }
}

/// Why a profile is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ProfileError {
    /// The file as it was named.
    pub file: PathBuf,
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What could stand there instead; empty when there is no list of it.
    pub allowed: Vec<String>,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file.display(), self.line, self.column, self.message)?;
        if self.allowed.is_empty() { Ok(()) } else { write!(f, "; allowed: {}", self.allowed.join(", ")) }
    }
}

impl ProfileError {
    fn at(file: &Path, fault: Fault) -> ProfileError {
        let Fault { line, column, message, allowed } = fault;
        ProfileError { file: file.to_owned(), line, column, message, allowed }
    }
}

impl Profile {
    /// Reads the profile of an external target. Files that it names are looked up beside it.
    ///
    /// # Errors
    /// The first fault, with its place.
    pub fn load(path: &Path) -> Result<Profile, ProfileError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("the profile cannot be read: {error}");
            ProfileError::at(path, Fault { line: 1, column: 1, message, allowed: Vec::new() })
        })?;
        Profile::external(&text, path).map_err(|fault| ProfileError::at(path, fault))
    }

    fn external(text: &str, path: &Path) -> Result<Profile, Fault> {
        let mut profile = Profile::parse(text)?;
        check::external(&profile, text)?;
        check::files(&mut profile, text, path.parent().unwrap_or(Path::new(".")))?;
        Ok(profile)
    }

    /// Whether a text is the profile of an external target, but for the files that it names.
    ///
    /// # Errors
    /// The first fault, with its place.
    pub fn check(text: &str) -> Result<(), Fault> {
        Profile::parse(text).and_then(|profile| check::external(&profile, text))
    }

    /// The profile of the embedded reference.
    #[must_use]
    pub fn reference() -> Profile {
        Profile::of_the_program(REFERENCE)
    }

    /// The profile of the embedded reference client.
    #[must_use]
    pub fn reference_client() -> Profile {
        Profile::of_the_program(REFERENCE_CLIENT)
    }

    fn of_the_program(text: &str) -> Profile {
        match Profile::parse(text) {
            Ok(profile) => profile,
            Err(fault) => unreachable!("a profile of the program: {fault:?}"),
        }
    }

    fn parse(text: &str) -> Result<Profile, Fault> {
        let mut profile: Profile = yaml::read(text)?;
        profile.pools = check::pools(&profile, text)?;
        check::values(&profile, text)?;
        profile.keys = keys::told(&yaml::read::<Value>(text)?);
        profile.sha256 = Sha256::digest(text).iter().map(|octet| format!("{octet:02x}")).collect();
        Ok(profile)
    }

    /// The name of the product.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which side of CPM it is, in the word of the files.
    #[must_use]
    pub const fn role_name(&self) -> &'static str {
        self.role.as_str()
    }

    /// Its answers to what the papers leave open.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The home domain.
    #[must_use]
    pub fn domain(&self) -> String {
        self.network.domain.clone()
    }

    /// The times of the target.
    #[must_use]
    pub const fn timers(&self) -> Timers {
        self.network.timers()
    }

    /// The users by class.
    #[must_use]
    pub const fn pools(&self) -> &Pools {
        &self.pools
    }

    /// The users of a class, in the order of the profile.
    #[must_use]
    pub fn users(&self, class: Class) -> &[User] {
        self.pools.get(&class).map_or(&[], Vec::as_slice)
    }

    /// The identity of the conference factory.
    #[must_use]
    pub fn factory(&self) -> String {
        self.service(self.network.psi.factory.as_ref(), "conference-factory")
    }

    /// The identity where a client fetches what waits for it.
    #[must_use]
    pub fn deferred(&self) -> String {
        self.service(self.network.psi.deferred.as_ref(), "deferred")
    }

    /// The identity to which what is for a list is sent.
    #[must_use]
    pub fn exploder(&self) -> String {
        self.service(self.network.psi.exploder.as_ref(), "exploder")
    }

    /// The identity of the interworking function.
    #[must_use]
    pub fn interworking(&self) -> String {
        self.service(self.network.psi.iwf.as_ref(), "iwf")
    }

    /// A service identity: the one of the profile, or `sip:NAME@` and the home domain.
    #[must_use]
    pub fn service(&self, given: Option<&Uri>, name: &str) -> String {
        given.map_or_else(|| format!("sip:{name}@{}", self.network.domain), |uri| uri.as_str().to_owned())
    }

    /// Where the media of the target come from.
    #[must_use]
    pub fn msrp_addresses(&self) -> Vec<HostPort> {
        let target = &self.network.target;
        if target.msrp.is_empty() {
            target.sip.iter().map(|sip| sip.address.clone()).collect()
        } else {
            target.msrp.clone()
        }
    }

    /// The addresses that traffic of the target may come from.
    #[must_use]
    pub fn sources(&self) -> Vec<Range> {
        let target = &self.network.target;
        if !target.sources.is_empty() {
            return target.sources.clone();
        }
        target.sip.iter().filter_map(|sip| sip.address.host.parse().ok()).collect()
    }
}

#[cfg(test)]
mod tests;
