//! Credit that is used up, or holds no more, while a session goes on.

use super::*;
use crate::pair::up;
use crate::scene::charging_server::{Credit, used};
use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::{Message as Diameter, application, command, result};
use pretty_assertions::assert_eq;
use std::time::Duration;

/// Which units are used up by what is said in the session.
fn use_up(scene: &mut Scene, units: &Definition) {
    match *units == CC_TIME {
        true => scene.pass(Duration::from_secs(5)),
        false => (1..=5).for_each(|number| {
            if scene.has_connection("caller-1") {
                scene.say("caller-1", &format!("m{number}"), &message("alice", "m", "hello"));
            }
        }),
    }
}

#[test]
fn what_is_used_up_is_asked_for_again_whatever_it_is_counted_in() {
    for (units, granted) in [(CC_TIME, 5), (CC_TOTAL_OCTETS, 600), (CC_SERVICE_SPECIFIC_UNITS, 5)] {
        let mut scene = charging(Charging::Online);
        scene.charging.credit = Some(Credit::Units(units, granted, false));
        let pair = up(&mut scene, "1");
        use_up(&mut scene, &units);
        let asked = scene.charging.questions();
        assert_eq!(asked[..2], [(INITIAL, 0), (UPDATE, 1)], "{}", units.name);
        scene.none(Method::Bye);
        let update = scene.charging.credits().nth(1).cloned().unwrap();
        let (seconds, octets, messages) = used(&update).unwrap();
        let all = [u64::from(seconds), octets, messages];
        let counted = [CC_TIME, CC_TOTAL_OCTETS, CC_SERVICE_SPECIFIC_UNITS].iter().position(|one| *one == units);
        assert!(all[counted.unwrap()] >= granted, "{}: {all:?}", units.name);
        hung_up(&mut scene, &pair);
        assert_eq!(scene.charging.questions().last().map(|(kind, _)| *kind), Some(TERMINATION));
    }
}

#[test]
fn the_last_units_end_the_session_on_both_sides_and_are_reported() {
    for (units, granted) in [(CC_TIME, 5), (CC_TOTAL_OCTETS, 600), (CC_SERVICE_SPECIFIC_UNITS, 5)] {
        let mut scene = charging(Charging::Both);
        scene.charging.credit = Some(Credit::Units(units, granted, true));
        let pair = up(&mut scene, "1");
        use_up(&mut scene, &units);
        let reason = pair.ended_on_both_sides(&mut scene).unwrap();
        assert!(reason.contains("cause=402"), "{reason}");
        assert_eq!(scene.charging.questions(), [(INITIAL, 0), (TERMINATION, 1)], "{}", units.name);
        assert_eq!(scene.charging.records(), [(START, 0), (STOP, 1)]);
        let end = scene.charging.credits().last().cloned().unwrap();
        let (seconds, octets, messages) = used(&end).unwrap();
        assert!(u64::from(seconds) >= granted || octets >= granted || messages >= granted);
    }
}

#[test]
fn a_grant_that_holds_no_more_is_asked_for_again() {
    let mut scene = charging(Charging::Online);
    scene.charging.credit = Some(Credit::ValidFor(4));
    let pair = up(&mut scene, "1");
    scene.pass(Duration::from_secs(9));
    assert_eq!(scene.charging.questions(), [(INITIAL, 0), (UPDATE, 1), (UPDATE, 2)]);
    scene.charging.credit = Some(Credit::Result(result::CREDIT_LIMIT_REACHED));
    scene.pass(Duration::from_secs(4));
    pair.ended_on_both_sides(&mut scene);
    assert_eq!(scene.charging.questions().last(), Some(&(TERMINATION, 4)));
}

#[test]
fn a_session_that_was_not_granted_a_single_unit_does_not_begin() {
    let mut scene = charging(Charging::Online);
    scene.charging.credit = Some(Credit::Units(CC_TIME, 0, true));
    scene.send(&crate::pair::chat(&scene, "1", false).build());
    scene.response(Method::Invite, 402);
    scene.none(Method::Invite);
}

#[test]
fn the_server_may_want_to_hear_of_a_session_or_end_it() {
    let mut scene = charging(Charging::Online);
    let pair = up(&mut scene, "1");
    let session = scene.charging.credits().next().unwrap().session_id().unwrap().to_owned();
    let ask = |command: u32, session: &str| {
        let request = Diameter::request(command, application::CREDIT_CONTROL).identifiers(0, 9);
        request.avp(&SESSION_ID, session).avp(&ORIGIN_HOST, "ocs.example.com").build().unwrap()
    };
    scene.charging_asks(&ask(command::RE_AUTH, &session));
    assert_eq!(scene.charging.questions(), [(INITIAL, 0), (UPDATE, 1)]);
    scene.charging_asks(&ask(command::RE_AUTH, "no;such;session"));
    scene.charging_asks(&ask(command::SESSION_TERMINATION, &session));
    scene.charging_asks(&ask(command::ABORT_SESSION, &session));
    let results: Vec<_> = scene.charging.answers.iter().map(Diameter::result).collect();
    let expected =
        [result::SUCCESS, result::UNKNOWN_SESSION_ID, result::COMMAND_UNSUPPORTED, result::SUCCESS].map(Some);
    assert_eq!(results, expected);
    pair.ended_on_both_sides(&mut scene);
    assert_eq!(scene.charging.questions().last(), Some(&(TERMINATION, 2)));
}
