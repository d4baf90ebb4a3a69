//! Faults with several conversations of one user, and with invitations that come twice. [PF-SES-07].

use super::sharing::{Borrows, ForgetsTheEarlier, Mixes};
use super::{Conversations, Session, begins_between_two};
use crate::faults::Fault;
use crate::faults::choices::Told;
use crate::faults::editing::with_field;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::sip::{Message, Method, Name};
use std::collections::{HashMap, HashSet};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function(
        "repeats-in-another-conversation",
        "What is said in one conversation comes in another, too",
        || Mixes::copying(Session::is_apart_from),
    ),
    Fault::of_function(
        "names-the-first-caller-for-all",
        "All calls of a user go on in the name of the first caller",
        || Borrows::boxed(Session::is_apart_from, Name::PAssertedIdentity, |first| &first.asserted),
    ),
    Fault::of_function(
        "leaves-a-second-conversation-unacknowledged",
        "A call beside another conversation gets no ACK",
        || Box::new(Unacknowledged(Conversations::default())),
    ),
    Fault::of_function("mixes-two-conversations", "What is said in one conversation comes in another", || {
        Mixes::boxed(Session::is_apart_from)
    }),
    Fault::of_function("refuses-a-second-conversation", "A user may have one session alone", || {
        Box::new(Told(|config| config.max_sessions_per_user = Some(1)))
    }),
    Fault::of_function("one-conversation-for-all", "All calls of a user go on with the first Conversation-ID", || {
        Borrows::boxed(Session::is_apart_from, Name::ConversationId, |first| &first.conversation)
    }),
    Fault::of_function("one-contribution-for-all", "All calls of a user go on with the first Contribution-ID", || {
        Borrows::boxed(Session::is_apart_from, Name::ContributionId, |first| &first.contribution)
    }),
    Fault::of_function(
        "forgets-a-conversation-for-the-next",
        "A new conversation takes the place of an older one",
        || ForgetsTheEarlier::boxed(Session::is_apart_from),
    ),
    Fault::of_function(
        "takes-a-merged-call-for-another",
        "An INVITE that comes by two ways makes two sessions",
        || Box::new(TakesTwice::default()),
    ),
];

/// The acceptance of a call is acknowledged while no other conversation stands.
struct Unacknowledged(Conversations);

impl Mischief for Unacknowledged {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.0.watch(scene, message);
        let acknowledges = way == Way::Out && message.is_request() && message.method() == Method::Ack;
        let second = |session: &Session| self.0.beside(session, Session::is_apart_from).is_some();
        let lost = acknowledges && self.0.of(message).is_some_and(second);
        if lost { Fate::LOST } else { Fate::Pass }
    }
}

/// Ends the Call-ID by which the function knows the second session.
const AGAIN: &str = ".again";

/// An invitation that comes by another way is told the function as another one.
#[derive(Default)]
struct TakesTwice {
    /// The top Via of the invitations, by Call-ID.
    invited: HashMap<String, String>,
    /// The function's tags in second sessions.
    tags: HashSet<String>,
}

impl TakesTwice {
    fn comes(&mut self, message: &Message, call_id: &str) -> Fate {
        let via = message.header(&Name::Via).unwrap_or_default().to_owned();
        let again = with_field(message, Name::CallId, format!("{call_id}{AGAIN}"));
        if message.to_tag().is_some_and(|tag| self.tags.contains(tag)) {
            return Fate::altered(again);
        }
        if !begins_between_two(message) {
            return Fate::Pass;
        }
        let Some(first) = self.invited.get(call_id) else {
            self.invited.insert(call_id.to_owned(), via);
            return Fate::Pass;
        };
        if *first == via { Fate::Pass } else { Fate::altered(again) }
    }
}

impl Mischief for TakesTwice {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let Some(call_id) = message.call_id() else { return Fate::Pass };
        match (way, call_id.strip_suffix(AGAIN)) {
            (Way::In, None) => self.comes(message, call_id),
            (Way::Out, Some(known)) => {
                let own = if message.is_request() { message.from_tag() } else { message.to_tag() };
                self.tags.extend(own.map(str::to_owned));
                Fate::altered(with_field(message, Name::CallId, known))
            }
            (_, _) => Fate::Pass,
        }
    }
}
