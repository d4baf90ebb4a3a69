//! Faults in what is kept.

use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::tampering::Mischief;
use bytes::Bytes;
use cpm_wire::io::ConnectionId;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("keeps-other-words", "The last letter of a message that is kept is another one", || {
        Object::boxed(|object| {
            if is_message(object) {
                with_another_end(object)
            }
        })
    }),
    Fault::of_function("keeps-another-author", "What is kept is from somebody else", || {
        Object::boxed(|object| overwrite_after(object, b"From: <sip:", 5, b'x'))
    }),
    Fault::of_function("keeps-another-time", "What is kept was said in another century", || {
        Object::boxed(|object| {
            overwrite_after(object, b"DateTime: ", 2, b'1');
            overwrite_year(object);
        })
    }),
    Fault::of_function("keeps-another-identifier", "What is kept has another identifier", || {
        Object::boxed(|object| overwrite_after(object, b"essage-ID: ", 3, b'x'))
    }),
    Fault::of_function("keeps-everything-as-sent", "What the user got is kept as if the user had sent it", || {
        Object::boxed(|object| replace(object, b"Message-Direction: received", b"Message-Direction: sent    "))
    }),
    Fault::of_function("keeps-under-no-session", "What is kept names no conversation and no contribution", || {
        Object::boxed(|object| {
            overwrite_line(object, b"Conversation-ID: ");
            overwrite_line(object, b"Contribution-ID: ");
        })
    }),
    Fault::of_function("keeps-nothing-of-the-user", "What the user has sent is not kept", || {
        Object::boxed(|object| blank_if(object, b"Message-Direction: sent"))
    }),
    Fault::of_function("keeps-nothing-for-the-user", "What the user got is not kept", || {
        Object::boxed(|object| {
            if is_message(object) {
                blank_if(object, b"Message-Direction: received")
            }
        })
    }),
    Fault::of_function("keeps-no-reports", "Disposition notifications are not kept", || {
        Object::boxed(|object| blank_if(object, b"Message-Context: disposition-notification"))
    }),
    Fault::of_function("keeps-no-pager-messages", "Messages outside sessions are not kept", || {
        Object::boxed(|object| blank_if(object, b"Message-Context: pager-message"))
    }),
    Fault::of_function("keeps-no-files", "Files are not kept", || {
        Object::boxed(|object| blank_if(object, b"Message-Context: file-message"))
    }),
    Fault::of_function("keeps-no-session-information", "Of a session that has ended nothing is kept", || {
        Object::boxed(|object| blank_if(object, b"Content-Type: application/X-CPM-Session"))
    }),
    Fault::of_function("keeps-no-group-state", "Of a group that has ended no state is kept", || {
        Object::boxed(|object| blank_if(object, b"Content-Type: application/group-state-object+xml"))
    }),
];

/// Does something to each object that is on its way to the store.
struct Object(fn(&mut Vec<u8>));

impl Object {
    fn boxed(does: fn(&mut Vec<u8>)) -> Box<dyn Mischief> {
        Box::new(Object(does))
    }
}

impl Mischief for Object {
    fn other(&mut self, _: ConnectionId, way: Way, octets: Bytes) -> Bytes {
        if way == Way::In || !is_object(&octets) {
            return octets;
        }
        let mut object = octets.to_vec();
        (self.0)(&mut object);
        object.into()
    }
}

/// True for octets in which an object stands.
pub(super) fn is_object(octets: &[u8]) -> bool {
    find(octets, b"\r\nContribution-ID: ").is_some()
}

fn is_message(object: &[u8]) -> bool {
    find(object, b"Message-Context: ").is_some_and(|_| find(object, b"disposition-notification").is_none())
}

fn find(octets: &[u8], part: &[u8]) -> Option<usize> {
    octets.windows(part.len()).position(|window| window == part)
}

/// Where in the octets this begins, each time.
fn all(octets: &[u8], part: &[u8]) -> Vec<usize> {
    octets.windows(part.len()).enumerate().filter(|(_, window)| *window == part).map(|(at, _)| at).collect()
}

/// Replaces as many letters behind each of these beginnings.
fn overwrite_after(object: &mut [u8], beginning: &[u8], many: usize, letter: u8) {
    for at in all(object, beginning) {
        let from = at + beginning.len();
        object
            .iter_mut()
            .skip(from)
            .take(many)
            .filter(|octet| octet.is_ascii_alphanumeric())
            .for_each(|octet| *octet = letter);
    }
}

/// In `Date: Fri, 2 Jan 2026` the year is another one.
fn overwrite_year(object: &mut [u8]) {
    for at in all(object, b"\r\nDate: ") {
        let line: Vec<u8> = object.iter().skip(at + 2).take_while(|octet| **octet != b'\r').copied().collect();
        if let Some(year) = find(&line, b" 20")
            && let Some(digit) = object.get_mut(at + 2 + year + 1)
        {
            *digit = b'1';
        }
    }
}

fn overwrite_line(object: &mut [u8], beginning: &[u8]) {
    for at in all(object, beginning) {
        let rest = object.iter_mut().skip(at + beginning.len());
        rest.take_while(|octet| **octet != b'\r').for_each(|octet| *octet = b'x');
    }
}

fn replace(object: &mut [u8], before: &[u8], after: &[u8]) {
    for at in all(object, before) {
        object.iter_mut().skip(at).zip(after).for_each(|(octet, other)| *octet = *other);
    }
}

/// The octets of the object are spaces, if this stands in it.
fn blank_if(object: &mut [u8], part: &[u8]) {
    if find(object, part).is_some()
        && let Some(begin) = find(object, b"From: <")
    {
        let end = object.len().saturating_sub(2);
        object
            .iter_mut()
            .take(end)
            .skip(begin)
            .filter(|octet| !octet.is_ascii_control())
            .for_each(|octet| *octet = b' ');
    }
}

/// The last letter of the text, which stands before the end of the command.
fn with_another_end(object: &mut [u8]) {
    let end = object.len().saturating_sub(2);
    if let Some(octet) = object.iter_mut().take(end).rev().find(|octet| octet.is_ascii_alphanumeric()) {
        *octet ^= 1;
    }
}
