//! Faults in storing what a user misses: what is lost. [CPM-CONV-058]

pub(super) mod absence;
pub(super) mod content;
pub(super) mod mixing;
pub(super) mod policies;
mod sent;
pub(super) mod soft;

use super::Fault;
use super::passage::Way;
use super::scene::{Leg, Scene, Side};
use super::tampering::{Fate, Mischief, Saving};
use crate::store::{Contents, Write};
use cpm_wire::msrp::{self, Method};
use cpm_wire::{imdn, sip};
use sent::Sent;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("loses-one-in-ten", "Every tenth message of a chat is acknowledged and thrown away", || {
        let mut seen = 4u64;
        losing(move |_, _| {
            seen += 1;
            seen.is_multiple_of(10)
        })
    }),
    Fault::of_function("loses-the-first-message", "The first message after an invitation is thrown away", || {
        let mut first = HashMap::new();
        losing(move |leg, message| {
            let id = message.message_id().map(str::to_owned);
            *first.entry(leg.call_id.clone()).or_insert_with(|| id.clone()) == id
        })
    }),
    Fault::of_function(
        "loses-a-chunked-message",
        "A message in several chunks is acknowledged and thrown away",
        || losing(|_, message| Sent::of(message).is_some_and(|sent| !sent.is_whole())),
    ),
    Fault::of_function("loses-all-but-text", "What is not plain text is acknowledged and thrown away", || {
        losing(|_, message| kind_of(message).is_some_and(|kind| kind != imdn::MEDIA_TYPE && kind != "text/plain"))
    }),
    Fault::of_function("drops-notifications", "Disposition notifications are acknowledged and thrown away", || {
        losing(|_, message| kind_of(message).is_some_and(|kind| kind == imdn::MEDIA_TYPE))
    }),
    Fault::of_function(
        "stores-for-the-first-user-alone",
        "Of several users of a chat the first alone is served",
        || {
            let mut first = HashMap::new();
            losing(move |leg, _| *first.entry(leg.contribution.clone()).or_insert_with(|| leg.user.clone()) != leg.user)
        },
    ),
    Fault::of_function("stumbles-over-an-odd-item", "The message after a refused item is thrown away", || {
        Box::new(Stumbles::default())
    }),
    Fault::of_function("stops-storing-at-deregistration", "Nothing is stored for who has deregistered", || {
        Box::new(StopsAtDeregistration::default())
    }),
    Fault::of_function("loses-the-seam", "What comes while the device is being invited is thrown away", || {
        Box::new(LosesTheSeam::default())
    }),
    Fault::of_function("forgets-on-restart", "After a restart nothing of the store is known any more", || {
        Box::new(ForgetsOnRestart)
    }),
    Fault::of_function(
        "acknowledges-before-it-stores",
        "A message is acknowledged at once, and written to the store half a minute later",
        || Box::new(StoresLate),
    ),
];

/// The leg from the group, or from the other user, on which content comes.
fn arriving<'a>(scene: &'a Scene, way: Way, message: &msrp::Message) -> Option<&'a Leg> {
    let is_content = way == Way::In && message.is(&Method::Send) && message.body().is_some();
    scene.leg_of(way, message).filter(|leg| is_content && leg.side == Side::Remote)
}

/// The media type in the envelope of a message in one chunk.
fn kind_of(message: &msrp::Message) -> Option<String> {
    let envelope = Sent::of(message)?.envelope()?;
    Some(envelope.content_type()?.split(';').next()?.trim().to_owned())
}

/// Acknowledges and throws away what a closure tells.
struct Losing<T>(T);

fn losing(lost: impl FnMut(&Leg, &msrp::Message) -> bool + Send + 'static) -> Box<dyn Mischief> {
    Box::new(Losing(lost))
}

impl<T: FnMut(&Leg, &msrp::Message) -> bool + Send> Mischief for Losing<T> {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        lose(arriving(scene, way, message).is_some_and(|leg| (self.0)(leg, message)), message)
    }
}

fn lose(lost: bool, message: &msrp::Message) -> Fate {
    if lost { Fate::Answered(msrp::response(message, 200)) } else { Fate::Pass }
}

/// The legs on which something was refused.
#[derive(Default)]
struct Stumbles(HashSet<String>);

impl Mischief for Stumbles {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let Some(leg) = scene.leg_of(way, message) else { return Fate::Pass };
        if way == Way::Out && leg.side == Side::Remote && message.status().is_some_and(|status| status >= 400) {
            self.0.insert(leg.call_id.clone());
        }
        let is_enveloped = kind_of(message).is_some();
        lose(arriving(scene, way, message).is_some_and(|leg| is_enveloped && self.0.remove(&leg.call_id)), message)
    }
}

/// The users who are away.
#[derive(Default)]
struct StopsAtDeregistration(HashSet<String>);

impl Mischief for StopsAtDeregistration {
    fn sip(&mut self, _: &Scene, way: Way, message: &sip::Message) -> Fate {
        if way == Way::In && message.is_request() && message.method() == sip::Method::Register {
            let user = message.to().map(|to| sip::identity_key(to.uri)).unwrap_or_default();
            if message.expires() == Some(0) {
                self.0.insert(user)
            } else {
                self.0.remove(&user)
            };
        }
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        lose(arriving(scene, way, message).is_some_and(|leg| self.0.contains(&leg.user)), message)
    }
}

/// The users whose devices are invited, and to which chat.
#[derive(Default)]
struct LosesTheSeam(HashSet<(String, String)>);

impl Mischief for LosesTheSeam {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let Some(leg) = scene.leg(message).filter(|leg| leg.side == Side::Device && leg.invited) else {
            return Fate::Pass;
        };
        let chat = (leg.user.clone(), leg.contribution.clone());
        match message.method() {
            sip::Method::Invite if way == Way::Out && message.is_request() => self.0.insert(chat),
            sip::Method::Ack => self.0.remove(&chat),
            _ => false,
        };
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let chat = |leg: &Leg| (leg.user.clone(), leg.contribution.clone());
        lose(arriving(scene, way, message).is_some_and(|leg| self.0.contains(&chat(leg))), message)
    }
}

struct ForgetsOnRestart;

impl Mischief for ForgetsOnRestart {
    fn restore(&self, contents: &mut Contents) {
        *contents = Contents::default();
    }
}

struct StoresLate;

impl Mischief for StoresLate {
    fn persist(&mut self, writes: Vec<Write>) -> Saving {
        Saving::Later(Duration::from_secs(30), writes)
    }
}
