//! Where messages outside sessions go: dispatch alone, as in the rest of the core.

use super::{Core, targets};
use crate::call::Mechanics;
use crate::call::carried::{Carried, Request};
use crate::call::pass::{Passing, Target, Untaken};
use crate::call::served::{ServedUser, SessionCase, served_user};
use crate::functions::charging::Service;
use crate::functions::interworking::{Resort, resort};
use crate::functions::messages::{
    self, Answer, Conversion, Done, Goal, Kind, LargeMessage, Mode, Purpose, Sent, Taken, ToSeveral, Why, Word,
};
use crate::functions::multi_device::Reach;
use crate::functions::multi_device::preference::DevicePreference;
use crate::functions::policies_and_preferences::{self, Arrived, Decision, Pending};
use crate::functions::sessions::{self, Terms};
use cpm_wire::sip::{Message, Name};
use cpm_wire::transaction::ServerId;

impl Core {
    /// A MESSAGE outside any dialog.
    pub(super) fn message(&mut self, server: ServerId, request: Message) {
        let m = &mut self.mechanics;
        let Some(served) = served_user(&request) else { return m.refuse(server, &request, 400) };
        let Some((server, request)) = self.for_deferred(server, request, &served) else { return };
        let m = &mut self.mechanics;
        let body = match messages::kind(&request) {
            Kind::Notification | Kind::System => return self.notification(server, request, &served),
            Kind::Unfit(status) => return messages::refuse_unfit(m, server, &request, status),
            Kind::Message(body) => body,
        };
        let Some(request) = sessions::identified(m, server, request, false) else { return };
        if let Some(status) = messages::refusal(m, &served, &body) {
            return messages::refuse_unfit(m, server, &request, status);
        }
        if self.passing.count() + self.interworking.count() + self.policies.waiting() >= m.config.max_messages {
            return m.refuse_full(server, &request);
        }
        let arrived = Arrived { server, request, served, body };
        self.policies.wait(m, Pending::Message(Box::new(arrived)));
    }

    /// A message goes on as policies and preferences let it.
    pub(super) fn message_begun(&mut self, arrived: Arrived) {
        let m = &mut self.mechanics;
        let decision = self.policies.decide_message(m, &arrived.served, &arrived.request);
        if policies_and_preferences::refused(m, arrived.server, &arrived.request, &decision) {
            return;
        }
        self.charging.wait(m, Service::Message(Box::new(arrived), decision));
    }

    pub(super) fn message_goes_on(&mut self, arrived: Arrived, decision: &Decision) {
        match arrived.served.case {
            SessionCase::Originating => self.message_leaves(arrived, decision),
            SessionCase::Terminating => self.message_comes(arrived, decision),
        }
    }

    /// A served user's device sends a message.
    fn message_leaves(&mut self, arrived: Arrived, decision: &Decision) {
        let m = &mut self.mechanics;
        let Arrived { server, request, served, body } = arrived;
        let request = match decision.hidden {
            true => policies_and_preferences::without_name(&request, m.config.hidden_from),
            false => request,
        };
        if let Some(list) = &body.recipients {
            return self.list_leaves(server, request, &served, list);
        }
        let target = request.request_uri().unwrap_or_default().to_owned();
        match messages::is_over_limit(m, &body) {
            true => self.convert(server, request, served, vec![Target::of(&target)]),
            false => self.passing.pass(m, server, request, vec![Target::of(&target)]),
        }
    }

    /// A served user's device sends a message to several.
    fn list_leaves(&mut self, server: ServerId, request: Message, served: &ServedUser, list: &[u8]) {
        let Some(recipients) = self.recipients(server, &request, served, list) else { return };
        let m = &mut self.mechanics;
        match m.config.exploder.clone() {
            Some(exploder) => self.passing.pass(m, server, request, vec![Target::of(&exploder)]),
            None => {
                // RFC 5365 section 7.2.
                m.refuse(server, &request, 202);
                m.carried_request(&request);
                messages::explode(m, &request, served, &recipients);
            }
        }
    }

    /// Those whom a list names, if the user may reach each of them; else the request is refused, and answered.
    fn recipients(
        &mut self,
        server: ServerId,
        request: &Message,
        served: &ServedUser,
        list: &[u8],
    ) -> Option<Vec<String>> {
        let m = &mut self.mechanics;
        let recipients = match messages::recipients(list) {
            Ok(recipients) => recipients,
            Err(status) => {
                m.refuse(server, request, status);
                return None;
            }
        };
        for recipient in &recipients {
            let decision = self.policies.decide_copy(m, served, request, recipient);
            if policies_and_preferences::refused(m, server, request, &decision) {
                return None;
            }
        }
        Some(recipients)
    }

    /// A message comes for a served user.
    fn message_comes(&mut self, Arrived { server, request, served, body }: Arrived, decision: &Decision) {
        let m = &mut self.mechanics;
        if let Some(why) = messages::put_off(&m.config, &request, decision) {
            return self.put_off(server, request, served, why);
        }
        let mode = m.config.policy(&served.identity).device_mode;
        let wish = decision.devices.clone().unwrap_or_default();
        let devices = Reach::new(m.now, mode, wish, m.message_devices_for(&served)).devices;
        if messages::is_over_limit(m, &body) && !devices.is_empty() {
            let targets = targets(&served, devices);
            return self.convert(server, request, served, targets);
        }
        self.pass_to(server, request, &served, devices);
    }

    /// A MESSAGE goes on in large messages.
    fn convert(&mut self, server: ServerId, request: Message, served: ServedUser, targets: Vec<Target>) {
        let content_type = request.header(&Name::ContentType).unwrap_or_default().to_owned();
        let message = |target: Target| LargeMessage {
            target: target.uri,
            user: served.identity.clone(),
            originating: served.case == SessionCase::Originating,
            to: None,
            like: request.clone(),
            content_type: content_type.clone(),
            content: request.body_octets(),
        };
        let large = targets.into_iter().map(message).collect();
        self.messages.convert(&mut self.mechanics, server, request.clone(), served.clone(), large);
    }

    /// The INVITE of a large message of a served user's device.
    pub(super) fn large_leaves(&mut self, server: ServerId, invite: Message, served: &ServedUser, decision: Decision) {
        let mut invite = invite;
        let list = messages::list_of(&invite);
        let listed = list.is_some();
        if let Some(list) = list {
            let Some(recipients) = self.recipients(server, &invite, served, &list) else { return };
            let m = &mut self.mechanics;
            let Some(exploder) = m.config.exploder.clone() else {
                let invite = match decision.hidden {
                    true => policies_and_preferences::without_name(&invite, m.config.hidden_from),
                    false => invite,
                };
                let received = invite.clone();
                let called = |m: &mut Mechanics, owner| m.called(owner, server, received);
                return self.messages.take(m, invite, served.clone(), Goal::Explode(recipients), called);
            };
            invite = invite.edit().set_request_uri(&exploder).finish();
        }
        let kept = self.history.wants_session(&self.mechanics, &self.policies, served, &invite);
        let resort = if listed { Resort::Never } else { resort(&self.mechanics.config, served, &decision) };
        let terms = Terms { stand_in: false, barred: decision.barred, hidden: decision.hidden, resort, kept };
        self.sessions.originating(&mut self.mechanics, server, invite, served, terms);
    }

    /// The INVITE of a large message for a served user.
    pub(super) fn large_comes(&mut self, server: ServerId, invite: Message, served: &ServedUser, decision: Decision) {
        let may_defer = self.may_defer(served);
        let m = &mut self.mechanics;
        let policy = m.config.policy(&served.identity);
        let resort = resort(&m.config, served, &decision);
        let barred = decision.barred.clone();
        let why = messages::put_off(&m.config, &invite, &decision);
        let first = resort == Resort::Offline && matches!(why, None | Some(Why::Unavailable));
        let wish = decision.devices.unwrap_or_else(|| DevicePreference::by_policy(policy.device_mode));
        let devices = if why.is_some() { Vec::new() } else { m.message_devices_for(served) };
        let reach = Reach::new(m.now, policy.device_mode, wish, devices);
        if reach.devices.is_empty() && may_defer && !first {
            let goal = Goal::Defer(why.unwrap_or(Why::Absent));
            let received = invite.clone();
            let called = |m: &mut Mechanics, owner| m.called(owner, server, received);
            return self.messages.take(m, invite, served.clone(), goal, called);
        }
        let kept = self.history.wants_session(m, &self.policies, served, &invite);
        let terms = Terms { stand_in: may_defer, barred, hidden: false, resort, kept };
        self.sessions.terminating(m, server, invite, served, reach, terms);
    }

    /// Something is done that a message waited for.
    pub(super) fn message_done(&mut self, done: Done) {
        match done {
            Done::Taken(Taken::Deferred(sent)) => self.absent(*sent),
            Done::Taken(Taken::ToSeveral(several)) => self.send_to_several(*several),
            Done::Converted(conversion, word) => self.converted(*conversion, word),
            Done::Deferred(number, outcome) => self.deferred.large_done(&mut self.mechanics, number, outcome),
        }
    }

    /// A large message goes on to each of several.
    fn send_to_several(&mut self, several: ToSeveral) {
        self.mechanics.carried(|| {
            let ToSeveral { invite, content_type, content, .. } = &several;
            let (request, content_type) = (invite.clone(), content_type.clone());
            Carried::Request(Box::new(Request { request, content_type, content: content.clone() }))
        });
        for recipient in several.recipients {
            let copy = LargeMessage {
                target: recipient.clone(),
                user: several.served.identity.clone(),
                originating: true,
                to: Some(recipient),
                like: several.invite.clone(),
                content_type: several.content_type.clone(),
                content: several.content.clone(),
            };
            self.messages.send_large(&mut self.mechanics, copy, Purpose::Copy);
        }
    }

    /// A MESSAGE that went on in large messages can be answered.
    fn converted(&mut self, conversion: Conversion, word: Word) {
        let Conversion { server, request, served, .. } = conversion;
        let terminating = served.case == SessionCase::Terminating;
        match word {
            Word::Taken => {
                self.mechanics.refuse(server, &request, 200);
                self.mechanics.carried_request(&request);
            }
            Word::Refused(status) => self.refused_or_interworked(server, request, served, (status, None)),
            Word::Absent if terminating => self.put_off(server, request, served, Why::Absent),
            Word::Absent => self.refused_or_interworked(server, request, served, (480, None)),
        }
    }

    /// Nobody took a MESSAGE.
    pub(super) fn message_untaken(&mut self, untaken: Untaken) {
        let Some(served) = served_user(&untaken.request) else { return Passing::refuse(&mut self.mechanics, &untaken) };
        if served.case == SessionCase::Originating {
            self.report_failed(&served, &untaken.request);
            if let Some(untaken) = self.interworked(untaken, &served) {
                Passing::refuse(&mut self.mechanics, &untaken);
            }
            return;
        }
        let m = &mut self.mechanics;
        match messages::kind(&untaken.request) {
            Kind::Notification | Kind::System if is_absence(&untaken) => {
                self.deferred.store_report(m, untaken.server, untaken.request, &served);
            }
            Kind::Message(_) if untaken.absent => {
                self.put_off(untaken.server, untaken.request, served, Why::Absent);
            }
            _ => {
                if let Some(untaken) = self.interworked(untaken, &served) {
                    self.refused_for_good(&served, &untaken);
                }
            }
        }
    }

    /// Of several devices these have not got a message that the others have.
    pub(super) fn missed_by(&mut self, request: &Message, devices: Vec<String>) {
        if let (Some(served), Kind::Message(_)) = (served_user(request), messages::kind(request)) {
            self.messages.missed_by(&self.mechanics, &served, request, devices);
        }
    }

    /// Whether a message for this user may be deferred: asked before the function takes the content of a large one.
    pub(super) fn may_defer(&self, served: &ServedUser) -> bool {
        self.mechanics.config.policy(&served.identity).store
    }

    pub(super) fn absent_request(&mut self, server: ServerId, request: Message, served: ServedUser, why: Why) {
        let content_type = request.header(&Name::ContentType).unwrap_or_default().to_owned();
        let content = request.body_octets();
        let (mode, answer) = (Mode::Pager, Answer::Request(server));
        self.absent(Sent { request, served, mode, content_type, content, why, answer });
    }

    /// A message that nobody takes now.
    fn absent(&mut self, sent: Sent) {
        self.deferred.store(&mut self.mechanics, sent);
    }
}

/// True where the answers say that the user of a notification cannot be had.
fn is_absence(untaken: &Untaken) -> bool {
    let status = untaken.best.as_ref().and_then(Message::status);
    status.is_none_or(|status| matches!(status, 404 | 408 | 480))
}
