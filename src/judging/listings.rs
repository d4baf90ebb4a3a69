//! What a target says it has stored, held against what passed. The wire decides what is stored: it is what is delivered later.
//! Where a list says otherwise, target and hook disagree with themselves, which is worth a word and fails nobody.

use crate::evidence::{Header, StoredItem};
use crate::story::listings::Listing;
use crate::story::{Flow, Story};
use crate::verdict::{Blame, Finding, FindingVerdict};

/// A message for a served user, on its way.
struct Course<'a> {
    id: &'a str,
    contribution: Option<&'a str>,
    person: &'a str,
    /// Where the target took it.
    taken: u64,
    /// Where it was delivered first, and taken there.
    delivered: Option<u64>,
}

/// Where a list of what is stored and what passed contradict each other.
pub(super) fn contradictions(header: &Header, story: &Story) -> Vec<Finding> {
    if story.listings().is_empty() {
        return Vec::new();
    }
    let courses = courses(story);
    let of_listing = |listing: &Listing| {
        let own = courses.iter().filter(|course| course.person == listing.person);
        own.filter_map(|course| contradiction(header, listing, course)).collect::<Vec<_>>()
    };
    story.listings().iter().flat_map(of_listing).collect()
}

fn contradiction(header: &Header, listing: &Listing, course: &Course<'_>) -> Option<Finding> {
    let by_id = |item: &StoredItem| item.message_id.as_deref() == Some(course.id);
    let by_chat = |item: &StoredItem| item.message_id.is_none() && item.contribution.as_deref() == course.contribution;
    let (id, delivered) = (course.id, course.delivered?);
    let waits = course.taken < listing.frame && delivered > listing.frame;
    if waits && !listing.items.iter().any(|item| by_id(item) || by_chat(item)) {
        let expected = format!("what waits for {} is listed", listing.person);
        let observed = format!("the message {id}, which was delivered in frame {delivered}, is not listed");
        return Some(warning(header, listing, expected, observed));
    }
    if delivered < listing.frame && listing.items.iter().any(by_id) {
        let expected = format!("what {} has got is listed no more", listing.person);
        let observed = format!("the message {id}, which was delivered in frame {delivered}, is still listed");
        return Some(warning(header, listing, expected, observed));
    }
    None
}

fn warning(header: &Header, listing: &Listing, expected: String, observed: String) -> Finding {
    Finding {
        expected,
        frame: Some(listing.frame),
        source: "docs/control-hooks.md, probe_store".to_owned(),
        ..super::note(header, FindingVerdict::Warning, &observed, Blame::Configuration)
    }
}

fn courses(story: &Story) -> Vec<Course<'_>> {
    let mut courses = Vec::new();
    let in_sessions = story.items().iter().filter(|item| item.accepted()).filter_map(|item| {
        let contribution = story.leg_of(item).and_then(|leg| leg.contribution.as_deref());
        Some((
            item.flow,
            item.person.as_deref()?,
            item.content.chat()?.message_id.as_deref()?,
            contribution,
            item.frame,
        ))
    });
    let alone = story.standalone().filter(|passage| passage.taken()).filter_map(|passage| {
        let contribution = passage.passage().contribution.as_deref();
        Some((passage.flow, passage.passage().person.as_deref()?, passage.message_id()?, contribution, passage.frame))
    });
    let all: Vec<_> = in_sessions.chain(alone).collect();
    for (flow, person, id, contribution, taken) in &all {
        if *flow != Flow::NetworkToTarget {
            continue;
        }
        let came = |other: &&(Flow, &str, &str, Option<&str>, u64)| {
            other.0 == Flow::TargetToDevice && other.1 == *person && other.2 == *id
        };
        let delivered = all.iter().filter(came).map(|other| other.4).min();
        let known = |course: &Course<'_>| course.id == *id && course.person == *person;
        if !courses.iter().any(known) {
            courses.push(Course { id, contribution: *contribution, person, taken: *taken, delivered });
        }
    }
    courses
}
