//! What focus and devices say alike about a CPM session: SDP, bodies, feature tags.

use super::media::Media;
use crate::second_reader::{PlainOffer, plain_offer};
use bytes::Bytes;
use cpm_wire::multipart::{self, Part};
use cpm_wire::offer_answer::LocalMedia;
use cpm_wire::resource_lists::List;
use cpm_wire::sdp::{Direction, MsrpMedia, Origin, Session};
use cpm_wire::sip::{Message, Name};

/// The service identifier of a group session, as it stands in P-Asserted-Service.
pub const GROUP_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session.group";
/// The service identifier of a chat of two.
pub const CHAT_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session";
/// The service identifier of a file transfer.
pub const FILE_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.filetransfer";
/// The service identifier of multimedia telephony.
pub const VOICE_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.mmtel";
/// The service identifier of a pager-mode message.
pub const MESSAGE_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg";
/// The service identifier of a pager-mode message to a list.
pub const LIST_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg.group";
/// The service identifier of a message in large message mode.
pub const LARGE_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg";
/// The service identifier of a message to a list in large message mode.
pub const LARGE_LIST_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg.group";
/// The service identifier of messages that wait.
pub const DEFERRED_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.deferred";
/// The service identifier of conversation history.
pub const HISTORY_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.history";

/// The feature tag of a service, as it stands in Contact and Accept-Contact.
pub fn feature_tag(service: &str) -> String {
    format!("+g.3gpp.icsi-ref=\"{}\"", service.replace(':', "%3A"))
}

/// The content types that the tester's CPM elements put inside the CPIM envelope.
pub fn wrapped_types(notifications: bool) -> Vec<String> {
    let mut types: Vec<String> = [
        "text/plain",
        "multipart/mixed",
        "image/png",
        "application/im-iscomposing+xml",
        "application/vnd.gsma.rcs-ft-http+xml",
        "application/vnd.gsma.rcspushlocation+xml",
    ]
    .map(str::to_owned)
    .into();
    if notifications {
        types.extend(["message/imdn+xml", "*"].map(str::to_owned));
    }
    types
}

/// What an actor takes in a session beside messages.
#[derive(Clone, Copy, Debug)]
pub struct Takes {
    /// Disposition notifications.
    pub notifications: bool,
    /// Lists of participants as documents of the session itself.
    pub lists: bool,
}

impl Takes {
    /// What a focus takes.
    pub const FOCUS: Takes = Takes { notifications: true, lists: false };

    fn types(self) -> Vec<String> {
        let lists = self.lists.then_some("application/conference-info+xml");
        ["message/cpim", "application/im-iscomposing+xml"].into_iter().chain(lists).map(str::to_owned).collect()
    }
}

/// What an actor can do with media, for an offer or an answer.
pub fn local_media(media: &Media, path: &str, direction: Direction, takes: Takes) -> LocalMedia {
    LocalMedia {
        path: vec![path.to_owned()],
        tls: false,
        address: media.address.ip().to_string(),
        port: media.address.port(),
        prefer_active: true,
        direction,
        accept_types: takes.types(),
        accept_wrapped_types: wrapped_types(takes.notifications),
        max_size: None,
        cema: false,
        fingerprint: None,
    }
}

/// An SDP body for this media description.
pub fn sdp_body(media: &MsrpMedia, session_id: u64, version: u64) -> Bytes {
    let origin = Origin { username: "-", session_id: session_id & 0x7fff_ffff, version, address: &media.address };
    Bytes::from(media.to_sdp(&origin))
}

/// An SDP body for an offer of ours. sdp-rs writes it wherever it can say what is meant, so that the target does not
/// read its own reader's idea of SDP alone.
pub fn offer_body(media: &MsrpMedia, session_id: u64) -> Bytes {
    let says_more = media.max_size.is_some() || media.cema || media.fingerprint.is_some();
    let setup = media.setup.filter(|_| !says_more);
    let plain = media.address.parse().ok().zip(setup).and_then(|(address, setup)| {
        let offer = PlainOffer {
            session_id: session_id & 0x7fff_ffff,
            version: 1,
            address,
            port: media.port,
            path: &media.path.join(" "),
            setup: setup.as_str(),
            direction: media.direction.as_str(),
            accept_types: &media.accept_types.join(" "),
            accept_wrapped_types: &media.accept_wrapped_types.join(" "),
        };
        plain_offer(&offer).ok()
    });
    plain.map_or_else(|| sdp_body(media, session_id, 1), Bytes::from)
}

/// The answer to the offer in this request: ours in the place of the message session, all else refused (RFC 3264 section 6).
pub fn answer_sdp(answer: &MsrpMedia, request: &Message, session_id: u64) -> Option<String> {
    let offer = part_of(request, "application/sdp")?;
    let offer = Session::parse(&offer).ok()?;
    let origin = Origin { username: "-", session_id: session_id & 0x7fff_ffff, version: 1, address: &answer.address };
    Some(answer.to_answer_sdp(&origin, &offer))
}

/// The MSRP media description in a message's body, plain or in a multipart.
pub fn media_of(message: &Message) -> Option<MsrpMedia> {
    let sdp = part_of(message, "application/sdp")?;
    let session = Session::parse(&sdp).ok()?;
    MsrpMedia::from_session(&session).ok()
}

/// The resource list in a message's body.
pub fn list_of(message: &Message) -> Option<List> {
    let list = part_of(message, "application/resource-lists+xml")?;
    List::parse(&list).ok()
}

fn part_of(message: &Message, wanted: &str) -> Option<Bytes> {
    multipart::find(message.header(&Name::ContentType)?, &message.body_octets(), wanted)
}

/// SDP and a list of participants in one body: its content type and its octets.
pub fn sdp_and_list(sdp: Bytes, list: &List, disposition: &str) -> (String, Bytes) {
    multipart::build(&[
        Part::new("application/sdp", sdp),
        Part::new("application/resource-lists+xml", Bytes::from(list.to_xml()))
            .header("Content-Disposition", disposition),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_known_by_its_type_in_any_spelling() {
        let list = List::to_recipients(["sip:alice@example.com"]);
        for spelling in ["application/resource-lists+xml", "Application/Resource-Lists+XML ; charset=utf-8"] {
            let parts = [Part::new("APPLICATION/SDP", Bytes::new()), Part::new(spelling, list.to_xml().into())];
            let (content_type, body) = multipart::build(&parts);
            let head = format!(
                "INVITE sip:b@c SIP/2.0\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let invite = Message::parse([head.as_bytes(), &body].concat().into()).unwrap();
            assert_eq!(list_of(&invite).as_ref(), Some(&list), "{spelling}");
            assert_eq!(part_of(&invite, "application/sdp"), Some(Bytes::new()));
        }
    }
}
