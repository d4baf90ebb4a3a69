//! What a device does not want: a MESSAGE to the service with a notice that calls messages rejected, or the final refusal of a
//! message that was sent. The message is deleted, and its sender told if that was asked for. [PF-MSG-04, L32]

use super::index::Waiting;
use super::notices::{Named, rejected};
use super::{DeferredMessages, Loading};
use crate::call::served::ServedUser;
use crate::call::{Mechanics, Owner};
use crate::store::{DeferredRecord, Token, Write, contribution_mark};
use cpm_wire::sip::{Message, Name};
use cpm_wire::transaction::ServerId;

/// A rejection that is not answered yet.
pub struct Rejection {
    server: ServerId,
    request: Message,
    user: String,
    named: Vec<Named>,
    /// The numbers of those that it may mean: nobody else has them meanwhile.
    taken: Vec<u64>,
    /// The messages that are meant, once that is known.
    meant: Vec<DeferredRecord>,
}

impl DeferredMessages {
    /// A device of a served user sends the service a MESSAGE.
    pub fn message(&mut self, m: &mut Mechanics, server: ServerId, request: Message, served: &ServedUser) {
        let Some(octets) = super::notice_in(&request) else {
            return m
                .reply(server, &request, 415, |response| response.header(Name::Accept, super::notices::MEDIA_TYPE));
        };
        let Some(named) = rejected(&octets) else { return m.refuse(server, &request, 400) };
        let by_header = request.header(&Name::ContributionId).map(str::to_owned);
        let named: Vec<Named> = named
            .into_iter()
            .map(|one| Named { contribution: one.contribution.or_else(|| by_header.clone()), ..one })
            .collect();
        let marks: Vec<u64> =
            named.iter().filter_map(|one| Some(contribution_mark(one.contribution.as_ref()?))).collect();
        let free = |one: &&Waiting| one.is_message() && one.is_pending(m.now) && marks.contains(&one.contribution);
        let ids: Vec<u64> = self.index.of(&served.key).filter(free).map(|one| one.id).collect();
        if ids.is_empty() {
            return m.refuse(server, &request, 404);
        }
        ids.iter().for_each(|id| {
            self.index.take(&served.key, *id);
        });
        let (user, taken) = (served.key.clone(), ids.clone());
        let rejection = Rejection { server, request, user, named, taken, meant: Vec::new() };
        self.load(m, Loading::Rejection(Box::new(rejection)), ids, false);
    }

    /// It is known what a device means.
    pub(super) fn rejection_loaded(
        &mut self,
        m: &mut Mechanics,
        mut rejection: Rejection,
        records: Vec<DeferredRecord>,
    ) {
        let is_meant = |record: &DeferredRecord| rejection.named.iter().any(|named| is_named(record, named));
        let meant: Vec<DeferredRecord> = records.into_iter().filter(is_meant).collect();
        if meant.is_empty() {
            return self.rejection_failed(m, rejection, 404);
        }
        let others = rejection.taken.iter().filter(|id| meant.iter().all(|record| record.entry.id != **id));
        others.for_each(|id| self.index.give_back(&rejection.user, *id));
        let writes = meant.iter().map(|record| Write::ForgetDeferred(record.entry.id)).collect();
        rejection.meant = meant;
        let token = m.write_for(Owner::Deferred(0), writes);
        self.rejections.insert(token, rejection);
    }

    /// Nothing is rejected: what may have been meant waits as before.
    pub(super) fn rejection_failed(&mut self, m: &mut Mechanics, rejection: Rejection, status: u16) {
        m.refuse(rejection.server, &rejection.request, status);
        rejection.taken.iter().for_each(|id| self.index.give_back(&rejection.user, *id));
    }

    /// What was rejected is deleted on the disk, or could not be: then it waits as before.
    pub(super) fn rejection_stored(&mut self, m: &mut Mechanics, token: Token, deleted: bool) {
        let Some(rejection) = self.rejections.remove(&token) else { return };
        m.refuse(rejection.server, &rejection.request, if deleted { 200 } else { 500 });
        for record in rejection.meant {
            match deleted {
                true => self.rejected(m, record),
                false => self.index.give_back(&rejection.user, record.entry.id),
            }
        }
    }

    /// A device does not want a message, now or later.
    pub(super) fn rejected(&mut self, m: &mut Mechanics, record: DeferredRecord) {
        let user = record.entry.user.clone();
        match record.entry.wants_failure {
            true => self.tell_failed(m, record),
            false => self.forget(m, &user, record.entry.id),
        }
        self.changed(m, &user);
    }
}

fn is_named(record: &DeferredRecord, named: &Named) -> bool {
    let contribution = super::head(record).and_then(|head| head.header(&Name::ContributionId).map(str::to_owned));
    let same_message = match (&named.message_id, &record.about.message_id) {
        (Some(named), Some(own)) => named == own,
        _ => true,
    };
    same_message && named.contribution.is_some() && named.contribution == contribution
}
