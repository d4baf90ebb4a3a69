//! Faults in what the function describes of media. [PF-SES-05].

use crate::call::bodies;
use crate::faults::Fault;
use crate::faults::editing::{answer, with_text};
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use std::collections::{HashMap, HashSet};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function(
        "answers-with-a-clashing-role",
        "Whoever offers to connect is told that the function does",
        || Box::new(Described { does: clashes, offers: HashMap::new() }),
    ),
    Fault::of_function("names-a-path-of-nobody", "The path in an answer is that of no session of the function", || {
        Box::new(Described { does: names_nobody, offers: HashMap::new() })
    }),
    Fault::of_function("accepts-types-that-nobody-shares", "An offer without a type in common is accepted", || {
        Box::new(Accepts { invites: HashMap::new() })
    }),
    Fault::of_function("accepts-media-that-nobody-took", "Sound that the other side never took is accepted", || {
        Box::new(Described { does: accepts_sound, offers: HashMap::new() })
    }),
    Fault::of_function("leaves-refused-media-out", "An answer has no line for a medium that is refused", || {
        Box::new(Described { does: leaves_out, offers: HashMap::new() })
    }),
    Fault::of_function("refuses-all-for-one-medium", "A call is refused for one medium that is not had", || {
        Box::new(RefusesAll { refused: HashSet::new() })
    }),
    Fault::of_function("gives-no-offer-when-asked", "Who asks for an offer within a session gets none", || {
        Box::new(GivesNoOffer { asked: HashSet::new() })
    }),
];

fn text(message: &Message) -> String {
    String::from_utf8_lossy(message.body()).into_owned()
}

/// True for an INVITE that begins a session between two and describes media.
fn offers(message: &Message) -> bool {
    let begins = message.is_request() && message.method() == Method::Invite && message.to_tag().is_none();
    begins && !bodies::is_group(message) && text(message).contains("m=")
}

/// Does something to the answer of the function to an offer.
struct Described {
    does: fn(&str, &Message) -> Fate,
    /// What was offered, by Call-ID.
    offers: HashMap<String, String>,
}

impl Mischief for Described {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let call_id = message.call_id().unwrap_or_default();
        if way == Way::In && offers(message) {
            self.offers.insert(call_id.to_owned(), text(message));
        }
        let accepts = way == Way::Out && message.method() == Method::Invite && message.status() == Some(200);
        match self.offers.get(call_id).filter(|_| accepts && !message.body().is_empty()) {
            Some(offer) => (self.does)(offer, message),
            None => Fate::Pass,
        }
    }
}

fn clashes(offer: &str, answer: &Message) -> Fate {
    match offer.contains("a=setup:active") {
        true => Fate::altered(with_text(answer, "a=setup:passive", "a=setup:active")),
        false => Fate::Pass,
    }
}

fn names_nobody(_: &str, answer: &Message) -> Fate {
    Fate::altered(with_text(answer, ";tcp", "-of-nobody;tcp"))
}

fn accepts_sound(_: &str, answer: &Message) -> Fate {
    Fate::altered(with_text(answer, "m=audio 0 ", "m=audio 40000 "))
}

fn leaves_out(_: &str, answer: &Message) -> Fate {
    let described = text(answer);
    let kept = described.split_inclusive("\r\n").filter(|line| !(line.starts_with("m=") && line.contains(" 0 ")));
    Fate::altered(with_text(answer, &described, &kept.collect::<String>()))
}

/// Accepts the calls whose content types nobody has, with the offer turned round.
struct Accepts {
    invites: HashMap<String, Message>,
}

impl Mischief for Accepts {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let call_id = message.call_id().unwrap_or_default();
        let known = |offer: &str| ["accept-types:message/cpim", "accept-types:*"].iter().any(|all| offer.contains(all));
        if way == Way::In && offers(message) && !known(&text(message)) && text(message).contains("m=message") {
            self.invites.insert(call_id.to_owned(), message.clone());
        }
        let refuses = message.status().is_some_and(|status| status >= 300) && message.method() == Method::Invite;
        match self.invites.get(call_id).filter(|_| way == Way::Out && refuses) {
            Some(invite) => Fate::altered(acceptance(invite, message)),
            None => Fate::Pass,
        }
    }
}

fn acceptance(invite: &Message, refusal: &Message) -> Bytes {
    let described = text(invite).replace("a=setup:actpass", "a=setup:passive").replace(";tcp", "-back;tcp");
    let contact = format!("<{}>", invite.request_uri().unwrap_or_default());
    let accepted = Builder::response(invite, 200, reason_phrase(200)).to_tag(refusal.to_tag().unwrap_or("fault"));
    accepted.header(Name::Contact, contact).body("application/sdp", described).build().octets().clone()
}

struct RefusesAll {
    refused: HashSet<String>,
}

impl Mischief for RefusesAll {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let call_id = message.call_id().unwrap_or_default();
        if way == Way::In && offers(message) && text(message).matches("m=").count() > 1 {
            self.refused.insert(call_id.to_owned());
            return Fate::Answered(answer(message, 488));
        }
        if way == Way::In && self.refused.contains(call_id) { Fate::LOST } else { Fate::Pass }
    }
}

/// Takes the offer out of the answer to an INVITE that asks for one.
struct GivesNoOffer {
    asked: HashSet<(String, u32)>,
}

impl Mischief for GivesNoOffer {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let (Some(call_id), Ok(cseq)) = (message.call_id(), message.cseq()) else { return Fate::Pass };
        let of = (call_id.to_owned(), cseq.number);
        let invites = message.method() == Method::Invite;
        if way == Way::In && invites && message.is_request() && message.body().is_empty() {
            self.asked.insert(of);
            return Fate::Pass;
        }
        let gives = way == Way::Out && invites && message.status() == Some(200) && self.asked.contains(&of);
        match gives {
            true => Fate::altered(
                message.edit().remove(&Name::ContentType).body("", Bytes::new()).finish().octets().clone(),
            ),
            false => Fate::Pass,
        }
    }
}
