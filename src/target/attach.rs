//! How the tester attaches to a target: which addresses it takes itself, where it sends, what it tells, and the hook by
//! which a target is killed and started again.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use cpm_wire::diameter::peer::Identity;

use super::address::Transport;
use super::calling::Filling;
use super::neighbours::{ChargingTransport, MessageStoreMode, Player};
use super::network::ActorName;
use super::{Profile, Role};
use crate::secrets::{Secrets, names};

impl Profile {
    /// Where requests to the target go: the first of its addresses that can be resolved.
    #[must_use]
    pub fn target_address(&self) -> Option<SocketAddr> {
        let addresses = self.network.target.sip.iter().map(|sip| &sip.address);
        addresses.filter_map(|own| (own.host.as_str(), own.port).to_socket_addrs().ok()?.next()).next()
    }

    /// The addresses of the target, of its signalling and of its media, as far as they can be resolved.
    #[must_use]
    pub fn resolved_addresses(&self) -> Vec<SocketAddr> {
        let sip = self.network.target.sip.iter().map(|sip| sip.address.clone());
        let named = sip.chain(self.msrp_addresses());
        named.filter_map(|own| (own.host.as_str(), own.port).to_socket_addrs().ok()).flatten().collect()
    }

    /// Whether the tester tries TCP first.
    #[must_use]
    pub fn prefers_tcp(&self) -> bool {
        let only = self.network.target.sip.first().and_then(|sip| sip.transport);
        only.unwrap_or(self.network.target.transport) != Transport::Udp
    }

    /// Where the tester listens for SIP: as the serving CSCF, or before a real core as the proxy of the devices.
    #[must_use]
    pub fn serving_cscf_bind(&self) -> SocketAddr {
        self.network.actor(self.signalling_actor()).bind
    }

    /// The actor that stands for the tester in signalling.
    #[must_use]
    pub const fn signalling_actor(&self) -> ActorName {
        if self.is_before_core() { ActorName::Client } else { ActorName::ServingCscf }
    }

    /// What the serving CSCF says of its address when it listens at `actual`.
    #[must_use]
    pub fn serving_cscf_advertise(&self, actual: SocketAddr) -> String {
        let advertised = self.network.actor(self.signalling_actor()).advertise;
        advertised.map_or_else(|| actual.to_string(), |own| own.to_string())
    }

    /// Where the tester's message store listens, when the tester plays one for the target.
    #[must_use]
    pub fn message_store_bind(&self) -> Option<SocketAddr> {
        let plays = self.network.message_store.mode == MessageStoreMode::TesterImap;
        plays.then(|| self.network.actor(ActorName::MessageStore).bind)
    }

    /// Where the tester's server of preferences listens, when the tester plays one for the target.
    #[must_use]
    pub fn preference_server_bind(&self) -> Option<SocketAddr> {
        let plays = self.network.xcap.mode == Player::Tester;
        plays.then(|| self.network.actor(ActorName::PreferenceServer).bind)
    }

    /// Whether the tester plays the presence server, which stands behind the serving CSCF.
    #[must_use]
    pub fn plays_presence_server(&self) -> bool {
        self.role == Role::ParticipatingFunction && self.network.presence.mode == Player::Tester
    }

    /// Where the tester's charging server listens, when the target charges by Diameter, over TCP. Before a real core, that has
    /// its own.
    #[must_use]
    pub fn charging_server_bind(&self) -> Option<SocketAddr> {
        if self.is_before_core() {
            return None;
        }
        let by_diameter = self.role == Role::ParticipatingFunction && self.statement.has("charging_interface", "rf_ro");
        let plays = by_diameter && self.network.charging.transport == ChargingTransport::Tcp;
        plays.then(|| self.network.actor(ActorName::ChargingServer).bind)
    }

    /// Who the tester's charging server is.
    #[must_use]
    pub fn charging_identity(&self) -> Identity {
        let charging = &self.network.charging;
        let realm = charging.realm.clone().unwrap_or_else(|| self.domain());
        let host = charging.peer_host.clone().unwrap_or_else(|| format!("charging.{realm}"));
        Identity::charging(&host, &realm, "cpm-conformance")
    }

    /// Whether the tester orders interception, and takes what is handed over, in the form that it knows (L30).
    #[must_use]
    pub fn is_intercepted(&self) -> bool {
        let known = self.role == Role::ParticipatingFunction && self.statement.has("li_form", "etsi_x");
        known && self.network.li.mode == Player::Tester
    }

    /// Whether a hook hands over the charging records of a target that does not charge by Diameter (L21).
    #[must_use]
    pub fn hands_over_records(&self) -> bool {
        let elsewhere = ["nchf", "files"].iter().any(|word| self.statement.has("charging_interface", word));
        self.role == Role::ParticipatingFunction && elsewhere && self.control.charging_records.is_some()
    }

    /// Whether a hook begins interception, and hands over what comes of it, where that has another form than the tester's (L30).
    #[must_use]
    pub fn hands_over_interception(&self) -> bool {
        let other = self.statement.has("li_form", "other");
        self.role == Role::ParticipatingFunction && other && self.control.li_delivery.is_some()
    }

    /// Where the tester's mediation function listens; each scenario has one of its own.
    #[must_use]
    pub fn mediation_function_bind(&self) -> SocketAddr {
        let bind = self.network.actor(ActorName::MediationFunction).bind;
        SocketAddr::new(bind.ip(), 0)
    }

    /// The address at which the target finds the mediation function, where the profile says another one.
    #[must_use]
    pub fn mediation_function_advertise(&self) -> Option<IpAddr> {
        let advertised = self.network.actor(ActorName::MediationFunction).advertise?;
        (advertised.host.as_str(), advertised.port).to_socket_addrs().ok()?.next().map(|address| address.ip())
    }

    /// Where orders of interception go to an external target: the first of its addresses that can be resolved.
    #[must_use]
    pub fn x1_address(&self) -> Option<SocketAddr> {
        let addresses = self.network.target.x1.iter();
        addresses.filter_map(|own| (own.host.as_str(), own.port).to_socket_addrs().ok()?.next()).next()
    }

    /// The files by which the tester proves who it is: the authorities, its certificate, and its key, whose place an environment
    /// variable names.
    #[must_use]
    pub fn tls_files(&self) -> Option<(PathBuf, PathBuf, PathBuf)> {
        let tls = &self.network.tls;
        let key = tls.key_env.as_ref().and_then(std::env::var_os)?;
        Some((tls.ca.clone()?, tls.certificate.clone()?, key.into()))
    }

    /// The environment variables that hold secrets or name their files, with the keys that name them. No secret stands in a profile.
    #[must_use]
    pub fn secret_variables(&self) -> Vec<(&'static str, String)> {
        let network = &self.network;
        let single = [
            ("network.tls.key_env", &network.tls.key_env),
            ("network.message_store.password_env", &network.message_store.password_env),
        ];
        let single = single.into_iter().filter_map(|(key, name)| Some((key, name.clone()?)));
        // Users of one pattern share a variable.
        let users: BTreeSet<String> =
            self.pools.values().flatten().filter_map(|user| user.credentials_env.clone()).collect();
        single.chain(users.into_iter().map(|name| ("network.users.credentials_env", name))).collect()
    }

    /// What the environment variables hold that stand anywhere in the profile.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        let own = self.secret_variables();
        let hooks = self.control.hooks().map(|(_, hook)| hook.text());
        let provisioning =
            [self.provisioning.url.as_ref().map(|url| url.as_str()), self.provisioning.command.as_deref()];
        let texts = hooks.chain(provisioning.into_iter().flatten());
        Secrets::of(own.iter().map(|(_, name)| name.as_str()).chain(texts.flat_map(names)))
    }

    /// What the server of preferences says of its address when it listens at `actual`.
    #[must_use]
    pub fn preference_server_advertise(&self, actual: SocketAddr) -> String {
        let advertised = self.network.actor(ActorName::PreferenceServer).advertise;
        advertised.map_or_else(|| actual.to_string(), |own| own.to_string())
    }

    /// The address at which devices and focus take media.
    #[must_use]
    pub fn media_bind(&self) -> IpAddr {
        self.network.actor(ActorName::Client).bind.ip()
    }

    /// What paths say of the host of devices and focus, where that is not where they listen: `network.msrp.advertise`, or what the
    /// actor `client` advertises.
    #[must_use]
    pub fn media_advertise(&self) -> Option<IpAddr> {
        let client = self.network.actor(ActorName::Client).advertise.filter(|_| !self.is_before_core());
        let told = self.network.msrp.advertise.as_ref().map(|host| host.with_port(0)).or(client)?;
        (told.host.as_str(), told.port).to_socket_addrs().ok()?.next().map(|address| address.ip())
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
        let Some(hook) = &self.control.restart else { return Err("the profile has no control.restart".to_owned()) };
        let request = serde_json::json!({"act": "restart"});
        let called = hook.call(Filling::default(), &request, self.control.command_timeout(), &self.secrets()).await;
        called.map(|_| ()).map_err(|why| format!("control.restart: {why}"))
    }
}
