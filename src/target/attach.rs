//! How the tester attaches to a target: which addresses it takes itself, where it sends, what it tells, and the hook by
//! which a target is killed and started again.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::process::Stdio;

use super::Profile;
use super::address::Transport;
use super::control::Hook;
use super::network::ActorName;

impl Profile {
    /// Where requests to the target go: the first of its addresses that can be resolved.
    #[must_use]
    pub fn target_address(&self) -> Option<SocketAddr> {
        let addresses = self.network.target.sip.iter().map(|sip| &sip.address);
        addresses.filter_map(|own| (own.host.as_str(), own.port).to_socket_addrs().ok()?.next()).next()
    }

    /// Whether the tester tries TCP first.
    #[must_use]
    pub fn prefers_tcp(&self) -> bool {
        let only = self.network.target.sip.first().and_then(|sip| sip.transport);
        only.unwrap_or(self.network.target.transport) != Transport::Udp
    }

    /// Where the serving CSCF listens.
    #[must_use]
    pub fn serving_cscf_bind(&self) -> SocketAddr {
        self.network.actor(ActorName::ServingCscf).bind
    }

    /// What the serving CSCF says of its address when it listens at `actual`.
    #[must_use]
    pub fn serving_cscf_advertise(&self, actual: SocketAddr) -> String {
        let advertised = self.network.actor(ActorName::ServingCscf).advertise;
        advertised.map_or_else(|| actual.to_string(), |own| own.to_string())
    }

    /// The address at which devices and focus take media.
    #[must_use]
    pub fn media_bind(&self) -> IpAddr {
        self.network.actor(ActorName::Client).bind.ip()
    }

    /// Whether P-Served-User is sent.
    #[must_use]
    pub const fn tells_served_user(&self) -> bool {
        self.network.isc.served_user
    }

    /// Whether a third-party REGISTER carries the REGISTER of the device.
    #[must_use]
    pub const fn embeds_register(&self) -> bool {
        self.network.isc.third_party_register.request
    }

    /// Whether the target can be killed and started again.
    #[must_use]
    pub const fn can_restart(&self) -> bool {
        self.control.restart.is_some()
    }

    /// Kills the target and starts it again by the hook of the profile.
    ///
    /// # Errors
    /// Why it could not be done.
    pub async fn run_restart_hook(&self) -> Result<(), String> {
        match &self.control.restart {
            None => Err("the profile has no control.restart".to_owned()),
            Some(Hook::Http(_)) => Err("control.restart: hooks by http are not covered yet, exec is".to_owned()),
            Some(Hook::Exec(command)) => {
                let run = execute("control.restart", command);
                match tokio::time::timeout(self.control.command_timeout(), run).await {
                    Ok(done) => done,
                    Err(_) => Err("control.restart did not end within control.command_timeout_ms".to_owned()),
                }
            }
        }
    }
}

/// Runs a command line by the shell; a hook that fails says what it printed.
async fn execute(key: &str, command: &str) -> Result<(), String> {
    let output = tokio::process::Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| format!("{key}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{key}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim_end()))
}
