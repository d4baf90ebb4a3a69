//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another
//! legal way.

mod answers;
mod calling;
mod changing;
mod joined;
mod sweep;
mod turns;
mod waiting;

use crate::rules::sessions::tests::script::Who::{self, Alice, Bob, Watch};
use crate::rules::sessions::tests::script::{LUNCH, Line, Talk, Text, text};

/// Alice calls, and the target calls phone and watch, which ring.
fn rings() -> (Talk, Line, Line, Line) {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    let phone = talk.reaches(LUNCH, Bob);
    let watch = talk.reaches(LUNCH, Watch);
    talk.answers(&phone, 180);
    talk.answers(&watch, 180);
    (talk, near, phone, watch)
}

/// One device accepts, and Alice is told.
fn picks_up(talk: &mut Talk, near: &Line, device: &Line) {
    talk.answers(device, 200);
    talk.answers(near, 200);
    talk.acknowledges(near);
    talk.acknowledges(device);
}

/// Both are in the session.
fn together() -> (Talk, Line, Line, Line) {
    let (mut talk, near, phone, watch) = rings();
    picks_up(&mut talk, &near, &phone);
    talk.answers(&watch, 200);
    talk.acknowledges(&watch);
    (talk, near, phone, watch)
}

/// A message of Alice, or of Bob.
fn message(who: Who, label: &str) -> Text {
    let from = if who == Alice { "sip:alice@example.com" } else { "sip:bob@example.com" };
    text(&format!("id-{}", label.replace(' ', "-")), from, label)
}

/// Somebody says something, which comes to these.
fn says(talk: &mut Talk, from: &Line, to: &[&Line], label: &str) {
    let message = message(from.who, label);
    talk.label(LUNCH, &message);
    talk.sends(&from.wire, &message.cpim(), 200);
    for line in to {
        talk.gets(&line.wire, &message.cpim(), 200);
    }
}

fn owned(name: &str) -> String {
    name.to_owned()
}
