//! Where messages go that CPM does not take: dispatch alone, as in the rest of the core.

use super::Core;
use crate::call::pass::Untaken;
use crate::call::served::{ServedUser, SessionCase};
use crate::functions::interworking::{Attempt, Fallback, Outcome, Resort, is_on_list, resort};
use crate::functions::messages::{self, Kind, Why};
use cpm_wire::sip::Message;
use cpm_wire::transaction::ServerId;

impl Core {
    /// A message that nobody takes now is deferred; or it is for the interworking function, before that or because nothing is
    /// deferred for its user.
    pub(super) fn put_off(&mut self, server: ServerId, request: Message, served: ServedUser, why: Why) {
        let fallback = match self.may_defer(&served) {
            true => Fallback::Deferred(why),
            false => Fallback::Refused(480, None),
        };
        let offline = match why {
            Why::Absent => true,
            Why::Unavailable => self.resort(&served, &request) == Resort::Offline,
            Why::ByDocument | Why::BySender | Why::ByService => false,
        };
        let first = match fallback {
            Fallback::Deferred(_) => self.resort(&served, &request) == Resort::Offline,
            Fallback::Refused(status, _) => is_on_list(&self.mechanics.config, status),
        };
        if offline && first {
            return self.interworking.send(&mut self.mechanics, Attempt { server, request, served, fallback });
        }
        self.absent_request(server, request, served, why);
    }

    /// A message that nobody took goes to the interworking function, if its answer is one that leads there. Gives back what
    /// does not.
    pub(super) fn interworked(&mut self, untaken: Untaken, served: &ServedUser) -> Option<Untaken> {
        let status = untaken.best.as_ref().and_then(Message::status).unwrap_or(480);
        if !self.is_for_interworking(&untaken.request, status) {
            return Some(untaken);
        }
        let Untaken { server, request, best, .. } = untaken;
        let (served, fallback) = (served.clone(), Fallback::Refused(status, best));
        self.interworking.send(&mut self.mechanics, Attempt { server, request, served, fallback });
        None
    }

    /// The sender of a MESSAGE hears this status, unless it leads to the interworking function.
    pub(super) fn refused_or_interworked(
        &mut self,
        server: ServerId,
        request: Message,
        served: ServedUser,
        (status, said): (u16, Option<Message>),
    ) {
        if !self.is_for_interworking(&request, status) {
            return self.mechanics.refuse(server, &request, status);
        }
        let fallback = Fallback::Refused(status, said);
        self.interworking.send(&mut self.mechanics, Attempt { server, request, served, fallback });
    }

    /// True for a message to one, with an answer of the list.
    fn is_for_interworking(&self, request: &Message, status: u16) -> bool {
        let to_one = || match messages::kind(request) {
            Kind::Message(body) => body.recipients.is_none(),
            Kind::Notification | Kind::System | Kind::Unfit(_) => false,
        };
        is_on_list(&self.mechanics.config, status) && to_one()
    }

    fn resort(&self, served: &ServedUser, request: &Message) -> Resort {
        let decision = self.policies.decide_message(&self.mechanics, served, request);
        resort(&self.mechanics.config, served, &decision)
    }

    /// The interworking function has not answered in time.
    pub(super) fn end_overdue_interworking(&mut self) {
        while let Some(outcome) = self.interworking.overdue(self.mechanics.now) {
            self.not_interworked(outcome);
        }
    }

    /// The interworking function has not taken a message.
    pub(super) fn not_interworked(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Deferred(Attempt { server, request, served, .. }, why) => {
                self.absent_request(server, request, served, why);
            }
            Outcome::Refused(attempt, status, said) => {
                attempt.refuse(&mut self.mechanics, status, said.as_ref());
                if attempt.served.case == SessionCase::Terminating {
                    self.tell_refused(&attempt.served, &attempt.request);
                }
            }
        }
    }
}
