//! Golden scenes of what is told of captures and accuses nobody.

use pretty_assertions::assert_eq;

use super::sip::{invite, message};
use super::{Case, Turn, case, judge, last, noticed};

pub(super) fn cases() -> Vec<Case> {
    let other = message().with("z9hG4bKm1", "z9hG4bKm2").with("c2@", "c9@");
    let sent = |rule, scene: Turn, from, to| case(rule, [scene], from, to);
    vec![
        sent("base.note.unknown_header", message(), "Expires: 600\n", "Expires: 600\nX-Own: 1\n"),
        sent(
            "base.note.unknown_feature",
            invite(),
            "Contact: <sip:pf.home.example:5060>",
            "Contact: <sip:pf.home.example:5060>;+g.own.thing",
        ),
        sent("base.note.compact_form", message(), "Call-ID: c2", "i: c2"),
        last("base.note.retransmission", [message(), other], message()),
    ]
}

#[test]
fn a_name_is_told_once_and_of_captures_alone() {
    let own = |branch: &str| {
        let turn = message().with("Expires: 600\n", "x-own: 1\nRemote-Party-ID: <sip:a@home.example>\n");
        turn.with("z9hG4bKm1", branch).with("c2@", &format!("{branch}@"))
    };
    let scene = [own("z9hG4bKa"), own("z9hG4bKb").with("x-own", "X-Own")];
    let told: Vec<String> = noticed(&scene).into_iter().map(|found| found.rule).collect();
    assert_eq!(told, ["base.note.unknown_header"]);
    assert_eq!(judge(&scene), []);
}
