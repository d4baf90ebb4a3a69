//! What `diameter` reads of a charging server, what it is known not to, and what it would tell.

use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::{AvpFlags, Builder, Message, application, command};
use cpm_wire::time::Time;
use std::io::Cursor;
use std::time::Duration;

use super::*;

fn signed(builder: Builder) -> Builder {
    builder.avp(&ORIGIN_HOST, "ocs.home.example").avp(&ORIGIN_REALM, "home.example")
}

/// Credit for a call and for a service, the last there is.
fn credit() -> Builder {
    let asked = Message::request(command::CREDIT_CONTROL, application::CREDIT_CONTROL)
        .proxiable()
        .identifiers(7, 8)
        .avp(&SESSION_ID, "pf.home.example;1;2")
        .build()
        .unwrap();
    signed(asked.answer().avp(&RESULT_CODE, 2001u32))
        .avp(&AUTH_APPLICATION_ID, application::CREDIT_CONTROL)
        .avp(&CC_REQUEST_TYPE, 1)
        .avp(&CC_REQUEST_NUMBER, 0u32)
        .avp(&EVENT_TIMESTAMP, Time::ZERO + Duration::from_secs(1_700_000_000))
        .group(&MULTIPLE_SERVICES_CREDIT_CONTROL, |group| {
            group
                .group(&GRANTED_SERVICE_UNIT, |group| group.avp(&CC_TIME, 30u32))
                .avp(&RATING_GROUP, 9u32)
                .group(&FINAL_UNIT_INDICATION, |group| group.avp(&FINAL_UNIT_ACTION, 0))
        })
}

fn octets(builder: Builder) -> Vec<u8> {
    builder.build().unwrap().octets().to_vec()
}

/// Whether it is read at all, as opposed to being let through under a limit.
fn is_read(octets: &[u8]) -> bool {
    DiameterMessage::decode_from(&mut Cursor::new(octets)).is_ok()
}

#[test]
fn what_a_charging_server_says_is_read_as_it_was_meant() {
    let accounting = Message::request(command::ACCOUNTING, application::ACCOUNTING).identifiers(1, 2);
    let watchdog = signed(Message::request(command::DEVICE_WATCHDOG, application::COMMON).identifiers(3, 4));
    for said in [credit(), signed(accounting).avp(&ACCOUNTING_RECORD_TYPE, 2), watchdog] {
        let octets = octets(said);
        assert!(is_read(&octets), "{}", octets.escape_ascii());
        agrees(&octets).unwrap();
    }
}

#[test]
fn an_unknown_avp_is_beyond_it_and_still_is() {
    let octets = octets(credit().raw(99_999, AvpFlags(0), None, b"new"));
    assert!(!is_read(&octets));
    agrees(&octets).unwrap();
}

#[test]
fn what_is_read_otherwise_is_told() {
    // A number of five octets.
    let wrong = octets(signed(Message::request(command::DEVICE_WATCHDOG, application::COMMON)).raw(
        ORIGIN_STATE_ID.code,
        AvpFlags(AvpFlags::MANDATORY),
        None,
        &[0, 0, 0, 1, 9],
    ));
    assert!(agrees(&wrong).is_err());
    // Padding that says something is not there when it is written again.
    let mut padded = octets(credit());
    let session = padded.windows(19).position(|part| part == b"pf.home.example;1;2").unwrap();
    padded[session + 19] = 1;
    let told = agrees(&padded).unwrap_err().to_string();
    assert!(told.contains("written again"), "{told}");
    // A length that no message has.
    let octets = octets(credit());
    assert!(agrees(&octets[..octets.len() - 4]).is_err());
}
