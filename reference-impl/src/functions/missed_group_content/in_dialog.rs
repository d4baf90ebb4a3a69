//! Requests within the legs of a chat: session changes are answered here, for the media end here; everything else
//! goes to the other side.

use super::chat::{Chat, DeviceState, Focus};
use crate::call::legs::{LegEvent, LegId};
use crate::call::offer::Local;
use crate::call::{Mechanics, sip};
use cpm_wire::sip::{Builder, Message, Method, Name};
use cpm_wire::transaction::{ClientId, ServerId};

impl Chat {
    /// What happened to the leg of a device.
    pub fn device_leg(&mut self, m: &mut Mechanics, at: usize, event: LegEvent) {
        match event {
            LegEvent::Ended(bye) => self.device_ended(m, at, bye.as_ref()),
            LegEvent::Cancelled(_) => {
                self.remove_device(m, at);
                self.stop_calling_focus(m);
            }
            LegEvent::Request { server, request } => self.device_requests(m, at, server, &request),
            LegEvent::Response { client, response } => {
                self.passed_back(m, client, response.as_ref());
            }
            LegEvent::Acknowledged(_) => {}
            event => self.device_called(m, at, event),
        }
    }

    /// The device whose wish went on to the focus has given up.
    fn stop_calling_focus(&mut self, m: &mut Mechanics) {
        let waits = self.devices.iter().any(|leg| leg.state == DeviceState::Waiting);
        if !waits {
            self.stop_calling_elsewhere(m);
        }
        if let Focus::Calling { leg, local } = &self.focus
            && !waits
        {
            m.media.close(local.media);
            m.drop_leg(*leg, 480, None);
            self.focus = Focus::Absent;
            self.over = !self.established && self.items.held.is_empty();
        }
    }

    /// A device has ended its session: the user leaves, or the device says that it lost its bearer.
    fn device_ended(&mut self, m: &mut Mechanics, at: usize, bye: Option<&Message>) {
        let Some(leg) = self.remove_device(m, at) else { return };
        let reason = bye.and_then(|bye| bye.header(&Name::Reason));
        let by_user = bye.is_some() && reason.is_none_or(|reason| reason.contains("cause=200"));
        let cut_short = self.is_one_to_one() && self.items.wait_for(&leg.device);
        if by_user && self.focus.is_live() && self.devices.is_empty() && !cut_short {
            return self.leave(m, reason.unwrap_or(super::deliver::COMPLETED));
        }
        let elsewhere = self.devices.iter().any(|other| other.device.may_be(&leg.device));
        if by_user && !elsewhere && self.is_joined() && !self.items.wait_for(&leg.device) {
            self.record.left.push(leg.device.key.clone());
            self.save(m);
        }
        if leg.state == DeviceState::Joined {
            self.note_absence(m);
        }
    }

    /// The focus sends a request within the session.
    pub fn focus_requests(&mut self, m: &mut Mechanics, server: ServerId, request: &Message) {
        let Some(leg) = self.focus.leg() else { return m.refuse(server, request, 481) };
        match request.method() {
            Method::Invite | Method::Update => {
                let Focus::Live { local, .. } = &self.focus else { return m.refuse(server, request, 491) };
                let mut local = local.clone();
                m.session_changed(self.owner(), leg, &mut local, server, request);
                self.focus = Focus::Live { leg, local };
                self.save(m);
            }
            _ => {
                let device = self.devices.iter().find(|leg| leg.state == DeviceState::Joined).map(|leg| leg.leg);
                self.pass(m, device, server, request, 480);
            }
        }
    }

    fn device_requests(&mut self, m: &mut Mechanics, at: usize, server: ServerId, request: &Message) {
        let Some(device) = self.devices.get(at) else { return m.refuse(server, request, 481) };
        match request.method() {
            Method::Invite | Method::Update => {
                let mut local: Local = device.local.clone();
                let leg = device.leg;
                m.session_changed(self.owner(), leg, &mut local, server, request);
                if let Some(device) = self.devices.get_mut(at) {
                    device.local = local;
                }
                self.pump(m);
            }
            Method::Subscribe => {
                let device = device.device.clone();
                self.watch(m, server, request, Some(device));
            }
            _ => {
                let focus = self.focus.leg().filter(|_| self.focus.is_live());
                self.pass(m, focus, server, request, 404);
            }
        }
    }

    /// Sends a request on within the other leg.
    fn pass(&mut self, m: &mut Mechanics, to: Option<LegId>, server: ServerId, request: &Message, absent: u16) {
        let refers = request.method() == Method::Refer;
        let sent = to.and_then(|leg| {
            let contact = m.contact_of(leg);
            m.request_in(leg, request.method(), |onward| match refers {
                // RFC 3515 section 2.2; the list and the subscription are extensions (RFC 5368, RFC 4488).
                true => with_extensions(request, sip::copied(request, onward)).header(Name::Contact, contact),
                false => sip::copied(request, onward),
            })
        });
        match sent {
            Some(client) => {
                self.through.insert(client, (server, request.clone()));
            }
            None => m.refuse(server, request, absent),
        }
    }

    /// The answer to a request that was sent on; true when it was one.
    pub fn passed_back(&mut self, m: &mut Mechanics, client: ClientId, response: Option<&Message>) -> bool {
        let Some((server, request)) = self.through.remove(&client) else { return false };
        let status = response.and_then(Message::status).unwrap_or(480);
        let contact = m.contact_uri();
        m.reply(server, &request, status, |answer| match response {
            Some(response) if request.method() == Method::Refer && status < 300 => {
                with_extensions(response, sip::copied(response, answer)).header(Name::Contact, format!("<{contact}>"))
            }
            Some(response) => sip::copied(response, answer),
            None => answer,
        });
        true
    }
}

/// What a message says of extensions that concern its far end.
fn with_extensions(message: &Message, onward: Builder) -> Builder {
    [Name::Require, Name::Supported].into_iter().fold(onward, |onward, name| {
        message.headers(&name).fold(onward, |onward, value| onward.header(name.clone(), value))
    })
}
