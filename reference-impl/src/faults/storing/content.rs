//! Messages that are not delivered as they were sent. [CPM-CONV-058]

use super::sent::{Sent, answers_repeated, with_header};
use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::{Bytes, BytesMut};
use cpm_wire::cpim::IMDN_NAMESPACE;
use cpm_wire::{cpim, msrp};
use std::collections::HashSet;

pub(in crate::faults) const FAULTS: &[Fault] = &[
    Fault::of_function("alters-a-body-octet", "The last octet of a text is another", || {
        altering(|_, it| other_octet(it))
    }),
    Fault::of_function("rewrites-the-message-id", "A message gets a message id of the function's own", || {
        altering(|_, it| with_header(it, Some(IMDN_NAMESPACE), "Message-ID", Some(&own_id(it))))
    }),
    Fault::of_function("changes-the-instant", "A message bears the time of its delivery", || {
        altering(|scene, it| with_header(it, None, "DateTime", Some(&scene.now.to_rfc3339())))
    }),
    Fault::of_function("strips-the-wish-for-reports", "No message asks for reports any more", || {
        altering(|_, it| with_header(it, Some(IMDN_NAMESPACE), "Disposition-Notification", None))
    }),
    Fault::of_function("changes-the-author", "A message comes from the group, not from its author", || {
        altering(|_, it| with_header(it, None, "From", it.to().next()))
    }),
    Fault::of_function("makes-private-messages-public", "A message is for nobody in particular", || {
        altering(|_, it| with_header(it, None, "To", Some("<sip:anonymous@anonymous.invalid>")))
    }),
    Fault::of_function("doubles-under-another-name", "A message is delivered twice under two message ids", || {
        Box::new(DoublesUnderAnotherName::default())
    }),
];

/// The message in an envelope of its own that goes to a device.
pub(super) fn going_to_device(scene: &Scene, way: Way, message: &msrp::Message) -> Option<(Sent, cpim::Message)> {
    let sent = Sent::of(message).filter(|_| way == Way::Out && scene.faces_device(way, message))?;
    let envelope = sent.envelope().filter(|envelope| envelope.content_disposition() != Some("notification"))?;
    Some((sent, envelope))
}

/// Delivers other envelopes.
struct Altering(fn(&Scene, &cpim::Message) -> Option<Bytes>);

fn altering(change: fn(&Scene, &cpim::Message) -> Option<Bytes>) -> Box<dyn Mischief> {
    Box::new(Altering(change))
}

impl Mischief for Altering {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let altered = going_to_device(scene, way, message)
            .and_then(|(sent, envelope)| Some(sent.with((self.0)(scene, &envelope)?)));
        altered.map_or(Fate::Pass, |sent| Fate::altered(sent.octets()))
    }
}

fn other_octet(envelope: &cpim::Message) -> Option<Bytes> {
    let is_text = envelope.content_type()?.starts_with("text/plain");
    let mut octets = BytesMut::from(envelope.octets().as_ref());
    let last = envelope.body_range().last().filter(|_| is_text)?;
    *octets.get_mut(last)? ^= 1;
    Some(octets.freeze())
}

fn own_id(envelope: &cpim::Message) -> String {
    format!("own-{}", envelope.imdn_message_id().unwrap_or_default())
}

/// The calls in which something was doubled.
#[derive(Default)]
struct DoublesUnderAnotherName(HashSet<String>);

impl Mischief for DoublesUnderAnotherName {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if way == Way::In && answers_repeated(message) {
            return Fate::LOST;
        }
        let Some((sent, envelope)) = going_to_device(scene, way, message) else { return Fate::Pass };
        let is_first = scene.leg_of(way, message).is_some_and(|leg| self.0.insert(leg.call_id.clone()));
        let other = with_header(&envelope, Some(IMDN_NAMESPACE), "Message-ID", Some(&own_id(&envelope)));
        match other.filter(|_| is_first) {
            Some(other) => Fate::Instead(vec![sent.octets(), sent.again().with(other).octets()]),
            None => Fate::Pass,
        }
    }
}
