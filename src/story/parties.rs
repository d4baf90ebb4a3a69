//! For whom a request outside a dialog is, and which end of it the tester plays: from the served user (RFC 5502), the
//! Request-URI and the originator; where the target is a client, from the client that is named.

use cpm_wire::sip::{Message, Name, NameAddr};

use super::cast::{Cast, Client, Device};
use super::legs::End;

/// For whom a request outside a dialog is, and which end of it the tester plays.
pub(super) struct Parties {
    pub end: End,
    pub person: Option<String>,
    pub device: Option<String>,
}

impl Parties {
    /// From P-Served-User (RFC 5502) where it stands, else from the Request-URI and the originator.
    pub fn of(sent: bool, message: &Message, cast: &Cast) -> Parties {
        if let Some(parties) = Parties::of_client(sent, message, cast) {
            return parties;
        }
        if !sent && to_interworking(message, cast) {
            return Parties { end: End::Interworking, person: concerned(message, cast), device: None };
        }
        let served = message.header(&Name::PServedUser).and_then(|value| NameAddr::parse(value).ok());
        let case = served.as_ref().and_then(|served| parameter(served, "sescase"));
        let addressed = message.request_uri().and_then(|uri| cast.addressed(uri));
        let terminating = match case.as_deref() {
            Some("orig") => false,
            Some("term") => true,
            _ => addressed.is_some(),
        };
        let served = served.and_then(|served| cast.person_of(served.uri)).map(|person| person.name.clone());
        if !terminating {
            let person = served.or_else(|| originator(message, cast));
            let device = if sent { device_of_contact(message, cast).map(|(_, device)| device) } else { None };
            let end = if sent { End::Device } else { End::Network };
            return Parties { end, person, device };
        }
        let person = addressed.map(|(person, _)| person.to_owned()).or(served);
        let device = addressed.and_then(|(_, device)| device).or_else(|| device_asked_for(message, cast));
        let end = if sent { End::Network } else { End::Device };
        Parties { end, person, device: device.map(|device| device.name.clone()) }
    }

    /// Where the target is a client there is one link, that of the client with its network.
    fn of_client(sent: bool, message: &Message, cast: &Cast) -> Option<Parties> {
        let only = cast.clients().first()?;
        let named = if sent {
            let to = message.to().ok().map(|to| to.uri.to_owned());
            message.request_uri().map(str::to_owned).into_iter().chain(to).find_map(|uri| client_named(&uri, cast))
        } else {
            originator(message, cast).and_then(|name| cast.clients().iter().find(|client| client.person == name))
        };
        let Client { person, device } = named.unwrap_or(only).clone();
        Some(Parties { end: End::Client, person: Some(person), device: Some(device) })
    }
}

/// Whether a request of the target goes to the interworking function: it is for it, or is to pass it.
fn to_interworking(message: &Message, cast: &Cast) -> bool {
    let mut routes = message.routes().filter_map(Result::ok);
    message.request_uri().is_some_and(|uri| cast.is_interworking(uri))
        || routes.any(|route| cast.is_interworking(route.uri))
}

/// The served user for or from whom a request goes to the interworking function: named as its recipient, wherever, or else
/// its originator.
fn concerned(message: &Message, cast: &Cast) -> Option<String> {
    let served = |uri: &str| cast.addressed(uri).map(|(person, _)| person.to_owned());
    let headers = [Name::PServedUser, Name::PCalledPartyId];
    let told = headers.iter().filter_map(|name| message.header(name)).filter_map(|value| NameAddr::parse(value).ok());
    let told = told.map(|address| address.uri.to_owned());
    let to = message.to().ok().map(|to| to.uri.to_owned());
    let mut recipient = message.request_uri().map(str::to_owned).into_iter().chain(told).chain(to);
    recipient.find_map(|uri| served(&uri)).or_else(|| originator(message, cast))
}

fn client_named<'a>(uri: &str, cast: &'a Cast) -> Option<&'a Client> {
    let person = cast.person_of(uri)?;
    cast.clients().iter().find(|client| client.person == person.name)
}

fn parameter(address: &NameAddr<'_>, name: &str) -> Option<String> {
    Some(address.param(name)??.to_ascii_lowercase())
}

fn originator(message: &Message, cast: &Cast) -> Option<String> {
    let asserted = message.asserted_identities().filter_map(Result::ok);
    let from = message.from().ok();
    asserted.chain(from).find_map(|identity| cast.person_of(identity.uri)).map(|person| person.name.clone())
}

/// The device that Accept-Contact asks for by `+sip.instance` (RFC 3841).
fn device_asked_for<'a>(message: &Message, cast: &'a Cast) -> Option<&'a Device> {
    let asked = message.tokenized(&Name::AcceptContact);
    asked.filter_map(|value| value.params.get("+sip.instance").flatten()).find_map(|id| cast.device_with(&id))
}

pub(super) fn device_of_contact(message: &Message, cast: &Cast) -> Option<(String, String)> {
    let contact = message.contacts().next()?.ok()?;
    let instance = contact.param("+sip.instance").flatten();
    let device = instance.and_then(|id| cast.device_with(&id)).or_else(|| cast.device_at(contact.uri))?;
    Some((device.person.clone(), device.name.clone()))
}
