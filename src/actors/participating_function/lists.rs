//! What homes and groups do together: lists that a group is to tell by notification, each at its place among what is
//! delivered; and what it says while a session goes on.

use super::Missed;
use crate::actors::Ensemble;

impl Ensemble {
    /// Lets sessions that go on carry what the groups say; true when something was said.
    pub(in crate::actors) fn carry_on(&mut self) -> bool {
        let mut any = false;
        for home in self.homes.values_mut() {
            for focus in self.focuses.values() {
                any |= home.goes_on(focus, &mut self.signalling);
            }
        }
        any
    }

    /// Lets the focuses tell what the homes have for them; true when something was told.
    pub(in crate::actors) fn tell_lists(&mut self) -> bool {
        let mut any = false;
        for home in self.homes.values_mut() {
            while let Some((group, missed)) = home.list_to_tell() {
                let Some(focus) = self.focuses.get_mut(&group) else { return any };
                let told = match &missed {
                    Missed::Invitation => focus.tell_missed(&mut self.signalling, None),
                    Missed::Change(member) => focus.tell_missed(&mut self.signalling, Some(member)),
                    Missed::All => {
                        focus.told_all(&mut self.signalling);
                        true
                    }
                };
                if !told {
                    break;
                }
                any = true;
                home.list_taken();
                // The answer to a notification lets the session go on; where none was sent, nothing is waited for.
                if !matches!(missed, Missed::Change(_)) {
                    home.list_told(&mut self.signalling, &group);
                }
            }
        }
        any
    }
}
