//! Who takes part: the persons, devices and groups of a scenario as the stage announced them, and what it did to them.
//!
//! Everything else in the story is read from octets; this is what the octets are told apart by.

use std::collections::{BTreeMap, BTreeSet};

use cpm_wire::sip::{Uri, identity_key};

use crate::evidence::{ChatKind, Event, Member};

/// A user. Only a served user has devices of the tester; the others are played by the focus.
#[derive(Clone, Debug)]
pub struct Person {
    /// The name in the feature file.
    pub name: String,
    /// Whether the target serves this user.
    pub served: bool,
    /// The public identities in canonical form.
    pub identities: BTreeSet<String>,
}

/// A device of a served user.
#[derive(Clone, Debug)]
pub struct Device {
    /// Whose it is.
    pub person: String,
    /// Its name in the feature file.
    pub name: String,
    /// Its `+sip.instance`.
    pub instance: String,
    /// The registered contact.
    pub contact: String,
}

/// A group and all that named it in the course of the scenario.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The name in the feature file.
    pub name: String,
    /// Contribution-IDs; one for the whole life of the chat, as a rule.
    pub contributions: BTreeSet<String>,
    /// Conversation-IDs.
    pub conversations: BTreeSet<String>,
    /// Canonical URIs of its group session identities, the newest last.
    pub foci: Vec<String>,
    /// The frames from which these are in force.
    pub opened: Vec<u64>,
    /// What sort of chat it is.
    pub kind: ChatKind,
    /// What the focus held true of its members, and from which frame on.
    pub rosters: Vec<(u64, Vec<Member>)>,
    /// The frame in which it ended.
    pub ended: Option<u64>,
}

/// A client that is the target.
#[derive(Clone, Debug)]
pub struct Client {
    /// Whose it is.
    pub person: String,
    /// Its name in the feature file.
    pub device: String,
}

/// A trigger given, or withdrawn.
#[derive(Clone, Debug)]
pub struct Reachability {
    /// When.
    pub frame: u64,
    /// Whose device.
    pub person: String,
    /// Which device.
    pub device: String,
    /// Given, or withdrawn.
    pub yes: bool,
}

/// How a message is called in findings.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its name or first words.
    pub label: String,
    /// Who wrote it.
    pub author: String,
    /// In which chat.
    pub group: Option<String>,
    /// For whom alone it is.
    pub private_to: Option<String>,
}

/// A member who hides.
#[derive(Clone, Debug)]
pub struct Hidden {
    /// In which chat.
    pub group: String,
    /// The public identity that nobody may learn.
    pub identity: String,
    /// The URI by which the others know the member.
    pub alias: String,
}

/// The persons, devices and groups of one scenario.
#[derive(Debug, Default)]
pub struct Cast {
    people: BTreeMap<String, Person>,
    devices: Vec<Device>,
    clients: Vec<Client>,
    groups: BTreeMap<String, Group>,
    reachable: Vec<Reachability>,
    lost: Vec<Reachability>,
    invited: Vec<(u64, String, String)>,
    labels: BTreeMap<String, Label>,
    aborted: BTreeSet<String>,
    hidden: Vec<Hidden>,
    killed: Vec<u64>,
    wished: Vec<(u64, String)>,
    interworking: Option<String>,
}

impl Cast {
    pub(super) fn observe(&mut self, frame: u64, event: &Event) {
        match event {
            Event::Person { name, served, identities, .. } => self.person_appears(name, *served, identities),
            Event::Device { person, device, instance, contact, .. } => {
                self.devices.retain(|known| known.person != *person || known.name != *device);
                self.devices.push(Device {
                    person: person.clone(),
                    name: device.clone(),
                    instance: instance.clone(),
                    contact: contact.clone(),
                });
            }
            Event::ClientUnderTest { person, device } => {
                self.clients.push(Client { person: person.clone(), device: device.clone() });
            }
            Event::Group { group, contribution, conversation, focus, kind, .. } => {
                let known = self.group_mut(group);
                known.contributions.insert(contribution.clone());
                known.conversations.insert(conversation.clone());
                known.foci.push(identity_key(focus));
                known.opened.push(frame);
                known.kind = *kind;
                known.ended = None;
            }
            Event::Roster { group, members } => self.group_mut(group).rosters.push((frame, members.clone())),
            Event::GroupEnded { group } => self.group_mut(group).ended = Some(frame),
            Event::Invited { group, person } => self.invited.push((frame, group.clone(), person.clone())),
            Event::Message { group, label, message_id, author, private_to } => {
                let label = Label {
                    label: label.clone(),
                    author: author.clone(),
                    group: group.clone(),
                    private_to: private_to.clone(),
                };
                self.labels.insert(message_id.clone(), label);
            }
            Event::Aborted { message_id } => {
                self.aborted.insert(message_id.clone());
            }
            Event::Hidden { group, identity, alias } => {
                self.hidden.push(Hidden { group: group.clone(), identity: identity.clone(), alias: alias.clone() })
            }
            Event::Reachable { person, device, yes, .. } => {
                self.reachable.push(Reachability { frame, person: person.clone(), device: device.clone(), yes: *yes });
            }
            Event::Lost { person, device, .. } => {
                self.lost.push(Reachability { frame, person: person.clone(), device: device.clone(), yes: false });
            }
            Event::Preferred { person, .. } => self.wished.push((frame, person.clone())),
            Event::InterworkingFunction { identity } => self.interworking = Some(identity_key(identity)),
            Event::Target { what } if what.contains("kill") => self.killed.push(frame),
            _ => {}
        }
    }

    fn person_appears(&mut self, name: &str, served: bool, identities: &[String]) {
        let person = self.people.entry(name.to_owned()).or_insert_with(|| Person {
            name: name.to_owned(),
            served,
            identities: BTreeSet::new(),
        });
        person.served = served;
        person.identities.extend(identities.iter().map(|identity| identity_key(identity)));
    }

    fn group_mut(&mut self, name: &str) -> &mut Group {
        self.groups.entry(name.to_owned()).or_insert_with(|| Group { name: name.to_owned(), ..Group::default() })
    }

    /// The person of this name.
    pub fn person(&self, name: &str) -> Option<&Person> {
        self.people.get(name)
    }

    /// The clients under test. None where the target is a participating function.
    pub fn clients(&self) -> &[Client] {
        &self.clients
    }

    /// The group of this name.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// Whose public identity a URI is, whatever its parameters (a public GRUU is one with parameters).
    pub fn person_of(&self, uri: &str) -> Option<&Person> {
        let key = identity_key(uri);
        self.people.values().find(|person| person.identities.contains(&key))
    }

    /// The served user whom a URI addresses: by public identity, GRUU or registered contact.
    pub fn addressed(&self, uri: &str) -> Option<(&str, Option<&Device>)> {
        if let Some(device) = self.device_at(uri) {
            return Some((&device.person, Some(device)));
        }
        let person = self.person_of(uri).filter(|person| person.served)?;
        Some((&person.name, None))
    }

    /// The device that registered this contact.
    pub fn device_at(&self, uri: &str) -> Option<&Device> {
        let uri = Uri::parse(uri).ok()?;
        self.devices.iter().find(|device| Uri::parse(&device.contact).is_ok_and(|contact| same_address(&contact, &uri)))
    }

    /// The device of a person with this `+sip.instance`, however it is quoted.
    pub fn device_with(&self, instance: &str) -> Option<&Device> {
        let bare = bare_instance(instance);
        self.devices.iter().find(|device| bare_instance(&device.instance) == bare)
    }

    /// The group that a contribution names; failing that, the one that the conversation names.
    pub fn group_of(&self, contribution: Option<&str>, conversation: Option<&str>) -> Option<&Group> {
        contribution
            .and_then(|id| self.groups.values().find(|group| group.contributions.contains(id)))
            .or_else(|| conversation.and_then(|id| self.groups.values().find(|g| g.conversations.contains(id))))
    }

    /// The group whose session identity a URI is.
    pub fn group_at(&self, uri: &str) -> Option<&Group> {
        let key = identity_key(uri);
        self.groups.values().find(|group| group.foci.contains(&key))
    }

    /// Triggers that were given or withdrawn for a person's devices, in order.
    pub fn reachability<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a Reachability> {
        self.reachable.iter().filter(move |change| change.person == person)
    }

    /// The frames in which a device of the person was lost: its connection broken, itself made deaf, or its registration
    /// withdrawn.
    pub fn losses(&self, person: &str) -> Vec<u64> {
        let withdrawn = self.reachable.iter().filter(|change| !change.yes);
        let all = self.lost.iter().chain(withdrawn).filter(|change| change.person == person);
        let mut losses = all.map(|change| change.frame).collect::<Vec<_>>();
        losses.sort_unstable();
        losses
    }

    /// The frames in which this device of the person was lost.
    pub fn losses_of(&self, person: &str, device: &str) -> Vec<u64> {
        let withdrawn = self.reachable.iter().filter(|change| !change.yes);
        let all = self.lost.iter().chain(withdrawn);
        let of_device = all.filter(|change| change.person == person && change.device == device);
        let mut losses = of_device.map(|change| change.frame).collect::<Vec<_>>();
        losses.sort_unstable();
        losses
    }

    /// The frame in which the person was first invited to the group.
    pub fn invited(&self, group: &str, person: &str) -> Option<u64> {
        self.invited.iter().find(|(_, g, p)| g == group && p == person).map(|(frame, ..)| *frame)
    }

    /// How findings call the message with this `imdn.Message-ID`.
    pub fn label(&self, message_id: &str) -> Option<&Label> {
        self.labels.get(message_id)
    }

    /// imdn.Message-IDs of the messages that are called so.
    pub fn called<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a str> {
        self.labels.iter().filter(move |(_, known)| known.label == label).map(|(id, _)| id.as_str())
    }

    /// Whether this person wrote the message with this `imdn.Message-ID`.
    pub fn is_author(&self, message_id: &str, name: &str) -> bool {
        let Some(known) = self.labels.get(message_id) else { return false };
        self.is_name(&known.author, name)
    }

    /// imdn.Message-IDs of the messages of a group that are called so.
    pub fn called_in<'a>(&'a self, group: &'a str, label: &'a str) -> impl Iterator<Item = &'a str> {
        let of_group = move |known: &Label| known.group.as_deref().is_none_or(|of| of == group);
        self.labels.iter().filter(move |(_, known)| known.label == label && of_group(known)).map(|(id, _)| id.as_str())
    }

    /// imdn.Message-IDs of what was said in a group that a person is to get.
    pub fn said_to<'a>(&'a self, group: &'a str, person: &'a str) -> impl Iterator<Item = &'a str> {
        let said = self.labels.iter().filter(move |(_, known)| known.group.as_deref() == Some(group));
        let meant = move |known: &Label| known.private_to.as_deref().is_none_or(|only| self.is_name(only, person));
        said.filter(move |(id, known)| meant(known) && !self.is_author(id, person)).map(|(id, _)| id.as_str())
    }

    /// Whether a name, or an identity, is that of this person.
    fn is_name(&self, named: &str, person: &str) -> bool {
        named == person || self.person_of(named).is_some_and(|known| known.name == person)
    }

    /// Whether the author gave the message with this `imdn.Message-ID` up.
    pub fn is_aborted(&self, message_id: &str) -> bool {
        self.aborted.contains(message_id)
    }

    /// Members who hide.
    pub fn hidden(&self) -> &[Hidden] {
        &self.hidden
    }

    /// The frames in which a person wished something anew, or the provider ordered something about the person.
    pub fn wishes<'a>(&'a self, person: &'a str) -> impl Iterator<Item = u64> + 'a {
        self.wished.iter().filter(move |(_, of)| of == person).map(|(frame, _)| *frame)
    }

    /// Whether a URI is the service identity of the interworking function.
    pub fn is_interworking(&self, uri: &str) -> bool {
        self.interworking.as_ref().is_some_and(|own| identity_key(uri) == *own)
    }

    /// Whether the target was killed after this frame.
    pub fn killed_after(&self, frame: u64) -> bool {
        self.killed.iter().any(|killed| *killed > frame)
    }
}

/// Same user, host and port: what a registered contact is recognised by when it comes back as a Request-URI.
fn same_address(contact: &Uri<'_>, uri: &Uri<'_>) -> bool {
    match (contact, uri) {
        (Uri::Sip(contact), Uri::Sip(uri)) => {
            contact.user == uri.user && contact.host.eq_ignore_ascii_case(uri.host) && contact.port == uri.port
        }
        _ => false,
    }
}

fn bare_instance(instance: &str) -> String {
    instance.trim_matches(|c| matches!(c, '"' | '<' | '>' | ' ')).to_ascii_lowercase()
}
