//! What happens in one scenario after another.

use super::messages::*;
use super::{Scene, media};
use bytes::Bytes;
use cpm_wire::sip::{Message, Method};
use pretty_assertions::assert_eq;

impl Scene {
    /// The focus invites Bob, who is offline; the function stands in. Gives the INVITE and its 2xx. The focus end is
    /// `focus-GROUP`.
    pub fn stand_in(&mut self, group: &str) -> (Message, Message) {
        let sdp = self.end(&format!("focus-{group}"), "actpass", "sendrecv");
        let invite = invitation(group, &format!("call-{group}"), &sdp, false);
        self.send(&invite);
        let ok = self.invitation_accepted(group, &invite);
        (invite, ok)
    }

    /// The function has accepted the invitation.
    pub fn invitation_accepted(&mut self, group: &str, invite: &Message) -> Message {
        let ok = self.response(Method::Invite, 200);
        self.send(&in_dialog(Method::Ack, invite, &ok, 1).build());
        assert_eq!(media(&ok).setup, Some(cpm_wire::sdp::Setup::Active));
        self.start(&format!("focus-{group}"), &ok, false);
        ok
    }

    /// The focus invites Bob, whose phone answers. Gives both INVITEs with their 2xx.
    pub fn join(&mut self, group: &str) -> [(Message, Message); 2] {
        let sdp = self.end(&format!("focus-{group}"), "actpass", "sendrecv");
        let invite = invitation(group, &format!("call-{group}"), &sdp, true);
        self.send(&invite);
        let device = self.answer_drain("phone", "sendrecv");
        let ok = self.invitation_accepted(group, &invite);
        [(invite, ok), device]
    }

    /// Bob's phone registers.
    pub fn register(&mut self, call_id: &str) {
        self.send(&chat_register(call_id));
        self.response(Method::Register, 200);
    }

    /// Bob's phone calls the focus of group 1, or the factory with a list.
    pub fn device_calls(&mut self, target: &str, call_id: &str, end: &str, list: Option<&str>) -> Message {
        let sdp = self.end(end, "active", "sendrecv");
        let invite = from_device("1", target, call_id, &sdp, list);
        self.send(&invite);
        invite
    }

    /// The function has let the phone in.
    pub fn device_let_in(&mut self, end: &str, invite: &Message) -> Message {
        let ok = self.response(Method::Invite, 200);
        self.send(&in_dialog(Method::Ack, invite, &ok, 1).build());
        self.start(end, &ok, true);
        ok
    }

    /// Bob's tablet registers.
    pub fn register_tablet(&mut self, call_id: &str) {
        let tablet = register(call_id, TABLET_INSTANCE, TABLET, &format!(";{GROUP_TAG}"), 600_000);
        self.send(&tablet);
        self.response(Method::Register, 200);
    }

    /// The next invitation to the tablet is answered.
    pub fn answer_tablet(&mut self, end: &str, direction: &str) -> (Message, Message) {
        let fits = |one: &Message| one.request_uri() == Some(TABLET) && one.method() == Method::Invite;
        let invite = self.take("INVITE to the tablet", fits);
        let sdp = self.end(end, "active", direction);
        let ok = self.answer(&invite, 200, &format!("<{TABLET}>"), Some(sdp));
        self.request(Method::Ack);
        self.start(end, &invite, true);
        (invite, ok)
    }

    /// Bob's phone answers an invitation. Gives the INVITE and the answer.
    pub fn answer_drain(&mut self, end: &str, direction: &str) -> (Message, Message) {
        let invite = self.request(Method::Invite);
        let sdp = self.end(end, "active", direction);
        self.answer_with(invite, end, sdp)
    }

    /// The same with this description.
    pub fn answer_with(&mut self, invite: Message, end: &str, sdp: String) -> (Message, Message) {
        let ok = self.answer(&invite, 200, &format!("<{CONTACT}>"), Some(sdp));
        self.request(Method::Ack);
        self.start(end, &invite, true);
        (invite, ok)
    }

    /// The focus sends messages with these ids; each has to be answered 200.
    pub fn focus_says(&mut self, group: &str, ids: &[&str]) -> Vec<Bytes> {
        let send = |id: &&str| {
            let octets = message("alice", id, &format!("text of {id}"));
            let end = format!("focus-{group}");
            self.say(&end, id, &octets);
            assert_eq!(self.status_of(&end, id), Some(200));
            octets
        };
        ids.iter().map(send).collect()
    }

    /// The focus ends the chat.
    pub fn focus_ends(&mut self, invite: &Message, ok: &Message) {
        self.send(&in_dialog(Method::Bye, invite, ok, 2).build());
        self.response(Method::Bye, 200);
    }

    /// Answers a request of the function 200.
    pub fn accept(&mut self, request: &Message) {
        self.answer(request, 200, "", None);
    }
}
