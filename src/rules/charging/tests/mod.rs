//! Records and requests for credit by hand, beside the sessions and messages that they are about.

mod messages;
mod outages;
mod quota;
mod sessions;
mod sweep;

use crate::evidence::Direction::{Received, Sent};
use crate::evidence::{Event, Protocol};
use crate::rules::missed_group_content::tests::script::Script;
pub use crate::rules::sessions::tests::script::{LUNCH, Line, Talk, Who};
use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::{Builder, Message, application, command};

/// The charging identifier of the caller's INVITE, and that of what is sent.
pub const ICID: &str = "icid-lunch";
/// That of another request.
pub const OTHER: &str = "icid-other";

/// A request to the charging server.
#[derive(Clone, Debug)]
pub struct Slip {
    pub online: bool,
    /// Accounting-Record-Type, or CC-Request-Type.
    pub kind: i32,
    pub number: u32,
    pub session: String,
    pub user: &'static str,
    pub icid: Option<&'static str>,
    pub call_id: Option<&'static str>,
    pub parties: [&'static str; 2],
    /// Seconds.
    pub used: Option<u32>,
}

impl Slip {
    /// 1 event, 2 start, 3 interim, 4 stop.
    pub fn record(kind: i32) -> Slip {
        Slip {
            online: false,
            kind,
            number: if kind < 3 { 0 } else { kind as u32 },
            session: "pf.example.com;1;records".to_owned(),
            user: "sip:bob@example.com",
            icid: Some(ICID),
            call_id: None,
            parties: ["sip:alice@example.com", "sip:bob@example.com"],
            used: None,
        }
    }

    /// 1 initial, 2 update, 3 termination, 4 event.
    pub fn request(kind: i32) -> Slip {
        let session = "pf.example.com;1;credit".to_owned();
        let used = (kind == 3).then_some(1);
        Slip { online: true, number: kind as u32, session, used, ..Slip::record(kind) }
    }

    fn message(&self, hop: u32) -> Message {
        let (command, application) = match self.online {
            false => (command::ACCOUNTING, application::ACCOUNTING),
            true => (command::CREDIT_CONTROL, application::CREDIT_CONTROL),
        };
        let request = Message::request(command, application).identifiers(hop, hop).avp(&SESSION_ID, &*self.session);
        let request = match self.online {
            false => request.avp(&ACCOUNTING_RECORD_TYPE, self.kind).avp(&ACCOUNTING_RECORD_NUMBER, self.number),
            true => request.avp(&CC_REQUEST_TYPE, self.kind).avp(&CC_REQUEST_NUMBER, self.number),
        };
        let request = self.used.into_iter().fold(request, |request, seconds| {
            request.group(&MULTIPLE_SERVICES_CREDIT_CONTROL, |group| {
                group.group(&USED_SERVICE_UNIT, |group| group.avp(&CC_TIME, seconds))
            })
        });
        let request = request
            .group(&SUBSCRIPTION_ID, |group| group.avp(&SUBSCRIPTION_ID_TYPE, 2).avp(&SUBSCRIPTION_ID_DATA, self.user));
        let [calling, called] = self.parties;
        let request = request.group(&SERVICE_INFORMATION, |group| {
            group.group(&IMS_INFORMATION, |group| {
                let group = group.avp(&CALLING_PARTY_ADDRESS, calling).avp(&CALLED_PARTY_ADDRESS, called);
                let group = self.icid.into_iter().fold(group, |group, icid| group.avp(&IMS_CHARGING_IDENTIFIER, icid));
                self.call_id.into_iter().fold(group, |group, id| group.avp(&USER_SESSION_ID, id))
            })
        });
        request.build().unwrap()
    }
}

/// The target sends it, and the server answers so.
pub fn charges_with(script: &mut Script, slip: &Slip, answer: impl FnOnce(Builder) -> Builder) -> u64 {
    let request = asks(script, slip);
    let octets = answer(request.answer()).build().unwrap().octets().clone();
    script.octets(Protocol::Diameter, "charging_server", Some(90), Sent, octets)
}

/// The target sends it, and nothing comes back.
pub fn asks(script: &mut Script, slip: &Slip) -> Message {
    let request = slip.message(script.frame() as u32);
    script.octets(Protocol::Diameter, "charging_server", Some(90), Received, request.octets().clone());
    request
}

/// The target sends it, and the server answers with this Result-Code.
pub fn charges(script: &mut Script, slip: &Slip, result: u32) -> u64 {
    charges_with(script, slip, |answer| answer.avp(&RESULT_CODE, result))
}

/// How the server answers for Bob from now on.
pub fn account(script: &mut Script, account: &str) {
    let identities = vec!["sip:bob@example.com".to_owned()];
    script.event(Event::Account { person: "Bob".to_owned(), identities, account: account.to_owned() });
}

/// An INVITE with this charging identifier.
pub fn identified(invite: String, icid: &str) -> String {
    invite.replace("Contribution-ID:", &format!("P-Charging-Vector: icid-value=\"{icid}\"\r\nContribution-ID:"))
}

/// Alice calls Bob for lunch: the INVITE alone.
pub fn called(talk: &mut Talk) -> Line {
    talk.calls_as(LUNCH, Who::Alice, |invite| identified(invite, ICID))
}

/// The session goes on to Bob's phone and comes to be.
pub fn goes_on(talk: &mut Talk, near: &Line) -> Line {
    let far = talk.reaches_as(LUNCH, Who::Bob, |invite| identified(invite, ICID));
    talk.answers(&far, 200);
    talk.answers(near, 200);
    talk.acknowledges(near);
    talk.acknowledges(&far);
    for line in [near, &far] {
        talk.bodiless(&line.wire, 200);
    }
    far
}

/// Alice hangs up, and the target tells Bob's phone.
pub fn hangs_up(talk: &mut Talk, near: &Line, far: &Line) {
    talk.byes(near, Sent, 200);
    talk.byes(far, Received, 200);
}
