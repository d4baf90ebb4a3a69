//! Copies for devices that could not be had while another device of the same user took the message [PF-DEV-02, L16]: each waits
//! for the next registration of its device. They are held in memory: the user has the message already.

use crate::call::registrations::Device;
use crate::call::sip::without_tag;
use crate::call::{Mechanics, Owner};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// The most copies that wait; the oldest gives way.
const MOST: usize = 10_000;

/// The copies that wait.
#[derive(Default)]
pub struct Retries {
    last: u64,
    waiting: BTreeMap<u64, Copy>,
    of_device: HashMap<Key, VecDeque<u64>>,
}

/// A user and the key of a device of the user.
type Key = (String, String);

struct Copy {
    key: Key,
    identity: String,
    request: Message,
    expires: Option<Time>,
    /// It is on its way.
    sent: bool,
}

impl Retries {
    /// These devices of a user have not got a message that another one has.
    pub fn keep(&mut self, m: &Mechanics, (user, identity): (&str, &str), request: &Message, devices: Vec<String>) {
        let policy = m.config.policy(identity);
        if !policy.store {
            return;
        }
        let asked = request.expires().map(|seconds| std::time::Duration::from_secs(seconds.into()));
        let expires = asked.into_iter().chain(policy.retention).min().map(|span| m.now + span);
        for device in devices {
            self.last += 1;
            let key = (user.to_owned(), device);
            self.of_device.entry(key.clone()).or_default().push_back(self.last);
            let (identity, request) = (identity.to_owned(), request.clone());
            self.waiting.insert(self.last, Copy { key, identity, request, expires, sent: false });
        }
        while self.waiting.len() > MOST
            && let Some(oldest) = self.waiting.keys().next().copied()
        {
            self.forget(oldest);
        }
    }

    /// A device can be reached: it gets its copies in the order in which they came.
    pub fn deliver(&mut self, m: &mut Mechanics, user: &str, device: &Device) {
        let key = (user.to_owned(), device.key.clone());
        for id in self.of_device.get(&key).into_iter().flatten().copied().collect::<Vec<_>>() {
            let Some(copy) = self.waiting.get_mut(&id).filter(|copy| !copy.sent) else { continue };
            if copy.expires.is_some_and(|at| at <= m.now) {
                self.forget(id);
                continue;
            }
            copy.sent = true;
            let onward = again(m, &copy.request, &copy.identity, device);
            m.send(Owner::Copy(id), onward);
        }
    }

    /// A device has answered, or has not.
    pub fn answered(&mut self, id: u64, response: Option<&Message>) {
        match response.and_then(Message::status).unwrap_or(480) {
            100..=199 => {}
            480 | 408 | 500 | 502..=504 => {
                if let Some(copy) = self.waiting.get_mut(&id) {
                    copy.sent = false;
                }
            }
            // Taken, or refused for good.
            _ => self.forget(id),
        }
    }

    fn forget(&mut self, id: u64) {
        let Some(copy) = self.waiting.remove(&id) else { return };
        if let Some(of_device) = self.of_device.get_mut(&copy.key) {
            of_device.retain(|other| *other != id);
            if of_device.is_empty() {
                self.of_device.remove(&copy.key);
            }
        }
    }
}

/// The request as a new one to a device: its content and what identifies it stay.
fn again(m: &mut Mechanics, request: &Message, user: &str, device: &Device) -> Message {
    let target = device.contact.as_deref().unwrap_or(user);
    let own = m.own_request(Method::Message, target, user, false);
    let from = request.from().map(|from| without_tag(&from)).unwrap_or_default();
    let to = request.to().map(|to| without_tag(&to)).unwrap_or_default();
    let own = own.header(Name::From, format!("{from};tag={}", m.tokens.tag())).header(Name::To, to);
    crate::call::sip::copied(request, own).build()
}
