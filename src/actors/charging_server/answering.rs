//! What the charging server answers: records are taken (RFC 6733 section 9), credit is granted as the account says (RFC 8506
//! section 5).

use super::accounts::{Account, FinalAction};
use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::peer::Identity;
use cpm_wire::diameter::{Avp, Builder, DiameterError, Group, Message, Value, application, command, result};

/// What is granted where nobody says how much.
const HOUR_S: u32 = 3600;

/// CC-Request-Type of a session's last request, and of an event (RFC 8506 section 8.3).
const TERMINATION: i32 = 3;
const EVENT: i32 = 4;

/// The answer to a request of an application, for a user with this account.
///
/// # Errors
/// It would be longer than a message can be.
pub fn answer(own: &Identity, request: &Message, account: Account) -> Result<Message, DiameterError> {
    let header = request.header();
    match (header.command, header.application) {
        (command::ACCOUNTING, application::ACCOUNTING) => taken(own, request).build(),
        (command::CREDIT_CONTROL, application::CREDIT_CONTROL) => credit(own, request, account).build(),
        // Section 6.2 of RFC 6733: a protocol error.
        _ => own.sign(request.answer().error().avp(&RESULT_CODE, result::COMMAND_UNSUPPORTED)).build(),
    }
}

/// ACA: the record is kept.
fn taken(own: &Identity, request: &Message) -> Builder {
    let answer = own.sign(request.answer().avp(&RESULT_CODE, result::SUCCESS));
    let named = [ACCOUNTING_RECORD_TYPE, ACCOUNTING_RECORD_NUMBER, ACCT_APPLICATION_ID];
    copied(answer, request, &named)
}

/// CCA.
fn credit(own: &Identity, request: &Message, account: Account) -> Builder {
    let kind = number(request, &CC_REQUEST_TYPE);
    // What is over, or given back, needs no credit.
    let free = kind == Some(TERMINATION) || is_refund(request);
    let result = match account {
        Account::Refused(code) if !free => code,
        _ => result::SUCCESS,
    };
    let answer = own.sign(request.answer().avp(&RESULT_CODE, result));
    let answer = copied(answer, request, &[AUTH_APPLICATION_ID, CC_REQUEST_TYPE, CC_REQUEST_NUMBER]);
    if free || result != result::SUCCESS {
        return answer;
    }
    granted(answer, request, account, kind == Some(EVENT))
}

/// The same AVPs as in the request.
fn copied(answer: Builder, request: &Message, named: &[Definition]) -> Builder {
    let avps = named.iter().filter_map(|definition| request.find(definition));
    avps.fold(answer, |answer, avp| answer.raw(avp.code, avp.flags, avp.vendor, avp.data))
}

fn number(request: &Message, definition: &Definition) -> Option<i32> {
    request.find(definition)?.integer32().ok()
}

/// Requested-Action REFUND_ACCOUNT (RFC 8506 section 8.41).
fn is_refund(request: &Message) -> bool {
    number(request, &REQUESTED_ACTION) == Some(1)
}

/// The units, for each service that the request names, or for the request as a whole.
fn granted(answer: Builder, request: &Message, account: Account, event: bool) -> Builder {
    let services = request.avps().filter(|avp| avp.is(&MULTIPLE_SERVICES_CREDIT_CONTROL));
    let mut services = services.peekable();
    if services.peek().is_none() {
        let wanted = request.find(&REQUESTED_SERVICE_UNIT);
        let answer = answer.group(&GRANTED_SERVICE_UNIT, |group| units(group, wanted, account, event));
        return match last(account).filter(|_| !event) {
            Some(action) => answer.group(&FINAL_UNIT_INDICATION, |group| finally(group, action)),
            None => answer,
        };
    }
    services.fold(answer, |answer, service| {
        answer.group(&MULTIPLE_SERVICES_CREDIT_CONTROL, |group| {
            let wanted = service.group().find(&REQUESTED_SERVICE_UNIT);
            let group = group.group(&GRANTED_SERVICE_UNIT, |group| units(group, wanted, account, event));
            let named = service.group().filter_map(Result::ok);
            let named = named.filter(|avp| avp.is(&SERVICE_IDENTIFIER) || avp.is(&RATING_GROUP));
            let group = named.fold(group, |group, avp| group.raw(avp.code, avp.flags, avp.vendor, avp.data));
            let group = group.avp(&RESULT_CODE, result::SUCCESS);
            match last(account).filter(|_| !event) {
                Some(action) => group.group(&FINAL_UNIT_INDICATION, |group| finally(group, action)),
                None => group,
            }
        })
    })
}

/// The seconds that are left, or what is asked for, or an hour.
fn units(group: Group, wanted: Option<Avp<'_>>, account: Account, event: bool) -> Group {
    if let Account::Last { seconds, .. } = account
        && !event
    {
        return group.avp(&CC_TIME, seconds);
    }
    let asked = wanted.map(|wanted| wanted.group().filter_map(Result::ok).collect::<Vec<_>>()).unwrap_or_default();
    match asked.is_empty() {
        true if event => group.avp(&CC_SERVICE_SPECIFIC_UNITS, Value::Unsigned64(1)),
        true => group.avp(&CC_TIME, HOUR_S),
        false => asked.iter().fold(group, |group, avp| group.raw(avp.code, avp.flags, avp.vendor, avp.data)),
    }
}

fn last(account: Account) -> Option<FinalAction> {
    match account {
        Account::Last { action, .. } => Some(action),
        _ => None,
    }
}

/// Where the user is led, or what is let through, is said as far as it has to be (RFC 8506 section 8.34).
fn finally(group: Group, action: FinalAction) -> Group {
    let group = group.avp(&FINAL_UNIT_ACTION, action.value());
    match action {
        FinalAction::Terminate => group,
        FinalAction::Redirect => group.group(&REDIRECT_SERVER, |group| {
            group.avp(&REDIRECT_ADDRESS_TYPE, SIP_URI).avp(&REDIRECT_SERVER_ADDRESS, "sip:credit@example.com")
        }),
        FinalAction::Restrict => group.avp(&RESTRICTION_FILTER_RULE, "permit in ip from any to 127.0.0.1"),
    }
}

/// Redirect-Address-Type of a SIP URI (RFC 8506 section 8.38).
const SIP_URI: i32 = 3;
