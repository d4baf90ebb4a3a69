//! Faults with orders.

use crate::config::Config;
use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::tampering::Mischief;
use bytes::Bytes;
use cpm_wire::io::ConnectionId;
use cpm_wire::x1::http::{self, Framer, Message};
use cpm_wire::x1::{self, Asked, Request};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("obeys-anybody", "Whoever has a certificate may give orders", || Box::new(Anybody)),
    Fault::of_function("intercepts-after-the-end", "A task that was ended goes on", || Box::new(GoesOn)),
];

/// A name that everybody is given.
const ANYBODY: &str = "anybody.invalid";

struct Anybody;

impl Mischief for Anybody {
    fn configure(&self, config: &mut Config) {
        if let Some(interception) = &mut config.interception {
            interception.administration = ANYBODY.to_owned();
        }
    }

    fn names(&mut self, mut names: Vec<String>) -> Vec<String> {
        names.push(ANYBODY.to_owned());
        names
    }
}

/// The function is asked whether it is there instead, and its answer becomes that to the end of the task.
struct GoesOn;

impl Mischief for GoesOn {
    fn other(&mut self, _: ConnectionId, way: Way, octets: Bytes) -> Bytes {
        let altered = match way {
            Way::In => asked_another(&octets),
            Way::Out => answered_another(&octets),
        };
        altered.unwrap_or(octets)
    }
}

/// The only message in these octets.
fn only(mut framer: Framer, octets: &[u8]) -> Option<Message> {
    framer.push(octets);
    framer.next()?.ok().filter(|_| !framer.waits())
}

/// The version that says that something else was asked.
const ENDED: &str = "v1.6.1-ended";

fn asked_another(octets: &[u8]) -> Option<Bytes> {
    let message = only(Framer::requests(), octets)?;
    let requests: Vec<Request> = x1::read_requests(&message.body).ok()?.into_iter().collect::<Result<_, _>>().ok()?;
    if !requests.iter().any(|request| matches!(request.asked, Asked::DeactivateTask(_))) {
        return None;
    }
    let other = |request: Request| match request.asked {
        Asked::DeactivateTask(_) => {
            let admf = format!("{}{ENDED}", request.header.admf);
            Request { header: x1::Header { admf, ..request.header }, asked: Asked::Ping }
        }
        _ => request,
    };
    let requests: Vec<Request> = requests.into_iter().map(other).collect();
    let (_, target) = message.request()?;
    let host = message.field("Host").unwrap_or_default();
    Some(http::post(target, host, x1::MEDIA_TYPE, &x1::write_requests(&requests)))
}

fn answered_another(octets: &[u8]) -> Option<Bytes> {
    let message = only(Framer::responses(), octets)?;
    let mut responses = x1::read_responses(&message.body).ok()?;
    if !responses.iter().any(|response| response.header.admf.ends_with(ENDED)) {
        return None;
    }
    for response in &mut responses {
        if let Some(admf) = response.header.admf.strip_suffix(ENDED) {
            response.header.admf = admf.to_owned();
            response.request = Some("DeactivateTask".to_owned());
        }
    }
    let document = x1::write_responses(&responses);
    Some(http::answer(message.status()?, "OK", x1::MEDIA_TYPE, &document, !message.persists()))
}
