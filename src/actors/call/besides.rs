//! Media beside a message session: what an end offers of them, and what it answers (RFC 3264, RFC 8856, RFC 5763). Nothing
//! is ever sent in them; that both ends agreed is all.

use crate::actors::media::Media;
use cpm_wire::sdp;

/// A medium that stands beside a message session in an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Sound.
    Sound,
    /// Sound that a certificate secures.
    SecuredSound,
    /// Moving pictures.
    Video,
    /// Who may speak, by BFCP (RFC 8856).
    Floor,
    /// Who may speak, by messages in a session of their own.
    FloorInMessages,
    /// Who may speak, by bursts of talk.
    TalkBursts,
    /// Another message session.
    Messages,
}

/// The fingerprint of a certificate that no connection ever shows.
const FINGERPRINT: &str =
    "SHA-256 12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD";

impl Beside {
    /// Its lines, at this port; a message session has a path of its own.
    pub(super) fn lines(self, port: u16, path: &str) -> String {
        match self {
            Beside::Sound => format!("m=audio {port} RTP/AVP 0 8\r\na=sendrecv\r\n"),
            Beside::SecuredSound => format!(
                "m=audio {port} UDP/TLS/RTP/SAVP 0 8\r\na=fingerprint:{FINGERPRINT}\r\na=setup:actpass\r\na=sendrecv\r\n"
            ),
            Beside::Video => format!("m=video {port} RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=sendrecv\r\n"),
            Beside::Floor => format!(
                "m=application {port} TCP/BFCP *\r\na=setup:actpass\r\na=connection:new\r\na=floorctrl:c-only\r\n"
            ),
            Beside::TalkBursts => format!("m=application {port} udp TBCP\r\na=fmtp:TBCP queuing=1\r\n"),
            Beside::FloorInMessages => format!("{}a=floorctrl:c-only\r\n", Beside::Messages.lines(port, path)),
            Beside::Messages => format!(
                "m=message {port} TCP/MSRP *\r\na=accept-types:message/cpim\r\na=accept-wrapped-types:*\r\na=path:{path}\r\n\
                 a=setup:actpass\r\na=sendrecv\r\n"
            ),
        }
    }
}

/// How an end answers a medium that it was offered besides and takes: with its formats, at this port; messages at this path.
pub(super) fn taken(medium: &sdp::Media<'_>, port: u16, path: &str) -> String {
    if has_floor(medium) && medium.kind == "message" {
        let offered = Beside::FloorInMessages.lines(port, path);
        return offered.replace("actpass", "passive").replace("c-only", "s-only");
    }
    let head = format!("m={} {port} {} {}\r\n", medium.kind, medium.protocol, medium.formats);
    let rest = match medium.protocol.to_ascii_uppercase() {
        bfcp if bfcp.contains("BFCP") => "a=setup:passive\r\na=connection:new\r\na=floorctrl:s-only\r\n".to_owned(),
        secured if secured.contains("TLS") => {
            format!("a=fingerprint:{}\r\na=setup:active\r\na=sendrecv\r\n", FINGERPRINT.replace("12:DF", "AB:CD"))
        }
        _ => {
            let named = medium.attributes().filter(|attribute| attribute.name == "rtpmap").filter_map(|of| of.value);
            named.map(|format| format!("a=rtpmap:{format}\r\n")).collect()
        }
    };
    head + &rest
}

/// Whether an end takes a medium at all: one session of its own messages is enough.
pub(super) fn may_take(medium: &sdp::Media<'_>) -> bool {
    medium.port != 0 && (medium.kind != "message" || has_floor(medium))
}

fn has_floor(medium: &sdp::Media<'_>) -> bool {
    medium.attributes().any(|attribute| attribute.name == "floorctrl")
}

/// The lines of all these, at ports after that of the message session; those of messages at its own.
pub(super) fn offered(besides: &[Beside], media: &Media, session_id: &str) -> String {
    let own = media.address.port();
    let lines = besides.iter().zip(own..).map(|(beside, port)| match beside {
        Beside::Messages | Beside::FloorInMessages => beside.lines(own, &media.path(&format!("{session_id}b"))),
        _ => beside.lines(port, ""),
    });
    lines.collect()
}
