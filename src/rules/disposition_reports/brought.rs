//! Reports as they crossed between tester and target, each with the message that brought it.

use crate::story::content::{Disposition, Report};
use crate::story::{Flow, Item, Story};

/// A report, and the message that brought it.
pub(in crate::rules) type Brought<'a> = (&'a Item, &'a Report);

/// All reports in one direction.
pub(in crate::rules) fn all(story: &Story, flow: Flow) -> impl Iterator<Item = Brought<'_>> {
    let items = story.items().iter().filter(move |item| item.flow == flow);
    items.flat_map(|item| item.content.reports().iter().map(move |report| (item, report)))
}

/// The reports in one direction that name this imdn.Message-ID.
pub(in crate::rules) fn about<'a>(story: &'a Story, flow: Flow, id: &'a str) -> impl Iterator<Item = Brought<'a>> {
    all(story, flow).filter(move |(_, report)| report.about == id && !id.is_empty())
}

/// Those of them that say this.
pub(in crate::rules) fn saying<'a>(
    story: &'a Story,
    flow: Flow,
    id: &'a str,
    kind: Disposition,
) -> impl Iterator<Item = Brought<'a>> {
    about(story, flow, id).filter(move |(_, report)| report.disposition == kind)
}

/// Whether a report says that a message never will be delivered: it failed, was forbidden, or ran into an error (RFC 5438
/// section 7.2.1.1).
pub(in crate::rules) const fn is_of_failure(report: &Report) -> bool {
    matches!(report.disposition, Disposition::Failed | Disposition::Other)
}
