//! The presence of users: dispatch alone, as in the rest of the core.

use super::Core;
use crate::call::registrations::Device;
use crate::call::{Event, Owner, Usage};
use crate::config::BlockedContent;
use crate::functions::policies_and_preferences::Pending;

impl Core {
    /// Something about presence. Gives back what is about something else.
    pub(super) fn presence_event(&mut self, event: Event) -> Option<Event> {
        let (presence, m) = (&mut self.presence, &mut self.mechanics);
        match event {
            Event::Response { owner: Owner::Presence(number), client, response } => {
                presence.response(m, number, client, response.as_ref());
            }
            Event::Subscription { usage: Usage::Subscriber(Owner::Presence(number)), server, request } => {
                presence.notified(m, number, server, &request);
            }
            other => return Some(other),
        }
        None
    }

    /// A user takes messages again: what waits is for the devices that are there. [L06]
    pub(super) fn opened(&mut self, user: &str) {
        let m = &mut self.mechanics;
        for device in m.registrations.devices(m.now, user) {
            if device.chat {
                self.reachable_for_chats(user, &device);
            }
        }
        self.deferred.preferences_changed(&mut self.mechanics, user);
    }

    /// A device that takes part in chats can be reached, unless its user does not want to be.
    pub(super) fn reachable_for_chats(&mut self, user: &str, device: &Device) {
        let m = &mut self.mechanics;
        if m.availability.is_closed(user) {
            return;
        }
        match m.config.blocked_content {
            BlockedContent::Deliver => self.missed.registered(m, user, device),
            BlockedContent::Withhold => self.policies.wait(m, Pending::Registered(user.to_owned(), device.clone())),
        }
    }
}
