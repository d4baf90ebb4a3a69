//! What a hook of the profile hands over is judged as what comes over X2 and X3; what nobody asked for is missed by nobody.

use super::{OF_BOB, Passed};
use crate::evidence::{Event, Intercepted, InterceptedAs, Towards};
use crate::rules::lawful_interception::{ContentHandedOver, EventsHandedOver, NothingHandedOver};
use crate::rules::messages::tests::{LUNCH, Page, Post};
use crate::rules::{Judgement, Moment};
use pretty_assertions::assert_eq;

fn nothing() -> NothingHandedOver {
    NothingHandedOver { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

/// The hook was told to put Bob under interception.
fn ordered(post: &mut Post) {
    let (person, task) = ("Bob".to_owned(), OF_BOB.to_owned());
    post.event(Event::Interception { person, task, ends: false, authorised: true, connection: None });
}

/// The hook was asked about Bob, and handed this over.
fn answers(post: &mut Post, items: Vec<Intercepted>) {
    post.event(Event::HandedOver { person: "Bob".to_owned(), task: OF_BOB.to_owned(), items });
}

fn item(passed: &Passed, frame: u64, direction: Towards) -> Intercepted {
    let message = String::from_utf8(passed.octets(frame).to_vec()).unwrap();
    Intercepted { protocol: InterceptedAs::Sip, direction, message, base64: false, correlation: 7 }
}

/// Alice's message to Bob passed, and then the hook was asked.
fn asked(items: impl FnOnce(&Passed) -> Vec<Intercepted>) -> Passed {
    let mut passed = Passed::to_bob();
    ordered(&mut passed.post);
    let items = items(&passed);
    answers(&mut passed.post, items);
    passed
}

#[test]
fn nothing_counts_where_somebody_asked_afterwards() {
    assert_eq!(asked(|_| Vec::new()).post.met(&nothing()).0, 1);

    let mut unasked = Passed::to_bob();
    ordered(&mut unasked.post);
    assert!(matches!(unasked.post.judge(&nothing(), Moment::Closed).judgement, Judgement::Unseen { .. }));

    let mut too_early = Post::announced("Alice", &["Bob"]);
    ordered(&mut too_early);
    answers(&mut too_early, Vec::new());
    let branch = too_early.page(&Page::to_bob(), None);
    too_early.answered(&Page::to_bob(), &branch, 200);
    assert!(matches!(too_early.judge(&nothing(), Moment::Closed).judgement, Judgement::Unseen { .. }));
    answers(&mut too_early, Vec::new());
    assert_eq!(too_early.met(&nothing()).0, 1);
}

#[test]
fn what_is_handed_over_is_judged_as_on_the_wire() {
    let both = |passed: &Passed| {
        vec![item(passed, passed.came, Towards::ToUser), item(passed, passed.answered, Towards::FromUser)]
    };
    let handed = asked(both);
    let events = EventsHandedOver { label: LUNCH.to_owned(), person: "Bob".to_owned() };
    let content = ContentHandedOver { label: LUNCH.to_owned(), person: "Bob".to_owned() };
    assert!(handed.post.met(&events).0 > 0 && handed.post.met(&content).0 > 0);
    assert!(handed.post.failed(&nothing()).observed.contains("MESSAGE of it"));

    let altered = asked(|passed| {
        let mut items = both(passed);
        let message = &mut items.first_mut().unwrap().message;
        let last = message.pop().unwrap();
        message.push(if last == '!' { '?' } else { '!' });
        items
    });
    altered.post.failed(&content);
    asked(|_| Vec::new()).post.failed(&events);
}
