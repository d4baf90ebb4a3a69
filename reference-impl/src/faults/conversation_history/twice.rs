//! A fault that has each object stored twice.

use super::objects::is_object;
use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::tampering::Mischief;
use bytes::Bytes;
use cpm_wire::io::ConnectionId;
use std::collections::HashMap;

pub(super) const FAULTS: &[Fault] =
    &[Fault::of_function("keeps-everything-twice", "What is kept is kept twice", || Box::new(Twice::default()))];

/// The tag of the own command; the element's begin with another letter.
const TAG: &[u8] = b"z";

#[derive(Default)]
struct Twice {
    /// The folder that a connection stores into.
    folders: HashMap<ConnectionId, String>,
}

impl Mischief for Twice {
    fn other(&mut self, connection: ConnectionId, way: Way, octets: Bytes) -> Bytes {
        if way == Way::In {
            return without_own_answers(octets);
        }
        let head = octets.split(|octet| *octet == b'\n').next().unwrap_or_default();
        let head = String::from_utf8_lossy(head).into_owned();
        if let Some((_, rest)) = head.split_once(" APPEND ")
            && let Some((folder, _)) = rest.rsplit_once(" {")
        {
            self.folders.insert(connection, folder.to_owned());
        }
        let begin = octets.windows(7).position(|seven| seven == b"From: <").filter(|_| is_object(&octets));
        match (begin.and_then(|begin| octets.get(begin..)), self.folders.get(&connection)) {
            (Some(object), Some(folder)) => {
                let length = object.len().saturating_sub(2);
                let own = format!("z1 APPEND {folder} {{{length}+}}\r\n");
                [&octets, own.as_bytes(), object].concat().into()
            }
            _ => octets,
        }
    }
}

/// The element has asked for nothing of it.
fn without_own_answers(octets: Bytes) -> Bytes {
    let lines = octets.split_inclusive(|octet| *octet == b'\n');
    lines.filter(|line| !line.starts_with(TAG)).collect::<Vec<_>>().concat().into()
}
