//! Sessions between two: Alice calls Bob, and what each end says is written out.

use super::messages::*;
use super::{Scene, media};
use cpm_wire::io::{self, ConnectionId};
use cpm_wire::msrp::Message as Msrp;
use cpm_wire::sip::{Builder, Message, Method, Name};

pub const ALICE: &str = "sip:alice@example.com";

/// A session that is up: what was sent and answered on both legs.
pub struct Call {
    pub invite: Message,
    pub onward: Message,
    pub answer: Message,
    pub ok: Message,
}

/// The media description of an end called `name`, with these lines after its path.
pub fn described(name: &str, more: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 9000 TCP/MSRP *\r\n\
         a=accept-types:message/cpim\r\na=accept-wrapped-types:*\r\na=path:msrp://127.0.0.1:9000/{name};tcp\r\n{more}"
    )
}

impl Scene {
    /// Alice calls Bob's phone with this offer.
    pub fn calls(&mut self, sdp: &str) -> Message {
        let invite = initial(Method::Invite, BOB, ALICE, BOB, "call-1", "sescase=term;regstate=reg")
            .header(Name::ContributionId, "contribution")
            .header(Name::ConversationId, "conversation")
            .header(Name::Contact, "<sip:caller@192.0.2.1>");
        let invite = match sdp {
            "" => invite.build(),
            sdp => invite.body("application/sdp", sdp.to_owned()).build(),
        };
        self.send(&invite);
        invite
    }

    /// Alice calls, and Bob's phone answers; both descriptions are given. The ends are `caller` and `callee`.
    pub fn between(&mut self, offer: &str, answer: &str) -> Call {
        self.register("reg-1");
        let invite = self.calls(offer);
        let onward = self.request(Method::Invite);
        let answer = self.answer(&onward, 200, &format!("<{CONTACT}>"), Some(answer.to_owned()));
        let ok = self.response(Method::Invite, 200);
        self.request(Method::Ack);
        self.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());
        Call { invite, onward, answer, ok }
    }

    /// The same with plain descriptions; both ends listen and answer by hand.
    pub fn relayed(&mut self, callee_says: &str) -> Call {
        let callee = format!("a=setup:passive\r\n{callee_says}");
        let call = self.between(&described("caller", "a=setup:actpass\r\n"), &described("callee", &callee));
        for (name, description) in [("caller", &call.ok), ("callee", &call.onward)] {
            self.by_hand(name, description, false);
            let bind = self.told(name);
            assert_eq!(bind.iter().map(Msrp::body_range).collect::<Vec<_>>(), [None], "{name} is connected to");
            self.answers(name, &bind[0], 200);
        }
        call
    }

    /// An end that answers nothing by itself. With `connect` it opens the connection and binds it.
    pub fn by_hand(&mut self, name: &str, description: &Message, connect: bool) {
        self.prepare(name, description, connect);
        self.ends.get_mut(name).unwrap().by_hand = true;
        self.run();
    }

    /// The function's end of the connection to an end.
    pub fn connection_of(&self, name: &str) -> ConnectionId {
        self.back[&self.ends[name].connection.unwrap()]
    }

    /// What came to an end since it was asked last.
    pub fn told(&mut self, name: &str) -> Vec<Msrp> {
        std::mem::take(&mut self.ends.get_mut(name).unwrap().wire)
    }

    /// The one message that came.
    pub fn one(&mut self, name: &str) -> Msrp {
        let told = self.told(name);
        assert_eq!(told.len(), 1, "one message for {name}, but {told:#?}");
        told.into_iter().next().unwrap()
    }

    /// An end answers a request.
    pub fn answers(&mut self, name: &str, request: &Msrp, status: u16) {
        self.writes(name, &cpm_wire::msrp::response(request, status));
    }

    /// An end sends a request: `MSRP id METHOD` and the paths, then this.
    pub fn writes_request(&mut self, name: &str, id: &str, method: &str, rest: &str) {
        let session = &self.ends[name].session;
        let paths = format!("To-Path: {}\r\nFrom-Path: {}", session.remote_path().join(" "), session.local_path());
        self.writes(name, format!("MSRP {id} {method}\r\n{paths}\r\n{rest}").as_bytes());
    }

    /// An end sends a chunk, whose transaction has this name; `head` are further header lines.
    pub fn chunk(&mut self, name: &str, id: &str, message: &str, range: &str, head: &str, (body, flag): (&str, char)) {
        let rest = format!(
            "Message-ID: {message}\r\nByte-Range: {range}\r\n{head}Content-Type: message/cpim\r\n\r\n{body}\r\n-------{id}{flag}\r\n"
        );
        self.writes_request(name, id, "SEND", &rest);
    }

    fn writes(&mut self, name: &str, octets: &[u8]) {
        let connection = self.ends[name].connection.expect("an end with a connection");
        self.peer_output(io::Output::Send { connection, octets: octets.to_vec().into() });
        self.run();
    }

    /// The statuses of the responses that came to an end.
    pub fn statuses(&mut self, name: &str) -> Vec<u16> {
        self.told(name).iter().filter_map(Msrp::status).collect()
    }
}

/// A request of the caller within the session.
pub fn of_caller(call: &Call, method: Method, cseq: u32) -> Builder {
    in_dialog(method, &call.invite, &call.ok, cseq)
}

/// The path of the function on the leg of which this is a description.
pub fn path_of(message: &Message) -> String {
    media(message).path.join(" ")
}
