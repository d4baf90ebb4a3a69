//! The session by which a device that has come for an item gets it, over MSRP (RFC 4975): exactly one message goes, then BYE.
//! [PF-MSG-04, L32]

use super::{DeferredMessages, TAG};
use crate::call::Mechanics;
use crate::call::legs::{LegEvent, LegId};
use crate::call::media::{self, MediaEvent};
use crate::call::offer::Local;
use bytes::Bytes;
use cpm_wire::sdp::MsrpMedia;
use cpm_wire::sip::{Message, Method};
use cpm_wire::transaction::ServerId;

/// Why the session of an item ends.
const COMPLETED: &str = "SIP;cause=200;text=\"Call completed\"";

/// A session that brings a device an item.
pub struct Transfer {
    pub(super) user: String,
    pub(super) id: u64,
    pub(super) leg: LegId,
    pub(super) local: Option<Local>,
    /// What goes, and its type.
    pub(super) content: (String, Bytes),
    /// The Message-ID under which it went.
    sent_as: Option<String>,
}

impl Transfer {
    pub(super) fn new(user: &str, id: u64, leg: LegId) -> Transfer {
        Transfer { user: user.to_owned(), id, leg, local: None, content: Default::default(), sent_as: None }
    }
}

/// The Contact of the function in such a session (RFC 3840).
pub(super) fn contact(m: &Mechanics) -> String {
    format!("<{}>;{TAG}", m.contact_uri())
}

impl DeferredMessages {
    /// Something happened to the leg of a session.
    pub(super) fn transfer_leg(&mut self, m: &mut Mechanics, number: u64, leg: LegId, event: LegEvent) {
        match event {
            LegEvent::Ended(_) | LegEvent::Cancelled(_) => self.transferred(m, number, false),
            LegEvent::Request { server, request } => refreshed(m, leg, server, &request),
            _ => {}
        }
    }

    /// Something happened to the media of a session.
    pub(super) fn transfer_media(&mut self, m: &mut Mechanics, number: u64, event: MediaEvent) {
        match event {
            MediaEvent::Ready => self.send_content(m, number),
            MediaEvent::Lost => self.transferred(m, number, false),
            MediaEvent::Answered { message_id, status } => {
                let own = |transfer: &Transfer| transfer.sent_as.as_ref() == Some(&message_id);
                if self.transfers.get(&number).is_some_and(own) {
                    self.transferred(m, number, status == Some(200));
                }
            }
            MediaEvent::Passed(_) => {}
            // Only this side sends.
            MediaEvent::Received(received) => m.media.reply(received.media, received.reply, 403),
        }
    }

    fn send_content(&mut self, m: &mut Mechanics, number: u64) {
        let Some(transfer) = self.transfers.get_mut(&number) else { return };
        let Some(local) = transfer.local.as_ref().filter(|_| transfer.sent_as.is_none()) else { return };
        let message_id = m.tokens.token();
        transfer.sent_as = Some(message_id.clone());
        let (content_type, octets) = std::mem::take(&mut transfer.content);
        // From here on the answers to the SENDs say whether it goes on: a large message takes as long as it takes.
        self.due.set(number, None);
        m.media.send(m.now, local.media, media::outgoing(message_id, content_type, octets));
    }

    /// Nobody has answered, or connected, in time.
    pub(super) fn transfer_due(&mut self, m: &mut Mechanics, number: u64) {
        self.transferred(m, number, false);
    }

    /// A session is over: its item is gone, or waits as before.
    fn transferred(&mut self, m: &mut Mechanics, number: u64, delivered: bool) {
        self.due.set(number, None);
        let Some(transfer) = self.transfers.remove(&number) else { return };
        if let Some(local) = &transfer.local {
            m.media.close(local.media);
        }
        m.drop_leg(transfer.leg, 480, Some(COMPLETED));
        match delivered {
            true => self.forget(m, &transfer.user, transfer.id),
            false => {
                self.index.give_back(&transfer.user, transfer.id);
                self.changed(m, &transfer.user);
            }
        }
    }
}

/// The peer refreshes the session, or would change it: there is nothing to change.
fn refreshed(m: &mut Mechanics, leg: LegId, server: ServerId, request: &Message) {
    let refreshes = request.method() == Method::Update && request.body().is_empty();
    m.reply_in(leg, server, request, if refreshes { 200 } else { 488 }, |answer| answer);
}

/// True when the peer of a session takes this content (RFC 4975 section 8.6).
pub(super) fn takes(peer: &MsrpMedia, (content_type, octets): &(String, Bytes)) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let accepted = peer.accept_types.iter().any(|accepted| accepted == "*" || accepted.eq_ignore_ascii_case(&kind));
    accepted && peer.max_size.is_none_or(|most| octets.len() as u64 <= most)
}
