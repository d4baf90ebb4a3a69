//! When the target knew that a user is there, or is not: what it was told in a subscription of its own, and took.

use super::{Unmet, missing, unkept};
use crate::rules::RuleEntry;
use crate::story::Story;
use crate::story::presence::{News, Said};

/// What the target was told of a person, in all its subscriptions, in order.
pub(super) fn news<'a>(story: &'a Story, person: &'a str) -> Vec<&'a News> {
    let mut all: Vec<&News> = story.watchers_of(person).flat_map(|watch| &watch.told).collect();
    all.sort_by_key(|news| news.frame);
    all
}

/// That the last word before a frame was that the person is not there, and that it was taken.
pub(super) fn closed_at(
    story: &Story,
    person: &str,
    frame: u64,
    entry: &'static RuleEntry,
    expected: &str,
) -> Result<(), Unmet> {
    let last = news(story, person).into_iter().rfind(|news| news.frame < frame && news.said.is_some());
    let Some(last) = last.filter(|news| news.said == Some(Said::Closed)) else {
        let observed = format!("the target watches {person} no longer, and cannot be told");
        return Err(missing(story, entry, expected.to_owned(), observed, frame));
    };
    match last.answer.filter(|answer| answer.frame < frame) {
        Some(answer) if answer.is_success() => Ok(()),
        Some(answer) => {
            let observed = format!("the target did not take the word in frame {} ({})", last.frame, answer.status);
            Err(unkept(entry, expected.to_owned(), observed, answer.frame))
        }
        None => {
            let observed = format!("the target did not answer to the word in frame {}", last.frame);
            Err(missing(story, entry, expected.to_owned(), observed, last.frame))
        }
    }
}

/// The frame of the first word after this one that the person is there.
pub(super) fn opens_after(story: &Story, person: &str, frame: u64) -> Option<u64> {
    let all = news(story, person);
    all.into_iter().find(|news| news.frame > frame && news.said == Some(Said::Open)).map(|news| news.frame)
}

/// The frame in which a device of the person comes or goes next after this one: what is published and told then says nothing of
/// what was before.
pub(super) fn next_change(story: &Story, person: &str, frame: u64) -> u64 {
    let changes = story.cast().reachability(person).map(|change| change.frame);
    changes.filter(|change| *change > frame).min().unwrap_or(u64::MAX)
}

/// Until when nothing may come, of what was asked in this frame: another word, a wish, a device that comes or goes.
pub(super) fn until(story: &Story, person: &str, asked: u64) -> u64 {
    let comes = story.cast().reachability(person).map(|change| change.frame);
    let wishes = story.cast().wishes(person);
    let told = news(story, person).into_iter().map(|news| news.frame);
    comes.chain(wishes).chain(told).filter(|frame| *frame > asked).min().unwrap_or(u64::MAX)
}
