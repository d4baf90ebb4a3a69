//! A session between two in the script: what was sent and answered on both legs, and requests within it.

use crate::scene::Scene;
use crate::scene::messages::*;
use cpm_wire::sip::{Builder, Message, Method, Name};

pub const ALICE: &str = "sip:alice@example.com";

/// A session that is up.
pub struct Pair {
    pub invite: Message,
    pub onward: Message,
    pub answer: Message,
    pub ok: Message,
}

/// The INVITE of Alice to Bob, or of Bob's phone to Alice, for a chat between the two.
pub fn chat(scene: &Scene, call_id: &str, originating: bool) -> Builder {
    let (from, to, case) = match originating {
        true => (BOB, ALICE, "sescase=orig;regstate=reg"),
        false => (ALICE, BOB, "sescase=term;regstate=reg"),
    };
    let contact = if originating { CONTACT } else { "sip:caller@192.0.2.1" };
    initial(Method::Invite, to, from, to, call_id, case)
        .header(Name::ContributionId, format!("contribution-{call_id}"))
        .header(Name::ConversationId, "conversation")
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session")
        .header(Name::Contact, format!("<{contact}>"))
        .body("application/sdp", scene.end(&format!("caller-{call_id}"), "actpass", "sendrecv"))
}

/// Bob's phone is asked next.
pub fn onward(scene: &mut Scene) -> Message {
    scene.take("the onward INVITE", |one| one.method() == Method::Invite && one.is_request())
}

/// Alice's INVITE is on the phone.
pub fn ringing(scene: &mut Scene, call_id: &str, fill: impl FnOnce(Builder) -> Builder) -> (Message, Message) {
    let invite = fill(chat(scene, call_id, false)).build();
    scene.send(&invite);
    let onward = onward(scene);
    (invite, onward)
}

/// The phone answers; the session is up, with its media.
pub fn picked_up(scene: &mut Scene, call_id: &str, (invite, onward): (Message, Message), answer: Message) -> Pair {
    scene.send(&answer);
    scene.request(Method::Ack);
    let callee = format!("callee-{call_id}");
    scene.start(&callee, &onward, false);
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());
    scene.start(&format!("caller-{call_id}"), &ok, false);
    Pair { invite, onward, answer, ok }
}

/// The 2xx of the phone.
pub fn accepting(scene: &Scene, call_id: &str, onward: &Message) -> Message {
    let sdp = scene.end(&format!("callee-{call_id}"), "passive", "sendrecv");
    response(onward, 200, &format!("<{CONTACT}>"), Some(sdp))
}

/// Alice calls with this in her INVITE, and Bob's phone answers.
pub fn up_with(scene: &mut Scene, call_id: &str, fill: impl FnOnce(Builder) -> Builder) -> Pair {
    let call = ringing(scene, call_id, fill);
    let answer = accepting(scene, call_id, &call.1);
    picked_up(scene, call_id, call, answer)
}

pub fn up(scene: &mut Scene, call_id: &str) -> Pair {
    up_with(scene, call_id, |invite| invite)
}

impl Pair {
    /// A request of the caller; that of the callee is [`Pair::by_callee`].
    pub fn by_caller(&self, method: Method, cseq: u32) -> Builder {
        in_dialog(method, &self.invite, &self.ok, cseq).header(Name::Contact, "<sip:caller@192.0.2.1>")
    }

    pub fn by_callee(&self, method: Method, cseq: u32) -> Builder {
        back_in_dialog(method, &self.onward, &self.answer, cseq).header(Name::Contact, format!("<{CONTACT}>"))
    }

    pub fn by(&self, caller: bool, method: Method, cseq: u32) -> Builder {
        if caller { self.by_caller(method, cseq) } else { self.by_callee(method, cseq) }
    }

    /// The Call-ID on the leg of the caller, or of the callee.
    pub fn leg(&self, caller: bool) -> Option<&str> {
        if caller { self.invite.call_id() } else { self.onward.call_id() }
    }

    /// Both legs are ended by BYE, and nothing else: gives the Reason.
    pub fn ended_on_both_sides(&self, scene: &mut Scene) -> Option<String> {
        let byes = [true, false].map(|caller| {
            let bye = scene.take("BYE", |one| one.method() == Method::Bye && one.call_id() == self.leg(caller));
            scene.accept(&bye);
            bye.header(&Name::Reason).map(str::to_owned)
        });
        assert_eq!(byes[0], byes[1]);
        byes[0].clone()
    }

    /// The session carries words of each side to the other.
    pub fn is_usable(&self, scene: &mut Scene, caller: &str, callee: &str, mark: &str) {
        for (from, to) in [(caller, callee), (callee, caller)] {
            let words = message(from, mark, "hello");
            scene.say(from, &format!("{mark}-{from}"), &words);
            assert_eq!(scene.status_of(from, &format!("{mark}-{from}")), Some(200), "{from} {mark}");
            assert_eq!(scene.heard(to).last(), Some(&words), "{to} {mark}");
        }
    }
}
