//! The roster of a chat, as the focus tells it and as a device hears it.

use super::messages::*;
use super::{Scene, header};
use cpm_wire::conference_info::{Document, EndpointStatus, Roster, User};
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;

/// The subscription of the function at the focus.
pub struct Conference {
    pub subscribe: Message,
    ok: Message,
    cseq: u32,
}

impl Conference {
    pub fn accept(scene: &mut Scene) -> Conference {
        let subscribe = scene.request(Method::Subscribe);
        assert_eq!(subscribe.request_uri(), Some(FOCUS));
        assert_eq!(header(&subscribe, Name::Event), "conference");
        assert_eq!(header(&subscribe, Name::Route), format!("<sip:{CSCF};lr;orig>"));
        assert!(header(&subscribe, Name::PServedUser).starts_with(&format!("<{BOB}>;sescase=orig")));
        let ok = response(&subscribe, 200, &format!("<{FOCUS}>;isfocus"), None);
        let ok = ok.edit().set(Name::Expires, 3600).finish();
        scene.send(&ok);
        Conference { subscribe, ok, cseq: 0 }
    }

    pub fn tell(&mut self, scene: &mut Scene, state: &str, document: &Document) -> Message {
        self.cseq += 1;
        let notify = back_in_dialog(Method::Notify, &self.subscribe, &self.ok, self.cseq)
            .header(Name::Contact, format!("<{FOCUS}>;isfocus"))
            .header(Name::Event, "conference")
            .header(Name::SubscriptionState, state)
            .body("application/conference-info+xml", document.to_xml())
            .build();
        scene.send(&notify);
        scene.response(Method::Notify, 200)
    }
}

pub fn connected(name: &str) -> User {
    User::with_status(&format!("sip:{name}@example.com"), EndpointStatus::Connected)
}

pub fn gone(name: &str) -> User {
    User::with_status(&format!("sip:{name}@example.com"), EndpointStatus::Disconnected)
}

/// Bob's phone subscribes at the group session identity.
pub fn subscribe(scene: &mut Scene, call_id: &str) -> (Message, Message) {
    let subscribe = initial(Method::Subscribe, FOCUS, BOB, FOCUS, call_id, "sescase=orig;regstate=reg")
        .header(Name::Contact, format!("<{CONTACT}>"))
        .header(Name::Event, "conference")
        .header(Name::Accept, "application/conference-info+xml")
        .header(Name::Expires, 600)
        .build();
    scene.send(&subscribe);
    let ok = scene.response(Method::Subscribe, 200);
    (subscribe, ok)
}

/// Takes the next notification and answers it.
pub fn notified(scene: &mut Scene) -> (String, Option<Document>) {
    let notify = scene.request(Method::Notify);
    scene.accept(&notify);
    let body = notify.body();
    (header(&notify, Name::SubscriptionState).to_owned(), Document::parse(body).ok())
}

pub fn present(roster: &Roster) -> Vec<&str> {
    roster.members().iter().filter(|(_, member)| member.is_in()).map(|(entity, _)| entity.as_str()).collect()
}
