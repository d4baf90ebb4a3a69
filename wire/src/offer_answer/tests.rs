use super::*;
use proptest::prelude::*;

fn local() -> LocalMedia {
    LocalMedia {
        address: "192.0.2.2".into(),
        port: 2855,
        path: vec!["msrp://192.0.2.2:2855/b;tcp".into()],
        accept_types: vec!["message/cpim".into()],
        accept_wrapped_types: vec!["*".into()],
        ..LocalMedia::default()
    }
}

fn offer() -> MsrpMedia {
    MsrpMedia { setup: None, ..LocalMedia { path: vec!["msrp://192.0.2.1:2855/a;tcp".into()], ..local() }.offer() }
}

fn setup_of_answer(offered: Option<Setup>, prefer_active: bool) -> Option<Setup> {
    answer(&MsrpMedia { setup: offered, ..offer() }, &LocalMedia { prefer_active, ..local() }).unwrap().setup
}

#[test]
fn the_answer_to_a_setup_is_as_in_rfc_4145_section_4_1() {
    assert_eq!(setup_of_answer(Some(Setup::Active), true), Some(Setup::Passive));
    assert_eq!(setup_of_answer(Some(Setup::Passive), false), Some(Setup::Active));
    assert_eq!(setup_of_answer(Some(Setup::Actpass), true), Some(Setup::Active));
    assert_eq!(setup_of_answer(Some(Setup::Actpass), false), Some(Setup::Passive));
    assert_eq!(setup_of_answer(Some(Setup::Holdconn), true), Some(Setup::Holdconn));
    assert_eq!(setup_of_answer(None, true), None);
}

#[test]
fn without_a_setup_in_the_answer_the_offerer_connects() {
    for offered in [None, Some(Setup::Actpass), Some(Setup::Passive), Some(Setup::Active)] {
        let (offer, answer) = (MsrpMedia { setup: offered, ..offer() }, MsrpMedia::default());
        assert_eq!(role(&offer, &answer, Side::Offerer), Role::Connect);
        assert_eq!(role(&offer, &answer, Side::Answerer), Role::Listen);
    }
}

#[test]
fn an_answer_of_actpass_leaves_the_choice_of_the_offer() {
    let answer = MsrpMedia { setup: Some(Setup::Actpass), ..offer() };
    let passive = MsrpMedia { setup: Some(Setup::Passive), ..offer() };
    assert_eq!(role(&passive, &answer, Side::Answerer), Role::Connect);
    assert_eq!(role(&offer(), &answer, Side::Answerer), Role::Listen);
}

#[test]
fn nobody_connects_while_the_connection_is_held() {
    let held = MsrpMedia { setup: Some(Setup::Holdconn), ..offer() };
    for side in [Side::Offerer, Side::Answerer] {
        assert_eq!(role(&held, &held, side), Role::Listen);
        assert_eq!(role(&held, &MsrpMedia::default(), side), Role::Listen);
    }
}

#[test]
fn a_drain_offer_of_sendonly_gets_recvonly() {
    let drain = MsrpMedia { direction: Direction::SendOnly, ..offer() };
    let answer = answer(&drain, &local()).unwrap();
    assert_eq!(answer.direction, Direction::RecvOnly);
    assert_eq!((answer.address.as_str(), answer.port, answer.path), ("192.0.2.2", 2855, local().path));
}

#[test]
fn without_a_type_in_common_the_offer_is_refused_unless_nothing_is_to_be_sent() {
    let html = MsrpMedia { accept_types: vec!["text/html".into()], ..offer() };
    assert_eq!(answer(&html, &local()).unwrap_err().status, 488);
    assert!(answer(&MsrpMedia { direction: Direction::SendOnly, ..html.clone() }, &local()).is_ok());
    for accepted in ["*", "message/*", "Message/CPIM;x=y"] {
        let wide = MsrpMedia { accept_types: vec![accepted.into()], ..html.clone() };
        assert!(answer(&wide, &local()).is_ok(), "{accepted}");
    }
    assert!(!accepts("text/*", "textual/x") && !accepts("text*", "text/plain"));
}

#[test]
fn the_transport_is_the_offers_or_none() {
    let tls = MsrpMedia { tls: true, ..offer() };
    assert_eq!(answer(&tls, &local()).unwrap_err().status, 488);
    assert!(answer(&tls, &LocalMedia { tls: true, ..local() }).unwrap().tls);
}

#[test]
fn an_offer_that_ends_the_session_is_answered_with_port_0() {
    let end = MsrpMedia { port: 0, ..offer() };
    assert!(answer(&end, &local()).unwrap().is_refused());
}

#[test]
fn cema_takes_both() {
    let knows = LocalMedia { cema: true, ..local() };
    assert!(!answer(&offer(), &knows).unwrap().cema);
    assert!(!answer(&knows.offer(), &local()).unwrap().cema);
    assert!(answer(&knows.offer(), &knows).unwrap().cema);
}

#[test]
fn one_offer_is_open_at_a_time() {
    let mut dialog = OfferAnswer::new();
    assert_eq!(dialog.answer(offer()), Err(Untimely::NoOffer));
    dialog.offer(offer()).unwrap();
    assert_eq!(dialog.receive_offer(offer()), Err(Untimely::Glare));
    assert_eq!(dialog.offer(offer()), Err(Untimely::Glare));
    assert_eq!(dialog.answer(offer()), Err(Untimely::NoOffer));
    assert!(!dialog.is_stable());
    assert_eq!(dialog.receive_answer(offer()).map(Agreed::role), Ok(Role::Connect));
    dialog.receive_offer(offer()).unwrap();
    assert_eq!(dialog.receive_offer(offer()), Err(Untimely::AnswerOwed));
    assert_eq!(dialog.receive_answer(offer()), Err(Untimely::NoOffer));
    assert_eq!(dialog.answer(offer()).map(Agreed::role), Ok(Role::Listen));
    assert!(dialog.is_stable());
    assert_eq!((Untimely::Glare.status(), Untimely::AnswerOwed.status()), (491, 500));
}

#[test]
fn a_refused_offer_leaves_what_was_agreed() {
    let mut dialog = OfferAnswer::new();
    dialog.offer(offer()).unwrap();
    dialog.receive_answer(offer()).unwrap();
    let before = dialog.clone();
    dialog.receive_offer(MsrpMedia { port: 9, ..offer() }).unwrap();
    assert_eq!(dialog.offered().map(|offer| offer.port), Some(9));
    dialog.refused();
    assert_eq!(dialog, before);
}

#[test]
fn messages_go_where_both_sides_let_them() {
    let agreed = |local, remote| Agreed {
        local: MsrpMedia { direction: local, ..offer() },
        remote: MsrpMedia { direction: remote, ..offer() },
        we_were: Side::Offerer,
    };
    let drain = agreed(Direction::SendOnly, Direction::RecvOnly);
    assert!(drain.may_send() && !drain.may_receive());
    let sloppy = agreed(Direction::RecvOnly, Direction::SendRecv);
    assert!(!sloppy.may_send() && sloppy.may_receive());
}

fn setups() -> impl Strategy<Value = Option<Setup>> {
    let setups = vec![Setup::Active, Setup::Passive, Setup::Actpass, Setup::Holdconn];
    prop::option::of(prop::sample::select(setups))
}

fn directions() -> impl Strategy<Value = Direction> {
    (any::<bool>(), any::<bool>()).prop_map(|(sends, receives)| Direction::of(sends, receives))
}

proptest! {
    #[test]
    fn exactly_one_side_connects(setup in setups(), prefer_active: bool) {
        let offer = MsrpMedia { setup, ..offer() };
        let answer = answer(&offer, &LocalMedia { prefer_active, ..local() }).unwrap();
        let roles = [Side::Offerer, Side::Answerer].map(|side| role(&offer, &answer, side));
        let connecting = roles.iter().filter(|role| **role == Role::Connect).count();
        prop_assert_eq!(connecting, usize::from(setup != Some(Setup::Holdconn)));
    }

    #[test]
    fn a_direction_never_exceeds_offer_or_wish(offered in directions(), wished in directions()) {
        let offer = MsrpMedia { direction: offered, ..offer() };
        let answer = answer(&offer, &LocalMedia { direction: wished, ..local() }).unwrap().direction;
        prop_assert_eq!(answer.sends(), offered.receives() && wished.sends());
        prop_assert_eq!(answer.receives(), offered.sends() && wished.receives());
    }

    #[test]
    fn the_wait_after_glare_is_that_of_rfc_3261_section_14_1(random: u32) {
        let (owner, other) = (glare_wait(true, random).as_millis(), glare_wait(false, random).as_millis());
        prop_assert!((2100..=4000).contains(&owner) && other <= 2000 && owner % 10 == 0 && other % 10 == 0);
    }
}
