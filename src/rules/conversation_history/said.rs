//! What somebody said, in a chat, a session or a message, as it went to the target.

use crate::rules::sessions::{Unmet, harness};
use crate::story::content::Envelope;
use crate::story::{Flow, Item, Story};

/// Something that was said.
pub(in crate::rules) struct Said<'a> {
    /// Its imdn.Message-ID.
    pub id: &'a str,
    /// As it was sent.
    pub item: &'a Item,
    /// Its envelope.
    pub envelope: &'a Envelope,
}

impl<'a> Said<'a> {
    /// The last thing that is called so.
    pub fn last(story: &'a Story, label: &'a str) -> Result<Said<'a>, Unmet> {
        let announced = story.announced().iter().filter(|known| known.label == label);
        let ids = announced.filter_map(|known| known.message_id.as_deref()).chain(story.cast().called(label));
        let sent = |id: &'a str| {
            let item = story.items().iter().find(|item| {
                matches!(item.flow, Flow::NetworkToTarget | Flow::DeviceToTarget) && item.chat_id() == Some(id)
            })?;
            Some(Said { id, item, envelope: item.content.chat()? })
        };
        let last = ids.filter_map(sent).max_by_key(|said| said.item.frame);
        last.ok_or_else(|| harness(format!("nobody said \"{label}\"")))
    }

    /// Which way it went for this user: `sent` or `received`.
    pub fn direction(&self, person: &str) -> &'static str {
        let own = self.item.flow == Flow::DeviceToTarget && self.item.person.as_deref() == Some(person);
        if own { "sent" } else { "received" }
    }
}
