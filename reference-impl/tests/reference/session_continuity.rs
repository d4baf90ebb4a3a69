//! A session moves from one device of its user to another, in virtual time.

mod calling;
mod taking;

use crate::pair::{Pair, chat};
use crate::scene::messages::*;
use crate::scene::{Scene, header};
use cpm_reference::config::{Continuity, Policy};
use cpm_wire::sip::{Builder, Message, Method, Name};
use pretty_assertions::assert_eq;

/// Bob's phone and tablet are there; only the phone was when Alice called, or Bob called with it.
struct Moving {
    scene: Scene,
    pair: Pair,
    originating: bool,
}

/// A session of Bob's phone with Alice, that may move in this way.
fn on_the_phone(originating: bool, way: Continuity) -> Moving {
    let store_off = Policy { store: false, ..Policy::default() };
    let mut scene = Scene::with(|config| {
        config.policies = [("plain".to_owned(), store_off)].into();
        config.continuity = vec![way];
        config.charging = Some(crate::scene::charging_server::access());
    });
    scene.charging.is_there = true;
    scene.register("reg-1");
    let invite = chat(&scene, "1", originating).build();
    scene.send(&invite);
    let onward = crate::pair::onward(&mut scene);
    let sdp = scene.end("callee-1", "passive", "sendrecv");
    let contact = if originating { "<sip:alice@192.0.2.1>".to_owned() } else { format!("<{CONTACT}>") };
    let answer = response(&onward, 200, &contact, Some(sdp));
    let pair = crate::pair::picked_up(&mut scene, "1", (invite, onward), answer);
    scene.register_tablet("reg-2");
    scene.none(Method::Invite);
    Moving { scene, pair, originating }
}

impl Moving {
    /// The name of the far end, and that of the phone.
    fn ends(&self) -> [&'static str; 2] {
        if self.originating { ["callee-1", "caller-1"] } else { ["caller-1", "callee-1"] }
    }

    /// A request of the phone in the session.
    fn by_phone(&self, method: Method, cseq: u32) -> Builder {
        self.pair.by(self.originating, method, cseq)
    }

    /// The far end says something, and it is taken.
    fn far_says(&mut self, id: &str) -> bytes::Bytes {
        let (far, words) = (self.ends()[0], message("alice", id, &format!("words of {id}")));
        self.scene.say(far, id, &words);
        words
    }

    fn far_is_answered(&self, id: &str) {
        assert_eq!(self.scene.status_of(self.ends()[0], id), Some(200), "{id}");
    }

    /// The INVITE of a device that names the session.
    fn claim(&self, device: &str, fill: impl FnOnce(Builder) -> Builder) -> Message {
        let invite =
            initial(Method::Invite, crate::pair::ALICE, BOB, crate::pair::ALICE, "move-1", "sescase=orig;regstate=reg")
                .header(Name::ConversationId, "conversation")
                .header(Name::PAssertedIdentity, format!("<{BOB}>"))
                .header(Name::Contact, format!("<{device}>"))
                .body("application/sdp", self.scene.end("tablet", "actpass", "sendrecv"));
        fill(invite).build()
    }

    /// By Replaces, with the identifiers of the phone's dialog as the phone knows them.
    fn replacing(&self, device: &str) -> Message {
        let (invite, answer) = match self.originating {
            true => (&self.pair.invite, &self.pair.ok),
            false => (&self.pair.onward, &self.pair.answer),
        };
        let [own, far] = [answer.from_tag().unwrap(), answer.to_tag().unwrap()];
        let replaces = format!("{};to-tag={own};from-tag={far}", invite.call_id().unwrap());
        self.claim(device, |invite| invite.header(Name::ContributionId, "another").header(Name::Replaces, replaces))
    }

    fn continuing(&self, device: &str) -> Message {
        self.claim(device, |invite| invite.header(Name::ContributionId, "contribution-1"))
    }

    /// The far end is asked for what the tablet offers; `status` is its answer.
    fn far_answers(&mut self, status: u16) -> Message {
        let asked = self.scene.request(Method::Invite);
        assert_eq!(asked.call_id(), self.pair.leg(!self.originating));
        let sdp = self.scene.end(self.ends()[0], "passive", "sendrecv");
        self.scene.answer(&asked, status, "<sip:alice@192.0.2.1>", (status == 200).then_some(sdp));
        self.scene.request(Method::Ack);
        asked
    }

    /// The phone's leg ends, and that of the far end does not.
    fn phone_is_released(&mut self) {
        let bye = self.scene.request(Method::Bye);
        assert_eq!(bye.call_id(), self.pair.leg(self.originating));
        self.scene.accept(&bye);
        self.scene.none(Method::Bye);
    }

    /// The far end and this device hear each other, and the phone hears nothing.
    fn goes_on_with(&mut self, device: &str) {
        let [far, phone] = self.ends();
        let before = self.scene.heard(phone).len();
        self.pair.is_usable(&mut self.scene, far, device, "after");
        if device != phone {
            assert_eq!(self.scene.heard(phone).len(), before);
        }
    }
}
