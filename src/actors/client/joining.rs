//! A device that comes by itself: it rejoins a group at the identity of the group session, or restarts an ended group
//! at the conference factory with the list that it holds (wire: RFC 4579, RFC 5366).

use super::Client;
use super::legs::{Leg, LegState};
use crate::actors::serving_cscf::Served;
use crate::actors::session::{feature_tag, local_media, media_of, offer_body, sdp_and_list};
use crate::actors::signalling::{Purpose, Signalling};
use cpm_wire::dialog::Dialog;
use cpm_wire::offer_answer::{self, Side};
use cpm_wire::resource_lists::{Entry, List};
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};

/// Whom a device calls, and with what list.
#[derive(Clone, Debug)]
pub struct Joining<'a> {
    /// The focus, or the conference factory.
    pub uri: &'a str,
    /// The chat.
    pub contribution: &'a str,
    /// Its conversation.
    pub conversation: &'a str,
    /// Its subject.
    pub subject: &'a str,
    /// The members to invite: only towards the factory.
    pub list: Option<Vec<String>>,
    /// The session of another device that it is to replace, as in Replaces (RFC 3891).
    pub replaces: Option<String>,
    /// Both directions; only receiving when it fetches what waits for it.
    pub direction: Direction,
    /// The service that it asks for.
    pub service: &'static str,
}

impl Client {
    /// Sends the INVITE; its answer comes to [`Client::join_answered`].
    pub fn join(&mut self, signalling: &mut Signalling, joining: &Joining<'_>) {
        let path = self.media.path(&signalling.ids.token());
        let wish = local_media(&self.media, &path, joining.direction, self.takes());
        let offer = wish.offer();
        self.media.offer(&path);
        let sdp = offer_body(&offer, signalling.ids.bits());
        let (content_type, body) = match &joining.list {
            None => ("application/sdp".to_owned(), sdp),
            Some(members) => {
                let entries = members.iter().map(|member| Entry::new(member)).collect();
                sdp_and_list(sdp, &List { entries }, "recipient-list")
            }
        };
        let served = Served { identity: &self.identity, originating: true, registered: self.registered };
        let cscf = signalling.cscf.clone();
        let host = self.host();
        let mut request = cscf
            .initial(&mut signalling.ids, Method::Invite, joining.uri, &served, &host)
            .header(Name::From, format!("<{}>;tag={}", self.identity, signalling.ids.token()))
            .header(Name::To, format!("<{}>", joining.uri))
            .header(Name::Contact, self.contact_value())
            .header(Name::PAssertedIdentity, format!("<{}>", self.identity))
            .header(Name::PAssertedService, joining.service)
            .header(Name::AcceptContact, format!("*;{}", feature_tag(joining.service)))
            .header(Name::Subject, joining.subject)
            .header(Name::ConversationId, joining.conversation)
            .header(Name::ContributionId, joining.contribution)
            .header(Name::Allow, "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE, NOTIFY");
        if joining.list.is_some() {
            request = request.header(Name::Require, "recipient-list-invite");
        }
        if let Some(replaced) = &joining.replaces {
            request = request.header(Name::Supported, "replaces").header(Name::Replaces, replaced.clone());
        }
        let request = request.body(&content_type, body).build();
        let number = self.number();
        let mut leg =
            Leg::new(joining.contribution.to_owned(), joining.conversation.to_owned(), joining.uri.to_owned(), true);
        leg.local = Some(offer);
        leg.request = Some(request.clone());
        self.legs.insert(number, leg);
        signalling.request(request, Purpose::Join { device: self.key.clone(), leg: number });
    }

    /// An answer to our INVITE.
    pub fn join_answered(&mut self, signalling: &mut Signalling, number: u64, answer: &Message) {
        let status = answer.status().unwrap_or_default();
        let Some(leg) = self.legs.get_mut(&number) else { return };
        if status < 200 {
            return;
        }
        if status >= 300 {
            leg.refused = Some(status);
            self.end_leg(signalling, number);
            return;
        }
        if let Some(dialog) = &leg.dialog {
            // A 2xx again: its ACK was lost.
            let ack = dialog.ack(1);
            signalling.acknowledge(ack);
            return;
        }
        let Some(dialog) = leg.request.as_ref().and_then(|request| Dialog::uac(request, answer).ok()) else { return };
        signalling.acknowledge(dialog.ack(1));
        if let Some(contact) = answer.contacts().next().and_then(Result::ok) {
            leg.focus = contact.uri.to_owned();
            leg.is_group = contact.param("isfocus").is_some();
        }
        let is_group = leg.is_group;
        leg.dialog = Some(dialog);
        leg.state = LegState::Established;
        leg.remote = media_of(answer);
        if let (Some(local), Some(remote)) = (&leg.local, &leg.remote) {
            let role = offer_answer::role(local, remote, Side::Offerer);
            let path = local.path.first().cloned().unwrap_or_default();
            leg.session =
                Some(self.media.open(signalling.now, &path, remote.path.clone(), role, &mut signalling.links));
        }
        self.handle_media(signalling);
        if is_group {
            self.subscribe_once(signalling, number);
        }
    }
}
