//! What is true of every rule: none passes a target that has not shown anything.

use super::super::*;
use super::{message, owned};
use crate::evidence::Direction::Sent;
use crate::rules::sessions::tests::script::Who::Alice;
use crate::rules::sessions::tests::script::{LUNCH, Talk};
use crate::rules::{Judgement, Moment, Rule, swept_are_all};
use crate::verdict::Blame;

/// One instance of every rule, all about one session.
fn all() -> Vec<Box<dyn Rule>> {
    let both = || vec![owned("phone"), owned("watch")];
    let mut rules: Vec<Box<dyn Rule>> = Vec::new();
    macro_rules! add {
        ($rule:ident { $($field:ident: $value:expr),* }) => {
            rules.push(Box::new($rule { session: owned(LUNCH), person: owned("Bob"), $($field: $value),* }))
        };
    }
    add!(OfferedToAll { devices: both() });
    add!(OneAcceptance { least: 1 });
    add!(WhoStaysTakesPart { label: owned("Shall we?") });
    add!(SucceedsAt { device: owned("watch") });
    add!(BestAnswer { devices: both() });
    add!(DeclinedForUser { device: owned("phone"), other: owned("watch") });
    add!(ChangeReachesOnly { device: owned("phone") });
    add!(ChangeReachesAll { devices: both() });
    add!(CalledInTurn { order: both() });
    add!(AllJoined { devices: both() });
    add!(ReachesAll { label: owned("Shall we?"), devices: both() });
    add!(OnlyThere { device: owned("watch") });
    add!(NothingAfterLeaving { device: owned("phone"), label: owned("Shall we?") });
    add!(ShownOnce { label: owned("Shall we?") });
    let (person, label, device) = (|| owned("Bob"), || owned("Shall we?"), || owned("phone"));
    rules.push(Box::new(Copied { person: person(), label: label(), devices: both() }));
    rules.push(Box::new(CopiedInSpite { person: person(), label: label(), device: device(), other: owned("watch") }));
    rules.push(Box::new(MessageOnlyThere { person: person(), label: label(), device: device() }));
    rules.push(Box::new(ReportedByDevices { person: person(), label: label(), devices: both() }));
    rules.push(Box::new(EachTold { person: person(), devices: both(), label: label() }));
    rules.push(Box::new(NotTold { person: person(), device: owned("watch"), label: label() }));
    rules
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_only_answers_meets_no_rule() {
    for status in [0, 180, 200, 486, 603] {
        let mut talk = Talk::new().registered();
        let near = talk.calls(LUNCH, Alice);
        if status > 0 {
            talk.answers(&near, status);
        }
        talk.acknowledges(&near);
        let said = message(Alice, "Shall we?");
        talk.label(LUNCH, &said);
        talk.sends(&near.wire, &said.cpim(), 200);
        talk.changes(&near, Sent, ("INVITE", "sendonly"), (status.max(200), "recvonly"));
        for rule in all() {
            let judgement = talk.judge(rule.as_ref(), Moment::Closed).judgement;
            assert!(!matches!(judgement, Judgement::Met { .. }), "{status}: {}: {judgement:?}", rule.id());
        }
    }
}

#[test]
fn a_silent_target_is_judged_in_nothing() {
    for rule in all() {
        let mut talk = Talk::new();
        talk.calls(LUNCH, Alice);
        talk.unseen(rule.as_ref(), Blame::Unknown);
    }
}
