//! Which devices of which users can be reached, as the serving CSCF tells it by third-party REGISTER
//! (TS 24.229 section 5.4.1.7): its own Expires, and, where it includes them, the device's REGISTER or the 200 to it.

use super::bodies;
use crate::store::RegistrationRecord;
use cpm_wire::sip::{Message, Method, Name, NameAddr, identity_key};
use cpm_wire::time::Time;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// The key of a device of which nothing is known but that it exists.
pub const ANY: &str = "*";

/// A device of a served user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Names the device: its instance, or its contact, or [`ANY`].
    pub key: String,
    /// The URI that it registered.
    pub contact: Option<String>,
    /// `+sip.instance` (RFC 5626), without quotes.
    pub instance: Option<String>,
    /// Whether it can take part in chats.
    pub chat: bool,
    /// Whether it takes messages outside sessions.
    pub messages: bool,
    /// When the registration ends.
    pub expires: Time,
}

impl Device {
    /// A device of which nothing is known: it is reached by the public identity, and taken to be able to chat.
    pub fn any(expires: Time) -> Device {
        Device { key: ANY.to_owned(), contact: None, instance: None, chat: true, messages: true, expires }
    }

    /// The device that a Contact describes.
    pub fn of_contact(contact: &NameAddr<'_>, expires: Time) -> Device {
        let instance = contact.param("+sip.instance").flatten().map(|instance| instance.into_owned());
        let key = instance.clone().unwrap_or_else(|| contact.uri.to_owned());
        let chat = CHAT_TAGS.iter().any(|tag| offers(contact, tag));
        let messages = chat || says_nothing(contact) || MESSAGE_TAGS.iter().any(|tag| offers(contact, tag));
        Device { key, contact: Some(contact.uri.to_owned()), instance, chat, messages, expires }
    }

    /// True when both may be the same device: by what it is named, where it is, or because one is not known.
    pub fn may_be(&self, other: &Device) -> bool {
        let named = self.key == other.key || self.key == ANY || other.key == ANY;
        named || (self.contact.is_some() && self.contact == other.contact)
    }

    fn record(&self, user: &str) -> RegistrationRecord {
        RegistrationRecord {
            user: user.to_owned(),
            device: self.key.clone(),
            contact: self.contact.clone(),
            instance: self.instance.clone(),
            chat: self.chat,
            messages: self.messages,
            expires: self.expires.as_nanos(),
        }
    }
}

/// The service identifiers of CPM sessions, 1-1 and group.
const CHAT_TAGS: [&str; 2] = ["oma.cpm.session", "oma.cpm.session.group"];

/// Those of messages outside sessions. Whoever can chat takes them, too, although it need not say so.
const MESSAGE_TAGS: [&str; 3] = ["oma.cpm.msg", "oma.cpm.largemsg", "oma.cpm.deferred"];

fn offers(contact: &NameAddr<'_>, service: &str) -> bool {
    let Some(Some(services)) = contact.param("+g.3gpp.icsi-ref") else { return false };
    services.split(',').any(|one| one.trim().ends_with(service))
}

/// True for a device that names no services at all: what it can do is not known, and it is not left out for that (RFC 3841
/// section 7.2.4). It may refuse a message; a session takes more than any phone has.
fn says_nothing(contact: &NameAddr<'_>) -> bool {
    contact.param("+g.3gpp.icsi-ref").is_none()
}

/// What one third-party REGISTER says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// These devices are registered.
    Registered(Vec<Device>),
    /// These are not any more.
    Gone(Vec<Device>),
    /// None of the user's devices is.
    AllGone,
}

/// Reads a third-party REGISTER.
pub fn told(now: Time, register: &Message) -> Told {
    let seconds = register.expires().or_else(|| contact_expires(register)).unwrap_or(3600);
    let named = embedded_devices(now, register, seconds);
    match (seconds, named) {
        (0, Named::Devices(devices)) if !devices.is_empty() => Told::Gone(devices),
        (0, _) => Told::AllGone,
        (_, Named::All) => Told::AllGone,
        (_, Named::Devices(devices)) if devices.iter().all(|device| device.expires <= now) && !devices.is_empty() => {
            Told::Gone(devices)
        }
        (_, Named::Devices(devices)) => Told::Registered(devices),
        (_, Named::Unknown) => Told::Registered(vec![Device::any(now + Duration::from_secs(seconds.into()))]),
    }
}

fn contact_expires(message: &Message) -> Option<u32> {
    let contact = message.contacts().next()?.ok()?;
    contact.param("expires").flatten()?.parse().ok()
}

enum Named {
    Devices(Vec<Device>),
    All,
    Unknown,
}

/// The devices in the included REGISTER, or else in the included 200.
fn embedded_devices(now: Time, register: &Message, seconds: u32) -> Named {
    let included = included(register);
    let request = included.iter().find(|one| one.is_request() && one.method() == Method::Register);
    let response = included.iter().find(|one| one.status() == Some(200));
    let Some(source) = request.or(response) else { return Named::Unknown };
    if source.header(&Name::Contact).is_some_and(|value| value.trim() == "*") {
        return Named::All;
    }
    let common = source.expires().unwrap_or(seconds);
    let devices = source.contacts().filter_map(Result::ok).map(|contact| {
        let own = contact.param("expires").flatten().and_then(|text| text.parse().ok()).unwrap_or(common);
        Device::of_contact(&contact, now + Duration::from_secs(own.into()))
    });
    Named::Devices(devices.collect())
}

/// The registered devices of all users.
#[derive(Clone, Debug, Default)]
pub struct Registrations {
    users: HashMap<String, Vec<Device>>,
}

impl Registrations {
    /// What was registered before a restart.
    pub fn restored(records: &[RegistrationRecord]) -> Registrations {
        let mut registrations = Registrations::default();
        for record in records {
            let device = Device {
                key: record.device.clone(),
                contact: record.contact.clone(),
                instance: record.instance.clone(),
                chat: record.chat,
                messages: record.chat || record.messages,
                expires: Time::from_nanos(record.expires),
            };
            registrations.users.entry(record.user.clone()).or_default().push(device);
        }
        registrations
    }

    /// A device is registered, anew or again. The record of it is to be stored.
    pub fn register(&mut self, now: Time, user: &str, device: Device) -> RegistrationRecord {
        let record = device.record(user);
        let devices = self.users.entry(user.to_owned()).or_default();
        devices.retain(|held| held.key != device.key && held.expires > now);
        devices.push(device);
        record
    }

    /// A device is not registered any more; none means all. Gives the keys of those that were.
    pub fn forget(&mut self, user: &str, device: Option<&str>) -> Vec<String> {
        let Some(devices) = self.users.get_mut(user) else { return Vec::new() };
        let goes = |held: &Device| device.is_none_or(|device| held.key == device);
        let gone = devices.iter().filter(|held| goes(held)).map(|held| held.key.clone()).collect();
        devices.retain(|held| !goes(held));
        if devices.is_empty() {
            self.users.remove(user);
        }
        gone
    }

    /// The registered device that this one is, by its instance or its contact; else the device itself.
    pub fn known(&self, now: Time, user: &str, device: Device) -> Device {
        let same = |held: &Device| held.key == device.key || (held.contact.is_some() && held.contact == device.contact);
        self.devices(now, user).into_iter().find(same).unwrap_or(device)
    }

    /// The registered device that this Contact is of.
    pub fn one_like(&self, now: Time, user: &str, contact: &NameAddr<'_>) -> Option<Device> {
        let device = Device::of_contact(contact, now);
        let same = |held: &Device| held.key == device.key || (held.contact.is_some() && held.contact == device.contact);
        self.devices(now, user).into_iter().find(same)
    }

    /// True when a device of the user is registered now.
    pub fn has(&self, now: Time, user: &str) -> bool {
        self.users.get(user).is_some_and(|held| held.iter().any(|device| device.expires > now))
    }

    /// The devices of a user that are registered now.
    pub fn devices(&self, now: Time, user: &str) -> Vec<Device> {
        let held = self.users.get(user).into_iter().flatten();
        held.filter(|device| device.expires > now).cloned().collect()
    }
}

/// The keys of the public identities that a third-party REGISTER is about: the one in its To, and those of the same
/// implicit registration set that the included messages name (To, and P-Associated-URI of RFC 7315).
pub fn users_of(register: &Message) -> BTreeSet<String> {
    let included = included(register);
    let told = [register].into_iter().chain(&included);
    let to = told.filter_map(|message| message.to().ok()).map(|to| identity_key(to.uri));
    let associated = included.iter().flat_map(|message| message.values(&Name::PAssociatedUri));
    let associated = associated.filter_map(|value| NameAddr::parse(value).ok()).map(|one| identity_key(one.uri));
    to.chain(associated).collect()
}

/// The messages that the serving CSCF includes.
fn included(register: &Message) -> Vec<Message> {
    let parts = bodies::parts(register).into_iter().filter(|part| part.essence == "message/sip");
    parts.filter_map(|part| Message::parse(part.octets).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use pretty_assertions::assert_eq;

    const NOW: Time = Time::from_nanos(1_000);
    const CHAT: &str = "+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg,\
        urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\"";

    fn third_party(expires: u32, included: &str) -> Message {
        let text = format!(
            "REGISTER sip:pf SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:scscf>;tag=1\r\n\
             To: <tel:+1-555-0100>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\nExpires: {expires}\r\n\
             Content-Type: message/sip\r\nContent-Length: {}\r\n\r\n{included}",
            included.len()
        );
        Message::parse(Bytes::from(text)).unwrap()
    }

    fn own(start: &str, contacts: &str, more: &str) -> String {
        format!(
            "{start}\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK2\r\nFrom: <sip:Bob@Example.com>;tag=1\r\n\
             To: <sip:Bob@Example.com>\r\nCall-ID: d\r\nCSeq: 1 REGISTER\r\n{contacts}{more}Content-Length: 0\r\n\r\n"
        )
    }

    fn registered(told: Told) -> Vec<(String, bool)> {
        match told {
            Told::Registered(devices) => devices.into_iter().map(|device| (device.key, device.chat)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_device_is_named_by_its_instance_and_known_by_its_tags() {
        let contact = format!("Contact: <sip:bob@192.0.2.7>;+sip.instance=\"<urn:uuid:1>\";{CHAT}\r\n");
        let register = third_party(600, &own("REGISTER sip:example.com SIP/2.0", &contact, ""));
        assert_eq!(registered(told(NOW, &register)), [("<urn:uuid:1>".to_owned(), true)]);
        let plain = own("REGISTER sip:example.com SIP/2.0", "Contact: <sip:bob@192.0.2.7>\r\n", "");
        assert_eq!(registered(told(NOW, &third_party(600, &plain))), [("sip:bob@192.0.2.7".to_owned(), false)]);
        assert_eq!(registered(told(NOW, &third_party(600, ""))), [(ANY.to_owned(), true)]);
    }

    #[test]
    fn the_included_200_names_all_devices_and_identities() {
        let contacts = format!("Contact: <sip:a@192.0.2.7>;expires=60;{CHAT}\r\nContact: <sip:b@192.0.2.8>\r\n");
        let more = "P-Associated-URI: <sip:bob@example.com>, <tel:+15550100>, <sip:robert@example.com>\r\n";
        let register = third_party(600, &own("SIP/2.0 200 OK", &contacts, more));
        assert_eq!(registered(told(NOW, &register)).len(), 2);
        let users = users_of(&register);
        for user in ["sip:bob@example.com", "sip:Bob@example.com", "tel:+15550100", "sip:robert@example.com"] {
            assert!(users.contains(user), "{user} in {users:?}");
        }
    }

    #[test]
    fn expiry_takes_away_the_named_devices_or_all() {
        let contact = "Contact: <sip:bob@192.0.2.7>\r\n";
        let register = own("REGISTER sip:example.com SIP/2.0", contact, "Expires: 0\r\n");
        assert!(matches!(told(NOW, &third_party(0, &register)), Told::Gone(devices) if devices.len() == 1));
        assert!(matches!(told(NOW, &third_party(600, &register)), Told::Gone(devices) if devices.len() == 1));
        assert_eq!(told(NOW, &third_party(0, "")), Told::AllGone);
        let star = own("REGISTER sip:example.com SIP/2.0", "Contact: *\r\n", "Expires: 0\r\n");
        assert_eq!(told(NOW, &third_party(600, &star)), Told::AllGone);
    }

    #[test]
    fn a_registration_ends_with_its_time() {
        let mut registrations = Registrations::default();
        registrations.register(NOW, "bob", Device::any(Time::from_nanos(5_000)));
        assert!(registrations.has(NOW, "bob"));
        assert!(!registrations.has(Time::from_nanos(5_000), "bob"));
        assert_eq!(registrations.forget("bob", None), [ANY]);
        assert_eq!(registrations.devices(NOW, "bob"), []);
    }
}
