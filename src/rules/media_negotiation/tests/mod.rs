//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another
//! legal way.

mod agreed;
mod lines;
mod offers;
mod outcomes;
mod sweep;

use super::super::sessions::tests::script::Who::{Alice, Bob};
use super::super::sessions::tests::script::*;

/// A call for lunch that stands, each of its four descriptions edited: the caller's offer, the offer onward, the answer
/// there, and the answer to the caller.
fn negotiated(edits: [&dyn Fn(String) -> String; 4]) -> (Talk, Line, Line) {
    let mut talk = Talk::new();
    let near = talk.calls_as(LUNCH, Alice, edits[0]);
    let far = talk.reaches_as(LUNCH, Bob, edits[1]);
    talk.answers_as(&far, 200, edits[2]);
    talk.answers_as(&near, 200, edits[3]);
    for line in [&near, &far] {
        talk.acknowledges(line);
        talk.bodiless(&line.wire, 200);
    }
    (talk, near, far)
}

fn as_it_is(message: String) -> String {
    message
}

/// The two legs of a session whose media go past the target.
fn past(talk: &mut Talk, edits: [&dyn Fn(String) -> String; 2]) -> (Line, Line) {
    let mut near = talk.calls(LUNCH, Alice);
    let own = near.wire.own_path.clone();
    let mut far = talk
        .reaches_as(LUNCH, Bob, |invite| edits[0](invite.replace("198.51.100.1:2855/target2", "192.0.2.10:8000/own1")));
    far.wire.target_path = own;
    talk.answers(&far, 200);
    near.wire.target_path = far.wire.own_path.clone();
    talk.answers_as(&near, 200, edits[1]);
    for line in [&near, &far] {
        talk.acknowledges(line);
        talk.bodiless(&line.wire, 200);
    }
    (near, far)
}
