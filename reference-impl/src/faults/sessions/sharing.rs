//! What a function does that does not keep the sessions of a user apart, whichever sessions these are.

use super::{Conversations, Relation, Session, begins_between_two};
use crate::faults::editing::{OWN, answer, answers_own, own_send, with_field};
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::sip::{Message, Name};
use cpm_wire::{msrp, sip};
use std::collections::HashSet;
use std::time::Duration;

/// A call is refused while another session stands beside it.
pub(super) struct RefusesBeside {
    relation: Relation,
    known: Conversations,
    refused: HashSet<String>,
}

impl RefusesBeside {
    pub(super) fn boxed(relation: Relation) -> Box<dyn Mischief> {
        Box::new(RefusesBeside { relation, known: Conversations::default(), refused: HashSet::new() })
    }
}

impl Mischief for RefusesBeside {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.known.watch(scene, message);
        let Some(session) = self.known.of(message).filter(|_| way == Way::In) else { return Fate::Pass };
        if self.refused.contains(&session.call_id) {
            return Fate::LOST;
        }
        if begins_between_two(message) && self.known.beside(session, self.relation).is_some() {
            self.refused.insert(session.call_id.clone());
            return Fate::Answered(answer(message, 486));
        }
        Fate::Pass
    }
}

/// A call goes on with an identifier of another session.
pub(super) struct Borrows {
    relation: Relation,
    name: Name,
    of: fn(&Session) -> &str,
    known: Conversations,
}

impl Borrows {
    pub(super) fn boxed(relation: Relation, name: Name, of: fn(&Session) -> &str) -> Box<dyn Mischief> {
        Box::new(Borrows { relation, name, of, known: Conversations::default() })
    }
}

impl Mischief for Borrows {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.known.watch(scene, message);
        let goes_on = way == Way::Out && begins_between_two(message);
        let Some(session) = self.known.of(message).filter(|_| goes_on) else { return Fate::Pass };
        match self.known.beside(session, self.relation) {
            Some(other) => Fate::altered(with_field(message, self.name.clone(), (self.of)(other))),
            None => Fate::Pass,
        }
    }
}

/// What is said in one session comes in another.
pub(super) struct Mixes {
    relation: Relation,
    /// Whether it comes where it belongs as well.
    copies: bool,
    known: Conversations,
    held: Option<(Session, Bytes)>,
}

impl Mixes {
    pub(super) fn boxed(relation: Relation) -> Box<dyn Mischief> {
        Box::new(Mixes { relation, copies: false, known: Conversations::default(), held: None })
    }

    pub(super) fn copying(relation: Relation) -> Box<dyn Mischief> {
        Box::new(Mixes { relation, copies: true, known: Conversations::default(), held: None })
    }
}

/// The content of a SEND that has any.
fn said(message: &msrp::Message) -> Option<Bytes> {
    message.body().filter(|body| message.is(&msrp::Method::Send) && !body.is_empty())
}

impl Mischief for Mixes {
    fn sip(&mut self, scene: &Scene, _: Way, message: &sip::Message) -> Fate {
        self.known.watch(scene, message);
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        let Some((session, said)) = self.known.of_media(scene, way, message).zip(said(message)) else {
            return Fate::Pass;
        };
        if way == Way::In && self.held.is_none() && self.known.beside(session, self.relation).is_some() {
            self.held = Some((session.clone(), said));
            return if self.copies { Fate::Pass } else { Fate::Answered(msrp::response(message, 200)) };
        }
        let other = self.held.as_ref().is_some_and(|(held, _)| (self.relation)(session, held));
        match self.held.take_if(|_| way == Way::Out && other) {
            Some((_, octets)) => {
                let name = message.transaction.trim_end_matches(OWN);
                Fate::Followed(vec![(Duration::from_millis(1), own_send(message, name, &octets))])
            }
            None => Fate::Pass,
        }
    }
}

/// A session is forgotten when another one begins: what is said in it is acknowledged and lost.
pub(super) struct ForgetsTheEarlier {
    relation: Relation,
    known: Conversations,
    forgotten: HashSet<String>,
}

impl ForgetsTheEarlier {
    pub(super) fn boxed(relation: Relation) -> Box<dyn Mischief> {
        Box::new(ForgetsTheEarlier { relation, known: Conversations::default(), forgotten: HashSet::new() })
    }
}

impl Mischief for ForgetsTheEarlier {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.known.watch(scene, message);
        let begins = way == Way::In && begins_between_two(message);
        let Some(session) = self.known.of(message).filter(|_| begins) else { return Fate::Pass };
        if let Some(earlier) = self.known.beside(session, self.relation) {
            self.forgotten.insert(earlier.contribution.clone());
        }
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let session = self.known.of_media(scene, way, message).filter(|_| way == Way::In && said(message).is_some());
        match session.is_some_and(|session| self.forgotten.contains(&session.contribution)) {
            true => Fate::Answered(msrp::response(message, 200)),
            false => Fate::Pass,
        }
    }
}

/// A session dies when another one ends: what is said in it is answered as if it were none.
pub(super) struct DiesWithAnother {
    relation: Relation,
    known: Conversations,
    ended: Vec<Session>,
}

impl DiesWithAnother {
    pub(super) fn boxed(relation: Relation) -> Box<dyn Mischief> {
        Box::new(DiesWithAnother { relation, known: Conversations::default(), ended: Vec::new() })
    }
}

impl Mischief for DiesWithAnother {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.known.watch(scene, message);
        let over = self.known.of(message).filter(|session| way == Way::In && session.over && message.is_request());
        self.ended.extend(over.cloned());
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let session = self.known.of_media(scene, way, message).filter(|_| way == Way::In && said(message).is_some());
        let dead = session.is_some_and(|session| self.ended.iter().any(|other| (self.relation)(session, other)));
        if dead { Fate::Answered(msrp::response(message, 481)) } else { Fate::Pass }
    }
}
