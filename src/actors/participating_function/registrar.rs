//! The registrar of a client under test (RFC 3261 section 10.3, RFC 3608, RFC 7315 for P-Associated-URI).

use super::Home;
use crate::actors::Ensemble;
use crate::actors::serving_cscf::address_of;
use crate::evidence::Event;
use cpm_wire::endpoint::Peer;
use cpm_wire::sip::{Message, Name, identity_key};
use cpm_wire::transaction::ServerId;

/// Where a client is.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its contact URI.
    pub contact: String,
}

impl Ensemble {
    /// A client registers, refreshes or goes; true when it is one under test.
    pub(in crate::actors) fn registers(&mut self, server: ServerId, request: &Message, peer: Option<&Peer>) -> bool {
        let Some(identity) = request.to().ok().map(|to| identity_key(to.uri)) else { return false };
        let person =
            self.people.values().find(|person| person.identities.iter().any(|own| identity_key(own) == identity));
        let Some(name) = person.map(|person| person.name.clone()) else { return false };
        if !self.homes.contains_key(&name) {
            return false;
        }
        self.registered(&name, request, peer);
        let granted = request.expires().unwrap_or(3600);
        let associated: Vec<String> =
            self.people.get(&name).map(|person| person.identities.clone()).unwrap_or_default();
        let route = format!("<{};lr>", self.signalling.cscf.uri());
        let contacts: Vec<String> = request.headers(&Name::Contact).map(str::to_owned).collect();
        let tag = self.signalling.ids.token();
        self.signalling.answer(server, 200, &tag, |response| {
            let response = contacts.iter().fold(response, |response, contact| response.header(Name::Contact, contact));
            let response = response.header(Name::Expires, granted).header(Name::ServiceRoute, route);
            associated
                .iter()
                .fold(response, |response, identity| response.header(Name::PAssociatedUri, format!("<{identity}>")))
        });
        true
    }

    /// Takes over where a client is, from a REGISTER of now or of before the scenario.
    pub fn registered(&mut self, person: &str, request: &Message, peer: Option<&Peer>) {
        let Some(home) = self.homes.get_mut(person) else { return };
        let contact = request.contacts().filter_map(Result::ok).next();
        let expires =
            contact.as_ref().and_then(|contact| contact.param("expires")??.parse().ok()).or(request.expires());
        home.registration = match contact.filter(|_| expires != Some(0)) {
            Some(contact) => {
                self.signalling.cscf.client = Some(contact.uri.to_owned());
                if let Some(address) = address_of(contact.uri).or(peer.map(|peer| peer.address)) {
                    self.signalling.cscf.target = address;
                }
                Some(Registration { contact: contact.uri.to_owned() })
            }
            None => None,
        };
        let told =
            request.contacts().filter_map(Result::ok).find_map(|contact| contact.param("+sip.instance").flatten());
        let instance = told.map(|instance| instance.trim_matches(['<', '>']).to_owned());
        let yes = home.registration.is_some();
        let (device, contact) = (home.device.clone(), home.registration.as_ref().map(|own| own.contact.clone()));
        let out = &mut self.signalling.links.out;
        out.event(Event::Device {
            person: person.to_owned(),
            device: device.clone(),
            instance: instance.unwrap_or_default(),
            contact: contact.unwrap_or_default(),
            tags: vec!["chat".to_owned(), "messages".to_owned()],
        });
        out.event(Event::Reachable {
            person: person.to_owned(),
            device,
            yes,
            trigger: "registration of the client under test".to_owned(),
        });
    }

    /// What was known of where clients are does not count any more: they are to register anew.
    pub fn forget_registrations(&mut self) {
        self.homes.values_mut().for_each(|home| home.registration = None);
    }

    /// Brings in a user whose client is under test.
    pub fn client_under_test(&mut self, home: Home) {
        self.signalling
            .links
            .out
            .event(Event::ClientUnderTest { person: home.person.clone(), device: home.device.clone() });
        self.homes.insert(home.person.clone(), home);
    }
}
