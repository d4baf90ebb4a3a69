//! Media that are not had in a session: what is offered of them gets port 0 (RFC 3264 section 6), so that nobody is asked
//! about them.

use crate::call::bodies;
use crate::call::offer::description;
use crate::config::Medium;
use cpm_wire::sdp::Session;
use cpm_wire::sip::Message;
use std::fmt::Write as _;

/// The media that are not had in a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Barred(pub Vec<Medium>);

/// Nothing would be left of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NothingLeft;

impl Barred {
    /// The message with an offer in which these media are refused already. What describes none stays as it is.
    pub fn taken_from(&self, message: Message) -> Result<Message, NothingLeft> {
        let Some(described) = description(&message).filter(|_| !self.0.is_empty()) else { return Ok(message) };
        let Ok(session) = Session::parse(&described) else { return Ok(message) };
        let (kept, barred): (Vec<_>, Vec<_>) =
            session.media().filter(|media| media.port != 0).partition(|media| !self.names(media.kind));
        match (kept.is_empty(), barred.is_empty()) {
            (_, true) => Ok(message),
            (true, false) => Err(NothingLeft),
            (false, false) => {
                let (content_type, body) = bodies::with_own_offer(&message, self.without(&session));
                Ok(message.edit().body(&content_type, body).finish())
            }
        }
    }

    fn names(&self, kind: &str) -> bool {
        self.0.iter().any(|medium| medium.as_str() == kind)
    }

    fn without(&self, session: &Session<'_>) -> String {
        let mut text = String::new();
        let mut media = session.media();
        let mut barred = false;
        for line in session.lines() {
            let opened = (line.letter() == b'm').then(|| media.next()).flatten();
            barred = opened.as_ref().map_or(barred, |media| self.names(media.kind));
            // Writing to a String cannot fail.
            let _ = match opened.filter(|_| barred) {
                Some(media) => write!(text, "m={} 0 {} {}\r\n", media.kind, media.protocol, media.formats),
                None if barred => Ok(()),
                None => write!(text, "{}\r\n", line.text),
            };
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpm_wire::sip::{Builder, Method};
    use pretty_assertions::assert_eq;

    const HEAD: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
    const CHAT: &str = "m=message 9000 TCP/MSRP *\r\na=accept-types:*\r\na=path:msrp://192.0.2.1:9000/x;tcp\r\n";
    const SOUND: &str = "m=audio 5000 RTP/AVP 0 8\r\ni=voice\r\na=sendrecv\r\n";

    fn left(barred: &[Medium], sdp: &str) -> Result<String, NothingLeft> {
        let invite = Builder::request(Method::Invite, "sip:b@e").body("application/sdp", sdp.to_owned()).build();
        let left = Barred(barred.to_vec()).taken_from(invite)?;
        Ok(String::from_utf8(left.body().to_vec()).unwrap())
    }

    #[test]
    fn a_barred_medium_has_port_0_and_no_more_lines() {
        let offer = format!("{HEAD}{SOUND}{CHAT}");
        assert_eq!(left(&[Medium::Audio], &offer), Ok(format!("{HEAD}m=audio 0 RTP/AVP 0 8\r\n{CHAT}")));
        assert_eq!(left(&[Medium::Message], &offer), Ok(format!("{HEAD}{SOUND}m=message 0 TCP/MSRP *\r\n")));
    }

    #[test]
    fn what_is_not_barred_goes_on_as_it_is() {
        let offer = format!("{HEAD}{CHAT}");
        assert_eq!(left(&[Medium::Audio, Medium::Video], &offer), Ok(offer.clone()));
        assert_eq!(left(&[], &offer), Ok(offer));
        assert_eq!(left(&[Medium::Audio], "rubbish"), Ok("rubbish".to_owned()));
        let refused = format!("{HEAD}m=audio 0 RTP/AVP 0\r\n{CHAT}");
        assert_eq!(left(&[Medium::Audio], &refused), Ok(refused));
    }

    #[test]
    fn of_an_offer_of_barred_media_alone_nothing_is_left() {
        assert_eq!(left(&[Medium::Audio], &format!("{HEAD}{SOUND}")), Err(NothingLeft));
        let refused = format!("{HEAD}{SOUND}m=message 0 TCP/MSRP *\r\n");
        assert_eq!(left(&[Medium::Audio], &refused), Err(NothingLeft));
    }
}
