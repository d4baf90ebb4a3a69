//! A real core between the tester's devices and the target: a device registers there as one does (RFC 3261 section 10, TS 24.229
//! section 5.1.1), and it is the core that tells the target.

use super::Ensemble;
use super::authorization::{self, Credentials};
use super::signalling::{DeviceKey, Purpose};
use crate::evidence::Event;
use cpm_wire::sip::{Message, identity_key};
use std::collections::BTreeMap;

/// What the tester knows of the core.
#[derive(Debug, Default)]
pub struct RealCore {
    /// By the keys of public identities; a user who is not in it has no secret.
    credentials: BTreeMap<String, Credentials>,
    /// The registration that was asked for last, by device.
    asked: BTreeMap<DeviceKey, Asked>,
    /// The first registration that came to nothing, in words.
    failed: Option<String>,
}

#[derive(Debug)]
struct Asked {
    request: Message,
    proved: bool,
}

impl RealCore {
    /// A core in which these users have secrets, by any of their public identities.
    pub fn new(credentials: impl IntoIterator<Item = (String, Credentials)>) -> RealCore {
        let credentials = credentials.into_iter().map(|(identity, own)| (identity_key(&identity), own)).collect();
        RealCore { credentials, ..RealCore::default() }
    }
}

impl Ensemble {
    /// A real core is between the tester and the target, whose addresses these are.
    pub fn stand_before(&mut self, core: RealCore, target: Vec<String>) {
        let entry = self.signalling.cscf.target.to_string();
        self.signalling.links.out.event(Event::Core { entry, target });
        self.core = Some(core);
    }

    /// Why a device of this scenario is not registered in the core, if so.
    pub fn registration_failed(&self) -> Option<&str> {
        self.core.as_ref()?.failed.as_deref()
    }

    /// A device asks the core to register it, or with `expires` 0 to forget it; false where there is no core.
    pub(super) fn registers_at_core(&mut self, key: &DeviceKey, request: &Message, there: bool) -> bool {
        let Some(core) = &mut self.core else { return false };
        core.asked.insert(key.clone(), Asked { request: request.clone(), proved: false });
        self.signalling.request(request.clone(), Purpose::Register { device: key.clone(), there });
        true
    }

    /// The core's answer to a registration. A challenge is met once.
    pub(super) fn core_answered(&mut self, key: &DeviceKey, there: bool, answer: &Message) {
        let Some(core) = &mut self.core else { return };
        let status = answer.status().unwrap_or_default();
        if status < 300 {
            return;
        }
        let identity = self.devices.get(key).map(|device| identity_key(&device.identity)).unwrap_or_default();
        let credentials = core.credentials.get(&identity);
        let signalling = &mut self.signalling;
        let asked = core.asked.get_mut(key).filter(|asked| !asked.proved);
        if let (Some(asked), Some(credentials)) = (asked, credentials) {
            let cnonce = signalling.ids.digits32();
            let via = signalling.cscf.via(&signalling.ids.branch());
            if let Some(again) = authorization::proved(answer, &asked.request, credentials, via, &cnonce) {
                asked.proved = true;
                signalling.request(again, Purpose::Register { device: key.clone(), there });
                return;
            }
        }
        // Who goes need not be let in.
        if there && core.failed.is_none() {
            let secret = if credentials.is_some() { "" } else { "; the profile names no credentials_env for the user" };
            core.failed = Some(format!("the core answers {status} to the registration of {identity}{secret}"));
        }
    }

    /// The core has not answered a registration.
    pub(super) fn core_silent(&mut self, there: bool) {
        if let Some(core) = self.core.as_mut().filter(|core| there && core.failed.is_none()) {
            core.failed = Some("the core does not answer a registration".to_owned());
        }
    }
}
