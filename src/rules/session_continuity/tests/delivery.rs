use super::super::CompleteAtBoth;
use super::owned;
use crate::rules::missed_group_content::tests::script::{BOOKS, Script, text};
use crate::verdict::Blame;

fn rule() -> CompleteAtBoth {
    CompleteAtBoth { group: owned(BOOKS), person: owned("Bob"), from: owned("phone"), to: owned("watch") }
}

/// The focus says three things to Bob while he is away; then these come to his phone, and these to his watch.
fn delivered(to_phone: &[usize], to_watch: &[usize]) -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let said: Vec<_> = (1..=3).map(|n| text(&format!("m{n}"), "sip:alice@example.com", &format!("part {n}"))).collect();
    for message in &said {
        script.label(BOOKS, message);
        script.sends(&focus, &message.cpim(), 200);
    }
    for (device, parts) in [("phone", to_phone), ("watch", to_watch)] {
        if parts.is_empty() {
            continue;
        }
        script.registers("Bob", device);
        let leg = script.drains(BOOKS, "Bob", device, "sendrecv", 200);
        for part in parts {
            script.gets(&leg, &said[*part].cpim(), 200);
        }
    }
    script
}

#[test]
fn both_devices_have_everything_together() {
    assert_eq!(delivered(&[0], &[1, 2]).met(&rule()), (3, vec![]));
    delivered(&[0], &[0, 1, 2]).met(&rule());
    let lost = delivered(&[0], &[2]);
    lost.undecided(&rule());
    assert!(lost.failed(&rule()).observed.contains("1 of 3 came to neither"));
    assert!(delivered(&[], &[0, 1, 2]).failed(&rule()).observed.contains("never began"));
    delivered(&[0, 1, 2], &[]).unseen(&rule(), Blame::Harness);
}
