//! Reading requests and responses of X1.

use super::{
    Asked, COMMON_NAMESPACE, Delivery, Destination, Header, INSTANCE_NAMESPACE, NAMESPACE, Outcome, Request, Response,
    TargetIdentifier, Task,
};
use crate::uuid::Uuid;
use crate::xml::{self, Element, XmlError};
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// A request that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What it begins with, as far as that can be read.
    pub header: Option<Box<Header>>,
    /// Its name, without `Request` at its end; empty where there is none.
    pub name: String,
    /// What is wrong.
    pub error: XmlError,
}

/// Reads a container of requests, in order.
///
/// # Errors
/// It is no such container. A single request that is wrong is told in its place.
pub fn read_requests(octets: &[u8]) -> Result<Vec<Result<Request, Wrong>>, XmlError> {
    xml::read(octets, NAMESPACE, "X1Request", |root| {
        let requests: Vec<_> = root.children("x1RequestMessage").map(request).collect();
        if requests.is_empty() { Err(root.missing("x1RequestMessage")) } else { Ok(requests) }
    })
}

/// Reads a container of responses, in order.
///
/// # Errors
/// It is no such container, or one of them is wrong.
pub fn read_responses(octets: &[u8]) -> Result<Vec<Response>, XmlError> {
    xml::read(octets, NAMESPACE, "X1Response", |root| {
        let responses: Vec<Response> = root.children("x1ResponseMessage").map(response).collect::<Result<_, _>>()?;
        if responses.is_empty() { Err(root.missing("x1ResponseMessage")) } else { Ok(responses) }
    })
}

fn request(message: Element<'_, '_>) -> Result<Request, Wrong> {
    let header = header(message);
    let name = named(message, "Request").unwrap_or_default().to_owned();
    let read = || {
        let asked = match named(message, "Request")? {
            "ActivateTask" => Asked::ActivateTask(task(required(message, "taskDetails")?)?),
            "DeactivateTask" => Asked::DeactivateTask(uuid(message, "xId")?),
            "CreateDestination" => Asked::CreateDestination(destination(required(message, "destinationDetails")?)?),
            "RemoveDestination" => Asked::RemoveDestination(uuid(message, "dId")?),
            "Ping" => Asked::Ping,
            other => Asked::Other(other.to_owned()),
        };
        Ok(Request { header: header.clone()?, asked })
    };
    read().map_err(|error| Wrong { header: header.clone().ok().map(Box::new), name, error })
}

fn response(message: Element<'_, '_>) -> Result<Response, XmlError> {
    let header = header(message)?;
    let name = named(message, "Response")?;
    if name != "Error" {
        let outcome = match required(message, "oK")?.token().as_str() {
            "AcknowledgedAndCompleted" => Outcome::Completed,
            "Acknowledged" => Outcome::Acknowledged,
            other => message.value("oK", other, "Acknowledged or AcknowledgedAndCompleted").map(never)?,
        };
        return Ok(Response { header, request: Some(name.to_owned()), outcome });
    }
    let error = required(message, "errorInformation")?;
    let code = required(error, "errorCode")?;
    let code = code.value("errorCode", &code.token(), "a number")?;
    let description = error.child_token("errorDescription").unwrap_or_default();
    Ok(Response {
        header,
        request: message.child_token("requestMessageType"),
        outcome: Outcome::Refused { code, description },
    })
}

/// The type of a message without this end: the local name of a qualified name in the namespace of the documents.
fn named<'a>(message: Element<'a, '_>, end: &'static str) -> Result<&'a str, XmlError> {
    let kind = message.attribute_of(INSTANCE_NAMESPACE, "type").ok_or_else(|| message.missing("xsi:type"))?.trim();
    let (prefix, local) = kind.split_once(':').map_or((None, kind), |(prefix, local)| (Some(prefix), local));
    let own = message.namespace_of(prefix) == Some(NAMESPACE);
    match local.strip_suffix(end).filter(|name| own && !name.is_empty()) {
        Some(name) => Ok(name),
        None => message.value("xsi:type", kind, "the name of a message of this namespace").map(never),
    }
}

fn header(message: Element<'_, '_>) -> Result<Header, XmlError> {
    Ok(Header {
        admf: required(message, "admfIdentifier")?.token(),
        ne: required(message, "neIdentifier")?.token(),
        timestamp: required(message, "messageTimestamp")?.token(),
        version: required(message, "version")?.token(),
        transaction: uuid(message, "x1TransactionId")?,
    })
}

fn task(details: Element<'_, '_>) -> Result<Task, XmlError> {
    let targets = required(details, "targetIdentifiers")?;
    let targets: Vec<_> = targets.children("targetIdentifier").map(target).collect::<Result<_, _>>()?;
    if targets.is_empty() {
        return Err(details.missing("targetIdentifier"));
    }
    let list = required(details, "listOfDIDs")?;
    let destinations = list.children("dId").map(|did| did.value("dId", &did.token(), "a UUID"));
    Ok(Task {
        xid: uuid(details, "xId")?,
        targets,
        delivery: delivery(details)?,
        destinations: destinations.collect::<Result<_, _>>()?,
    })
}

fn target(identifier: Element<'_, '_>) -> Result<TargetIdentifier, XmlError> {
    let mut names = identifier.foreign();
    match (names.next(), names.next()) {
        (Some(name), None) => Ok(TargetIdentifier { kind: name.name().to_owned(), value: name.token() }),
        (None, _) => Err(identifier.missing("name of a target")),
        (Some(_), Some(second)) => second.value("targetIdentifier", second.name(), "one name").map(never),
    }
}

fn destination(details: Element<'_, '_>) -> Result<Destination, XmlError> {
    let address = required(details, "deliveryAddress")?;
    let place = required(address, "ipAddressAndPort")?.seen_in(COMMON_NAMESPACE);
    let (address, port) = (required(place, "address")?, required(place, "port")?);
    let port = required(port, "TCPPort")?;
    let ip: IpAddr = match address.child("IPv4Address") {
        Some(four) => four.value::<std::net::Ipv4Addr>("IPv4Address", &four.token(), "an IPv4 address")?.into(),
        None => {
            let six = required(address, "IPv6Address")?;
            six.value::<std::net::Ipv6Addr>("IPv6Address", &six.token(), "an IPv6 address")?.into()
        }
    };
    Ok(Destination {
        did: uuid(details, "dId")?,
        friendly_name: details.child_token("friendlyName"),
        delivery: delivery(details)?,
        address: SocketAddr::new(ip, port.value("TCPPort", &port.token(), "a port")?),
    })
}

fn delivery(details: Element<'_, '_>) -> Result<Delivery, XmlError> {
    let delivery = required(details, "deliveryType")?;
    delivery.value("deliveryType", &delivery.token(), "X2Only, X3Only or X2andX3")
}

fn uuid(element: Element<'_, '_>, name: &'static str) -> Result<Uuid, XmlError> {
    let own = required(element, name)?;
    own.value(name, &own.token(), "a UUID")
}

/// The only child of this name: the schema has each once.
fn required<'a, 'i>(element: Element<'a, 'i>, name: &'static str) -> Result<Element<'a, 'i>, XmlError> {
    let mut children = element.children(name);
    match (children.next(), children.next()) {
        (Some(child), None) => Ok(child),
        (None, _) => Err(element.missing(name)),
        (Some(_), Some(second)) => second.value(name, &second.token(), "one element of this name").map(never),
    }
}

impl FromStr for Delivery {
    type Err = ();

    fn from_str(word: &str) -> Result<Delivery, ()> {
        let all = [Delivery::X2Only, Delivery::X3Only, Delivery::X2andX3];
        all.into_iter().find(|one| one.as_str() == word).ok_or(())
    }
}

/// What nothing can be read as: the way to an error with its place.
enum Nothing {}

impl FromStr for Nothing {
    type Err = ();

    fn from_str(_: &str) -> Result<Nothing, ()> {
        Err(())
    }
}

fn never<T>(nothing: Nothing) -> T {
    match nothing {}
}
