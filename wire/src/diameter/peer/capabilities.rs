//! What a node says of itself, and hears of its peer, when they meet (RFC 6733 section 5.3).

use crate::diameter::dictionary::{
    ACCT_APPLICATION_ID, AUTH_APPLICATION_ID, Definition, HOST_IP_ADDRESS, ORIGIN_HOST, ORIGIN_REALM, ORIGIN_STATE_ID,
    PRODUCT_NAME, SUPPORTED_VENDOR_ID, VENDOR_3GPP, VENDOR_ID, VENDOR_SPECIFIC_APPLICATION_ID,
};
use crate::diameter::{Builder, Message, application};
use std::net::IpAddr;

/// Who a node is, and what it speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its DiameterIdentity.
    pub host: String,
    /// Its realm.
    pub realm: String,
    /// What it calls its program.
    pub product: String,
    /// A number that rises with each start in which it has forgotten everything (section 8.16); none where it does not say.
    pub state: Option<u32>,
    /// The applications of authorisation, such as credit control.
    pub auth: Vec<u32>,
    /// The applications of accounting.
    pub acct: Vec<u32>,
}

impl Identity {
    /// A node that speaks Rf and Ro.
    #[must_use]
    pub fn charging(host: &str, realm: &str, product: &str) -> Identity {
        Identity {
            host: host.to_owned(),
            realm: realm.to_owned(),
            product: product.to_owned(),
            state: None,
            auth: vec![application::CREDIT_CONTROL],
            acct: vec![application::ACCOUNTING],
        }
    }

    /// Adds who sends: Origin-Host and Origin-Realm.
    #[must_use]
    pub fn sign(&self, to: Builder) -> Builder {
        to.avp(&ORIGIN_HOST, self.host.as_str()).avp(&ORIGIN_REALM, self.realm.as_str())
    }

    /// Adds the state, where the node says it.
    pub(super) fn state_to(&self, to: Builder) -> Builder {
        self.state.into_iter().fold(to, |to, state| to.avp(&ORIGIN_STATE_ID, state))
    }

    /// Adds all that a CER or CEA says, in the order of its grammar (sections 5.3.1 and 5.3.2).
    pub(super) fn tell(&self, local: IpAddr, to: Builder) -> Builder {
        let to = self.sign(to).avp(&HOST_IP_ADDRESS, local).avp(&VENDOR_ID, 0);
        let to = self.state_to(to.avp(&PRODUCT_NAME, self.product.as_str())).avp(&SUPPORTED_VENDOR_ID, VENDOR_3GPP);
        let to = self.auth.iter().fold(to, |to, id| to.avp(&AUTH_APPLICATION_ID, *id));
        self.acct.iter().fold(to, |to, id| to.avp(&ACCT_APPLICATION_ID, *id))
    }

    /// Whether there is an application that both speak; a relay speaks every one.
    #[must_use]
    pub fn shares(&self, peer: &Identity) -> bool {
        let relays = |node: &Identity| node.auth.iter().chain(&node.acct).any(|id| *id == application::RELAY);
        let auth = self.auth.iter().any(|id| peer.auth.contains(id));
        relays(self) || relays(peer) || auth || self.acct.iter().any(|id| peer.acct.contains(id))
    }

    /// What a CER or CEA says; none where it does not say who speaks. The applications may stand within
    /// Vendor-Specific-Application-Id, as older nodes of 3GPP have them.
    pub(super) fn told(message: &Message) -> Option<Identity> {
        let text = |definition| message.find(definition)?.text().ok().map(str::to_owned);
        Some(Identity {
            host: text(&ORIGIN_HOST)?,
            realm: text(&ORIGIN_REALM)?,
            product: text(&PRODUCT_NAME).unwrap_or_default(),
            state: message.find(&ORIGIN_STATE_ID).and_then(|state| state.unsigned32().ok()),
            auth: applications(message, &AUTH_APPLICATION_ID),
            acct: applications(message, &ACCT_APPLICATION_ID),
        })
    }
}

fn applications(message: &Message, definition: &Definition) -> Vec<u32> {
    let within = message.avps().filter(|avp| avp.is(&VENDOR_SPECIFIC_APPLICATION_ID));
    let within = within.filter_map(|group| group.group().find(definition));
    let plain = message.avps().filter(|avp| avp.is(definition));
    plain.chain(within).filter_map(|avp| avp.unsigned32().ok()).collect()
}
