//! Records (RFC 6733 section 9, TS 32.260 section 5.2): of a session its start, its changes and its end; of a message, or of a
//! session that did not come to be, one event.

use super::facts::{CONTEXT, Facts};
use crate::call::Mechanics;
use crate::store::{ChargingRecord, Write};
use cpm_wire::diameter::dictionary::{
    ACCOUNTING_RECORD_NUMBER, ACCOUNTING_RECORD_TYPE, ACCT_APPLICATION_ID, EVENT_TIMESTAMP, SERVICE_CONTEXT_ID,
};
use cpm_wire::diameter::{Value, application, command};

/// Accounting-Record-Type (RFC 6733 section 9.8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Event = 1,
    Start = 2,
    Interim = 3,
    Stop = 4,
}

/// The accounting session of one request.
#[derive(Debug)]
pub(super) struct Account {
    session: String,
    next: u32,
}

impl Account {
    pub fn new(m: &mut Mechanics) -> Account {
        Account { session: m.charging.session_id(m.now), next: 0 }
    }

    /// Records something. `cause` is the Cause-Code of what failed.
    pub fn record(&mut self, m: &mut Mechanics, facts: &Facts, kind: Kind, cause: Option<i32>) {
        let acr = m.charging.request(m.now, command::ACCOUNTING, application::ACCOUNTING, &self.session);
        let acr = acr
            .avp(&ACCOUNTING_RECORD_TYPE, Value::Integer32(kind as i32))
            .avp(&ACCOUNTING_RECORD_NUMBER, self.next)
            .avp(&ACCT_APPLICATION_ID, application::ACCOUNTING)
            .avp(&EVENT_TIMESTAMP, m.now)
            .avp(&SERVICE_CONTEXT_ID, CONTEXT);
        self.next += 1;
        // What is told of one request is never too long for a message.
        let Ok(acr) = facts.information_to(acr, cause, true).build() else { return };
        let id = m.record_number();
        let octets = acr.octets().clone();
        if m.charging.record(m.now, id, acr) {
            m.write(vec![Write::Charging(ChargingRecord { id, octets })]);
        }
    }
}
