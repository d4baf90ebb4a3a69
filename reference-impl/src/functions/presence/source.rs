//! The presence source: what the function knows of a user's devices, it publishes on the user's behalf (RFC 3903). Whoever is
//! refused, or not heard, is told nothing until something else is to be said.

use crate::call::{Mechanics, Owner};
use crate::config::WhenGone;
use cpm_wire::pidf::{self, Basic, Contact, Document, Tuple};
use cpm_wire::publication::{Content, Publisher, Wanted};
use cpm_wire::sip::{Message, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, Timers};
use std::collections::BTreeSet;

/// The publication of one user.
#[derive(Debug)]
pub struct Source {
    number: u64,
    user: String,
    publisher: Publisher,
    /// The PUBLISH that is not answered yet.
    client: Option<ClientId>,
}

impl Source {
    /// A user of whom nothing is published yet.
    pub fn new(m: &mut Mechanics, number: u64, user: &str, expires: u32) -> Source {
        let wanted = Wanted {
            target: user.to_owned(),
            routes: vec![super::route(m)],
            identity: user.to_owned(),
            local_tag: m.tokens.tag(),
            call_id: m.tokens.token(),
            event: super::EVENT.to_owned(),
            expires,
        };
        let publisher = Publisher::new(wanted, &Timers { t1: m.config.t1, ..Timers::default() });
        Source { number, user: user.to_owned(), publisher, client: None }
    }

    /// The user has these devices now, and had others before.
    pub fn tell(&mut self, m: &mut Mechanics, devices: &BTreeSet<String>, when_gone: WhenGone) {
        match (devices.is_empty(), when_gone) {
            (true, WhenGone::Removed) => self.publisher.remove(),
            (gone, _) => self.publisher.publish(content(&self.user, devices, m.now), !gone),
        }
        self.send(m);
    }

    /// A PUBLISH is answered, or never will be. False when it was another.
    pub fn answered(&mut self, m: &mut Mechanics, client: ClientId, response: Option<&Message>) -> bool {
        if self.client != Some(client) {
            return false;
        }
        if response.and_then(Message::status).is_none_or(|status| status >= 200) {
            self.client = None;
            self.publisher.answered(m.now, response);
            self.send(m);
        }
        true
    }

    /// When [`Source::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.publisher.poll_timeout()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        self.publisher.handle_timeout(m.now);
        self.send(m);
    }

    /// True when nothing is published, and nothing is to be.
    pub fn is_idle(&self) -> bool {
        self.publisher.is_idle()
    }

    fn send(&mut self, m: &mut Mechanics) {
        if let Some(request) = self.publisher.poll_request() {
            let request = super::on_behalf(m, &self.user, request).header(Name::UserAgent, crate::call::sip::PRODUCT);
            self.client = Some(m.send(Owner::Presence(self.number), request.build()));
        }
    }
}

/// What there is to say of a user with these devices: one tuple each, or one that is closed.
fn content(user: &str, devices: &BTreeSet<String>, now: Time) -> Content {
    let tuple = |id: String, basic| Tuple {
        contact: (basic == Basic::Open).then(|| Contact { uri: user.to_owned(), priority: None }),
        timestamp: Some(now.to_rfc3339()),
        ..Tuple::new(&id, basic)
    };
    let open = devices.iter().enumerate().map(|(number, _)| tuple(format!("device-{}", number + 1), Basic::Open));
    let mut tuples: Vec<Tuple> = open.collect();
    if tuples.is_empty() {
        tuples.push(tuple("user".to_owned(), Basic::Closed));
    }
    let text = Document::new(user, tuples).to_xml();
    Content { media_type: pidf::MEDIA_TYPE.to_owned(), body: text.into() }
}
