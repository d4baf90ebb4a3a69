//! Faults with calls that come to a user. [PF-SES-03].

use super::documents::{Misreads, allowing, path, rules};
use super::presets;
use crate::config::Config;
use crate::faults::Fault;
use crate::faults::editing::answer;
use crate::faults::passage::Way;
use crate::faults::scene::{Leg, Scene, Side};
use crate::faults::sessions::{begins_between_two, refuses};
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::io::ConnectionId;
use cpm_wire::sip::{Message, Method, Name};
use std::collections::HashMap;
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("lets-the-blocked-call", "A caller whom the user has blocked gets through", || {
        Misreads::boxed(|_, body| Some(allowing(body, "identity>")), |preset| preset.blocked.clear())
    }),
    Fault::of_function("rings-before-it-refuses", "A call that is refused rings at the user's devices first", || {
        Box::new(RingsFirst(HashMap::new()))
    }),
    Fault::of_function("blocks-everybody", "Nobody may call", || RefusesAll::boxed(Side::Remote, 603)),
    Fault::of_function("forgets-the-barred-medium", "A medium that the user does not want is offered on", || {
        // Without a fault sound and video go on where nobody bars them.
        let all_media = |config: &mut Config| config.media.continuous = true;
        let forgotten = |_: &str, body: &str| Some(allowing(body, "media>"));
        Misreads::with(forgotten, |preset| preset.barred_media.clear(), all_media)
    }),
    Fault::of_function("bars-all-media", "No medium is had in a session with a user", || {
        RefusesAll::boxed(Side::Remote, 488)
    }),
    Fault::of_function("rings-the-unavailable", "A user is called who does not wish to be reached", || {
        let available = |_: &str, body: &str| Some(body.replace(">unavailable<", ">available<"));
        Misreads::boxed(available, |preset| preset.unavailable = false)
    }),
    Fault::of_function("takes-anonymous-callers", "Who does not say who calls gets through", || {
        let taken = |_: &str, body: &str| Some(allowing(body, "anonymous-request"));
        Misreads::boxed(taken, |preset| preset.anonymous_refused = false)
    }),
    Fault::of_function("refuses-the-named-too", "Who says who calls is refused like one who does not", || {
        let all = |_: &str, body: &str| {
            let all = |rule: &str| rule.replace("anonymous-request", "other-identity");
            Some(rules(body, |rule| rule.contains("anonymous-request"), all))
        };
        Misreads::boxed(all, |preset| {
            if preset.anonymous_refused {
                preset.blocked.push("*".to_owned());
            }
        })
    }),
    Fault::of_function("keeps-old-preferences", "What a user wished first is held for what the user wishes", || {
        Box::new(KeepsOld)
    }),
    Fault::of_function("mixes-users-preferences", "What one user wishes holds for all", || {
        Box::new(MixesUsers { first: None })
    }),
];

/// Refuses all sessions between two that begin on one side.
pub(super) struct RefusesAll {
    side: Side,
    status: u16,
}

impl RefusesAll {
    pub(super) fn boxed(side: Side, status: u16) -> Box<dyn Mischief> {
        Box::new(RefusesAll { side, status })
    }
}

impl Mischief for RefusesAll {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let meant = way == Way::In && begins_between_two(message);
        match scene.leg(message).filter(|leg| meant && leg.side == self.side) {
            Some(_) => Fate::Answered(answer(message, self.status)),
            None => Fate::Pass,
        }
    }
}

/// Before a refusal goes back, the invitation goes on; by the Call-IDs of what came.
struct RingsFirst(HashMap<String, Message>);

impl Mischief for RingsFirst {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message).filter(|leg| leg.side == Side::Remote) else { return Fate::Pass };
        if way == Way::In && begins_between_two(message) && message.routes().count() > 1 {
            self.0.insert(leg.call_id.clone(), message.clone());
        }
        let refused = way == Way::Out && refuses(message) && message.method() == Method::Invite;
        match refused.then(|| self.0.remove(&leg.call_id)).flatten() {
            Some(invite) => Fate::Instead(vec![onward(&invite, leg), message.octets().clone()]),
            None => Fate::Pass,
        }
    }
}

/// The invitation as it would go on to the public identity of the user.
fn onward(invite: &Message, leg: &Leg) -> Bytes {
    let own = invite.routes().next().and_then(Result::ok).map(|own| own.uri.trim_start_matches("sip:").to_owned());
    let own = own.and_then(|own| own.split(';').next().map(str::to_owned)).unwrap_or_default();
    let hops = invite.max_forwards().and_then(Result::ok).unwrap_or(70).saturating_sub(1);
    // By the transport over which it came, for it goes back there.
    let transport = invite.header(&Name::Via).and_then(|via| via.split_whitespace().next()).unwrap_or("SIP/2.0/UDP");
    let branch = leg.call_id.replace('@', "-");
    let edit = invite.edit().remove(&Name::Via).remove(&Name::RecordRoute).remove_first(&Name::Route);
    let onward = edit
        .set(Name::Via, format!("{transport} {own};branch=z9hG4bK-fault-{branch}"))
        .set(Name::CallId, format!("{}.own", leg.call_id))
        .set(Name::Contact, format!("<sip:{own}>"))
        .set(Name::MaxForwards, hops);
    onward.finish().octets().clone()
}

struct KeepsOld;

impl Mischief for KeepsOld {
    fn configure(&self, config: &mut Config) {
        if let Some(access) = &mut config.preferences {
            access.server = None;
            access.fresh = Duration::from_secs(86_400);
        }
    }
}

/// Asks for the documents of the first user, whoever is meant.
struct MixesUsers {
    /// The user's directory.
    first: Option<String>,
}

impl Mischief for MixesUsers {
    fn configure(&self, config: &mut Config) {
        let wished = config.policies.values().map(|policy| policy.preferences.clone());
        if let Some(one) = wished.into_iter().find(|preset| *preset != Default::default()) {
            config.policies.entry(config.default_policy.clone()).or_default();
            presets(config, |preset| *preset = one.clone());
        }
    }

    fn other(&mut self, _: ConnectionId, way: Way, octets: Bytes) -> Bytes {
        let text = std::str::from_utf8(&octets).ok().filter(|_| way == Way::Out);
        let Some(directory) = text.and_then(path).and_then(|path| path.rsplit_once('/')).map(|(one, _)| one) else {
            return octets;
        };
        let first = self.first.get_or_insert_with(|| directory.to_owned());
        Bytes::from(text.unwrap_or_default().replacen(directory, first, 1))
    }
}
