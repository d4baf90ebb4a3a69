//! Writing requests and responses of X1.

use super::{
    Asked, COMMON_NAMESPACE, Destination, Header, INSTANCE_NAMESPACE, NAMESPACE, Outcome, Request, Response, Task,
};
use crate::xml::Writer;
use std::net::IpAddr;

/// A container of these requests.
#[must_use]
pub fn write_requests(requests: &[Request]) -> String {
    container("X1Request", |root| {
        for Request { header, asked } in requests {
            let kind = format!("{}Request", asked.name());
            root.element("x1RequestMessage", &[("xsi:type", Some(&kind))], |message| {
                write_header(message, header);
                write_asked(message, asked);
            });
        }
    })
}

/// A container of these responses.
#[must_use]
pub fn write_responses(responses: &[Response]) -> String {
    container("X1Response", |root| {
        for response in responses {
            let name = match &response.outcome {
                Outcome::Refused { .. } => "Error",
                _ => response.request.as_deref().unwrap_or_default(),
            };
            let kind = format!("{name}Response");
            root.element("x1ResponseMessage", &[("xsi:type", Some(&kind))], |message| {
                write_header(message, &response.header);
                write_outcome(message, response);
            });
        }
    })
}

fn container(name: &str, inner: impl FnOnce(&mut Writer)) -> String {
    let namespaces = [("xmlns", NAMESPACE), ("xmlns:xsi", INSTANCE_NAMESPACE), ("xmlns:c", COMMON_NAMESPACE)];
    Writer::document(name, &namespaces.map(|(name, value)| (name, Some(value))), inner)
}

fn write_header(to: &mut Writer, header: &Header) {
    to.leaf("admfIdentifier", &[], &header.admf);
    to.leaf("neIdentifier", &[], &header.ne);
    to.leaf("messageTimestamp", &[], &header.timestamp);
    to.leaf("version", &[], &header.version);
    to.leaf("x1TransactionId", &[], &header.transaction.to_string());
}

fn write_asked(to: &mut Writer, asked: &Asked) {
    match asked {
        Asked::ActivateTask(task) => write_task(to, task),
        Asked::DeactivateTask(xid) => to.leaf("xId", &[], &xid.to_string()),
        Asked::CreateDestination(destination) => write_destination(to, destination),
        Asked::RemoveDestination(did) => to.leaf("dId", &[], &did.to_string()),
        Asked::Ping | Asked::Other(_) => {}
    }
}

fn write_task(to: &mut Writer, task: &Task) {
    to.element("taskDetails", &[], |details| {
        details.leaf("xId", &[], &task.xid.to_string());
        details.element("targetIdentifiers", &[], |identifiers| {
            for target in &task.targets {
                identifiers.element("targetIdentifier", &[], |own| own.leaf(&target.kind, &[], &target.value));
            }
        });
        details.leaf("deliveryType", &[], task.delivery.as_str());
        details.element("listOfDIDs", &[], |list| {
            task.destinations.iter().for_each(|did| list.leaf("dId", &[], &did.to_string()));
        });
    });
}

fn write_destination(to: &mut Writer, destination: &Destination) {
    to.element("destinationDetails", &[], |details| {
        details.leaf("dId", &[], &destination.did.to_string());
        details.optional("friendlyName", destination.friendly_name.as_deref());
        details.leaf("deliveryType", &[], destination.delivery.as_str());
        details.element("deliveryAddress", &[], |address| {
            address.element("ipAddressAndPort", &[], |place| {
                place.element("c:address", &[], |own| match destination.address.ip() {
                    IpAddr::V4(four) => own.leaf("c:IPv4Address", &[], &four.to_string()),
                    IpAddr::V6(six) => own.leaf("c:IPv6Address", &[], &six.to_string()),
                });
                place.element("c:port", &[], |own| {
                    own.leaf("c:TCPPort", &[], &destination.address.port().to_string());
                });
            });
        });
    });
}

fn write_outcome(to: &mut Writer, response: &Response) {
    match &response.outcome {
        Outcome::Completed => to.leaf("oK", &[], "AcknowledgedAndCompleted"),
        Outcome::Acknowledged => to.leaf("oK", &[], "Acknowledged"),
        Outcome::Refused { code, description } => {
            to.optional("requestMessageType", response.request.as_deref());
            to.element("errorInformation", &[], |error| {
                error.leaf("errorCode", &[], &code.to_string());
                error.leaf("errorDescription", &[], description);
            });
        }
    }
}
