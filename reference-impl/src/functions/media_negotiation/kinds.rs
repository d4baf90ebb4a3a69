//! Which of the media in an offer the function serves, which it lets pass, and which it refuses.

use crate::config::{MediaConduct, MediaControl};
use cpm_wire::sdp::{Media, MsrpMedia, Session};

/// What becomes of one media description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// The message session: the function is an end of it on either side.
    Served,
    /// It goes end to end, and its description untouched.
    Passed,
    /// Port 0 on either side (RFC 3264 section 6).
    Refused,
}

/// What becomes of each of the media in an offer, and the message session that is served. Of several it is the first: messages
/// have one way then.
pub fn treatments(conduct: &MediaConduct, offer: &Session<'_>) -> (Vec<Treatment>, Option<MsrpMedia>) {
    let mut served = None;
    let treatment = |media: Media<'_>| {
        if media.port == 0 || !(is_message_session(&media) || is_had(conduct, &media)) {
            return Treatment::Refused;
        }
        if !is_message_session(&media) {
            return Treatment::Passed;
        }
        if served.is_some() {
            return Treatment::Refused;
        }
        // TLS is not had here; a description that cannot be read is no session.
        served = MsrpMedia::of_media(offer, &media).ok().filter(|session| !session.tls);
        if served.is_some() { Treatment::Served } else { Treatment::Refused }
    };
    let treatments = offer.media().map(treatment).collect();
    (treatments, served)
}

/// What becomes of each of the media in an offer that goes past the function: message sessions pass, however many.
pub fn past(conduct: &MediaConduct, offer: &Session<'_>) -> Vec<Treatment> {
    let had = |media: &Media<'_>| media.port != 0 && (is_message_session(media) || is_had(conduct, media));
    offer.media().map(|media| if had(&media) { Treatment::Passed } else { Treatment::Refused }).collect()
}

fn is_message_session(media: &Media<'_>) -> bool {
    media.kind == "message" && is_msrp(media) && !has_floor(media)
}

fn is_msrp(media: &Media<'_>) -> bool {
    ends_with(media.protocol, "MSRP")
}

/// True for a protocol that is carried by others, as in `TCP/TLS/MSRP`.
fn ends_with(protocol: &str, last: &str) -> bool {
    protocol.rsplit_once('/').is_some_and(|(_, carried)| carried.eq_ignore_ascii_case(last))
}

fn has_floor(media: &Media<'_>) -> bool {
    media.attributes().any(|attribute| matches!(attribute.name, "floorctrl" | "floorid"))
}

/// True for continuous media and control streams that are claimed.
fn is_had(conduct: &MediaConduct, media: &Media<'_>) -> bool {
    let control = if ends_with(media.protocol, "BFCP") {
        MediaControl::Bfcp
    } else if media.formats.split(' ').any(|format| format.eq_ignore_ascii_case("TBCP")) {
        MediaControl::TalkBurst
    } else if is_msrp(media) {
        MediaControl::MsrpFloor
    } else {
        return conduct.continuous && matches!(media.kind, "audio" | "video" | "text");
    };
    conduct.control.contains(&control)
}
