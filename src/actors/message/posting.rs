//! Messages of a scenario, as the ensemble sees them: who sends one to whom, and whom a MESSAGE of the target reaches.

use super::letter::{Author, Letter};
use super::receiving::{Received, Taken, explained};
use super::{EXPLODER, Form, Sent};
use crate::actors::Ensemble;
use crate::actors::call::{Answering, Occasion, Party, Service};
use crate::actors::client::Conduct;
use crate::actors::client::deferred::Waits;
use crate::actors::client::reports::{delivered, notification_envelope};
use crate::actors::serving_cscf::{Served, host_of};
use crate::actors::session::{MESSAGE_SERVICE, feature_tag};
use crate::actors::signalling::{Purpose, Signalling};
use crate::evidence::Event;
use bytes::Bytes;
use cpm_wire::imdn::Notification;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name, identity_key};
use cpm_wire::transaction::ServerId;

/// To whom a message goes.
#[derive(Clone, Debug)]
pub struct Addressed {
    /// The persons, by name: one, or those of a list.
    pub to: Vec<String>,
    /// Whether it goes to a list, even of one.
    pub is_list: bool,
    /// Whether the one is addressed by telephone number.
    pub by_number: bool,
}

impl Ensemble {
    /// Writes down that a message is about to be sent, and lets the session be known that it may travel in.
    pub fn announce(&mut self, author: &str, to: &[String], letter: &Letter) {
        let enveloped = letter.form == Form::Enveloped;
        self.signalling.links.out.event(Event::Standalone {
            label: letter.label.clone(),
            message_id: enveloped.then(|| letter.message_id.clone()),
            contribution: letter.contribution.clone(),
            conversation: letter.conversation.clone(),
            author: author.to_owned(),
            to: to.to_vec(),
        });
        self.sent.push(Sent {
            label: letter.label.clone(),
            author: author.to_owned(),
            to: to.to_vec(),
            date_time: self.signalling.now.to_rfc3339(),
            waits: Waits {
                contribution: letter.contribution.clone(),
                conversation: letter.conversation.clone(),
                message_id: letter.message_id.clone(),
            },
        });
        let occasion = Occasion {
            name: letter.label.clone(),
            contribution: letter.contribution.clone(),
            conversation: letter.conversation.clone(),
            service: if to.len() > 1 { Service::LargeList } else { Service::LargeMessage },
        };
        self.occasions.insert(letter.label.clone(), occasion);
    }

    /// One end sends a MESSAGE; false when somebody is not there.
    pub fn posts(&mut self, author: &Party, addressed: &Addressed, letter: &Letter) -> bool {
        let Some((uri, list)) = self.addresses(addressed) else { return false };
        let Some((identity, served_name)) = self.on_whose_behalf(author, addressed) else { return false };
        let registered = self.is_registered(&served_name);
        let served_identity = self.identity_of(&served_name);
        self.announce(&author.person, &addressed.to, letter);
        let served = Served { identity: &served_identity, originating: author.device.is_some(), registered };
        let author = Author { identity: &identity, host: host_of(self.signalling.cscf.address) };
        let request = letter.request(&mut self.signalling, &author, (&uri, &list), &served);
        self.signalling.request(request, Purpose::Plain);
        true
    }

    /// One end calls for a session of large message mode; false when somebody is not there. What is to be said in it is
    /// said once it stands.
    pub fn calls_with(&mut self, author: &Party, addressed: &Addressed, letter: &Letter) -> bool {
        let Some((uri, list)) = self.addresses(addressed) else { return false };
        let Some((_, served_name)) = self.on_whose_behalf(author, addressed) else { return false };
        let registered = self.is_registered(&served_name);
        let served_identity = self.identity_of(&served_name);
        self.announce(&author.person, &addressed.to, letter);
        let Some(occasion) = self.occasions.get(&letter.label).cloned() else { return false };
        let served = Served { identity: &served_identity, originating: author.device.is_some(), registered };
        self.with_calls(author, |calls, signalling| {
            let usual = calls.manner.clone();
            calls.manner.direction = Direction::SendOnly;
            calls.manner.addressees = list;
            calls.manner.naming = letter.naming;
            calls.manner.more = letter.more.clone();
            calls.manner.asks_for = letter.asks_for;
            calls.invite(signalling, &occasion, &uri, &served);
            calls.manner = usual;
        })
        .is_some()
    }

    /// Says what is in a letter in the session that its author has called for; false where that does not stand.
    pub fn says_in_session(&mut self, author: &Party, addressed: &Addressed, letter: &Letter) -> bool {
        let Some((uri, _)) = self.addresses(addressed) else { return false };
        let identity = self.identity_of(&author.person);
        let said = self.with_calls(author, |calls, signalling| {
            let envelope = letter.envelope(&identity, &uri, &signalling.now.to_rfc3339());
            calls.sends_envelope(signalling, &letter.label, &letter.message_id, envelope)
        });
        said == Some(true)
    }

    /// The identity of somebody, who is of another network where nobody is called so yet.
    pub fn somebody(&mut self, name: &str) -> String {
        if self.people.contains_key(name) { self.identity_of(name) } else { self.remote_member(name) }
    }

    /// The Request-URI of a message, and the identities of a list.
    fn addresses(&mut self, addressed: &Addressed) -> Option<(String, Vec<String>)> {
        let mut identities: Vec<String> = Vec::new();
        for name in &addressed.to {
            let identity = self.somebody(name);
            // No two entries of a list have the same URI (RFC 4826 section 3.2): who is named twice is spelled in two ways.
            let again = identities.contains(&identity);
            identities.push(if again { spelled_otherwise(&identity) } else { identity });
        }
        if addressed.is_list {
            return Some((self.customs.exploder.clone(), identities));
        }
        let name = addressed.to.first()?;
        let number = self.people.get(name)?.identities.iter().find(|identity| identity.starts_with("tel:"));
        let uri = if addressed.by_number { number.cloned()? } else { identities.first().cloned()? };
        Some((uri, Vec::new()))
    }

    /// The identity of an author, and the name of the user for whom the target acts.
    fn on_whose_behalf(&mut self, author: &Party, addressed: &Addressed) -> Option<(String, String)> {
        let served = match author.device {
            Some(_) => author.person.clone(),
            None => {
                self.remote_member(&author.person);
                addressed.to.first()?.clone()
            }
        };
        Some((self.identity_of(&author.person), served))
    }

    /// A MESSAGE of the target that goes to devices of a served user: to one, or to all that the serving CSCF finds under
    /// the user's name. False when there is none.
    pub(in crate::actors) fn message_to_devices(&mut self, server: ServerId, message: &Message, uri: &str) -> bool {
        let devices = self.devices_at(uri, message);
        if devices.len() > 1 {
            self.signalling.fork(server, devices.len());
        }
        for key in &devices {
            self.with_device(key, |device, signalling| device.message(signalling, server, message));
        }
        !devices.is_empty()
    }

    /// A MESSAGE of the target that leaves the home network, or goes to the exploder; false when nobody is there.
    pub(in crate::actors) fn message_to_network(&mut self, server: ServerId, message: &Message, uri: &str) -> bool {
        let key = identity_key(uri);
        if key == identity_key(&self.customs.exploder) {
            self.signalling.refuse(server, 202);
            return true;
        }
        let at = |person: &&crate::actors::Person| {
            !person.served && person.identities.iter().any(|own| identity_key(own) == key)
        };
        let Some(name) = self.people.values().find(at).map(|person| person.name.clone()) else { return false };
        let remote = self.remotes.entry(name.clone()).or_default();
        let receiving = remote.receiving;
        match receiving.take(message) {
            Taken::Ignored => {}
            Taken::Refused(status) => refuse(&mut self.signalling, server, status),
            Taken::Accepted(received) => {
                remote.received.extend(received.clone());
                self.signalling.refuse(server, 200);
                if let Some(received) = received.filter(|it| receiving.reports && it.asks_for("positive-delivery")) {
                    let sent = received.date_time.clone().unwrap_or_else(|| self.signalling.now.to_rfc3339());
                    self.remote_reports(&name, &received, &delivered(&received.message_id, &sent));
                }
            }
        }
        true
    }

    /// A user of another network tells the author of a message what became of it.
    pub fn remote_reports(&mut self, name: &str, received: &Received, notification: &Notification) {
        let (identity, author) = (self.identity_of(name), received.author.clone());
        let envelope = notification_envelope(&mut self.signalling, &identity, &author, notification);
        self.remote_posts_document(name, &author, envelope);
    }

    /// A user of another network sends a document in its envelope to a served user.
    pub fn remote_posts_document(&mut self, name: &str, to: &str, envelope: Bytes) {
        let identity = self.identity_of(name);
        self.posts_document_as(&identity, to, envelope);
    }

    /// The network sends a served user a document in its envelope, on behalf of this identity.
    pub(in crate::actors) fn posts_document_as(&mut self, identity: &str, to: &str, envelope: Bytes) {
        let key = identity_key(to);
        let is_it = |person: &&crate::actors::Person| person.identities.iter().any(|own| identity_key(own) == key);
        let served = self.people.values().filter(|person| person.served).find(is_it).map(|person| person.name.clone());
        let registered = served.is_some_and(|served| self.is_registered(&served));
        let cscf = self.signalling.cscf.clone();
        let served = Served { identity: to, originating: false, registered };
        let host = host_of(cscf.address);
        let request = cscf
            .initial(&mut self.signalling.ids, Method::Message, to, &served, &host)
            .header(Name::From, format!("<{identity}>;tag={}", self.signalling.ids.token()))
            .header(Name::To, format!("<{to}>"))
            .header(Name::PAssertedIdentity, format!("<{identity}>"))
            .header(Name::PAssertedService, MESSAGE_SERVICE)
            .header(Name::AcceptContact, format!("*;{}", feature_tag(MESSAGE_SERVICE)))
            .header(Name::ConversationId, self.signalling.ids.uuid())
            .header(Name::ContributionId, self.signalling.ids.digits32())
            .body("message/cpim", envelope)
            .build();
        self.signalling.request(request, Purpose::Plain);
    }

    /// What a user of another network does with messages from now on, in either mode.
    pub fn remote_takes(&mut self, name: &str, conduct: Conduct) {
        self.remotes.entry(name.to_owned()).or_default().receiving.conduct = conduct;
        let called = match conduct {
            Conduct::Accept => Answering::Accept,
            Conduct::Ring => Answering::Ring,
            Conduct::Refuse(status) => Answering::Refuse(status),
        };
        let party = Party { person: name.to_owned(), device: None };
        self.with_calls(&party, |calls, _| calls.manner.called = called);
    }

    /// Whether a session of large message mode for a device of a served user is its client's own matter.
    pub(in crate::actors) fn is_large(occasion: &Occasion) -> bool {
        matches!(occasion.service, Service::LargeMessage | Service::LargeList)
    }

    /// The end at the exploder of lists, for sessions of large message mode.
    pub fn exploder_end(&mut self, media: crate::actors::media::Media) -> Party {
        let identity = self.customs.exploder.clone();
        let contact = format!("sip:{}@{}", self.signalling.ids.token(), self.signalling.cscf.advertise);
        let party = Party { person: EXPLODER.to_owned(), device: None };
        self.calls
            .insert(party.clone(), crate::actors::call::Calls::new(party.clone(), &identity, contact, None, media));
        party
    }

    /// Writes a letter.
    pub fn letter(&mut self, text: &str) -> Letter {
        Letter::new(&mut self.signalling, text)
    }
}

/// The same URI with its host in capital letters, which makes no difference (RFC 3261 section 19.1.4).
fn spelled_otherwise(uri: &str) -> String {
    match uri.split_once('@') {
        Some((user, host)) => format!("{user}@{}", host.to_ascii_uppercase()),
        None => uri.to_owned(),
    }
}

/// Refuses a MESSAGE, and says what would be taken.
pub(in crate::actors) fn refuse(signalling: &mut Signalling, server: ServerId, status: u16) {
    let tag = signalling.ids.token();
    signalling.answer(server, status, &tag, |response| match explained(status) {
        Some((name, value)) => response.header(name, value),
        None => response,
    });
}
