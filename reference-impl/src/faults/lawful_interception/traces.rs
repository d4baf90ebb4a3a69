//! Faults by which it shows that somebody is intercepted.

use crate::call::served::served_user;
use crate::faults::Fault;
use crate::faults::editing::with_field;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::io::ConnectionId;
use cpm_wire::sip::{Message, Method, Name, identity_key};
use cpm_wire::x1::{self, Asked, http::Framer};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("marks-intercepted-legs", "What goes on for a target has a header field more", || {
        Box::new(Traces { leave: marked, ..Traces::new() })
    }),
    Fault::of_function("asks-after-intercepted-users", "What goes on for a target is followed by an OPTIONS", || {
        Box::new(Traces { leave: asked_after, ..Traces::new() })
    }),
    Fault::of_function(
        "delays-intercepted-users",
        "What goes on for a target goes more than half a second later",
        || Box::new(Traces { leave: |_| Fate::Later(Duration::from_millis(600)), ..Traces::new() }),
    ),
];

/// Knows by the orders who is intercepted, and leaves a trace on each request that goes on for one of them.
struct Traces {
    targets: HashSet<String>,
    lines: HashMap<ConnectionId, Framer>,
    leave: fn(&Message) -> Fate,
}

impl Traces {
    fn new() -> Traces {
        Traces { targets: HashSet::new(), lines: HashMap::new(), leave: |_| Fate::Pass }
    }
}

impl Mischief for Traces {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let begins = message.is_request() && matches!(message.method(), Method::Invite | Method::Message);
        let served = served_user(message).filter(|served| self.targets.contains(&served.key));
        let goes_on = way == Way::Out && begins && message.to_tag().is_none() && served.is_some();
        if goes_on { (self.leave)(message) } else { Fate::Pass }
    }

    fn other(&mut self, connection: ConnectionId, way: Way, octets: Bytes) -> Bytes {
        if way == Way::In {
            let framer = self.lines.entry(connection).or_insert_with(Framer::requests);
            framer.push(&octets);
            while let Some(Ok(message)) = framer.next() {
                for request in x1::read_requests(&message.body).into_iter().flatten().flatten() {
                    if let Asked::ActivateTask(task) = request.asked {
                        self.targets.extend(task.targets.iter().map(|target| identity_key(&target.value)));
                    }
                }
            }
        }
        octets
    }
}

fn marked(message: &Message) -> Fate {
    Fate::altered(with_field(message, Name::Other("X-Monitored".into()), "1"))
}

/// Another request to the same place.
fn asked_after(message: &Message) -> Fate {
    let text = String::from_utf8_lossy(message.octets());
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let line = |line: &str| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "cseq" => Some("CSeq: 7 OPTIONS".to_owned()),
            "call-id" => Some(format!("{}.own", line)),
            "via" => Some(line.replacen("branch=z9hG4bK", "branch=z9hG4bKown", 1)),
            "content-length" => Some("Content-Length: 0".to_owned()),
            "content-type" => None,
            _ => Some(line.to_owned()),
        }
    };
    let mut lines = head.split("\r\n");
    let start = lines.next().unwrap_or_default().replacen(message.method().as_str(), "OPTIONS", 1);
    let fields: Vec<String> = lines.filter_map(line).collect();
    let options = format!("{start}\r\n{}\r\n\r\n", fields.join("\r\n"));
    Fate::Followed(vec![(Duration::from_millis(1), options.into())])
}
