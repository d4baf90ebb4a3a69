//! Sessions between two, as the ensemble sees them: who may be called, and which end an invitation of the target reaches.

use super::Ensemble;
use super::call::{Calls, Claim, Occasion, Party, Service, Wrong};
use super::media::Media;
use super::serving_cscf::Served;
use super::signalling::{DeviceKey, Signalling};
use cpm_wire::sip::{Message, Name, identity_key};
use cpm_wire::transaction::ServerId;

/// In what manner a device asks for a session that another device has.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// It names the dialog (RFC 3891), rather than the contribution alone.
    pub names_the_dialog: bool,
    /// It requires that the name is understood.
    pub insists: bool,
    /// Its description of media is none.
    pub without_media: bool,
}

impl Ensemble {
    /// Works on one end of sessions together with the SIP side.
    pub fn with_calls<R>(&mut self, party: &Party, work: impl FnOnce(&mut Calls, &mut Signalling) -> R) -> Option<R> {
        self.calls.get_mut(party).map(|calls| work(calls, &mut self.signalling))
    }

    /// The end of a device of a served user, which is there already.
    pub fn device_end(&mut self, key: &DeviceKey, media: Media) -> Option<Party> {
        let device = self.devices.get(key)?;
        let party = Party { person: key.0.clone(), device: Some(key.1.clone()) };
        let (contact, instance) = (device.contact.clone(), Some(device.instance.clone()));
        self.calls.insert(party.clone(), Calls::new(party.clone(), &device.identity, contact, instance, media));
        Some(party)
    }

    /// The end of a user of another network.
    pub fn remote_end(&mut self, name: &str, media: Media) -> Party {
        let identity = self.remote_member(name);
        let contact = format!("sip:{}@{}", self.signalling.ids.token(), self.signalling.cscf.advertise);
        let party = Party { person: name.to_owned(), device: None };
        self.calls.insert(party.clone(), Calls::new(party.clone(), &identity, contact, None, media));
        party
    }

    /// A session of a user of another network with a served user, of this conversation or of one of its own.
    pub fn plan(&mut self, name: &str, remote: &str, service: Service, conversation: Option<String>) {
        let remote = self.remote_member(remote);
        let ids = &mut self.signalling.ids;
        let occasion = Occasion {
            name: name.to_owned(),
            contribution: ids.digits32(),
            conversation: conversation.unwrap_or_else(|| ids.uuid()),
            service,
        };
        occasion.introduce(&mut self.signalling, &remote);
        self.occasions.insert(name.to_owned(), occasion);
    }

    /// One end calls a person for a session; false when one of them is not there.
    pub fn calls(&mut self, caller: &Party, callee: &str, session: &str) -> bool {
        self.calling(caller, callee, session, |calls, signalling, occasion, uri, served| {
            calls.invite(signalling, occasion, uri, served);
        })
    }

    /// One end calls a person for a session in a way that is wrong; false when one of them is not there.
    pub fn calls_wrongly(&mut self, caller: &Party, callee: &str, session: &str, wrong: Wrong) -> bool {
        self.calling(caller, callee, session, |calls, signalling, occasion, uri, served| {
            calls.invite_wrongly(signalling, occasion, uri, served, wrong);
        })
    }

    /// A device asks for a session that another one has; false when it, the session or the other's dialog is not there.
    pub fn claims(&mut self, claimer: &Party, from: &Party, session: &str, how: &How) -> bool {
        let named = self.calls.get(from).and_then(|calls| calls.dialog_of(session));
        let dialog = named.clone().filter(|_| how.names_the_dialog);
        let far = self.other_end(session, from);
        let Some(person) = self.people.values().find(|person| person.identity() == far) else { return false };
        let (person, claim) =
            (person.name.clone(), Claim { dialog, insists: how.insists, without_media: how.without_media });
        named.is_some()
            && self.calling(claimer, &person, session, |calls, signalling, occasion, uri, served| {
                calls.claim(signalling, occasion, uri, served, &claim);
            })
    }

    /// A device refers its far end of a session to another device of the same user; false when one is not there.
    pub fn refers(&mut self, from: &Party, to: &Party, session: &str) -> bool {
        let Some(contact) = self.calls.get(to).map(|calls| calls.contact.clone()) else { return false };
        self.with_calls(from, |calls, signalling| calls.refer(signalling, session, &contact)).unwrap_or(false)
    }

    fn calling(
        &mut self,
        caller: &Party,
        callee: &str,
        session: &str,
        call: impl FnOnce(&mut Calls, &mut Signalling, &Occasion, &str, &Served<'_>),
    ) -> bool {
        let Some(occasion) = self.occasions.get(session).cloned() else { return false };
        let uri = self.identity_of(callee);
        let own = self.identity_of(&caller.person);
        let originating = caller.device.is_some();
        let served_name = if originating { &caller.person } else { callee };
        let registered = self.is_registered(served_name);
        let identity = if originating { own } else { uri.clone() };
        self.with_calls(caller, |calls, signalling| {
            let served = Served { identity: &identity, originating, registered };
            call(calls, signalling, &occasion, &uri, &served);
        })
        .is_some()
    }

    /// The identity at the other end of a session: that of the remote user, or of the served one.
    pub fn other_end(&self, session: &str, end: &Party) -> String {
        let of_session = |(party, calls): &(&Party, &Calls)| {
            party.person != end.person
                && (calls.of(session).is_some() || party.device.is_some() != end.device.is_some())
        };
        let mut others: Vec<(&Party, &Calls)> = self.calls.iter().filter(of_session).collect();
        others.sort_by_key(|(_, calls)| calls.of(session).is_none());
        others.first().map(|(_, calls)| calls.identity.clone()).unwrap_or_default()
    }

    /// An INVITE of the target to a session between two; false when it is to none.
    pub(super) fn calls_between_two(&mut self, server: ServerId, message: &Message, uri: &str) -> bool {
        let contribution = message.header(&Name::ContributionId).unwrap_or_default();
        let Some(occasion) = self.occasions.values().find(|known| known.contribution == contribution).cloned() else {
            return false;
        };
        let key = identity_key(uri);
        // A message in a session of its own is taken by the client of a device, as a MESSAGE is.
        if Ensemble::is_large(&occasion) && !self.devices_at(uri, message).is_empty() {
            return false;
        }
        let remote =
            self.calls.iter().find(|(party, calls)| party.device.is_none() && identity_key(&calls.identity) == key);
        let reached: Vec<Party> = match remote {
            Some((party, _)) => vec![party.clone()],
            None => {
                let devices = self.devices_at(uri, message).into_iter();
                devices.map(|(person, device)| Party { person, device: Some(device) }).collect()
            }
        };
        let reached: Vec<Party> = reached.into_iter().filter(|party| self.calls.contains_key(party)).collect();
        match reached.len() {
            0 => self.signalling.refuse(server, 480),
            1 => {}
            several => self.signalling.fork(server, several),
        }
        for party in reached {
            self.with_calls(&party, |calls, signalling| calls.invited(signalling, server, message, &occasion));
        }
        true
    }
}
