//! What steps ask of the ensemble as a whole: who said what, who is where, let this device do that.

use super::Ensemble;
use super::client::LegState;
use super::client::joining::Joining;
use super::controlling_function::{Focus, Said};
use super::session::GROUP_SERVICE;
use super::signalling::DeviceKey;
use crate::evidence::{Event, MemberStatus};
use cpm_wire::conference_info::{EndpointStatus, Roster};
use cpm_wire::cpim;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::identity_key;

impl Ensemble {
    /// The first connected member of a group who is not a served user.
    pub fn first_member(&self, group: &str) -> Option<String> {
        let focus = self.focuses.get(group)?;
        let member = focus.members.iter().find(|member| member.status == MemberStatus::Connected)?;
        let person = self.people.values().find(|person| !person.served && person.identity() == member.entity)?;
        Some(person.name.clone())
    }

    /// True when a device takes part in a group, and both ends of its session carry messages.
    pub fn takes_part(&self, person: &str, device: &str, group: &str) -> bool {
        let Some(focus) = self.focuses.get(group) else { return false };
        let key = (person.to_owned(), device.to_owned());
        focus.carries(person) && self.devices.get(&key).is_some_and(|device| device.takes_part_in(&focus.contribution))
    }

    /// The served users and the groups, by name.
    pub fn cast(&self) -> (Vec<String>, Vec<String>) {
        let people = self.people.values().filter(|person| person.served).map(|person| person.name.clone());
        (people.collect(), self.focuses.keys().cloned().collect())
    }

    /// The Message-IDs of the odd items that were sent towards somebody in a group.
    pub fn odd_items(&self, person: &str, group: &str) -> Vec<String> {
        let odd = self.focuses.get(group).map(|focus| focus.odd.as_slice()).unwrap_or_default();
        odd.iter().filter(|(whose, _)| whose == person).map(|(_, id)| id.clone()).collect()
    }

    /// True when any device of a person takes part in a group.
    pub fn takes_part_anywhere(&self, person: &str, group: &str) -> bool {
        self.devices.keys().any(|(owner, device)| owner == person && self.takes_part(person, device, group))
    }

    /// The devices of a person leave a group of their own will.
    pub fn leaves(&mut self, person: &str, group: &str) {
        let Some(contribution) = self.focuses.get(group).map(|focus| focus.contribution.clone()) else { return };
        for (_, device) in self.devices.iter_mut().filter(|((owner, _), _)| owner == person) {
            device.leave_chat(&mut self.signalling, &contribution);
        }
    }

    /// Something that was said, and the group in which it was.
    pub fn said(&self, text: &str) -> Option<(String, Said)> {
        self.focuses.iter().find_map(|(name, focus)| {
            focus.said.iter().find(|said| said.text == text).map(|said| (name.clone(), said.clone()))
        })
    }

    /// A device says something in its session of a group; false when it has none.
    pub fn device_says(&mut self, key: &DeviceKey, group: &str, text: &str) -> bool {
        let Some(focus) = self.focuses.get(group) else { return false };
        let (contribution, uri) = (focus.contribution.clone(), focus.uri.clone());
        let Some(device) = self.devices.get_mut(key) else { return false };
        let Some((leg, _)) = device.leg_of(&contribution) else { return false };
        let signalling = &mut self.signalling;
        let message_id = signalling.ids.token();
        let envelope = cpim::Builder::new(&device.identity, &uri)
            .date_time(&signalling.now.to_rfc3339())
            .message_id(&message_id)
            .dispositions(&["positive-delivery", "display"])
            .content("text/plain; charset=utf-8", text.as_bytes().to_vec())
            .build();
        signalling.links.out.event(Event::Message {
            group: Some(group.to_owned()),
            label: text.to_owned(),
            message_id: message_id.clone(),
            author: device.identity.clone(),
            private_to: None,
        });
        device.say(signalling, leg, &message_id, envelope);
        true
    }

    /// A device invites itself to a group, or with a list calls the factory at `uri`.
    pub fn device_joins(
        &mut self,
        key: &DeviceKey,
        group: &str,
        factory: Option<(&str, Vec<String>)>,
        trigger: &str,
    ) -> bool {
        let Some(focus) = self.focuses.get(group) else { return false };
        let Some(device) = self.devices.get_mut(key) else { return false };
        let (uri, list) = match factory {
            Some((uri, list)) => (uri.to_owned(), Some(list)),
            // Where the device was told that the chat is; at its first coming, where the chat is.
            None => (device.whereabouts(&focus.contribution).unwrap_or(&focus.uri).to_owned(), None),
        };
        let joining = Joining { list, ..joining(focus, &uri) };
        self.signalling.links.out.event(Event::Reachable {
            person: key.0.clone(),
            device: key.1.clone(),
            yes: true,
            trigger: trigger.to_owned(),
        });
        device.join(&mut self.signalling, &joining);
        true
    }

    /// A device takes a session of a group over from another one of the same user, by its dialog or by the chat alone; false
    /// when the other has none.
    pub fn device_takes_over(
        &mut self,
        key: &DeviceKey,
        from: &DeviceKey,
        group: &str,
        names_the_dialog: bool,
    ) -> bool {
        let Some(focus) = self.focuses.get(group) else { return false };
        let Some(held) = self.devices.get(from).and_then(|device| device.newest_dialog(&focus.contribution)) else {
            return false;
        };
        let replaces = names_the_dialog.then(|| super::call::replaces(&held));
        let joining = Joining { replaces, ..joining(focus, &focus.uri) };
        let Some(device) = self.devices.get_mut(key) else { return false };
        self.signalling.links.out.event(Event::Reachable {
            person: key.0.clone(),
            device: key.1.clone(),
            yes: true,
            trigger: "takes a delivery over".to_owned(),
        });
        device.join(&mut self.signalling, &joining);
        true
    }

    /// A device refers its session of a group to another one of the same user; false when one is not there.
    pub fn device_refers(&mut self, from: &DeviceKey, to: &DeviceKey, group: &str) -> bool {
        let Some(contribution) = self.focuses.get(group).map(|focus| focus.contribution.clone()) else { return false };
        let Some(contact) = self.devices.get(to).map(|device| device.contact.clone()) else { return false };
        self.with_device(from, |device, signalling| device.refer(signalling, &contribution, &contact)).unwrap_or(false)
    }

    /// A device restarts a group at the factory with the members of the list that it holds, itself left out.
    pub fn device_restarts(&mut self, key: &DeviceKey, group: &str, factory: &str) -> bool {
        let Some(contribution) = self.focuses.get(group).map(|focus| focus.contribution.clone()) else { return false };
        let Some(device) = self.devices.get(key) else { return false };
        let own = identity_key(&device.identity);
        let held = device.list_held(&contribution, present);
        let members: Vec<String> = held.into_iter().filter(|member| identity_key(member) != own).collect();
        !members.is_empty() && self.device_joins(key, group, Some((factory, members)), "restart at the factory")
    }

    /// A device has learnt to chat, and says so when it registers next.
    pub fn chats_now(&mut self, key: &DeviceKey) {
        if let Some(mut device) = self.devices.remove(key) {
            device.can_chat = true;
            self.device(device);
        }
    }

    /// A device asks for somebody to be added to a group; false when it is in no session of it.
    pub fn device_adds(&mut self, key: &DeviceKey, group: &str, wanted: &str) -> bool {
        let wanted = self.remote_member(wanted);
        let Some(contribution) = self.focuses.get(group).map(|focus| focus.contribution.clone()) else { return false };
        self.with_device(key, |device, signalling| device.ask_to_add(signalling, &contribution, &wanted))
            .unwrap_or(false)
    }

    /// A device asks anew for the members of a group; false when it was never told where the group is.
    pub fn device_asks_for_members(&mut self, key: &DeviceKey, group: &str) -> bool {
        let Some(contribution) = self.focuses.get(group).map(|focus| focus.contribution.clone()) else { return false };
        self.with_device(key, |device, signalling| device.subscribe_anew(signalling, &contribution)).unwrap_or(false)
    }

    /// The focus of a group removes a served user.
    pub fn removes(&mut self, person: &str, group: &str) {
        let identity = self.identity_of(person);
        self.with_focus(group, |focus, signalling| focus.remove(signalling, person, &identity));
    }

    /// A member starts an ended group again, at a new focus and with everybody who was in it when it ended.
    pub fn starts_again(&mut self, inviter: &str, group: &str) {
        let inviter = self.remote_member(inviter);
        let people = self.with_focus(group, |focus, signalling| focus.begin_again(signalling)).unwrap_or_default();
        for person in people {
            let (identity, registered) = (self.identity_of(&person), self.is_registered(&person));
            self.with_focus(group, |focus, signalling| {
                focus.invite(signalling, &person, &identity, &inviter, registered);
            });
        }
    }

    /// True when a device of a person has acknowledged a message of a group.
    pub fn has_begun_to_receive(&self, person: &str, group: &str) -> bool {
        let Some(contribution) = self.focuses.get(group).map(|focus| &focus.contribution) else { return false };
        let devices = self.devices.iter().filter(|((owner, _), _)| owner == person).map(|(_, device)| device);
        devices
            .flat_map(|device| device.legs.values())
            .any(|leg| leg.contribution == *contribution && leg.acknowledged > 0)
    }

    /// True when the target has invited a device of a person to a chat, and that invitation has ended.
    pub fn has_tried(&self, person: &str, group: &str) -> bool {
        let Some(contribution) = self.focuses.get(group).map(|focus| &focus.contribution) else { return false };
        self.devices.iter().filter(|((owner, _), _)| owner == person).any(|(_, device)| {
            device.legs.values().any(|leg| leg.contribution == *contribution && leg.state == LegState::Ended)
        })
    }
}

/// The call with which a device comes to a chat.
pub(super) fn joining<'a>(focus: &'a Focus, uri: &'a str) -> Joining<'a> {
    Joining {
        uri,
        contribution: &focus.contribution,
        conversation: &focus.conversation,
        subject: &focus.subject,
        list: None,
        replaces: None,
        direction: Direction::SendRecv,
        service: GROUP_SERVICE,
    }
}

/// The members of a roster that are in the chat or on their way into it.
fn present(roster: &Roster) -> Vec<String> {
    let gone = |status: &EndpointStatus| matches!(status, EndpointStatus::Disconnected | EndpointStatus::Disconnecting);
    let members = roster.members().iter().filter(|(_, member)| !member.status().is_some_and(gone));
    members.map(|(entity, _)| entity.clone()).collect()
}
