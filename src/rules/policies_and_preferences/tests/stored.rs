use super::super::OthersDelivered;
use crate::rules::missed_group_content::tests::script::*;
use crate::verdict::Blame;
use pretty_assertions::assert_eq;

fn others() -> OthersDelivered {
    OthersDelivered { group: BOOKS.to_owned(), person: "Bob".to_owned(), blocked: "Carol".to_owned() }
}

fn alices() -> Text {
    text("m1", "sip:alice@example.com", "And what I say")
}

fn carols() -> Text {
    text("m2", "sip:carol@example.com", "Said before").at("2026-03-03T10:00:01Z")
}

/// What was said while Bob was away, and what of it comes when he is there.
fn drained(said: &[Text], delivered: &[Text]) -> Script {
    let mut script = Script::new();
    said.iter().for_each(|message| script.label(BOOKS, message));
    let leg = script.invites(BOOKS, "Bob", 200);
    for message in said {
        script.sends(&leg, &message.cpim(), 200);
    }
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    for message in delivered {
        script.gets(&drain, &message.cpim(), 200);
    }
    script
}

#[test]
fn what_the_blocked_one_wrote_may_come_or_not() {
    for delivered in [vec![alices()], vec![alices(), carols()]] {
        assert_eq!(drained(&[alices(), carols()], &delivered).met(&others()), (1, vec![]));
    }
}

#[test]
fn what_others_wrote_has_to_come_as_it_was() {
    for delivered in [vec![], vec![carols()]] {
        let finding = drained(&[alices(), carols()], &delivered).failed(&others());
        assert!(finding.observed.contains("\"And what I say\""), "{}", finding.observed);
    }
    let altered = Text { text: "Something else".to_owned(), ..alices() };
    drained(&[alices(), carols()], &[altered]).failed(&others());
}

#[test]
fn where_one_of_the_two_wrote_nothing_nothing_is_shown() {
    for said in [vec![alices()], vec![carols()]] {
        drained(&said, &said).unseen(&others(), Blame::Harness);
    }
}
