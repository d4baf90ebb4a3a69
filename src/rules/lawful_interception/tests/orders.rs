//! Orders, and what becomes of them.

use super::{OF_BOB, OF_EVE, orders, replies};
use crate::evidence::ConnectionWhat;
use crate::rules::lawful_interception::{InForce, Refused};
use crate::rules::messages::tests::Post;
use crate::rules::{Judgement, Moment};
use cpm_wire::x1::{Outcome, error};
use pretty_assertions::assert_eq;

fn post() -> Post {
    Post::announced("Alice", &["Bob"])
}

fn no() -> Outcome {
    Outcome::Refused { code: error::NOT_AUTHORISED, description: "who are you?".to_owned() }
}

#[test]
fn what_the_administration_orders_is_obeyed() {
    let rule = InForce { person: "Bob".to_owned() };
    for outcome in [Outcome::Completed, Outcome::Acknowledged] {
        let mut obeyed = post();
        let connection = orders(&mut obeyed, "Bob", OF_BOB, true);
        replies(&mut obeyed, connection, outcome);
        assert_eq!(obeyed.met(&rule).0, 1);
    }
    let mut refused = post();
    let connection = orders(&mut refused, "Bob", OF_BOB, true);
    assert_eq!(refused.judge(&rule, Moment::Open).judgement, Judgement::Undecided);
    assert!(refused.failed(&rule).observed.contains("never answered"));
    replies(&mut refused, connection, no());
    assert!(refused.failed(&rule).observed.contains("who are you?"));
    assert!(matches!(post().judge(&rule, Moment::Closed).judgement, Judgement::Unseen { .. }));
}

#[test]
fn what_anybody_else_orders_is_refused() {
    let rule = Refused { person: "Eve".to_owned() };
    let mut refused = post();
    let connection = orders(&mut refused, "Eve", OF_EVE, false);
    assert!(refused.failed(&rule).observed.contains("never answered"));
    replies(&mut refused, connection, no());
    assert_eq!(refused.met(&rule).0, 1);
    for how in [ConnectionWhat::Reset { by_target: true }, ConnectionWhat::Finished { by_target: true }] {
        let mut closed = post();
        let connection = orders(&mut closed, "Eve", OF_EVE, false);
        // Of another actor the same number is another connection.
        closed.connected("charging_server", connection, how);
        closed.failed(&rule);
        closed.connected("administration", connection, how);
        assert_eq!(closed.met(&rule).0, 1);
    }
    let mut accepted = post();
    let connection = orders(&mut accepted, "Eve", OF_EVE, false);
    replies(&mut accepted, connection, Outcome::Completed);
    assert!(accepted.failed(&rule).observed.contains("was answered 200"));
}
