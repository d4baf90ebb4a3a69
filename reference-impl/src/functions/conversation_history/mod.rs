//! The history of conversations [PF-HIS-01]: what users who want it have sent and got is kept in their message store, with
//! the sessions in which they did. Messaging never waits for the store; what the store has not taken yet is on the disk.
//!
//! | file | decides |
//! |---|---|
//! | `wishes` | whose history is kept (L13) |
//! | `entries` | what is kept of what was carried |
//! | `objects` | how it is written (OMA-TS-CPM_MessageStorage) |
//! | `known` | what is kept already |

mod entries;
mod known;
mod objects;
mod wishes;

use crate::call::Mechanics;
use crate::call::carried::Carried;
use crate::call::served::{ServedUser, SessionCase, originator};
use crate::functions::policies_and_preferences::Policies;
use crate::store::{HistoryRecord, Write};
use bytes::Bytes;
use cpm_wire::sip::{Message, Name};
use entries::Entry;
use known::Known;
use wishes::Asked;

pub use entries::{User, user_of};
pub use wishes::asks;

/// The histories of all users.
#[derive(Default)]
pub struct ConversationHistory {
    asked: Asked,
    known: Known,
}

impl ConversationHistory {
    /// A user's device asks for a session to be kept.
    pub fn ask(&mut self, user: &str, contribution: &str) {
        self.asked.note(user, contribution);
    }

    /// True for a user who wishes so, or has asked for a session to be kept.
    fn wants(&self, m: &Mechanics, user: &str, contribution: &str, wish: Option<bool>) -> bool {
        m.config.message_store.is_some()
            && wishes::counts(&m.config, wish).unwrap_or_else(|| self.asked.has(user, contribution))
    }

    /// True where what is said in a session that begins so is to be kept.
    pub fn wants_session(&self, m: &Mechanics, policies: &Policies, served: &ServedUser, invite: &Message) -> bool {
        let other = match served.case {
            SessionCase::Originating => invite.request_uri().map(str::to_owned),
            SessionCase::Terminating => originator(invite),
        };
        let wish = policies.history(m, &served.identity, &other.unwrap_or_default());
        self.wants(m, &served.identity, invite.header(&Name::ContributionId).unwrap_or_default(), wish)
    }

    /// Keeps what was carried, as the user wishes; what was carried twice is kept once.
    pub fn keep(&mut self, m: &mut Mechanics, carried: Carried, wish: Option<bool>) {
        let asked = matches!(&carried, Carried::Request(one) if asks(&m.config, &one.request));
        let over = matches!(carried, Carried::Ended(_));
        for entry in entries::of(m, carried) {
            let wanted = self.wants(m, &entry.user, &entry.contribution, wish);
            let asked = asked && wishes::counts(&m.config, wish).is_none();
            if (wanted || asked) && self.known.is_new(&entry) {
                write(m, &entry);
            }
            if over {
                self.asked.forget(&entry.user, &entry.contribution);
            }
        }
    }
}

fn write(m: &mut Mechanics, entry: &Entry) {
    let record = HistoryRecord {
        id: m.record_number(),
        user: entry.user.clone(),
        conversation: entry.conversation.clone(),
        contribution: entry.contribution.clone(),
        object: Bytes::from(objects::object(entry)),
    };
    m.write(vec![Write::History(Box::new(record.clone()))]);
    m.message_store.keep(m.now, record);
}
