//! Writing the description of a message session.

use super::msrp_media::placed_in;
use super::{Connection, Direction, Media, MsrpMedia, Origin, Session, Setup};
use std::fmt::{self, Display, Write};

impl MsrpMedia {
    /// The description of a session of nothing but this, as offer or as answer to an offer of one medium.
    pub fn to_sdp(&self, origin: &Origin<'_>) -> String {
        format!("{}{self}", self.head(origin, "0 0"))
    }

    /// The answer to an offer of several media: this in the place of the message session, all else refused, since an
    /// answer has as many media as the offer and the same `t=` (RFC 3264 section 6).
    pub fn to_answer_sdp(&self, origin: &Origin<'_>, offer: &Session<'_>) -> String {
        let mut text = self.head(origin, offer.session_value(b't').unwrap_or("0 0"));
        let ours = placed_in(offer).map(|(place, _)| place);
        for (place, media) in offer.media().enumerate() {
            if Some(place) == ours {
                // Writing to a String cannot fail.
                let _ = write!(text, "{self}");
            } else {
                text.push_str(&refusal(&media));
            }
        }
        text
    }

    fn head(&self, origin: &Origin<'_>, timing: &str) -> String {
        let connection = Address(&self.address);
        format!("v=0\r\no={origin}\r\ns=-\r\nc={connection}\r\nt={timing}\r\n")
    }
}

fn refusal(media: &Media<'_>) -> String {
    format!("m={} 0 {} {}\r\n", media.kind, media.protocol, media.formats)
}

/// The media description with its attributes.
impl Display for MsrpMedia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = if self.tls { "TCP/TLS/MSRP" } else { "TCP/MSRP" };
        write!(f, "m=message {} {protocol} *\r\n", self.port)?;
        words(f, "accept-types", &self.accept_types)?;
        words(f, "accept-wrapped-types", &self.accept_wrapped_types)?;
        value(f, "max-size", self.max_size)?;
        words(f, "path", &self.path)?;
        value(f, "setup", self.setup.map(Setup::as_str))?;
        value(f, "fingerprint", self.fingerprint.as_ref())?;
        if self.cema {
            f.write_str("a=msrp-cema\r\n")?;
        }
        write!(f, "a={}\r\n", Direction::as_str(self.direction))
    }
}

fn words(f: &mut fmt::Formatter<'_>, name: &str, words: &[String]) -> fmt::Result {
    value(f, name, (!words.is_empty()).then(|| words.join(" ")))
}

fn value(f: &mut fmt::Formatter<'_>, name: &str, value: Option<impl Display>) -> fmt::Result {
    value.map_or(Ok(()), |value| write!(f, "a={name}:{value}\r\n"))
}

impl Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.username, self.session_id, self.version, Address(self.address))
    }
}

impl Display for Connection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Address(self.address).fmt(f)
    }
}

/// An address with its types; a host name counts as IPv4, which RFC 8866 section 5.7 leaves open.
struct Address<'a>(&'a str);

impl Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = self.0.trim_matches(['[', ']']);
        let kind = if bare.contains(':') { "IP6" } else { "IP4" };
        let address = if bare.is_empty() { "0.0.0.0" } else { bare };
        write!(f, "IN {kind} {address}")
    }
}
