//! Taking the content of a large message where nobody else can: the function answers the call, and takes one message over MSRP
//! [PF-MSG-02, PF-MSG-04]. The sender ends the session.

use super::kinds;
use super::sent::{Answer, Mode, Sent, Why};
use crate::call::legs::{LegEvent, LegId};
use crate::call::media::{MediaEvent, Received};
use crate::call::offer::{Local, described};
use crate::call::served::ServedUser;
use crate::call::{Mechanics, Owner};
use bytes::Bytes;
use cpm_wire::sdp;
use cpm_wire::sip::{Message, Method};
use cpm_wire::time::Time;
use std::time::Duration;

/// How long the content of a message may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long the sender has to end the session after that.
const AFTERWARDS: Duration = Duration::from_secs(32);
/// The sender has not ended the session, or has sent nothing.
const GIVEN_UP: &str = "SIP;cause=408;text=\"Nothing more is awaited\"";

/// What the content is taken for.
#[derive(Clone, Debug)]
pub enum Goal {
    /// It is deferred.
    Defer(Why),
    /// It goes on to each of these.
    Explode(Vec<String>),
}

/// A large message whose content is being taken.
pub struct Taking {
    owner: Owner,
    leg: LegId,
    local: Local,
    invite: Message,
    served: ServedUser,
    goal: Goal,
    until: Time,
    had: bool,
    /// Nothing is left to do.
    pub over: bool,
}

/// A whole message that was taken.
#[derive(Debug)]
pub enum Taken {
    /// It is to be deferred.
    Deferred(Box<Sent>),
    /// It goes on to several.
    ToSeveral(Box<ToSeveral>),
}

/// A large message that goes on to several.
#[derive(Debug)]
pub struct ToSeveral {
    /// The INVITE that it came with.
    pub invite: Message,
    /// Whose it is.
    pub served: ServedUser,
    /// Whom it is for.
    pub recipients: Vec<String>,
    /// Its Content-Type.
    pub content_type: String,
    /// Its octets.
    pub content: Bytes,
}

impl Taking {
    /// Answers the call; none when it is refused.
    pub fn begin(
        m: &mut Mechanics,
        owner: Owner,
        leg: LegId,
        invite: Message,
        served: ServedUser,
        goal: Goal,
    ) -> Option<Taking> {
        let most = m.config.policy(&served.identity).max_message_octets;
        let local = match m.answer_media(owner, &invite, most) {
            Ok(local) => local,
            Err(refused) => {
                m.drop_leg(leg, refused.status, None);
                return None;
            }
        };
        let contact = m.contact_like(&invite);
        m.answer(leg, 200, &contact, |response| response.body(sdp::MEDIA_TYPE, local.sdp()));
        if let Some(offer) = described(&invite) {
            m.start_media(&local, &offer);
        }
        let until = m.now + PATIENCE;
        Some(Taking { owner, leg, local, invite, served, goal, until, had: false, over: false })
    }

    /// Something happened to the leg.
    pub fn leg(&mut self, m: &mut Mechanics, event: LegEvent) {
        match event {
            LegEvent::Ended(_) | LegEvent::Cancelled(_) => {
                m.media.close(self.local.media);
                self.over = true;
            }
            LegEvent::Request { server, request } => match request.method() {
                Method::Invite | Method::Update => {
                    m.session_changed(self.owner, self.leg, &mut self.local, server, &request);
                }
                _ => m.refuse(server, &request, 403),
            },
            _ => {}
        }
    }

    /// Something happened to the media.
    pub fn media(&mut self, m: &mut Mechanics, event: MediaEvent) -> Option<Taken> {
        match event {
            MediaEvent::Received(received) => self.received(m, *received),
            MediaEvent::Lost if !self.had => {
                self.end(m);
                None
            }
            _ => None,
        }
    }

    /// The session carries exactly one message.
    fn received(&mut self, m: &mut Mechanics, received: Received) -> Option<Taken> {
        let unfit = if self.had { Some(403) } else { kinds::unfit(&received.content_type, &received.octets) };
        if let Some(status) = unfit {
            m.media.reply(received.media, received.reply, status);
            return None;
        }
        self.had = true;
        self.until = m.now + AFTERWARDS;
        let Received { media, message_id, content_type, octets, success_report, reply } = received;
        let answer = Answer::Send { media, reply, report: success_report.then_some(message_id) };
        let (request, served) = (self.invite.clone(), self.served.clone());
        Some(match &self.goal {
            Goal::Defer(why) => {
                let (mode, why) = (Mode::Large, *why);
                Taken::Deferred(Box::new(Sent { request, served, mode, content_type, content: octets, why, answer }))
            }
            Goal::Explode(recipients) => {
                answer.taken(m, &request);
                let recipients = recipients.clone();
                let several = ToSeveral { invite: request, served, recipients, content_type, content: octets };
                Taken::ToSeveral(Box::new(several))
            }
        })
    }

    /// When [`Taking::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        Some(self.until)
    }

    /// Nobody is waited for any more.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        if self.until <= m.now {
            self.end(m);
        }
    }

    fn end(&mut self, m: &mut Mechanics) {
        m.media.close(self.local.media);
        m.drop_leg(self.leg, 480, Some(GIVEN_UP));
        self.over = true;
    }
}
