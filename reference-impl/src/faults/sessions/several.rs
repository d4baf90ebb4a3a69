//! Faults with several sessions of one conversation. [PF-SES-06].

use super::carrying::altered;
use super::setting_up::Accepts;
use super::sharing::{Borrows, DiesWithAnother, ForgetsTheEarlier, Mixes, RefusesBeside};
use super::{Conversations, Session, begins_between_two};
use crate::faults::Fault;
use crate::faults::editing::answer;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::msrp;
use cpm_wire::sip::{Message, Method, Name};
use std::collections::HashMap;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("keeps-the-end-of-one-of-two-to-itself", "Of two sessions one ends on one side alone", || {
        Box::new(KeepsTheEnd(Conversations::default()))
    }),
    Fault::of_function("alters-what-a-second-session-says", "What is said in a second session is another text", || {
        Box::new(AltersTheSecond(Conversations::default()))
    }),
    Fault::of_function(
        "ends-a-conversation-with-one-session",
        "When a session ends, so do all of its conversation",
        || DiesWithAnother::boxed(Session::shares_with),
    ),
    Fault::of_function(
        "refuses-a-second-session-of-a-conversation",
        "A conversation may have one session alone",
        || RefusesBeside::boxed(Session::shares_with),
    ),
    Fault::of_function(
        "calls-under-the-contribution-of-the-first",
        "All of a conversation share a Contribution-ID",
        || Borrows::boxed(Session::shares_with, Name::ContributionId, |first| &first.contribution),
    ),
    Fault::of_function("mixes-the-sessions-of-a-conversation", "What is said in one session comes in another", || {
        Mixes::boxed(Session::shares_with)
    }),
    Fault::of_function(
        "forgets-the-first-session-of-a-conversation",
        "A second session takes the place of the first",
        || ForgetsTheEarlier::boxed(Session::shares_with),
    ),
    Fault::of_function(
        "moves-the-second-session-elsewhere",
        "A further session gets a conversation of its own",
        || Box::new(MovesTheSecond(Conversations::default())),
    ),
    Fault::of_function("refuses-file-transfers", "A session for a file is refused", || Box::new(RefusesFiles)),
    Fault::of_function("accepts-a-voice-call-to-nobody", "Voice that is not served is accepted", || {
        Box::new(Accepts { which: is_voice, invites: HashMap::new() })
    }),
];

fn is_voice(invite: &Message) -> bool {
    String::from_utf8_lossy(invite.body()).contains("m=audio")
}

/// The end of a session that another one of its conversation stands beside is not passed on.
struct KeepsTheEnd(Conversations);

impl Mischief for KeepsTheEnd {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.0.watch(scene, message);
        let ends = way == Way::Out && message.is_request() && message.method() == Method::Bye;
        let second = |session: &Session| self.0.beside(session, Session::shares_with).is_some();
        match self.0.of(message).is_some_and(|session| ends && second(session)) {
            true => Fate::Answered(answer(message, 200)),
            false => Fate::Pass,
        }
    }
}

/// What is said in a session that another one of its conversation stands beside is altered.
struct AltersTheSecond(Conversations);

impl Mischief for AltersTheSecond {
    fn sip(&mut self, scene: &Scene, _: Way, message: &Message) -> Fate {
        self.0.watch(scene, message);
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let session = self.0.of_media(scene, way, message).filter(|_| way == Way::Out);
        match session.is_some_and(|session| self.0.beside(session, Session::shares_with).is_some()) {
            true => altered(message),
            false => Fate::Pass,
        }
    }
}

struct MovesTheSecond(Conversations);

impl Mischief for MovesTheSecond {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.0.watch(scene, message);
        let goes_on = way == Way::Out && begins_between_two(message);
        let second = |session: &Session| self.0.beside(session, Session::shares_with).is_some();
        match self.0.of(message).is_some_and(|session| goes_on && second(session)) {
            true => super::setting_up::backwards(message, Name::ConversationId),
            false => Fate::Pass,
        }
    }
}

struct RefusesFiles;

impl Mischief for RefusesFiles {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let services = [Name::PAssertedService, Name::PPreferredService, Name::AcceptContact];
        let names = |name| message.headers(name).any(|value| value.contains("oma.cpm.filetransfer"));
        let of_file = services.iter().any(names);
        let refused = way == Way::In && begins_between_two(message) && of_file;
        if refused { Fate::Answered(answer(message, 488)) } else { Fate::Pass }
    }
}
