//! Content that gets into the wrong chat, to the wrong user, or that is no content at all. [CPM-CONV-058]

use super::arriving;
use super::content::going_to_device;
use super::sent::{Sent, answers_repeated};
use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::scene::{Leg, Scene, Side};
use crate::faults::tampering::{Fate, Mischief};
use bytes::{Bytes, BytesMut};
use cpm_wire::msrp::{self, ByteRange, Flag};
use cpm_wire::sip::{self, Name, NameAddr, identity_key};
use std::collections::HashMap;

pub(in crate::faults) const FAULTS: &[Fault] = &[
    Fault::of_function("mixes-two-groups", "The second group of a user is taken for the first", || {
        Box::new(MixesTwoGroups::default())
    }),
    Fault::of_function("drains-to-another-user", "Everything is delivered to the first device that came", || {
        Box::new(DrainsToAnotherUser::default())
    }),
    Fault::of_function("drains-a-private-message-of-others", "What is for one user alone reaches the others", || {
        Box::new(DrainsPrivateMessages::default())
    }),
    Fault::of_function("mixes-interleaved-chunks", "A chunk begins with that of another message before it", || {
        Box::new(MixesChunks::default())
    }),
    Fault::of_function("delivers-an-aborted-message", "What was given up is taken for complete", || {
        Box::new(DeliversAborted)
    }),
    Fault::of_function("delivers-what-passes", "Signs of writing are stored and delivered", || {
        Box::new(DeliversWhatPasses)
    }),
];

/// The first Contribution-ID of each user.
#[derive(Default)]
struct MixesTwoGroups(HashMap<String, String>);

impl Mischief for MixesTwoGroups {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let begins = way == Way::In && message.is_request() && message.to_tag().is_none();
        let leg = scene.leg(message).filter(|leg| begins && leg.side == Side::Remote);
        let Some(leg) = leg.filter(|_| message.method() == sip::Method::Invite) else { return Fate::Pass };
        let first = self.0.entry(leg.user.clone()).or_insert_with(|| leg.contribution.clone());
        Fate::altered(message.edit().set(Name::ContributionId, first).finish().octets().clone())
    }
}

/// Where the first device is.
#[derive(Default)]
struct DrainsToAnotherUser(Option<String>);

impl Mischief for DrainsToAnotherUser {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let drains = way == Way::Out && message.is_request() && message.method() == sip::Method::Invite;
        let to_device = scene.leg(message).is_some_and(|leg| leg.side == Side::Device && leg.invited);
        let Some(uri) = message.request_uri().filter(|_| drains && to_device) else { return Fate::Pass };
        let first = self.0.get_or_insert_with(|| uri.to_owned());
        Fate::altered(message.edit().set_request_uri(first).finish().octets().clone())
    }
}

/// What came for each user alone, and in which chat.
#[derive(Default)]
struct DrainsPrivateMessages(Vec<(Leg, Bytes)>);

impl DrainsPrivateMessages {
    /// Keeps what is addressed to the user alone.
    fn keep(&mut self, leg: &Leg, message: &msrp::Message) -> Option<()> {
        let sent = Sent::of(message)?;
        let is_private =
            sent.envelope()?.to().any(|to| NameAddr::parse(to).is_ok_and(|to| identity_key(to.uri) == leg.user));
        self.0.extend(sent.body.filter(|_| is_private).map(|body| (leg.clone(), body)));
        Some(())
    }

    /// What was kept for the others of a chat, once.
    fn take(&mut self, other: &Leg) -> Vec<Bytes> {
        let is_of_others = |leg: &Leg| leg.contribution == other.contribution && leg.user != other.user;
        let (of_others, rest) = std::mem::take(&mut self.0).into_iter().partition(|(leg, _)| is_of_others(leg));
        self.0 = rest;
        of_others.into_iter().map(|(_, body)| body).collect()
    }
}

impl Mischief for DrainsPrivateMessages {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if way == Way::In && answers_repeated(message) {
            return Fate::LOST;
        }
        if let Some(leg) = arriving(scene, way, message) {
            self.keep(leg, message);
        }
        let Some((sent, _)) = going_to_device(scene, way, message) else { return Fate::Pass };
        let of_others = scene.leg_of(way, message).map(|leg| self.take(leg)).unwrap_or_default();
        let added = of_others.into_iter().map(|body| sent.clone().again().with(body).octets());
        Fate::Instead([message.octets().clone()].into_iter().chain(added).collect())
    }
}

/// The last chunk of each leg, and its message.
#[derive(Default)]
struct MixesChunks(HashMap<String, (String, Bytes)>);

impl Mischief for MixesChunks {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let (Some(leg), Some(sent)) = (arriving(scene, way, message), Sent::of(message)) else { return Fate::Pass };
        let (id, body) = (message.message_id().unwrap_or_default().to_owned(), sent.body.clone().unwrap_or_default());
        let before = self.0.insert(leg.call_id.clone(), (id.clone(), body.clone()));
        match before.filter(|(other, _)| *other != id && sent.byte_range.start > 1) {
            Some((_, other)) => Fate::altered(sent.with(overlaid(&body, &other)).octets()),
            None => Fate::Pass,
        }
    }
}

/// The octets, with as many of others at their beginning as there is room for.
fn overlaid(octets: &[u8], others: &[u8]) -> Bytes {
    let mut mixed = BytesMut::from(octets);
    mixed.iter_mut().zip(others).for_each(|(octet, other)| *octet = *other);
    mixed.freeze()
}

/// Takes no account of how long a message was to become.
struct DeliversAborted;

impl Mischief for DeliversAborted {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let of_group = scene.leg_of(way, message).is_some_and(|leg| leg.side == Side::Remote);
        let Some(mut sent) = Sent::of(message).filter(|sent| way == Way::In && of_group && !sent.is_whole()) else {
            return Fate::Pass;
        };
        sent.byte_range = ByteRange { end: None, total: None, ..sent.byte_range };
        if sent.flag == Flag::Abort {
            sent.flag = Flag::Complete;
        }
        Fate::altered(sent.octets())
    }
}

/// Gives signs of writing a type that nobody knows on their way in, and their own on their way out.
struct DeliversWhatPasses;

impl Mischief for DeliversWhatPasses {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        const KNOWN: &[u8] = b"application/im-iscomposing+xml";
        const UNKNOWN: &[u8] = b"application/im-iscomposing-xml";
        let changed = match way {
            Way::In if arriving(scene, way, message).is_some() => replaced(message, KNOWN, UNKNOWN),
            Way::Out if scene.faces_device(way, message) => replaced(message, UNKNOWN, KNOWN),
            _ => None,
        };
        changed.map_or(Fate::Pass, |sent| Fate::altered(sent.octets()))
    }
}

/// A SEND in whose body other octets stand, as many.
fn replaced(message: &msrp::Message, old: &[u8], new: &[u8]) -> Option<Sent> {
    let sent = Sent::of(message)?;
    let mut body = BytesMut::from(sent.body.as_deref()?);
    let at = body.windows(old.len()).position(|octets| octets == old)?;
    body.get_mut(at..at + old.len())?.copy_from_slice(new);
    Some(sent.with(body))
}
