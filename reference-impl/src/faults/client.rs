//! Faults of a client in what it makes of the content that its user missed. [CPM-CONV-058c], [CPM-CONV-058d].

mod items;
mod lists;
mod reports;
mod restarting;
mod sessions;
mod showing;

use super::scene::Scene;
use super::tampering::Mischief;
use super::{Fault, Role};
use crate::call::offer::described;
use crate::client::control::{Act, Request};
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method};
use std::collections::{HashMap, VecDeque};

pub(super) const FAULTS: &[&[Fault]] =
    &[reports::FAULTS, sessions::FAULTS, showing::FAULTS, restarting::FAULTS, lists::FAULTS, items::FAULTS];

const fn fault(id: &'static str, what: &'static str, make: fn() -> Box<dyn Mischief>) -> Fault {
    Fault { id, role: Role::Client, what, make }
}

/// What a client does by itself in its users' names.
#[derive(Default)]
struct Wishes {
    /// The user who was invited, by chat.
    users: HashMap<String, String>,
    waiting: VecDeque<Request>,
}

impl Wishes {
    /// Learns whose chat it is.
    fn watch(&mut self, scene: &Scene, message: &Message) {
        if is_invitation(message)
            && let (Some(leg), Ok(to)) = (scene.leg(message).filter(|leg| !leg.invited), message.to())
        {
            self.users.insert(leg.contribution.clone(), to.uri.to_owned());
        }
    }

    /// In this chat, this is done next.
    fn wish(&mut self, chat: &str, act: Act) {
        let Some(user) = self.users.get(chat).cloned() else { return };
        self.waiting.push_back(Request { user, device: String::new(), act, chat: Some(chat.to_owned()), text: None });
    }

    fn next(&mut self) -> Option<Request> {
        self.waiting.pop_front()
    }
}

/// True for an INVITE that opens a session.
fn is_invitation(message: &Message) -> bool {
    message.is_request() && message.method() == Method::Invite && message.to_tag().is_none()
}

/// True for an INVITE to a session in which the client only receives.
fn is_delivery(message: &Message) -> bool {
    is_invitation(message) && described(message).is_some_and(|offer| offer.direction == Direction::SendOnly)
}
