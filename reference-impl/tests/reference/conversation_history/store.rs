//! A store that is away, full, or lets somebody not in: messaging goes on, and what was said is kept later.

use super::*;
use pretty_assertions::assert_eq;
use std::time::Duration;

#[test]
fn what_the_store_cannot_take_now_it_is_given_later() {
    for trouble in ["away", "full", "locked out"] {
        let mut scene = keeping();
        match trouble {
            "away" => scene.history.is_there = false,
            "full" => scene.history.refuses_objects = true,
            _ => scene.history.locked_out = vec![USER.to_owned()],
        }
        taken(&mut scene, &message_of(ALICE, BOB, "m1").build());
        scene.pass(Duration::from_secs(120));
        taken(&mut scene, &message_of(BOB, ALICE, "m2").build());
        assert_eq!((scene.history.objects.len(), scene.store.contents().history.len()), (0, 2), "{trouble}");
        scene.history.is_there = true;
        scene.history.refuses_objects = false;
        scene.history.locked_out.clear();
        scene.pass(scene.config.retry);
        assert_eq!(ids(&scene), ["m1 received", "m2 sent"], "{trouble}");
        assert_eq!(scene.store.contents().history, []);
    }
}

#[test]
fn what_the_store_has_not_taken_outlives_a_restart() {
    let mut scene = keeping();
    scene.history.is_there = false;
    taken(&mut scene, &message_of(ALICE, BOB, "m1").build());
    scene.restart();
    scene.history.is_there = true;
    scene.pass(scene.config.retry);
    assert_eq!(ids(&scene), ["m1 received"]);
    assert_eq!(scene.store.contents().history, []);
    scene.restart();
    scene.pass(scene.config.retry);
    assert_eq!(ids(&scene).len(), 1);
}
