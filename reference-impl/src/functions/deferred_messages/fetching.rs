//! A device comes for an item: it calls the service with the identifiers of the message, and gets it over MSRP. What another
//! device has fetched, what was rejected or has expired, and what is somebody else's, is not there. [PF-MSG-04, PF-DEV-03, L32]

use super::transfer::{Transfer, contact, takes};
use super::{DeferredMessages, Loading};
use crate::call::offer::described;
use crate::call::served::ServedUser;
use crate::call::{Mechanics, Owner, bodies};
use crate::store::{DeferredRecord, contribution_mark};
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Name};
use cpm_wire::transaction::ServerId;

impl DeferredMessages {
    /// A device of a served user calls the service.
    pub fn fetch(&mut self, m: &mut Mechanics, server: ServerId, invite: Message, served: &ServedUser) {
        let mark = contribution_mark(invite.header(&Name::ContributionId).unwrap_or_default());
        let meant = self.index.of(&served.key).find(|one| one.is_message() && one.contribution == mark);
        let Some((id, pending)) = meant.map(|one| (one.id, one.is_pending(m.now))) else {
            return m.refuse(server, &invite, 404);
        };
        if !pending {
            return m.refuse(server, &invite, if meant_is_taken(self, &served.key, id) { 486 } else { 404 });
        }
        if described(&invite).is_none() {
            return m.refuse(server, &invite, 488);
        }
        self.index.take(&served.key, id);
        let number = self.next();
        let leg = m.called(Owner::Deferred(number), server, invite);
        self.transfers.insert(number, Transfer::new(&served.key, id, leg));
        self.load(m, Loading::Transfer(number), vec![id], true);
        // The others need not come for it now.
        self.changed(m, &served.key);
    }

    /// The item is read: the call is answered.
    pub(super) fn fetch_loaded(&mut self, m: &mut Mechanics, number: u64, record: Option<DeferredRecord>) {
        let Some(transfer) = self.transfers.get(&number) else { return };
        let (leg, owner) = (transfer.leg, Owner::Deferred(number));
        let Some(invite) = m.leg(leg).map(|leg| leg.invite().clone()) else { return };
        let meant = record.filter(|record| is_meant(record, &invite));
        let Some((record, offer)) = meant.zip(described(&invite)) else { return self.not_there(m, number, 404) };
        let content = content_of(&record);
        if !takes(&offer, &content) {
            return self.not_there(m, number, 488);
        }
        let mut local = match m.answer_media(owner, &invite, None) {
            Ok(local) => local,
            Err(refused) => return self.not_there(m, number, refused.status),
        };
        local.description.direction = Direction::SendOnly;
        let (contact, sdp) = (contact(m), local.sdp());
        m.answer(leg, 200, &contact, |response| response.body(cpm_wire::sdp::MEDIA_TYPE, sdp));
        m.start_media(&local, &offer);
        if let Some(transfer) = self.transfers.get_mut(&number) {
            transfer.content = content;
            transfer.local = Some(local);
        }
        self.due.set(number, Some(m.now + m.config.msrp_response));
    }

    /// The call is refused; whatever it was for waits as before.
    pub(super) fn not_there(&mut self, m: &mut Mechanics, number: u64, status: u16) {
        let Some(transfer) = self.transfers.remove(&number) else { return };
        self.index.give_back(&transfer.user, transfer.id);
        m.drop_leg(transfer.leg, status, None);
        self.changed(m, &transfer.user);
    }
}

/// True when somebody else is being given the item at this moment.
fn meant_is_taken(all: &DeferredMessages, user: &str, id: u64) -> bool {
    all.index.get(user, id).is_some_and(|one| one.taken)
}

/// True for the message that the INVITE names: marks may be shared, and a contribution is one of its conversation alone.
fn is_meant(record: &DeferredRecord, invite: &Message) -> bool {
    let Some(head) = super::head(record) else { return false };
    let same = |name: &Name| head.header(name) == invite.header(name);
    same(&Name::ContributionId) && (invite.header(&Name::ConversationId).is_none() || same(&Name::ConversationId))
}

/// What goes over MSRP: the envelope, where the message came with the list of those who have it, too.
fn content_of(record: &DeferredRecord) -> (String, bytes::Bytes) {
    match bodies::envelope(&record.content_type, &record.octets) {
        Some(envelope) => ("message/cpim".to_owned(), envelope),
        None => (record.content_type.clone(), record.octets.clone()),
    }
}
