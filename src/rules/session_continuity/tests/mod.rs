//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another
//! legal way.

mod delivery;
mod messages;
mod moved;
mod strangers;
mod sweep;

use crate::evidence::Direction::Received;
use crate::rules::sessions::tests::script::Who::{self, Alice, Bob, Watch};
use crate::rules::sessions::tests::script::{LUNCH, Line, Talk, Text, text};

/// The session stands between Alice and Bob's phone.
fn stands() -> (Talk, Line, Line) {
    let mut talk = Talk::new();
    let (near, phone) = talk.stands(LUNCH, Alice);
    (talk, near, phone)
}

/// The watch calls for the session.
fn claims(talk: &mut Talk, status: u16) -> Line {
    let watch = talk.calls(LUNCH, Watch);
    talk.answers(&watch, status);
    watch
}

/// It has moved to the watch, which called for it.
fn moved() -> (Talk, Line, Line, Line) {
    let (mut talk, near, phone) = stands();
    let watch = claims(&mut talk, 200);
    talk.acknowledges(&watch);
    talk.byes(&phone, Received, 200);
    (talk, near, phone, watch)
}

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

/// The target calls the watch for the session.
fn reaches_watch(talk: &mut Talk, status: u16) -> Line {
    let watch = talk.reaches(LUNCH, Watch);
    talk.answers(&watch, status);
    watch
}

/// The phone refers the session to the watch.
fn refers(talk: &mut Talk, phone: &Line, status: u16) {
    let refer = "Refer-To: <sip:bob@192.0.2.10:5102>\r\n";
    let asked = talk.asks(phone, crate::evidence::Direction::Sent, "REFER", refer, "");
    talk.replies(&asked, status, "", "");
}

/// The one who is called first.
const FIRST: Who = Bob;
