//! Sessions of sound alone (RFC 3264): what an end offers and answers. No sound is ever sent; that both ends agreed is
//! what a conversation of several sessions is about.

use bytes::Bytes;
use cpm_wire::sdp::Session;
use std::net::SocketAddr;

/// An offer of sound at this address.
pub(super) fn offer(address: SocketAddr, session_id: u64) -> Bytes {
    let medium = format!("m=audio {} RTP/AVP 0 8\r\na=sendrecv\r\n", address.port());
    Bytes::from(format!("{}{medium}", head(address, session_id)))
}

/// An offer of text that is typed letter by letter (RFC 4103), and of no messages.
pub(super) fn offer_of_text(address: SocketAddr, session_id: u64) -> Bytes {
    let medium = format!("m=text {} RTP/AVP 98\r\na=rtpmap:98 t140/1000\r\na=sendrecv\r\n", address.port());
    Bytes::from(format!("{}{medium}", head(address, session_id)))
}

/// The answer to an offer of sound: the first line of sound is accepted with the formats offered, all else refused. None
/// where there is no sound, or the offer is none.
pub(super) fn answer(offer: &[u8], address: SocketAddr, session_id: u64) -> Option<Bytes> {
    let offer = Session::parse(offer).ok()?;
    let place = offer.media().position(|media| media.kind == "audio" && media.port != 0)?;
    let media = offer.media().enumerate().map(|(at, media)| {
        let (port, direction) = if at == place { (address.port(), "a=sendrecv\r\n") } else { (0, "") };
        format!("m={} {port} {} {}\r\n{direction}", media.kind, media.protocol, media.formats)
    });
    Some(Bytes::from(head(address, session_id) + &media.collect::<String>()))
}

fn head(address: SocketAddr, session_id: u64) -> String {
    let kind = if address.is_ipv4() { "IP4" } else { "IP6" };
    let (id, host) = (session_id & 0x7fff_ffff, address.ip());
    format!("v=0\r\no=- {id} 1 IN {kind} {host}\r\ns=-\r\nc=IN {kind} {host}\r\nt=0 0\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_is_accepted_and_all_else_refused() {
        let address: SocketAddr = ([127, 0, 0, 1], 4000).into();
        let offered = offer(address, 7);
        let text = String::from_utf8(offered.to_vec()).unwrap() + "m=video 5000 RTP/AVP 31\r\n";
        let answered = answer(text.as_bytes(), ([127, 0, 0, 2], 4002).into(), 8).unwrap();
        let session = Session::parse(&answered).unwrap();
        let lines: Vec<String> = session.media().map(|media| format!("{} {}", media.kind, media.port)).collect();
        assert_eq!(lines, ["audio 4002", "video 0"]);
        assert!(answer(b"v=0\r\n", address, 1).is_none());
    }
}
