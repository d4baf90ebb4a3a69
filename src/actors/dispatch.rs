//! From the wire to the actor: which of the neighbours a message of the target is meant for.

use super::Ensemble;
use super::client::Client;
use super::client::deferred::DEFERRED_PACKAGE;
use super::controlling_function::Focus;
use super::signalling::{DeviceKey, Purpose, Signalling};
use crate::evidence::ChatKind;
use cpm_wire::endpoint::{Peer, Protocol};
use cpm_wire::sip::{Message, Method, Name, Tokenized, Uri, identity_key};
use cpm_wire::time::Time;
use cpm_wire::transaction::{Event, Output, ServerId};

impl Ensemble {
    /// The conference factory has this service identity.
    pub fn makes_groups_at(&mut self, identity: &str) {
        self.factory = Some(identity_key(identity));
    }

    fn is_factory(&self, uri: &str) -> bool {
        self.factory.as_ref().is_some_and(|factory| *factory == identity_key(uri))
    }

    /// Takes a SIP message that the target sent to the serving CSCF.
    pub fn receive_sip(&mut self, now: Time, message: Message, peer: Peer) {
        self.signalling.now = now;
        let reliable = peer.protocol == Protocol::Tcp;
        let back = if message.is_request() { Signalling::way_back(&message, &peer) } else { peer };
        self.signalling.layer.receive(now, message, back, reliable);
        self.settle();
    }

    /// Handles whatever the transaction layer has to say until it is silent.
    pub fn settle(&mut self) {
        loop {
            while let Some(output) = self.signalling.layer.poll_output() {
                match output {
                    Output::Send { message, peer } => self.signalling.transmit(message, peer),
                    Output::Event(event) => self.event(event),
                }
            }
            if !self.tell_losers() && !self.follow_wishes() && !self.tell_lists() && !self.carry_on() {
                return;
            }
        }
    }

    fn event(&mut self, event: Event<Peer>) {
        match event {
            Event::Request { server, message, peer } => self.request(server, message, peer),
            Event::Cancel { server, invite, message, peer } => self.cancel(server, invite, message, peer),
            Event::Ack { message, .. } => {
                if self.calls.values_mut().any(|calls| calls.acknowledged(&mut self.signalling, &message)) {
                    return;
                }
                for device in self.devices.values_mut() {
                    if device.acknowledged(&mut self.signalling, &message) {
                        break;
                    }
                }
            }
            Event::Response { client, message, .. } => {
                let status = message.status().unwrap_or_default();
                if let Some(purpose) = self.signalling.purpose(client, status) {
                    self.answered(purpose, &message);
                }
            }
            Event::Timeout { client, .. } | Event::TransportError { client, .. } => {
                match self.signalling.purpose(client, 408) {
                    Some(Purpose::Invite { group, person }) => {
                        if let Some(focus) = self.focuses.get_mut(&group) {
                            focus.invite_unanswered(&person);
                        }
                    }
                    Some(Purpose::Notify { group, subscription }) => {
                        if let Some(focus) = self.focuses.get_mut(&group) {
                            focus.unwatched(subscription);
                        }
                    }
                    Some(Purpose::Deliver { person, leg }) => {
                        self.with_home(&person, |home, _| home.unanswered(leg));
                    }
                    Some(Purpose::Call { party, call }) => {
                        self.with_calls(&party, |calls, signalling| calls.unanswered(signalling, call));
                    }
                    Some(Purpose::Presence { person, watch }) => self.told_presence(&person, watch, None),
                    Some(Purpose::Register { there, .. }) => self.core_silent(there),
                    _ => {}
                }
            }
            // The base rules read both in the evidence.
            Event::Unacknowledged { .. } | Event::StrayResponse { .. } => {}
        }
    }

    fn answered(&mut self, purpose: Purpose, answer: &Message) {
        match purpose {
            Purpose::Invite { group, person } => {
                let identity = self.identity_of(&person);
                self.with_focus(&group, |focus, signalling| {
                    focus.invite_answered(signalling, &person, &identity, answer)
                });
            }
            Purpose::Deliver { person, leg } => {
                self.with_home(&person, |home, signalling| home.answered(signalling, leg, answer));
            }
            Purpose::Call { party, call } => {
                self.with_calls(&party, |calls, signalling| calls.answered(signalling, call, answer));
            }
            Purpose::Join { device, leg } => {
                self.with_device(&device, |device, signalling| device.join_answered(signalling, leg, answer));
            }
            Purpose::Subscribe { device, subscription } => {
                self.with_device(&device, |device, signalling| device.subscribed(signalling, subscription, answer));
            }
            Purpose::Watch { device } => {
                self.with_device(&device, |device, signalling| device.watch_answered(signalling, answer));
            }
            Purpose::Notify { group, subscription } => {
                let status = answer.status().unwrap_or_default();
                self.with_focus(&group, |focus, signalling| match status {
                    0..200 => {}
                    481 => focus.unwatched(subscription),
                    _ => focus.notified(signalling, subscription),
                });
                if status >= 200 {
                    for home in self.homes.values_mut() {
                        home.list_told(&mut self.signalling, &group);
                    }
                }
            }
            Purpose::Register { device, there: true } if answer.status().is_some_and(|s| (200..300).contains(&s)) => {
                self.with_device(&device, |device, _| device.registered_anew());
            }
            Purpose::Register { device, there } => self.core_answered(&device, there, answer),
            Purpose::Presence { person, watch } if answer.status().is_some_and(|status| status >= 200) => {
                self.told_presence(&person, watch, Some(answer));
            }
            Purpose::Presence { .. } | Purpose::Plain => {}
        }
    }

    fn cancel(&mut self, server: ServerId, invite: Option<ServerId>, message: Message, peer: Peer) {
        self.signalling.keep(server, message, peer);
        let Some(invite) = invite else {
            self.signalling.refuse(server, 481);
            return;
        };
        self.signalling.refuse(server, 200);
        self.stop_ringing(invite);
    }

    fn stop_ringing(&mut self, invite: ServerId) {
        for device in self.devices.values_mut() {
            device.cancelled(&mut self.signalling, invite);
        }
        for calls in self.calls.values_mut() {
            calls.cancelled(&mut self.signalling, invite);
        }
    }

    /// Where the serving CSCF forked an invitation and one device has decided it, the others ring no longer (RFC 3261
    /// section 16.7, steps 5 and 10); true when there was such an invitation. What was said meanwhile has crossed.
    fn tell_losers(&mut self) -> bool {
        let decided = self.signalling.take_decided_forks();
        decided.iter().for_each(|invite| self.stop_ringing(*invite));
        !decided.is_empty()
    }

    fn request(&mut self, server: ServerId, message: Message, peer: Peer) {
        self.signalling.keep(server, message.clone(), peer);
        if message.method() == Method::Register && self.registers(server, &message, Some(&peer)) {
            return;
        }
        if message.to_tag().is_some() {
            self.in_dialog(server, &message);
        } else {
            self.initial(server, &message);
        }
    }

    fn in_dialog(&mut self, server: ServerId, message: &Message) {
        if message.method() == Method::Notify {
            for device in self.devices.values_mut() {
                if device.notified(&mut self.signalling, server, message)
                    || device.word_came(&mut self.signalling, server, message)
                {
                    return;
                }
            }
        }
        if message.method() == Method::Subscribe {
            for focus in self.focuses.values_mut() {
                if focus.watched_again(&mut self.signalling, server, message) {
                    return;
                }
            }
            if self.watch_registration_again(server, message)
                || self.watch_documents_again(server, message)
                || self.watch_presence_again(server, message)
            {
                return;
            }
        }
        for home in self.homes.values_mut() {
            if home.in_dialog(&mut self.signalling, server, message) {
                return;
            }
        }
        for calls in self.calls.values_mut() {
            if calls.in_dialog(&mut self.signalling, server, message) {
                return;
            }
        }
        let people = &self.people;
        let identity_of = |name: &str| people.get(name).map(|person| person.identity().to_owned()).unwrap_or_default();
        for focus in self.focuses.values_mut() {
            if focus.in_dialog(&mut self.signalling, server, message, &identity_of) {
                return;
            }
        }
        for device in self.devices.values_mut() {
            if device.in_dialog(&mut self.signalling, server, message) {
                return;
            }
        }
        self.signalling.refuse(server, 481);
    }

    fn initial(&mut self, server: ServerId, message: &Message) {
        let uri = message.request_uri().unwrap_or_default().to_owned();
        if self.at_interworking(server, message) {
            return;
        }
        if let Some(group) = self.group_at(&uri) {
            self.at_focus(&group, server, message);
            return;
        }
        if self.is_factory(&uri) {
            self.at_factory(server, message);
            return;
        }
        match message.method() {
            Method::Subscribe if message.event().is_some_and(|event| event.value == "reg") => {
                self.watch_registration(server, message);
            }
            Method::Subscribe if self.watch_documents(server, message) => {}
            Method::Subscribe if self.watch_presence(server, message) => {}
            Method::Publish if self.publishes(server, message) => {}
            Method::Invite => self.invites(server, message, &uri),
            Method::Message if self.message_to_devices(server, message, &uri) => {}
            Method::Message if self.message_to_network(server, message, &uri) => {}
            Method::Options if !self.devices_at(&uri, message).is_empty() => self.signalling.refuse(server, 200),
            Method::Message | Method::Options => self.signalling.refuse(server, 480),
            Method::Notify if is_word(message) => self.word_unasked(server, message, &uri),
            // A NOTIFY that makes its dialog before the 2xx of the SUBSCRIBE (RFC 6665 section 4.4.1) has a To tag.
            Method::Notify => self.signalling.refuse(server, 481),
            Method::Subscribe => {
                let tag = self.signalling.ids.token();
                let known = if self.served.is_some() { "conference, reg, xcap-diff" } else { "conference, reg" };
                self.signalling.answer(server, 489, &tag, |response| response.header(Name::AllowEvents, known));
            }
            _ => {
                let tag = self.signalling.ids.token();
                self.signalling.answer(server, 405, &tag, |response| {
                    response.header(Name::Allow, "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, SUBSCRIBE, NOTIFY")
                });
            }
        }
    }

    /// An invitation to the user at large goes to every device; one to a device, to that one.
    fn invites(&mut self, server: ServerId, message: &Message, uri: &str) {
        if self.calls_between_two(server, message, uri) {
            return;
        }
        let branches = self.devices_at(uri, message);
        match branches.len() {
            0 => return self.signalling.refuse(server, 480),
            1 => {}
            several => self.signalling.fork(server, several),
        }
        for key in branches {
            self.with_device(&key, |device, signalling| device.invited(signalling, server, message));
        }
    }

    fn at_focus(&mut self, group: &str, server: ServerId, message: &Message) {
        match message.method() {
            // The group has moved to another focus since.
            Method::Invite | Method::Subscribe if self.has_moved(group, message) => {
                self.signalling.refuse(server, 404);
            }
            Method::Invite => {
                let Some((person, identity)) = self.caller(message) else {
                    self.signalling.refuse(server, 403);
                    return;
                };
                self.with_focus(group, |focus, signalling| {
                    focus.called(signalling, server, message, &person, &identity)
                });
            }
            Method::Subscribe => {
                self.with_focus(group, |focus, signalling| focus.watched(signalling, server, message));
            }
            // A report, or a message to the group, outside any session.
            Method::Message | Method::Options => self.signalling.refuse(server, 200),
            _ => self.signalling.refuse(server, 481),
        }
    }

    /// The conference factory makes a focus for a chat that is (re)started: the tester gives the old group a new one.
    fn at_factory(&mut self, server: ServerId, message: &Message) {
        let contribution = message.header(&Name::ContributionId).unwrap_or_default().to_owned();
        *self.factory_calls.entry(contribution.clone()).or_default() += 1;
        let group =
            self.focuses.iter().find(|(_, focus)| focus.contribution == contribution).map(|(name, _)| name.clone());
        let (Some(group), Some((person, identity)), Method::Invite) = (group, self.caller(message), message.method())
        else {
            self.signalling.refuse(server, 403);
            return;
        };
        // A closed group is not made again by a member.
        if self.focuses.get(&group).is_none_or(|focus| focus.kind != ChatKind::Open) {
            self.signalling.refuse(server, 403);
            return;
        }
        self.with_focus(&group, |focus, signalling| {
            focus.begin_again(signalling);
            focus.called(signalling, server, message, &person, &identity);
        });
    }

    fn caller(&self, message: &Message) -> Option<(String, String)> {
        let asserted = message.asserted_identities().filter_map(Result::ok).map(|address| identity_key(address.uri));
        let from = message.from().ok().map(|from| identity_key(from.uri));
        let keys: Vec<String> = asserted.chain(from).collect();
        let found = self.people.values().find(|person| {
            person.served && person.identities.iter().any(|identity| keys.contains(&identity_key(identity)))
        })?;
        Some((found.name.clone(), found.identity().to_owned()))
    }

    fn group_at(&self, uri: &str) -> Option<String> {
        let key = identity_key(uri);
        let at = |focus: &Focus| focus.former.iter().chain([&focus.uri]).any(|uri| identity_key(uri) == key);
        self.focuses.iter().find(|(_, focus)| at(focus)).map(|(name, _)| name.clone())
    }

    /// True when a request is for an identity that the group had before it was started again.
    fn has_moved(&self, group: &str, message: &Message) -> bool {
        let key = message.request_uri().map(identity_key).unwrap_or_default();
        self.focuses.get(group).is_some_and(|focus| identity_key(&focus.uri) != key)
    }

    /// The devices that a request is for, in any of the four addressings: contact, GRUU and instance name one; the public
    /// identity all that can chat, or if there is none, all.
    pub(super) fn devices_at(&self, uri: &str, message: &Message) -> Vec<DeviceKey> {
        let key = identity_key(uri);
        let gruu = match Uri::parse(uri) {
            Ok(Uri::Sip(sip)) => sip.params.get("gr").flatten().map(|instance| instance.to_string()),
            _ => None,
        };
        let named = gruu.or_else(|| message.tokenized(&Name::AcceptContact).find_map(instance_in));
        let at_contact = |device: &Client| identity_key(&device.contact) == key;
        let registered: Vec<(&DeviceKey, &Client)> = self
            .devices
            .iter()
            .filter(|(_, device)| device.registered)
            .filter(|(_, device)| at_contact(device) || self.identifies(device.key.0.as_str(), &key))
            .collect();
        let is_meant = |device: &Client| {
            at_contact(device) || named.as_ref().is_some_and(|instance| device.instance.eq_ignore_ascii_case(instance))
        };
        let pick = |wanted: &dyn Fn(&Client) -> bool| -> Vec<DeviceKey> {
            registered.iter().filter(|(_, device)| wanted(device)).map(|(key, _)| (*key).clone()).collect()
        };
        [pick(&is_meant), pick(&|device| device.can_chat), pick(&|_| true)]
            .into_iter()
            .find(|devices| !devices.is_empty())
            .unwrap_or_default()
    }

    fn identifies(&self, person: &str, key: &str) -> bool {
        self.people.get(person).is_some_and(|person| person.identities.iter().any(|own| identity_key(own) == key))
    }
}

fn instance_in(accept_contact: Tokenized<'_>) -> Option<String> {
    let instance = accept_contact.params.get("+sip.instance").flatten()?;
    Some(instance.trim_matches(['<', '>']).to_owned())
}

/// Whether a NOTIFY is about messages that wait.
fn is_word(message: &Message) -> bool {
    message.event().is_some_and(|event| event.value.eq_ignore_ascii_case(DEFERRED_PACKAGE))
}
