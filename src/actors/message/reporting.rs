//! Reports of users of other networks on messages of served users (RFC 5438): one by one, several in one, encoded, and on a
//! message that nobody sent.

use crate::actors::Ensemble;
use crate::actors::client::reports::{delivered, displayed};
use crate::actors::serving_cscf::{Served, host_of};
use crate::actors::session::{MESSAGE_SERVICE, feature_tag};
use crate::actors::signalling::Purpose;
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn::Notification;
use cpm_wire::multipart::{self, Part};
use cpm_wire::sip::{Method, Name};

/// What somebody reports.
#[derive(Clone, Debug)]
pub struct Reporting {
    /// Who, by name.
    pub reporter: String,
    /// To which served user, by name.
    pub to: String,
    /// The messages: imdn.Message-ID and DateTime of each.
    pub about: Vec<(String, String)>,
    /// Displayed, and not only delivered.
    pub displayed: bool,
    /// All in one, even if it is one alone (RFC 5438 section 8.3).
    pub gathered: bool,
    /// With a content coding (RFC 3261 section 20.12).
    pub encoded: bool,
}

impl Ensemble {
    /// A user of another network reports on messages of a served user.
    pub fn reports_from_afar(&mut self, reporting: &Reporting) {
        let notification =
            |(id, at): &(String, String)| if reporting.displayed { displayed(id, at) } else { delivered(id, at) };
        let all: Vec<Notification> = reporting.about.iter().map(notification).collect();
        if reporting.gathered {
            let parts: Vec<Part> = all.iter().map(part).collect();
            let (content_type, content) = multipart::build(&parts);
            self.posts_report(reporting, &content_type, content);
        } else {
            all.iter().for_each(|one| self.posts_report(reporting, "message/imdn+xml", one.to_xml().into()));
        }
    }

    fn posts_report(&mut self, reporting: &Reporting, content_type: &str, content: Bytes) {
        let identity = self.remote_member(&reporting.reporter);
        let to = self.identity_of(&reporting.to);
        let registered = self.is_registered(&reporting.to);
        let signalling = &mut self.signalling;
        let envelope = cpim::Builder::new(&identity, &to)
            .date_time(&signalling.now.to_rfc3339())
            .message_id(&signalling.ids.token())
            .content_disposition("notification")
            .content(content_type, content.to_vec())
            .build();
        let cscf = signalling.cscf.clone();
        let served = Served { identity: &to, originating: false, registered };
        let request = cscf
            .initial(&mut signalling.ids, Method::Message, &to, &served, &host_of(cscf.address))
            .header(Name::From, format!("<{identity}>;tag={}", signalling.ids.token()))
            .header(Name::To, format!("<{to}>"))
            .header(Name::PAssertedIdentity, format!("<{identity}>"))
            .header(Name::PAssertedService, MESSAGE_SERVICE)
            .header(Name::AcceptContact, format!("*;{}", feature_tag(MESSAGE_SERVICE)))
            .header(Name::ConversationId, signalling.ids.uuid())
            .header(Name::ContributionId, signalling.ids.digits32())
            .header(Name::ContentDisposition, "notification");
        let request = if reporting.encoded {
            request.header(Name::ContentEncoding, "deflate").body("message/cpim", deflated(&envelope))
        } else {
            request.body("message/cpim", envelope)
        };
        self.signalling.request(request.build(), Purpose::Plain);
    }
}

fn part(notification: &Notification) -> Part {
    Part::new("message/imdn+xml", Bytes::from(notification.to_xml())).header("Content-Disposition", "notification")
}

/// Octets in the coding `deflate` (RFC 9110 section 8.4.1.2), in one block that is stored as it is (RFC 1950, RFC 1951 section 3.2.4).
fn deflated(octets: &[u8]) -> Bytes {
    let length = u16::try_from(octets.len()).unwrap_or(u16::MAX);
    let stored = octets.get(..usize::from(length)).unwrap_or_default();
    let head = [0x78, 0x01, 0x01].into_iter().chain(length.to_le_bytes()).chain((!length).to_le_bytes());
    head.chain(stored.iter().copied()).chain(adler32(stored).to_be_bytes()).collect()
}

/// The checksum of RFC 1950 section 8.2.
fn adler32(octets: &[u8]) -> u32 {
    const BASE: u32 = 65_521;
    let (low, high) = octets.iter().fold((1u32, 0u32), |(low, high), octet| {
        let low = (low + u32::from(*octet)) % BASE;
        (low, (high + low) % BASE)
    });
    (high << 16) | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coded_body_is_what_other_coders_write() {
        // What zlib writes at level 0 for these octets.
        let expected: &[u8] = b"\x78\x01\x01\x09\x00\xf6\xffWikipedia\x11\xe6\x03\x98";
        assert_eq!(deflated(b"Wikipedia").as_ref(), expected);
    }
}
