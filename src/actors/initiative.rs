//! What devices do by themselves, where the ensemble alone knows what they may do: which chats there are, and whether
//! they go on.

use super::Ensemble;
use super::asked::joining;
use super::client::joining::Joining;
use super::client::pulling::Wish;
use super::controlling_function::{Focus, LegState};
use super::session::GROUP_SERVICE;
use super::signalling::DeviceKey;
use crate::evidence::ChatKind;
use cpm_wire::sdp::Direction;

/// The status with which a user says that he does not want to be in a chat.
const DECLINED: u16 = 603;

impl Ensemble {
    /// Lets devices do what they want to; true when any of them did something.
    pub(super) fn follow_wishes(&mut self) -> bool {
        let wishes: Vec<(DeviceKey, Wish)> = self
            .devices
            .iter_mut()
            .flat_map(|(key, device)| device.take_wishes().into_iter().map(|wish| (key.clone(), wish)))
            .collect();
        let any = !wishes.is_empty();
        for (key, wish) in wishes {
            match wish {
                Wish::Rejoin { contribution, focus } => self.goes_on(&key, &contribution, focus.as_deref()),
                Wish::Fetch { contribution, conversation } => self.fetches(&key, &contribution, &conversation),
                Wish::Pull => {
                    self.pulls(&key);
                    self.asks_what_waits(&key);
                }
                Wish::Told(word) => self.follows_word(&key, &word),
            }
        }
        any
    }

    /// After a delivery the device rejoins, if the chat goes on.
    fn goes_on(&mut self, key: &DeviceKey, contribution: &str, told: Option<&str>) {
        let Some(focus) = self.focuses.values().find(|focus| focus.contribution == contribution) else { return };
        let Some(device) = self.devices.get_mut(key) else { return };
        let wanted = is_wanted(focus, &key.0) && !focus.ended && focus.kind != ChatKind::OneToOne;
        if wanted && device.is_willing() && !device.is_about(contribution) {
            let uri = told.unwrap_or(&focus.uri);
            device.come(&mut self.signalling, &joining(focus, uri));
        }
    }

    /// The device fetches what it was told of.
    fn fetches(&mut self, key: &DeviceKey, contribution: &str, conversation: &str) {
        let Some(device) = self.devices.get_mut(key) else { return };
        if device.is_about(contribution) || device.is_receiving(contribution) {
            return;
        }
        let fetching = Joining {
            uri: &self.customs.deferred,
            contribution,
            conversation,
            subject: "",
            list: None,
            replaces: None,
            direction: Direction::RecvOnly,
            service: GROUP_SERVICE,
        };
        device.join(&mut self.signalling, &fetching);
    }

    /// Where targets wait for it, the device comes to each chat that its user was invited to.
    fn pulls(&mut self, key: &DeviceKey) {
        let Some(device) = self.devices.get_mut(key) else { return };
        for focus in self.focuses.values().filter(|focus| focus.kind != ChatKind::OneToOne) {
            let over = focus.ended || focus.has_sent_away(&key.0);
            let custom = if over { self.customs.pulls_ended } else { self.customs.pulls_live };
            let wanted = is_wanted(focus, &key.0) || focus.has_sent_away(&key.0);
            if custom && wanted && device.is_willing() && !device.is_about(&focus.contribution) {
                let uri = device.whereabouts(&focus.contribution).unwrap_or(&focus.uri).to_owned();
                device.come(&mut self.signalling, &joining(focus, &uri));
            }
        }
    }
}

/// True when a user was invited to a chat, and has neither declined nor left nor been removed.
fn is_wanted(focus: &Focus, person: &str) -> bool {
    let state = focus.legs.get(person).map(|leg| leg.state);
    !matches!(state, None | Some(LegState::Left | LegState::Removed | LegState::Refused(DECLINED)))
}
