//! The function's own word that a message was not delivered (RFC 5438 section 7.2.1.1): it has expired, was rejected, or nobody
//! would have it. Only where the sender asked for it, and never about a notification. [PF-MSG-03, L26]

use super::Said;
use crate::call::{Mechanics, bodies, served};
use crate::functions::messages;
use crate::functions::missed_group_content::{Content, content};
use crate::store::{DeferredAbout, DeferredRecord};
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn::{self, Kind, Notification, Status};
use cpm_wire::sip::{Message, Method, Name};

const SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg";
const TAG: &str = "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg\"";

/// A notification that a message was not delivered, and to whom it goes.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The user who does not get the message.
    user: String,
    originator: String,
    message_id: String,
    octets: Bytes,
    contribution: Option<String>,
    conversation: Option<String>,
}

impl Failure {
    /// That of a deferred message; none where nobody could be told, or of nothing.
    pub fn of(m: &mut Mechanics, record: &DeferredRecord) -> Option<Failure> {
        let head = Message::parse(record.head.clone()).ok()?;
        Failure::about(m, &record.identity, &record.about, &head)
    }

    /// That of a message that its user's devices refuse, if its sender asked for it.
    pub fn of_refused(m: &mut Mechanics, user: &str, request: &Message) -> Option<Failure> {
        let messages::Kind::Message(_) = messages::kind(request) else { return None };
        let content_type = request.header(&Name::ContentType).unwrap_or_default();
        let envelope = bodies::envelope(content_type, &request.body_octets())?;
        let Content::Message(about) = content("message/cpim", &envelope) else { return None };
        if !about.wants("negative-delivery") {
            return None;
        }
        let about = DeferredAbout {
            message_id: about.message_id,
            originator: served::originator(request).unwrap_or_default(),
            author: about.author,
            to: about.original_to.or(about.to),
            date_time: about.date_time,
            media_type: about.media_type,
        };
        Failure::about(m, user, &about, request)
    }

    fn about(m: &mut Mechanics, user: &str, about: &DeferredAbout, request: &Message) -> Option<Failure> {
        let message_id = about.message_id.as_deref()?;
        let originator = Some(&about.originator).filter(|uri| !is_nobody(uri))?.clone();
        let date_time = about.date_time.clone().unwrap_or_else(|| m.now.to_rfc3339());
        let mut failure = Notification::new(message_id, &date_time, Kind::Delivery, Status::Failed);
        failure.recipient_uri = Some(user.to_owned());
        failure.original_recipient_uri = about.to.clone();
        let octets = cpim::Builder::new(user, about.author.as_ref().unwrap_or(&originator))
            .date_time(&m.now.to_rfc3339())
            .message_id(&m.tokens.token())
            .content_disposition("notification")
            .content(imdn::MEDIA_TYPE, failure.to_xml().into_bytes())
            .build();
        let header = |name: Name| request.header(&name).map(str::to_owned);
        let (contribution, conversation) = (header(Name::ContributionId), header(Name::ConversationId));
        let (user, message_id) = (user.to_owned(), message_id.to_owned());
        Some(Failure { user, originator, message_id, octets, contribution, conversation })
    }

    /// Notes that the originator is told; false when a device has said already that the message was delivered.
    pub fn is_news(&self, said: &mut Said) -> bool {
        said.may_fail(&self.user, &self.originator, &self.message_id)
    }

    /// The MESSAGE that tells it, on behalf of the user.
    pub fn request(&self, m: &mut Mechanics) -> Message {
        let request = m.own_request(Method::Message, &self.originator, &self.user, true);
        let mut request = request
            .header(Name::From, format!("<{}>;tag={}", self.user, m.tokens.tag()))
            .header(Name::To, format!("<{}>", self.originator))
            .header(Name::PAssertedIdentity, format!("<{}>", self.user))
            .header(Name::PAssertedService, SERVICE)
            .header(Name::AcceptContact, TAG);
        for (name, value) in [(Name::ContributionId, &self.contribution), (Name::ConversationId, &self.conversation)] {
            request = value.iter().fold(request, |request, value| request.header(name.clone(), value));
        }
        request.body("message/cpim", self.octets.clone()).build()
    }
}

/// True for the URI of one who does not want to be known (RFC 3323 section 4.1.1.3): nobody is there.
fn is_nobody(uri: &str) -> bool {
    uri.is_empty() || uri.to_ascii_lowercase().contains("@anonymous.invalid")
}
