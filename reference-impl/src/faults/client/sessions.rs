//! Faults in taking the sessions that bring what was missed. [CPM-CONV-058c]

use super::{Wishes, fault, is_delivery, is_invitation};
use crate::client::control::{Act, Request};
use crate::client::{Config, DrainAnswer};
use crate::faults::Fault;
use crate::faults::editing;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::msrp::{self, Method};
use cpm_wire::sip::{self, Name, NameAddr};
use std::collections::HashSet;
use std::time::Duration;

pub(in crate::faults) const FAULTS: &[Fault] = &[
    fault("refuses-what-was-missed", "An invitation to receive alone is declined", || Box::new(RefusesDeliveries)),
    fault("rejects-the-media", "A session is accepted, and the media in it are not", || {
        Box::new(Describes(|line| {
            let mut words: Vec<&str> = line.split(' ').collect();
            if let (Some(&"m=message"), Some(port)) = (words.first().copied().as_ref(), words.get_mut(1)) {
                *port = "0";
            }
            words.join(" ")
        }))
    }),
    fault("names-a-path-that-nobody-knows", "The path in an answer is that of no session", || {
        Box::new(Describes(|line| match line.strip_prefix("a=path:") {
            Some(path) => format!("a=path:{}", path.replacen(";tcp", "x;tcp", 1)),
            None => line.to_owned(),
        }))
    }),
    fault("answers-inactive", "A session is accepted in which nothing goes either way", || {
        Box::new(Describes(|line| line.replace("a=recvonly", "a=inactive").replace("a=sendrecv", "a=inactive")))
    }),
    fault("answers-no-send", "What comes in a session is used and not acknowledged", || Box::new(AnswersNoSend)),
    fault("answers-a-send-late", "What comes in a session is acknowledged after a minute", || Box::new(AnswersLate)),
    fault("refuses-every-send", "What comes in a session is refused", || Box::new(RefusesSends)),
    fault(
        "breaks-off-amid-the-delivery",
        "A session that brings what was missed is ended at its first message",
        || Box::new(BreaksOff::default()),
    ),
    fault("one-leg-at-a-time", "A second session of a chat ends the first", || Box::new(OneLeg::default())),
    fault("refuses-the-second-leg", "A second session of a chat is refused as busy", || Box::new(Busy::default())),
    fault("refuses-an-unknown-inviter", "An invitation that names no inviter with an account is refused", || {
        Box::new(RefusesStrangers)
    }),
    fault(
        "drops-a-message-of-an-unknown-inviter",
        "Nothing is made of what an unknown inviter's session brings",
        || Box::new(DropsStrangers::default()),
    ),
    fault("accepts-stored-notifications-from-anybody", "Who says that he is the store is believed", || {
        Box::new(BelievesInTheStore)
    }),
    fault("refuses-stored-notifications", "Sessions with stored notifications are refused", || {
        Box::new(Told(|config| config.stored_notifications = false))
    }),
    fault("asks-about-stored-notifications", "Sessions with stored notifications wait for the user", || {
        Box::new(AsksAboutTheStore)
    }),
    fault("answers-sendrecv", "An offer to receive alone is answered as if both sides sent", || {
        Box::new(Told(|config| config.drain_answer = DrainAnswer::Sendrecv))
    }),
];

struct RefusesDeliveries;

impl Mischief for RefusesDeliveries {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let refused = way == Way::In && is_delivery(message);
        if refused { Fate::Answered(editing::answer(message, 603)) } else { Fate::Pass }
    }
}

/// Describes its media otherwise when it accepts a session; line by line.
struct Describes(fn(&str) -> String);

impl Mischief for Describes {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let accepts = message.status() == Some(200) && message.method() == sip::Method::Invite;
        let (Way::Out, true, Ok(text)) = (way, accepts, std::str::from_utf8(message.body())) else {
            return Fate::Pass;
        };
        let lines: String = text.lines().map(|line| format!("{}\r\n", (self.0)(line))).collect();
        Fate::altered(message.edit().body(cpm_wire::sdp::MEDIA_TYPE, lines.into()).finish().octets().clone())
    }
}

struct AnswersNoSend;

impl Mischief for AnswersNoSend {
    fn msrp(&mut self, _scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if way == Way::Out && message.status().is_some() { Fate::LOST } else { Fate::Pass }
    }
}

struct AnswersLate;

impl Mischief for AnswersLate {
    fn msrp(&mut self, _scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let late = way == Way::Out && message.status().is_some();
        if late { Fate::Later(Duration::from_secs(60)) } else { Fate::Pass }
    }
}

struct RefusesSends;

impl Mischief for RefusesSends {
    fn msrp(&mut self, _scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let refused = way == Way::In && message.is(&Method::Send) && message.body().is_some();
        if refused { Fate::Answered(msrp::response(message, 413)) } else { Fate::Pass }
    }
}

/// The calls that only bring something.
#[derive(Default)]
struct BreaksOff {
    deliveries: HashSet<String>,
    wishes: Wishes,
}

impl Mischief for BreaksOff {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        self.wishes.watch(scene, message);
        if way == Way::In && is_delivery(message) {
            self.deliveries.extend(message.call_id().map(str::to_owned));
        }
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let leg = scene.leg_of(way, message).filter(|leg| self.deliveries.contains(&leg.call_id));
        if way == Way::Out
            && message.status() == Some(200)
            && let Some(leg) = leg
        {
            self.wishes.wish(&leg.contribution, Act::Leave);
        }
        Fate::Pass
    }

    fn wishes(&mut self) -> Option<Request> {
        self.wishes.next()
    }
}

#[derive(Default)]
struct OneLeg(Wishes);

impl Mischief for OneLeg {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        if way == Way::In
            && is_invitation(message)
            && let Some(leg) = scene.leg(message)
        {
            // Where there is none, there is nothing to leave.
            self.0.watch(scene, message);
            self.0.wish(&leg.contribution, Act::Leave);
        }
        Fate::Pass
    }

    fn wishes(&mut self) -> Option<Request> {
        self.0.next()
    }
}

/// The chats that have a session, with its Call-ID.
#[derive(Default)]
struct Busy(HashSet<(String, String)>);

impl Mischief for Busy {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let Some(leg) = scene.leg(message) else { return Fate::Pass };
        let own = (leg.contribution.clone(), leg.call_id.clone());
        if message.is_request() && message.method() == sip::Method::Bye {
            self.0.remove(&own);
        }
        if way == Way::Out || !is_invitation(message) {
            return Fate::Pass;
        }
        if self.0.iter().any(|(chat, call_id)| *chat == own.0 && *call_id != own.1) {
            return Fate::Answered(editing::answer(message, 486));
        }
        self.0.insert(own);
        Fate::Pass
    }
}

/// True for an invitation to receive, or to a chat, in which no person with an account is named as the inviter.
fn is_of_a_stranger(message: &sip::Message) -> bool {
    let inviter = message.header(&Name::ReferredBy).map(NameAddr::parse);
    let known = matches!(inviter, Some(Ok(inviter)) if inviter.uri.contains('@') || inviter.uri.starts_with("tel:"));
    is_invitation(message) && !known
}

struct RefusesStrangers;

impl Mischief for RefusesStrangers {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let refused = way == Way::In && is_of_a_stranger(message);
        if refused { Fate::Answered(editing::answer(message, 403)) } else { Fate::Pass }
    }
}

/// The calls of unknown inviters.
#[derive(Default)]
struct DropsStrangers(HashSet<String>);

impl Mischief for DropsStrangers {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        if way == Way::In && is_of_a_stranger(message) {
            self.0.extend(message.call_id().map(str::to_owned));
        }
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let theirs = scene.leg_of(way, message).is_some_and(|leg| self.0.contains(&leg.call_id));
        let dropped = theirs && way == Way::In && editing::envelope(message).is_some();
        if dropped { Fate::Answered(msrp::response(message, 200)) } else { Fate::Pass }
    }
}

/// True for an INVITE in the name of the store.
fn is_of_the_store(message: &sip::Message) -> bool {
    is_invitation(message) && message.from().is_ok_and(|from| from.uri.contains(":rcse-standfw@"))
}

struct BelievesInTheStore;

impl Mischief for BelievesInTheStore {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let (true, Ok(from)) = (way == Way::In && is_of_the_store(message), message.from()) else { return Fate::Pass };
        let vouched = message.edit().set(Name::PAssertedIdentity, format!("<{}>", from.uri)).finish();
        Fate::altered(vouched.octets().clone())
    }
}

struct AsksAboutTheStore;

impl Mischief for AsksAboutTheStore {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        if way == Way::Out || !is_of_the_store(message) {
            return Fate::Pass;
        }
        Fate::altered(message.edit().set(Name::AnswerMode, "Manual").finish().octets().clone())
    }
}

/// A client that is told otherwise.
pub(super) struct Told(pub fn(&mut Config));

impl Mischief for Told {
    fn configure_client(&self, config: &mut Config) {
        (self.0)(config);
    }
}
