//! The registrar's side of the serving CSCF: third-party REGISTERs to the target, and the reg event package (RFC 3680)
//! for a target that subscribes to it.

use super::Ensemble;
use super::client::Client;
use super::signalling::{DeviceKey, Purpose};
use crate::evidence::Event;
use bytes::Bytes;
use cpm_wire::reginfo::{Contact, ContactEvent, ContactState, Document, Registration, RegistrationState, State};
use cpm_wire::sip::{Builder, Message, Name, identity_key};
use cpm_wire::subscription::Notifier;
use cpm_wire::transaction::ServerId;

#[derive(Debug)]
struct Watch {
    identity: String,
    notifier: Notifier,
    version: u32,
}

/// Subscriptions of the target to registrations.
#[derive(Debug, Default)]
pub struct Registrar {
    watches: Vec<Watch>,
}

impl Ensemble {
    /// A device registers, or refreshes: the serving CSCF tells the target.
    pub fn register(&mut self, key: &DeviceKey, trigger: &str) {
        self.registration(key, 600_000, trigger);
    }

    /// A device is deregistered.
    pub fn deregister(&mut self, key: &DeviceKey, trigger: &str) {
        self.registration(key, 0, trigger);
    }

    /// The scenario is over: whoever is still registered goes, so that the target does not take old devices for new.
    pub fn everybody_goes(&mut self) {
        let registered: Vec<DeviceKey> =
            self.devices.iter().filter(|(_, device)| device.registered).map(|(key, _)| key.clone()).collect();
        for key in registered {
            self.deregister(&key, "end of the scenario");
        }
    }

    fn registration(&mut self, key: &DeviceKey, expires: u32, trigger: &str) {
        let Some(device) = self.devices.get_mut(key) else { return };
        device.registered = expires > 0;
        let signalling = &mut self.signalling;
        signalling.links.out.event(Event::Reachable {
            person: key.0.clone(),
            device: key.1.clone(),
            yes: expires > 0,
            trigger: trigger.to_owned(),
        });
        let embedded = device.register_request(signalling, expires);
        let identity = device.identity.clone();
        if self.registers_at_core(key, &embedded, expires > 0) {
            return;
        }
        let signalling = &mut self.signalling;
        let cscf = signalling.cscf.clone();
        let request = cscf.third_party_register(&mut signalling.ids, &identity, expires, Some(&embedded));
        signalling.request(request, Purpose::Register { device: key.clone(), there: expires > 0 });
        self.tell_registration(&identity);
        self.tell_presence(&key.0);
    }

    /// The target subscribes to the registration of a user.
    pub(super) fn watch_registration(&mut self, server: ServerId, request: &Message) {
        let tag = self.signalling.ids.token();
        let identity = request.request_uri().map(identity_key).unwrap_or_default();
        let known = self
            .people
            .values()
            .any(|person| person.served && person.identities.iter().any(|own| identity_key(own) == identity));
        if !known {
            self.signalling.refuse(server, 404);
            return;
        }
        match Notifier::accept(self.signalling.now, request, &tag, 60, 600_000) {
            Err(refusal) => self.signalling.refuse(server, refusal.status),
            Ok((notifier, granted)) => {
                let contact = format!("<{}>", self.signalling.cscf.uri());
                self.signalling.answer(server, 200, &tag, |response| {
                    response.header(Name::Contact, contact).header(Name::Expires, granted)
                });
                self.registrar.watches.push(Watch { identity: identity.clone(), notifier, version: 0 });
                self.tell_registration(&identity);
            }
        }
    }

    /// A SUBSCRIBE inside such a subscription; false when it is in none.
    pub(super) fn watch_registration_again(&mut self, server: ServerId, request: &Message) -> bool {
        let signalling = &mut self.signalling;
        let found = self.registrar.watches.iter().position(|watch| watch.notifier.dialog.matches(request));
        let Some(watch) = found.and_then(|at| self.registrar.watches.get_mut(at)) else { return false };
        match watch.notifier.resubscribe(signalling.now, request) {
            Err(refusal) => signalling.refuse(server, refusal.status),
            Ok(granted) => {
                signalling.answer(server, 200, "", |response| response.header(Name::Expires, granted));
                let identity = watch.identity.clone();
                self.tell_registration(&identity);
            }
        }
        true
    }

    fn tell_registration(&mut self, identity: &str) {
        let identity = identity_key(identity);
        let contacts: Vec<Contact> =
            self.devices.values().filter(|device| identity_key(&device.identity) == identity).map(contact).collect();
        let signalling = &mut self.signalling;
        for watch in self.registrar.watches.iter_mut().filter(|watch| watch.identity == identity) {
            let active = contacts.iter().any(|contact| contact.state == ContactState::Active);
            let state = if active { RegistrationState::Active } else { RegistrationState::Terminated };
            let registration =
                Registration { aor: identity.clone(), id: "r1".to_owned(), state, contacts: contacts.clone() };
            let document = Document { version: watch.version, state: State::Full, registrations: vec![registration] };
            watch.version += 1;
            let body = Bytes::from(document.to_xml());
            let request = watch.notifier.notify(signalling.now, Some(("application/reginfo+xml", body)));
            let request: Builder = request.header(Name::Contact, format!("<{}>", signalling.cscf.uri()));
            signalling.in_dialog(request, Purpose::Plain);
        }
    }
}

fn contact(device: &Client) -> Contact {
    let (state, event) = if device.registered {
        (ContactState::Active, ContactEvent::Registered)
    } else {
        (ContactState::Terminated, ContactEvent::Unregistered)
    };
    let mut contact = Contact::new(&device.key.1, &device.contact, state, event);
    contact.unknown_params.push(("+sip.instance".to_owned(), format!("\"<{}>\"", device.instance)));
    contact
}
