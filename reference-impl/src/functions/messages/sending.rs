//! A large message that the function sends in a call of its own: one message over MSRP, then BYE [PF-MSG-02].

use crate::call::admission::ALLOW;
use crate::call::legs::{LegEvent, LegId};
use crate::call::media::{self, MediaEvent};
use crate::call::offer::{Local, described};
use crate::call::sip::{copied_but_body, without_tag};
use crate::call::{Mechanics, Owner};
use bytes::Bytes;
use cpm_wire::sdp::{self, Direction};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;

/// The service identifier of large messages.
pub const LARGE_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg";
/// The feature tag of large messages.
const LARGE_TAG: &str = "+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.largemsg\"";
/// All is said.
const COMPLETED: &str = "SIP;cause=200;text=\"Call completed\"";

/// A message that is to go in a call of its own.
#[derive(Clone, Debug)]
pub struct LargeMessage {
    /// The Request-URI.
    pub target: String,
    /// The public identity of the served user.
    pub user: String,
    /// Whether it is sent on the user's behalf, or to the user.
    pub originating: bool,
    /// Who it is to in To; none where To stays as it was.
    pub to: Option<String>,
    /// The request that the message came with: its identities and identifiers go on.
    pub like: Message,
    /// The Content-Type of the content.
    pub content_type: String,
    /// The content.
    pub content: Bytes,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The peer has it.
    Taken,
    /// The peer has refused it for good, with this status of SIP.
    Refused(u16),
    /// The peer could not be had.
    Unreached,
}

/// A large message that is on its way.
pub struct Sending {
    leg: LegId,
    local: Local,
    unsent: Option<(String, Bytes)>,
    until: Option<Time>,
    /// What became of it, once that is known.
    pub outcome: Option<Outcome>,
}

impl Sending {
    /// Calls the peer.
    pub fn begin(m: &mut Mechanics, owner: Owner, message: LargeMessage) -> Sending {
        let local = m.offer_media(owner, Direction::SendOnly, None);
        let invite = invite(m, &message, local.sdp());
        let leg = m.call(owner, invite);
        let until = Some(m.now + m.config.no_answer);
        Sending { leg, local, unsent: Some((message.content_type, message.content)), until, outcome: None }
    }

    /// Something happened to the leg.
    pub fn leg(&mut self, m: &mut Mechanics, event: LegEvent) {
        match event {
            LegEvent::Answered(answer) => self.answered(m, &answer),
            LegEvent::Refused { status, .. } => self.end(m, of_status(status)),
            LegEvent::Ended(_) | LegEvent::Cancelled(_) => self.end(m, Outcome::Unreached),
            LegEvent::Request { server, request } => match request.method() {
                Method::Update if request.body().is_empty() => m.refuse(server, &request, 200),
                _ => m.refuse(server, &request, 488),
            },
            _ => {}
        }
    }

    fn answered(&mut self, m: &mut Mechanics, answer: &Message) {
        self.until = Some(m.now + m.config.msrp_response);
        match described(answer) {
            Some(peer) => m.media_answered(&mut self.local, &peer),
            None => self.end(m, Outcome::Refused(488)),
        }
    }

    /// Something happened to the media.
    pub fn media(&mut self, m: &mut Mechanics, event: MediaEvent) {
        match event {
            MediaEvent::Ready => {
                if let Some((content_type, octets)) = self.unsent.take() {
                    self.until = None;
                    let message_id = m.tokens.token();
                    m.media.send(m.now, self.local.media, media::outgoing(message_id, content_type, octets));
                }
            }
            MediaEvent::Answered { status: Some(200), .. } => self.end(m, Outcome::Taken),
            MediaEvent::Answered { status: Some(status @ (403 | 413 | 415)), .. } => {
                self.end(m, Outcome::Refused(status));
            }
            MediaEvent::Answered { .. } | MediaEvent::Lost => self.end(m, Outcome::Unreached),
            MediaEvent::Passed(_) => {}
            // The session was offered for one message of this side.
            MediaEvent::Received(received) => m.media.reply(received.media, received.reply, 403),
        }
    }

    /// When [`Sending::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.until
    }

    /// The peer does not answer.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        if self.until.is_some_and(|until| until <= m.now) {
            self.end(m, Outcome::Unreached);
        }
    }

    fn end(&mut self, m: &mut Mechanics, outcome: Outcome) {
        if self.outcome.is_none() {
            self.outcome = Some(outcome);
            m.media.close(self.local.media);
            m.drop_leg(self.leg, 480, Some(COMPLETED));
        }
    }
}

fn of_status(status: u16) -> Outcome {
    match status {
        408 | 480 | 487 | 500 | 502..=504 => Outcome::Unreached,
        status => Outcome::Refused(status),
    }
}

/// The INVITE: whoever sent the message, and what identifies it, stay.
fn invite(m: &mut Mechanics, message: &LargeMessage, sdp: String) -> Message {
    let like = &message.like;
    let own = m.own_request(Method::Invite, &message.target, &message.user, message.originating);
    let from = like.from().map(|from| without_tag(&from)).unwrap_or_default();
    let to = like.to().map(|to| without_tag(&to)).unwrap_or_default();
    let own = own
        .header(Name::From, format!("{from};tag={}", m.tokens.tag()))
        .header(Name::To, message.to.as_ref().map_or(to, |uri| format!("<{uri}>")))
        .header(Name::Contact, format!("<{}>;{LARGE_TAG}", m.contact_uri()))
        .header(Name::Allow, ALLOW);
    let invite = copied_but_body(like, own).body(sdp::MEDIA_TYPE, sdp).build();
    let of_message = [
        Name::Expires,
        Name::PPreferredService,
        Name::ContentDisposition,
        Name::ContentEncoding,
        Name::ContentLanguage,
        Name::MimeVersion,
        Name::RequestDisposition,
    ];
    let edit = of_message.iter().fold(invite.edit(), |edit, name| edit.remove(name));
    edit.set(Name::PAssertedService, LARGE_SERVICE).set(Name::AcceptContact, format!("*;{LARGE_TAG}")).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn who_cannot_be_had_may_be_tried_again_and_who_refuses_may_not() {
        for status in [408, 480, 487, 500, 503] {
            assert_eq!(of_status(status), Outcome::Unreached, "{status}");
        }
        for status in [403, 404, 415, 486, 488, 501, 603] {
            assert_eq!(of_status(status), Outcome::Refused(status));
        }
    }
}
