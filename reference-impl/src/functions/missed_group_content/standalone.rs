//! Notifications that came as MESSAGEs while their user could not be reached: stored as they came, and sent to the
//! first device that can be reached. [CPM-CONV-058, L04]

use crate::call::registrations::Device;
use crate::call::served::ServedUser;
use crate::call::sip::without_tag;
use crate::call::{Mechanics, Owner};
use crate::store::{StandaloneRecord, Token, Write};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::ServerId;
use std::collections::{BTreeMap, HashMap};

/// The notifications that wait.
#[derive(Default)]
pub struct Waiting {
    held: BTreeMap<u64, Held>,
    unanswered: HashMap<Token, (ServerId, Message)>,
}

struct Held {
    record: StandaloneRecord,
    identity: String,
    sent: bool,
}

impl Waiting {
    /// What waited before a restart.
    pub fn restored(records: Vec<StandaloneRecord>) -> Waiting {
        let held = records.into_iter().map(|record| {
            let identity = Message::parse(record.request.clone())
                .ok()
                .and_then(|request| request.to().ok().map(|to| to.uri.to_owned()))
                .unwrap_or_else(|| record.user.clone());
            (record.id, Held { record, identity, sent: false })
        });
        Waiting { held: held.collect(), unanswered: HashMap::new() }
    }

    /// Takes a notification; its sender gets 202 once it is on the disk (RFC 3428 section 7).
    pub fn store(&mut self, m: &mut Mechanics, server: ServerId, request: Message, served: &ServedUser) {
        let policy = m.config.policy(&served.identity);
        if !policy.store {
            return m.refuse(server, &request, 480);
        }
        let record = StandaloneRecord {
            id: m.record_number(),
            user: served.key.clone(),
            request: request.octets().clone(),
            expires: policy.retention.map(|retention| (m.now + retention).as_nanos()),
        };
        let token = m.write_for(Owner::Standalone(record.id), vec![Write::Standalone(record.clone())]);
        self.unanswered.insert(token, (server, request));
        self.held.insert(record.id, Held { record, identity: served.identity.clone(), sent: false });
    }

    /// A notification is on the disk.
    pub fn persisted(&mut self, m: &mut Mechanics, token: Token) {
        if let Some((server, request)) = self.unanswered.remove(&token) {
            m.refuse(server, &request, 202);
        }
    }

    /// A device can be reached.
    pub fn deliver(&mut self, m: &mut Mechanics, user: &str, device: &Device) {
        self.forget_expired(m);
        for held in self.held.values_mut().filter(|held| held.record.user == user && !held.sent) {
            let Ok(request) = Message::parse(held.record.request.clone()) else { continue };
            held.sent = true;
            let onward = again(m, &request, &held.identity, device);
            m.send(Owner::Standalone(held.record.id), onward);
        }
    }

    /// A device has answered.
    pub fn answered(&mut self, m: &mut Mechanics, id: u64, response: Option<&Message>) {
        match response.and_then(Message::status).unwrap_or(408) {
            100..=199 => {}
            // A device that understands no such request will never take it.
            200..=299 | 405 | 415 | 488 | 501 => {
                self.held.remove(&id);
                m.write(vec![Write::ForgetStandalone(id)]);
            }
            _ => {
                if let Some(held) = self.held.get_mut(&id) {
                    held.sent = false;
                }
            }
        }
    }

    fn forget_expired(&mut self, m: &mut Mechanics) {
        let expired = |held: &Held| held.record.expires.is_some_and(|at| Time::from_nanos(at) <= m.now);
        for id in self.held.iter().filter(|(_, held)| expired(held)).map(|(id, _)| *id).collect::<Vec<_>>() {
            self.held.remove(&id);
            m.write(vec![Write::ForgetStandalone(id)]);
        }
    }
}

/// The stored request as a new one to a device: its content and what identifies it stay.
fn again(m: &mut Mechanics, request: &Message, user: &str, device: &Device) -> Message {
    let target = device.contact.as_deref().unwrap_or(user);
    let own = m.own_request(Method::Message, target, user, false);
    let from = request.from().map(|from| without_tag(&from)).unwrap_or_default();
    let own = own.header(Name::From, format!("{from};tag={}", m.tokens.tag())).header(Name::To, format!("<{user}>"));
    crate::call::sip::copied(request, own).build()
}
