//! What a profile says where a real core stands between tester and target (topology `ims_core`): the entry of the core, the
//! addresses by which the target is told from it, and who the users are to it.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use cpm_wire::sip::Uri;

use super::{Profile, Topology};

/// A public identity, and by what its user proves who it is: the private identity and the secret.
pub type Account = (String, (String, String));

impl Profile {
    /// Whether the tester stands at the edges of a real core.
    #[must_use]
    pub const fn is_before_core(&self) -> bool {
        matches!(self.topology, Topology::ImsCore)
    }

    /// Where the tester sends what is for the core, by the first Route value.
    #[must_use]
    pub fn core_entry(&self) -> Option<(String, u16)> {
        let route = self.network.isc.route.trim().trim_start_matches('<');
        let uri = route.split('>').next().filter(|uri| uri.starts_with("sip:"))?;
        let Ok(Uri::Sip(sip)) = Uri::parse(uri) else { return None };
        Some((sip.host.trim_start_matches('[').trim_end_matches(']').to_owned(), sip.port.unwrap_or(5060)))
    }

    /// The entry of the core, where its name is known.
    #[must_use]
    pub fn core_address(&self) -> Option<SocketAddr> {
        self.core_entry()?.to_socket_addrs().ok()?.next()
    }

    /// The addresses of the target, of its signalling and of its media, as host and port.
    #[must_use]
    pub fn own_addresses(&self) -> Vec<String> {
        let signalling = self.network.target.sip.iter().map(|sip| sip.address.to_string());
        let media = self.msrp_addresses().into_iter().map(|media| media.to_string());
        let mut all: Vec<String> = signalling.chain(media).collect();
        all.dedup();
        all
    }

    /// How long it takes until the target knows of a registration.
    #[must_use]
    pub const fn core_settles(&self) -> Duration {
        self.provisioning.settle
    }

    /// Who the users are to the core, as far as they have secrets.
    ///
    /// # Errors
    /// An environment variable that the profile names is not set; which.
    pub fn accounts(&self) -> Result<Vec<Account>, String> {
        let mut accounts = Vec::new();
        for user in self.pools().values().flatten() {
            let Some(variable) = &user.credentials_env else { continue };
            let secret = std::env::var(variable).map_err(|_| {
                format!("the environment variable {variable}, which the profile names for digest, is not set")
            })?;
            for identity in user.identities() {
                // TS 23.003 section 13.3: a private identity is a name of the form user@realm.
                let derived = || user.impu.first().map(|first| first.as_str().trim_start_matches("sip:").to_owned());
                let username = user.impi.clone().or_else(derived).unwrap_or_default();
                accounts.push((identity, (username, secret.clone())));
            }
        }
        Ok(accounts)
    }
}
