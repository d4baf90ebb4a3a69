//! Golden scenes of Diameter. One place changed is here the octets of one field.

use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::{AvpFlags, Builder, Message, application, command};
use pretty_assertions::assert_eq;

use super::{Case, Turn, judge, last, turn};
use crate::evidence::{Protocol, Transport};
use crate::rules::base::Side;

fn says(side: Side, message: &Message) -> Turn {
    Turn { binary: Some(message.octets().clone()), ..turn(side, Protocol::Diameter, Transport::Tcp, "") }
}

/// By the target, the charging client.
fn client(message: &Message) -> Turn {
    says(Side::Target, message)
}

/// By the tester, the charging server.
fn server(message: &Message) -> Turn {
    says(Side::Tester, message)
}

fn origin(builder: Builder, host: &str) -> Builder {
    builder.avp(&ORIGIN_HOST, host).avp(&ORIGIN_REALM, "home1.test")
}

fn capabilities(builder: Builder, host: &str) -> Message {
    origin(builder, host)
        .avp(&HOST_IP_ADDRESS, std::net::IpAddr::from([127, 0, 0, 1]))
        .avp(&VENDOR_ID, VENDOR_3GPP)
        .avp(&PRODUCT_NAME, "charging")
        .build()
        .unwrap()
}

fn cer() -> Message {
    let builder = Message::request(command::CAPABILITIES_EXCHANGE, application::COMMON).identifiers(0x0aaa_0001, 1);
    capabilities(builder, "as.home1.test")
}

fn cea() -> Message {
    capabilities(cer().answer().avp(&RESULT_CODE, 2001u32), "ocs.home1.test")
}

/// A CCR up to its type: of the session, and with the number as identifiers.
fn asked(number: u32) -> Builder {
    let builder = Message::request(command::CREDIT_CONTROL, application::CREDIT_CONTROL).proxiable();
    origin(
        builder.identifiers(0x0bbb_0000 + number, 0x0ccc_0000 + number).avp(&SESSION_ID, "as.home1.test;1;2"),
        "as.home1.test",
    )
    .avp(&DESTINATION_REALM, "home2.test")
    .avp(&AUTH_APPLICATION_ID, 4u32)
    .avp(&SERVICE_CONTEXT_ID, "32274@3gpp.org")
}

fn ccr(kind: i32, number: u32) -> Message {
    asked(number).avp(&CC_REQUEST_TYPE, kind).avp(&CC_REQUEST_NUMBER, number).build().unwrap()
}

/// A CCR with groups inside, and a Proxy-Info of a relay.
fn detailed() -> Message {
    asked(0)
        .avp(&CC_REQUEST_TYPE, 4)
        .avp(&CC_REQUEST_NUMBER, 0u32)
        .avp(&REQUESTED_ACTION, 0)
        .group(&SUBSCRIPTION_ID, |group| {
            group.avp(&SUBSCRIPTION_ID_TYPE, 2).avp(&SUBSCRIPTION_ID_DATA, "sip:alice@home1.test")
        })
        .group(&SERVICE_INFORMATION, |group| {
            group.group(&IMS_INFORMATION, |group| group.avp(&NODE_FUNCTIONALITY, 6).avp(&USER_SESSION_ID, "call-1"))
        })
        .group(&PROXY_INFO, |group| group.avp(&PROXY_HOST, "relay").avp(&PROXY_STATE, &b"seven"[..]))
        .raw(0x7777, AvpFlags(AvpFlags::VENDOR), Some(99), b"x")
        .build()
        .unwrap()
}

fn answered(request: &Message) -> Builder {
    let builder = origin(request.answer().avp(&RESULT_CODE, 2001u32), "ocs.home1.test").avp(&AUTH_APPLICATION_ID, 4u32);
    let number = |definition| request.find(definition).unwrap().unsigned32().unwrap();
    let (kind, count) = (number(&CC_REQUEST_TYPE), number(&CC_REQUEST_NUMBER));
    builder.avp(&CC_REQUEST_TYPE, kind as i32).avp(&CC_REQUEST_NUMBER, count)
}

fn cca(request: &Message) -> Message {
    answered(request).build().unwrap()
}

fn acr(kind: i32, number: u32) -> Message {
    let builder = Message::request(command::ACCOUNTING, application::ACCOUNTING).proxiable();
    origin(builder.identifiers(number, 0x0ddd_0000 + number).avp(&SESSION_ID, "as.home1.test;3"), "as.home1.test")
        .avp(&DESTINATION_REALM, "home2.test")
        .avp(&ACCOUNTING_RECORD_TYPE, kind)
        .avp(&ACCOUNTING_RECORD_NUMBER, number)
        .avp(&ACCT_APPLICATION_ID, 3u32)
        .build()
        .unwrap()
}

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The one place where these octets stand in the last message becomes others.
fn changed(rule: &'static str, scene: &[Turn], from: &str, to: &str) -> (Case, (usize, usize)) {
    let (from, to) = (octets(from), octets(to));
    let before = scene.last().unwrap().octets();
    let places: Vec<usize> = (0..before.len()).filter(|at| before[*at..].starts_with(&from)).collect();
    let [place] = places[..] else { panic!("{rule}: {from:02x?} stands at {places:?} of {before:02x?}") };
    let mut after = before.to_vec();
    after[place..place + from.len()].copy_from_slice(&to);
    let mut wrong = scene.to_vec();
    wrong.last_mut().unwrap().binary = Some(after.into());
    (Case { rule, right: scene.to_vec(), wrong }, (place, place + from.len()))
}

/// The octets of a field become others, and the finding is there.
fn field(rule: &'static str, scene: &[Turn], from: &str, to: &str) -> Case {
    let (case, place) = changed(rule, scene, from, to);
    for (start, end) in judge(&case.wrong).iter().map(|finding| finding.octets.unwrap()) {
        assert!(start < place.1 && place.0 < end, "{rule}: {start}..{end} is not at {place:?}");
    }
    case
}

/// An AVP becomes one that nobody knows.
fn lacking(rule: &'static str, scene: &[Turn], definition: &Definition) -> Case {
    changed(rule, scene, &format!("{:08x} 40", definition.code), "00007777 40").0
}

pub(super) fn cases() -> Vec<Case> {
    [headers(), avps(), values(), grammars(), exchanges(), sessions()].into_iter().flatten().collect()
}

fn headers() -> Vec<Case> {
    let asked = [client(&detailed())];
    let watchdog = origin(Message::request(command::DEVICE_WATCHDOG, application::COMMON), "as.home1.test");
    let watchdog = [client(&watchdog.build().unwrap())];
    let answer = [client(&detailed()), server(&cca(&detailed()))];
    let length = format!("01{:06x}", detailed().octets().len());
    vec![
        field("base.diameter.version", &asked, &length, &length.replacen("01", "02", 1)),
        field("base.diameter.length", &asked, &length, "01000040"),
        field("base.diameter.reserved_bits", &asked, "c0000110", "c8000110"),
        field("base.diameter.error_bit", &asked, "c0000110", "e0000110"),
        field("base.diameter.retransmission_bit", &answer, "40000110", "50000110"),
        field("base.diameter.proxiable", &asked, "c0000110", "80000110"),
        field("base.diameter.proxiable", &watchdog, "80000118", "c0000118"),
        field("base.diameter.application", &watchdog, "80000118 00000000", "80000118 00000003"),
    ]
}

fn avps() -> Vec<Case> {
    let scene = [client(&detailed())];
    let of = |rule, from, to| field(rule, &scene, from, to);
    vec![
        // Over the end of the message, and less than a header.
        of("base.diameter.avp_length", "00007777 80 00000d", "00007777 80 000021"),
        of("base.diameter.avp_length", "00007777 80 00000d", "00007777 80 00000b"),
        // Over the end of a group: Node-Functionality.
        of("base.diameter.avp_length", "0000035e c0 000010", "0000035e c0 000040"),
        // A group that ends within the padding of its last member, and one that ends within a header.
        changed("base.diameter.avp_length", &scene, "0000011c 40 000028", "0000011c 40 000025").0,
        changed("base.diameter.avp_length", &scene, "0000011c 40 000028", "0000011c 40 00001c").0,
        of("base.diameter.avp_padding", "7365 7665 6e 000000", "7365 7665 6e 000001"),
        of("base.diameter.avp_reserved_bits", "0000019f 40", "0000019f 41"),
        of("base.diameter.avp_protected_bit", "0000019f 40", "0000019f 60"),
        of("base.diameter.avp_vendor", "00007777 80 00000d 00000063", "00007777 80 00000d 00000000"),
        of("base.diameter.avp_mandatory_bit", "0000019f 40", "0000019f 00"),
        of("base.diameter.avp_mandatory_bit_3gpp", "0000035e c0", "0000035e 80"),
        field("base.diameter.avp_mandatory_bit", &[client(&cer())], "0000010d 00", "0000010d 40"),
        of("base.diameter.group_members", "000001c2 40", "00007777 40"),
    ]
}

fn values() -> Vec<Case> {
    let scene = [client(&detailed())];
    let of = |rule, from, to| field(rule, &scene, from, to);
    let number = |octets: &[u8]| {
        let asked = asked(0).avp(&CC_REQUEST_TYPE, 4);
        client(&asked.raw(CC_REQUEST_NUMBER.code, AvpFlags(AvpFlags::MANDATORY), None, octets).build().unwrap())
    };
    vec![
        last("base.diameter.avp_size", [number(&[0; 4])], number(&[0; 8])),
        of("base.diameter.avp_text", "7369 703a", "7369 ff3a"),
        of("base.diameter.avp_identity", "686f 6d65 32", "686f 2065 32"),
        field("base.diameter.avp_address", &[client(&cer())], "0001 7f000001", "0002 7f000001"),
        of("base.diameter.avp_enumerated", "000001b4 4000000c 00000000", "000001b4 4000000c 00000009"),
        of("base.diameter.avp_type_3gpp", "6361 6c6c 2d31", "6361 6cff 2d31"),
    ]
}

fn grammars() -> Vec<Case> {
    let asked_once = [client(&ccr(1, 0))];
    let answered_once = [client(&ccr(1, 0)), server(&cca(&ccr(1, 0)))];
    let accounted = [client(&acr(1, 0))];
    let twice = asked(0).avp(&CC_REQUEST_TYPE, 1).avp(&CC_REQUEST_NUMBER, 0u32).avp(&DESTINATION_REALM, "home2.test");
    let with_destination = answered(&ccr(1, 0)).avp(&DESTINATION_REALM, "home2.test");
    vec![
        lacking("base.diameter.mandatory_avp", &asked_once, &SERVICE_CONTEXT_ID),
        lacking("base.diameter.mandatory_avp", &[client(&cer())], &HOST_IP_ADDRESS),
        lacking("base.diameter.mandatory_avp", &accounted, &ACCOUNTING_RECORD_NUMBER),
        last("base.diameter.avp_once", asked_once.clone(), client(&twice.build().unwrap())),
        lacking("base.diameter.result", &answered_once, &RESULT_CODE),
        field("base.diameter.error_result", &answered_once, "000007d1", "00000bbc"),
        field("base.diameter.error_result", &answered_once, "40000110", "60000110"),
        last("base.diameter.session_id_first", [client(&late_session(true))], client(&late_session(false))),
        field("base.diameter.session_id_form", &asked_once, "7465 7374 3b31 3b32", "7465 7374 3a31 3a32"),
        last("base.diameter.destination_in_answer", answered_once.clone(), server(&with_destination.build().unwrap())),
        field("base.diameter.application_avp", &asked_once, "4000000c 00000004", "4000000c 00000005"),
        lacking("base.diameter.accounting_application", &accounted, &ACCT_APPLICATION_ID),
    ]
}

/// A Session-Termination-Request with its Session-Id first, or not.
fn late_session(first: bool) -> Message {
    let request = Message::request(command::SESSION_TERMINATION, 77).proxiable();
    let session = |builder: Builder| builder.avp(&SESSION_ID, "as.home1.test;9");
    let request = match first {
        true => origin(session(request), "as.home1.test"),
        false => session(origin(request, "as.home1.test")),
    };
    let request = request.avp(&DESTINATION_REALM, "home2.test").avp(&AUTH_APPLICATION_ID, 77u32);
    request.avp(&TERMINATION_CAUSE, 1).build().unwrap()
}

/// A connection that was seen to open, and the capabilities.
fn opened() -> [Turn; 2] {
    [Turn { opens: Some(Side::Target), ..client(&cer()) }, server(&cea())]
}

fn after_opening(turns: impl IntoIterator<Item = Turn>) -> Vec<Turn> {
    opened().into_iter().chain(turns).collect()
}

fn exchanges() -> Vec<Case> {
    let (asked, answer) = (client(&ccr(1, 0)), server(&cca(&ccr(1, 0))));
    let pair = [asked.clone(), answer.clone()];
    let whole = after_opening(pair.clone());
    let foreign = origin(Message::request(300, 77).identifiers(5, 5), "as.home1.test").build().unwrap();
    let reply = origin(foreign.answer().avp(&RESULT_CODE, 2001u32), "ocs.home1.test").build().unwrap();
    vec![
        last("base.diameter.capabilities_first", opened(), server(&foreign)),
        last(
            "base.diameter.capabilities_first",
            [opened()[0].clone()],
            Turn { opens: Some(Side::Target), ..asked.clone() },
        ),
        field("base.diameter.answer_unasked", &whole, "0bbb0000", "0bbb0009"),
        last(
            "base.diameter.answer_unasked",
            after_opening([asked.clone(), answer.clone(), client(&ccr(2, 1))]),
            answer,
        ),
        field("base.diameter.hop_by_hop", &after_opening([asked, client(&ccr(2, 1))]), "0bbb0001", "0bbb0000"),
        field("base.diameter.answer_command", &pair, "40000110", "4000010f"),
        field("base.diameter.answer_application", &[client(&foreign), server(&reply)], "0000004d", "0000004e"),
        field("base.diameter.answer_end_to_end", &pair, "0ccc0000", "0ccc0001"),
        field("base.diameter.answer_proxiable", &pair, "40000110", "00000110"),
        field("base.diameter.answer_session", &pair, "7465 7374 3b31 3b32", "7465 7374 3b31 3b33"),
        field(
            "base.diameter.answer_proxy_info",
            &[client(&detailed()), server(&cca(&detailed()))],
            "7365 7665 6e",
            "7365 7665 4e",
        ),
        field("base.diameter.answer_record", &pair, "0000019f 4000000c 00000000", "0000019f 4000000c 00000007"),
    ]
}

fn sessions() -> Vec<Case> {
    let growing = [client(&ccr(1, 0)), client(&ccr(2, 3)), client(&ccr(2, 4))];
    let accounted = [client(&acr(2, 0)), client(&acr(3, 1))];
    let number = |number: u32| format!("0000019f 4000000c {number:08x}");
    let kind = |kind: u32| format!("000001e0 4000000c {kind:08x}");
    let sequence = "base.diameter.record_sequence";
    vec![
        field("base.diameter.record_number", &growing, &number(4), &number(3)),
        field("base.diameter.record_order", &growing, &number(4), &number(2)),
        // Begun twice, and an event in the midst.
        field(sequence, &accounted, &kind(3), &kind(2)),
        field(sequence, &accounted, &kind(3), &kind(1)),
        field(sequence, &growing, "000001a0 4000000c 00000002", "000001a0 4000000c 00000001"),
        after(sequence, &kind(3), &kind(4)),
        after(sequence, &kind(3), &kind(1)),
    ]
}

/// A record in the midst becomes one that ends the session, or is all of it, and another follows.
fn after(rule: &'static str, from: &str, to: &str) -> Case {
    let begun = [client(&acr(3, 1))];
    let (case, _) = changed(rule, &begun, from, to);
    let follows = |turns: Vec<Turn>| turns.into_iter().chain([client(&acr(3, 2))]).collect();
    Case { rule, right: follows(case.right), wrong: follows(case.wrong) }
}

fn found(scene: &[Turn]) -> Vec<String> {
    judge(scene).into_iter().map(|finding| finding.rule).collect()
}

/// A request once more, with other identifiers.
fn again(request: &Message, flags: u8, identifiers: (u32, u32)) -> Turn {
    let mut octets = request.octets().to_vec();
    octets[4] |= flags;
    octets[12..16].copy_from_slice(&identifiers.0.to_be_bytes());
    octets[16..20].copy_from_slice(&identifiers.1.to_be_bytes());
    Turn { binary: Some(octets.into()), ..client(request) }
}

#[test]
fn a_request_may_come_again() {
    let first = ccr(1, 0);
    // After a failure with the T bit; and over the next hop of a capture, with another Hop-by-Hop Identifier.
    let header = first.header();
    let resent = again(&first, 0x10, (header.hop_by_hop, header.end_to_end));
    let answer = || server(&cca(&first));
    let relayed = again(&first, 0, (99, header.end_to_end));
    assert_eq!(found(&after_opening([client(&first), resent, relayed, answer(), answer()])), [""; 0]);
}

#[test]
fn a_session_that_was_refused_may_begin_anew() {
    let first = ccr(1, 0);
    let refusal = origin(first.answer().error().avp(&RESULT_CODE, 3004u32), "ocs.home1.test").build().unwrap();
    let anew = again(&first, 0, (98, 98));
    assert_eq!(found(&[client(&first), server(&refusal), anew.clone()]), [""; 0]);
    let numbered = ["base.diameter.record_sequence", "base.diameter.record_number"].map(str::to_owned);
    assert_eq!(found(&[client(&first), server(&cca(&first)), anew]), numbered);
}

#[test]
fn a_balance_may_be_asked_for_in_a_session() {
    assert_eq!(found(&[client(&ccr(1, 0)), client(&ccr(4, 1)), client(&ccr(2, 2)), client(&ccr(3, 3))]), [""; 0]);
}

#[test]
fn what_began_before_the_evidence_is_not_held_against_anybody() {
    let answer = server(&cca(&ccr(2, 5)));
    assert_eq!(found(&[answer.clone(), client(&ccr(3, 6)), client(&acr(4, 9))]), [""; 0]);
    assert_eq!(found(&after_opening([answer])), ["base.diameter.answer_unasked"]);
}

#[test]
fn what_was_refused_is_quoted_as_it_came() {
    let asked = ccr(1, 0);
    let quoted = answered(&asked)
        .group(&FAILED_AVP, |group| group.raw(CC_REQUEST_NUMBER.code, AvpFlags(AvpFlags::RESERVED), None, b"?"));
    assert_eq!(found(&[client(&asked), server(&quoted.build().unwrap())]), [""; 0]);
}

#[test]
fn commands_of_other_applications_have_grammars_of_their_own() {
    // Gx has CCR, too, and no Service-Context-Id.
    let request = Message::request(command::CREDIT_CONTROL, 16_777_238).proxiable().avp(&SESSION_ID, "gw.home1.test;1");
    let request = origin(request, "gw.home1.test").avp(&CC_REQUEST_TYPE, 1);
    // Nor need the M bit be as in credit control.
    let request = request.raw(MULTIPLE_SERVICES_INDICATOR.code, AvpFlags::default(), None, &[0; 4]).build().unwrap();
    assert_eq!(found(&[client(&request)]), [""; 0]);
}

#[test]
fn what_was_declared_malformed_is_not_judged_and_its_answer_is_forgiven() {
    let odd = server(&acr(3, 7)).declared_malformed();
    let mut cut = odd.clone();
    cut.binary = Some(cut.octets().slice(..18));
    let reply = origin(acr(3, 7).answer().error().avp(&RESULT_CODE, 3007u32), "as.home1.test").build().unwrap();
    let reply = again(&reply, 0, (7, 8));
    assert_eq!(found(&after_opening([odd, reply.clone()])), [""; 0]);
    assert_eq!(found(&after_opening([cut, reply])), [""; 0]);
}
