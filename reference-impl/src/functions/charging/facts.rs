//! Whom a request is charged to, and what is told of it (TS 32.260 section 6.3, TS 32.299 section 7.2).

use crate::call::Mechanics;
use crate::call::served::{ServedUser, SessionCase, originator};
use cpm_wire::diameter::dictionary::{
    CALLED_PARTY_ADDRESS, CALLING_PARTY_ADDRESS, CAUSE_CODE, EVENT, EVENT_TYPE, IM_INFORMATION,
    IMS_CHARGING_IDENTIFIER, IMS_INFORMATION, NODE_FUNCTIONALITY, NUMBER_OF_MESSAGES_SUCCESSFULLY_SENT, ROLE_OF_NODE,
    SERVICE_INFORMATION, SIP_METHOD, SIP_REQUEST_TIMESTAMP, SIP_RESPONSE_TIMESTAMP, SUBSCRIPTION_ID,
    SUBSCRIPTION_ID_DATA, SUBSCRIPTION_ID_TYPE, TIME_STAMPS, TOTAL_NUMBER_OF_MESSAGES_SENT, USER_SESSION_ID,
};
use cpm_wire::diameter::{Builder, Group, Value};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;

/// The service that all records and questions are about: IMS charging (TS 32.299 section 7.1.12).
pub(super) const CONTEXT: &str = "32260@3gpp.org";
/// Node-Functionality: an application server.
const APPLICATION_SERVER: i32 = 6;

/// What is told of a request and its session.
#[derive(Debug)]
pub(super) struct Facts {
    user: String,
    originating: bool,
    calling: String,
    called: String,
    method: Method,
    charging_id: Option<String>,
    call_id: Option<String>,
    event: Option<String>,
    requested: Time,
    answered: Option<Time>,
}

impl Facts {
    pub fn of(now: Time, served: &ServedUser, request: &Message) -> Facts {
        let user = served.identity.clone();
        let originating = served.case == SessionCase::Originating;
        Facts {
            calling: if originating { user.clone() } else { originator(request).unwrap_or_default() },
            called: request.request_uri().unwrap_or_default().to_owned(),
            user,
            originating,
            method: request.method(),
            charging_id: charging_id(request),
            call_id: request.call_id().map(str::to_owned),
            event: request.header(&Name::Event).map(str::to_owned),
            requested: now,
            answered: None,
        }
    }

    /// True for what is charged as an event, and makes no session.
    pub fn is_event(&self) -> bool {
        self.method != Method::Invite
    }

    /// The request was answered.
    pub fn answered(&mut self, now: Time) {
        self.answered = Some(now);
    }

    /// Adds whom it is charged to (RFC 8506 section 8.46).
    pub fn subscription_to(&self, to: Builder) -> Builder {
        to.group(&SUBSCRIPTION_ID, |group| self.subscription(group))
    }

    fn subscription(&self, group: Group) -> Group {
        // END_USER_E164 is 0, END_USER_SIP_URI 2.
        let (kind, data) = match self.user.strip_prefix("tel:+") {
            Some(number) => (0, number.split(';').next().unwrap_or_default()),
            None => (2, self.user.as_str()),
        };
        group.avp(&SUBSCRIPTION_ID_TYPE, Value::Integer32(kind)).avp(&SUBSCRIPTION_ID_DATA, data)
    }

    /// Adds what it is. `cause` is the Cause-Code (TS 32.299 section 7.2.35), `within` whether whom it is charged to stands
    /// here, as it does in records.
    pub fn information_to(&self, to: Builder, cause: Option<i32>, within: bool) -> Builder {
        to.group(&SERVICE_INFORMATION, |group| {
            let group = if within { group.group(&SUBSCRIPTION_ID, |inner| self.subscription(inner)) } else { group };
            let group = group.group(&IMS_INFORMATION, |group| self.ims_information(group, cause));
            match self.is_event() {
                true => group.group(&IM_INFORMATION, |group| {
                    let sent = u32::from(self.answered.is_some() && cause.is_none());
                    group.avp(&NUMBER_OF_MESSAGES_SUCCESSFULLY_SENT, sent).avp(&TOTAL_NUMBER_OF_MESSAGES_SENT, 1_u32)
                }),
                false => group,
            }
        })
    }

    fn ims_information(&self, group: Group, cause: Option<i32>) -> Group {
        let group = group.group(&EVENT_TYPE, |inner| {
            let inner = inner.avp(&SIP_METHOD, self.method.as_str());
            self.event.iter().fold(inner, |inner, event| inner.avp(&EVENT, event.as_str()))
        });
        let role = i32::from(!self.originating);
        let group = group.avp(&ROLE_OF_NODE, Value::Integer32(role));
        let group = group.avp(&NODE_FUNCTIONALITY, Value::Integer32(APPLICATION_SERVER));
        // Of an event there is no session to be named.
        let session = self.call_id.iter().filter(|_| !self.is_event());
        let group = session.fold(group, |group, call_id| group.avp(&USER_SESSION_ID, call_id.as_str()));
        let group = group.avp(&CALLING_PARTY_ADDRESS, self.calling.as_str());
        let group = group.avp(&CALLED_PARTY_ADDRESS, self.called.as_str());
        let group = group.group(&TIME_STAMPS, |inner| {
            let inner = inner.avp(&SIP_REQUEST_TIMESTAMP, self.requested);
            self.answered.into_iter().fold(inner, |inner, time| inner.avp(&SIP_RESPONSE_TIMESTAMP, time))
        });
        let ids = self.charging_id.iter();
        let group = ids.fold(group, |group, id| group.avp(&IMS_CHARGING_IDENTIFIER, id.as_str()));
        cause.into_iter().fold(group, |group, cause| group.avp(&CAUSE_CODE, Value::Integer32(cause)))
    }
}

/// The icid of a request (RFC 7315 section 5.6).
fn charging_id(request: &Message) -> Option<String> {
    let icid = request.charging_vector()?.get("icid-value").flatten()?;
    Some(icid.into_owned()).filter(|icid| !icid.is_empty())
}

/// The request has an icid from now on: one made here where it had none.
pub(super) fn identify(m: &mut Mechanics, request: &mut Message) {
    if charging_id(request).is_none() {
        let vector = format!("icid-value={};icid-generated-at={}", m.tokens.token(), m.sip.local().ip());
        *request = request.edit().set(Name::PChargingVector, vector).finish();
    }
}
