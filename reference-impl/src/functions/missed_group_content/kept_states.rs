//! What the message store of the user is given of the roster: the final list once a device has all that was missed, and
//! the lists in between as they come while the user is away. [CPM-CONV-058a, CPM-CONV-058b, L11, L23]
//!
//! Each is a group-state object, which names those who take part and those who are asked to. Where the user has no
//! store nothing is kept, and nothing waits for it.

use super::chat::{Chat, Focus, Purpose};
use crate::call::Mechanics;
use crate::call::legs::LegId;
use crate::config::{FinalList, Intermediate};
use crate::neighbours::message_store::Heading;
use crate::store::ChatRecord;
use cpm_wire::conference_info::{EndpointStatus, Member, Roster};
use cpm_wire::group_state::{GroupState, GroupType, Participant};
use cpm_wire::time::Time;

/// How far the store has been told.
#[derive(Default)]
pub struct KeptStates {
    /// Who took part by the last object since the user went away; none when there was none yet.
    last: Option<Vec<Participant>>,
    /// Deliveries whose final list is in the store, or owed to it.
    complete: Vec<LegId>,
    /// A delivery is complete, and the final list is not known yet.
    owed: bool,
}

impl Chat {
    /// The roster has changed at this place. While the user is away each state of it is kept, from that on which he saw
    /// last.
    pub fn keep_change(&mut self, m: &mut Mechanics, place: u64) {
        if self.is_joined() {
            self.roster.kept.last = None;
            return;
        }
        if !m.config.delivery.intermediate.contains(&Intermediate::GroupStateObjects) {
            return;
        }
        if self.roster.kept.last.is_none() {
            let before = self.roster.history.at(place.saturating_sub(1));
            self.keep_state(m, &before);
        }
        let now = self.roster.history.at(place);
        if self.roster.kept.last.as_ref() != Some(&participants(&now)) {
            self.keep_state(m, &now);
        }
    }

    /// A device has all that there is: the final list is due, once for each delivery.
    pub fn keep_final_list(&mut self, m: &mut Mechanics, at: usize) {
        if self.is_one_to_one() || !m.config.delivery.final_list.contains(&FinalList::CarrierStore) {
            return;
        }
        let Some(leg) = self.devices.get(at).filter(|leg| leg.purpose != Purpose::Invitation) else { return };
        let kept = &mut self.roster.kept;
        if kept.complete.contains(&leg.leg) {
            return;
        }
        kept.complete.retain(|known| self.devices.iter().any(|leg| leg.leg == *known));
        kept.complete.push(leg.leg);
        kept.owed = true;
        self.keep_owed_list(m);
    }

    /// Keeps the final list that is owed, as soon as it is known.
    pub fn keep_owed_list(&mut self, m: &mut Mechanics) {
        let known = if matches!(self.focus, Focus::Absent) { self.roster.is_final() } else { self.roster.told };
        if self.roster.kept.owed && known {
            self.roster.kept.owed = false;
            let now = self.roster.known.clone();
            self.keep_state(m, &now);
        }
    }

    fn keep_state(&mut self, m: &mut Mechanics, roster: &Roster) {
        if !self.policy.store || !self.record.interested {
            return;
        }
        let record = &self.record;
        let state = state_of(record, m.now, roster);
        let heading = Heading {
            from: &record.focus,
            to: &record.user,
            date: m.now,
            subject: record.subject.as_deref().unwrap_or_default(),
            conversation: &record.conversation,
            contribution: &record.contribution,
        };
        let object = heading.group_state(&state);
        // A store that is full, or is not there, has no list: the chat goes on without.
        m.message_store.append(m.now, &record.user, &record.conversation, &record.contribution, object);
        self.roster.kept.last = Some(state.participants);
    }
}

/// The state of a group.
pub fn state_of(record: &ChatRecord, now: Time, roster: &Roster) -> GroupState {
    GroupState {
        timestamp: now.to_rfc3339(),
        last_focus_session_id: record.focus.clone(),
        group_type: if record.features.contains("closedgroupchat") { GroupType::Closed } else { GroupType::Open },
        contribution_id: Some(record.contribution.clone()),
        participants: participants(roster),
    }
}

/// Those who take part, or are asked to.
fn participants(roster: &Roster) -> Vec<Participant> {
    let there = |member: &Member| match member.status() {
        Some(EndpointStatus::Disconnected | EndpointStatus::Disconnecting | EndpointStatus::Other(_)) => false,
        Some(_) | None => true,
    };
    let members = roster.members().iter().filter(|(_, member)| there(member));
    members.map(|(uri, member)| Participant { name: member.display_text.clone(), comm_addr: uri.clone() }).collect()
}
