//! After a restart, or after the media path to the focus broke: the session goes on in its old dialog with a new media
//! path. A focus that does not know the dialog any more is called anew; one that refuses has ended the chat.

use super::chat::{Chat, Focus};
use super::deliver::UNAVAILABLE;
use crate::call::Mechanics;
use crate::call::offer::described;
use crate::store::StoredDialog;
use cpm_wire::dialog::{Dialog, DialogId, State};
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method};
use cpm_wire::transaction::ClientId;
use std::time::Duration;

/// How far the sequence numbers of a stored dialog may be behind: requests since it was written.
const SKIPPED: u32 = 1000;
/// How often in a row a path to the focus is built anew before the session is given up.
const MOST_MENDS: u32 = 5;
/// How long a broken path to the focus waits for the BYE that may explain it.
const GRACE: Duration = Duration::from_millis(500);

impl Chat {
    /// The process has started again, and the user was a member of the chat.
    pub fn resume(&mut self, m: &mut Mechanics) {
        let Some(stored) = self.record.leg.clone() else { return };
        let (version, session_id) = (stored.sdp_version + 1, stored.sdp_session);
        let contact = m.own_contact();
        let leg = m.resume(self.owner(), dialog(stored), contact);
        self.established = true;
        self.offer_path(m, leg, version, session_id);
    }

    /// The connection to the focus broke.
    pub fn focus_lost(&mut self, m: &mut Mechanics) {
        self.mend = Some(m.now + GRACE * (1 << self.mends.min(16)));
    }

    /// Builds the path to the focus anew.
    pub fn mend_path(&mut self, m: &mut Mechanics) {
        self.mend = None;
        self.mends += 1;
        let Focus::Live { leg, local } = &self.focus else { return };
        if self.mends > MOST_MENDS {
            m.drop_leg(*leg, 480, Some(UNAVAILABLE));
            return self.focus_ended(m, None);
        }
        let (leg, version, session_id) = (*leg, local.version + 1, local.session_id);
        m.media.close(local.media);
        for one in &mut self.upward {
            one.sent_as = None;
        }
        self.offer_path(m, leg, version, session_id);
    }

    fn offer_path(&mut self, m: &mut Mechanics, leg: crate::call::legs::LegId, version: u64, session_id: u64) {
        let mut local = m.offer_media(self.owner(), Direction::SendRecv, self.policy.max_message_octets);
        local.version = version;
        local.session_id = session_id;
        let sdp = local.sdp();
        match m.request_in(leg, Method::Invite, |invite| invite.body("application/sdp", sdp)) {
            Some(client) => self.focus = Focus::Resuming { leg, local, client },
            None => self.call_focus(m),
        }
    }

    /// The focus has answered a request within its leg.
    pub fn focus_responded(&mut self, m: &mut Mechanics, client: ClientId, response: Option<&Message>) {
        if self.passed_back(m, client, response) {
            return;
        }
        let Focus::Resuming { leg, local, client: awaited } = &self.focus else { return };
        if *awaited != client {
            return;
        }
        let (leg, mut local) = (*leg, local.clone());
        let status = response.and_then(Message::status).unwrap_or(408);
        match response.filter(|_| status < 300).and_then(described) {
            Some(answer) => {
                m.media_answered(&mut local, &answer);
                self.live(m, leg, local);
            }
            None => {
                if matches!(status, 408 | 481) {
                    m.forget_leg(leg);
                }
                self.call_focus(m);
            }
        }
    }
}

fn dialog(stored: StoredDialog) -> Dialog {
    Dialog {
        id: DialogId { call_id: stored.call_id, local_tag: stored.local_tag, remote_tag: stored.remote_tag },
        local_uri: stored.local_uri,
        remote_uri: stored.remote_uri,
        remote_target: stored.remote_target,
        route_set: stored.route_set,
        local_cseq: stored.local_cseq + SKIPPED,
        remote_cseq: stored.remote_cseq,
        state: State::Confirmed,
    }
}
