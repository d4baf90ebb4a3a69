//! What the faults in lists of participants have in common: documents changed on their way.

use super::documents::{document, with_document};
use super::passage::Way;
use super::scene::Scene;
use super::tampering::{Fate, Mischief};
use cpm_wire::conference_info::{Document, State, User};
use cpm_wire::sip::{Message, identity_key};
use std::collections::HashMap;

/// What becomes of a document; none when its notification comes without any.
pub(super) type Change = Box<dyn FnMut(&Message, Document) -> Option<Document> + Send>;

/// Changes the documents of notifications, each subscription for itself.
pub(super) struct Documents {
    way: Way,
    begin: fn() -> Change,
    subscriptions: HashMap<String, Change>,
}

impl Documents {
    /// Those that the focus sends to the element: whatever it tells then has the fault.
    pub(super) fn heard(begin: fn() -> Change) -> Box<dyn Mischief> {
        Box::new(Documents { way: Way::In, begin, subscriptions: HashMap::new() })
    }

    /// Those that the element sends to devices.
    pub(super) fn told(begin: fn() -> Change) -> Box<dyn Mischief> {
        Box::new(Documents { way: Way::Out, begin, subscriptions: HashMap::new() })
    }
}

impl Mischief for Documents {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let known = document(message).zip(message.call_id()).filter(|_| way == self.way);
        let Some((document, call_id)) = known else { return Fate::Pass };
        let change = self.subscriptions.entry(call_id.to_owned()).or_insert_with(self.begin);
        match change(message, document) {
            Some(document) => Fate::altered(with_document(message, &document)),
            None => Fate::altered(message.edit().no_body().finish().octets().clone()),
        }
    }
}

/// A change that needs to remember nothing.
pub(super) fn always(change: fn(&mut Document)) -> Change {
    Box::new(move |_, mut document| {
        change(&mut document);
        Some(document)
    })
}

/// The users of a document, to be changed.
pub(super) fn users(document: &mut Document) -> Option<&mut Vec<User>> {
    document.users.as_mut().map(|users| &mut users.users)
}

/// True for a user who is told to be in, or on the way.
pub(super) fn is_there(user: &User) -> bool {
    let out = |status: &str| matches!(status, "disconnected" | "disconnecting");
    let mut statuses = user.endpoints.iter().filter_map(|endpoint| endpoint.status.as_ref());
    user.state != State::Deleted && !statuses.any(|status| out(status.as_str()))
}

/// True for the user to whom the notification goes.
pub(super) fn is_addressee(notify: &Message, user: &User) -> bool {
    notify.to().is_ok_and(|to| identity_key(to.uri) == identity_key(&user.entity))
}

/// True for the notification that ends its subscription (RFC 6665 section 4.4.1).
pub(super) fn is_last(notify: &Message) -> bool {
    notify.subscription_state().is_some_and(|state| state.value.eq_ignore_ascii_case("terminated"))
}
