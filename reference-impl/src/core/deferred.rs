//! Where deferred messages and disposition notifications go: dispatch alone, as in the rest of the core.

use super::Core;
use crate::call::pass::{Passing, Target, Untaken};
use crate::call::registrations::Device;
use crate::call::served::{ServedUser, SessionCase};
use crate::call::{Event, Owner, Usage};
use crate::functions::deferred_messages::{self, EVENT};
use crate::functions::disposition_reports::failed::Failure;
use crate::functions::messages::Purpose;
use crate::functions::policies_and_preferences::Pending;
use cpm_wire::sip::{Message, Method};
use cpm_wire::transaction::ServerId;

impl Core {
    /// Something about what waits outside sessions. Gives back what is about something else.
    pub(super) fn deferred_event(&mut self, event: Event) -> Option<Event> {
        let (deferred, m) = (&mut self.deferred, &mut self.mechanics);
        match event {
            Event::Leg { owner: Owner::Deferred(number), leg, event } => deferred.leg(m, number, leg, event),
            Event::Media { owner: Owner::Deferred(number), event, .. } => deferred.media(m, number, event),
            Event::Response { owner: Owner::Deferred(number), response, .. } => {
                deferred.response(m, number, response.as_ref());
            }
            Event::Subscription { usage: Usage::Notifier(Owner::Deferred(_), number), server, request } => {
                deferred.in_subscription(m, number, server, &request);
            }
            Event::Persisted { owner: Owner::Deferred(_), token } => deferred.persisted(m, token),
            Event::Unwritten { owner: Owner::Deferred(_), token } => deferred.unwritten(m, token),
            Event::Loaded { token, records } => deferred.loaded(m, &self.policies, token, records),
            other => return Some(other),
        }
        None
    }

    /// Large messages that waited are sent; and who sent messages that were not delivered is told so, unless a device has said
    /// otherwise.
    pub(super) fn serve_deferred(&mut self) {
        while let Some((number, message)) = self.deferred.poll_large() {
            self.messages.send_large(&mut self.mechanics, message, Purpose::Deferred(number));
        }
        while let Some(failure) = self.deferred.poll_untold() {
            let news = failure.failure.is_news(&mut self.said);
            self.deferred.tell_or_forget(&mut self.mechanics, failure, news);
        }
    }

    /// A device that takes messages registers: what waits for its user depends on the user's documents.
    pub(super) fn registered_for_messages(&mut self, user: &str, device: &Device) {
        if self.deferred.waits_for(user) {
            self.policies.wait(&mut self.mechanics, Pending::Reachable(user.to_owned(), device.clone()));
        }
    }

    /// A request of a device to the service of deferred messages, or for its event package. Gives back what is neither.
    pub(super) fn for_deferred(
        &mut self,
        server: ServerId,
        request: Message,
        served: &ServedUser,
    ) -> Option<(ServerId, Message)> {
        let m = &mut self.mechanics;
        let originating = served.case == SessionCase::Originating;
        let by_event = request.event().is_some_and(|event| event.value == EVENT);
        match request.method() {
            Method::Subscribe if originating && by_event => self.deferred.subscription(m, server, &request, served),
            Method::Message if originating && deferred_messages::is_to_service(&request) => {
                self.deferred.message(m, server, request, served);
            }
            _ => return Some((server, request)),
        }
        None
    }

    /// A MESSAGE that carries a disposition notification, or a word of the system.
    pub(super) fn notification(&mut self, server: ServerId, request: Message, served: &ServedUser) {
        let m = &mut self.mechanics;
        if served.case == SessionCase::Terminating {
            let devices = m.message_devices_for(served);
            return self.pass_to(server, request, served, devices);
        }
        if self.missed.is_repeated_report(m, served, &request) || self.said.is_repeated(m, served, &request) {
            return m.refuse(server, &request, 200);
        }
        let target = request.request_uri().unwrap_or_default().to_owned();
        self.passing.pass(m, server, request, vec![Target::of(&target)]);
    }

    /// A report of a device did not reach its author.
    pub(super) fn report_failed(&mut self, served: &ServedUser, request: &Message) {
        self.missed.report_failed(served, request);
        self.said.take_back(served, request);
    }

    /// A message is refused by all whom it was for: its sender hears so, in the form that the sender asked for, too.
    pub(super) fn refused_for_good(&mut self, served: &ServedUser, untaken: &Untaken) {
        Passing::refuse(&mut self.mechanics, untaken);
        self.tell_refused(served, &untaken.request);
    }

    /// Its sender hears of a refused message by a notification, where asked for.
    pub(super) fn tell_refused(&mut self, served: &ServedUser, request: &Message) {
        let m = &mut self.mechanics;
        if let Some(failure) = Failure::of_refused(m, &served.identity, request)
            && failure.is_news(&mut self.said)
        {
            let request = failure.request(m);
            m.send(Owner::Deferred(0), request);
        }
    }
}
