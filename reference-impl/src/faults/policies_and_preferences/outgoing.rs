//! Faults with calls that a user makes, and with whose word counts. [PF-PRF-01].

use super::documents::{Misreads, allowing, replaced};
use super::incoming::RefusesAll;
use crate::faults::Fault;
use crate::faults::editing::with_field;
use crate::faults::passage::Way;
use crate::faults::scene::{Scene, Side};
use crate::faults::sessions::begins_between_two;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::sip::{Message, Name};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("lets-out-what-is-barred", "A user calls whom the user may not call", || {
        Misreads::boxed(|_, body| Some(allowing(body, ">originating<")), |preset| preset.barred_callees.clear())
    }),
    Fault::of_function("bars-all-that-goes-out", "A user may call nobody", || RefusesAll::boxed(Side::Device, 603)),
    Fault::of_function("drops-privacy", "A user's call goes on without the privacy that is asked for", || {
        Outgoing::boxed(|invite| without(invite, Name::Privacy))
    }),
    Fault::of_function("drops-the-asserted-identity", "A hidden user is not named to the trusted either", || {
        Outgoing::boxed(|invite| match invite.header(&Name::Privacy) {
            Some(_) => without(invite, Name::PAssertedIdentity),
            None => Fate::Pass,
        })
    }),
    Fault::of_function("hides-the-from-unasked", "A user's call goes on in nobody's name", || {
        Outgoing::boxed(|invite| {
            let tag = invite.from_tag().unwrap_or_default();
            let from = format!("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag={tag}");
            Fate::altered(with_field(invite, Name::From, from))
        })
    }),
    Fault::of_function("preference-over-policy", "What the user wishes counts before what the provider orders", || {
        Misreads::boxed(|name, body| (name != "provider").then(|| body.to_owned()), |_| {})
    }),
    Fault::of_function("policy-for-everybody", "What the provider orders about one holds about everybody", || {
        Misreads::boxed(|name, body| Some(if name == "provider" { about_all(body) } else { body.to_owned() }), |_| {})
    }),
];

/// The document whose rules are about nobody in particular.
fn about_all(body: &str) -> String {
    replaced(body, |node| node.tag_name().name() == "identity", |_| String::new())
}

fn without(invite: &Message, name: Name) -> Fate {
    Fate::altered(invite.edit().remove(&name).finish().octets().clone())
}

/// Does the same to every call of a user where it goes on.
struct Outgoing(fn(&Message) -> Fate);

impl Outgoing {
    fn boxed(does: fn(&Message) -> Fate) -> Box<dyn Mischief> {
        Box::new(Outgoing(does))
    }
}

impl Mischief for Outgoing {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let onward = way == Way::Out && begins_between_two(message);
        match scene.leg(message).filter(|leg| onward && leg.side == Side::Remote) {
            Some(_) => (self.0)(message),
            None => Fate::Pass,
        }
    }
}
