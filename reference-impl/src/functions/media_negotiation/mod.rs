//! The media of sessions between two [PF-SES-05]: what is offered and answered on either leg, and who connects (RFC 3264,
//! RFC 4975 section 8, RFC 6135, RFC 6714, RFC 5547).
//!
//! In the path of the messages the function is an end of a message session on either side, and the two are joined: chunks
//! pass while they arrive. What it does not know of a description it leaves as it is. Out of the path descriptions pass
//! untouched, unless something in them is not had. TLS is not had: a message session over TLS is refused where the function would be its end.

mod exchange;
mod kinds;
mod rewriting;

pub use exchange::{answered_back, answering, joining, offered_on, onward, share, start, succeed};

use crate::call::Mechanics;
use crate::call::media::{self, MediaId, Peer};
use crate::config::{MediaConduct, MediaPath};
use bytes::Bytes;
use cpm_wire::offer_answer::{self, Refused};
use cpm_wire::sdp::{MsrpMedia, Origin, Session, Setup};
use kinds::Treatment;
use rewriting::{Own, rewritten};

/// A body and its type.
pub type Body = (String, Bytes);

/// The media of one leg.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// The own end of the message session, when there is one.
    media: Option<MediaId>,
    /// The identifier and the version in the origin line.
    session_id: u64,
    version: u64,
    /// The own description as last sent.
    sent: Box<str>,
    setup: Option<Setup>,
    cema: bool,
    /// The peer's end of the message session.
    peer: Option<Peer>,
    /// The peer is not where it was when this was started.
    moved: bool,
}

impl Side {
    /// The message session, when there is one.
    pub fn media(&self) -> Option<MediaId> {
        self.media
    }

    /// True when this media session is the one of this leg.
    pub fn is(&self, media: MediaId) -> bool {
        self.media == Some(media)
    }

    /// The own description as offered or answered last; none where it is not the function's own.
    pub fn description(&self) -> Option<&str> {
        Some(&*self.sent).filter(|sent| !sent.is_empty())
    }

    /// Says once more what was offered or answered last, with what has to be said otherwise now; nothing where the description is
    /// not the function's own. What is said otherwise has a new version (RFC 3264 section 8).
    pub fn said_again(&mut self, otherwise: impl FnOnce(&str) -> String) -> Option<String> {
        let before = self.description()?;
        let said = otherwise(before);
        if said != before {
            let origin = |version: u64| format!(" {} {version} ", self.session_id);
            let said = said.replacen(&origin(self.version), &origin(self.version + 1), 1);
            self.version += 1;
            self.sent = said.into();
        }
        Some(self.sent.to_string())
    }

    /// This leg is offered a change, and its peer may come from elsewhere before its answer is here; or it may no more.
    pub fn may_move(&self, m: &mut Mechanics, moving: bool) {
        if let Some(media) = self.media {
            m.media.may_move(m.now, media, moving);
        }
    }

    /// An offer to this leg came to nothing: what was described before it holds on, but its version is used up.
    pub fn fall_back(&mut self, before: Side) {
        *self = Side { version: self.version, media: self.media, ..before };
    }

    /// Ends the media of this leg.
    pub fn close(&self, m: &mut Mechanics) {
        if let Some(media) = self.media {
            m.media.close(media);
        }
    }

    /// Describes this leg after what the other side said. A description that says something new has a new version (RFC 3264
    /// section 8).
    fn describe(
        &mut self,
        m: &Mechanics,
        theirs: &Session<'_>,
        offer: &Session<'_>,
        treatments: &[Treatment],
    ) -> String {
        let (address, path) = (m.media.local(), self.media.and_then(|media| m.media.path(media)));
        let host = address.ip().to_string();
        let text = |version: u64| {
            let origin = Origin { session_id: self.session_id, version, address: &host, ..Origin::default() };
            let (path, setup, cema) = (path.unwrap_or_default(), self.setup, self.cema);
            rewritten(theirs, offer, treatments, &Own { origin, port: address.port(), path, setup, cema })
        };
        if self.sent.is_empty() || text(self.version) != *self.sent {
            self.version += 1;
            self.sent = text(self.version).into();
        }
        self.sent.to_string()
    }
}

/// The status with which an offer in an INVITE is refused at once, if it is.
pub fn refusal(conduct: &MediaConduct, offer: Option<&Bytes>) -> Option<u16> {
    match (offer.map(|offer| Session::parse(offer)), conduct.path) {
        (Some(Ok(offer)), MediaPath::Out) => past(conduct, &offer).err().map(|refused| refused.status),
        (Some(Ok(offer)), MediaPath::In) => usable(conduct, &offer).err().map(|refused| refused.status),
        _ => Some(UNREADABLE.status),
    }
}

const UNREADABLE: Refused = Refused { status: 488, why: "no session description that can be read" };
const NOTHING_HAD: Refused = Refused { status: 488, why: "nothing that is offered is had here" };
const NO_TYPE: Refused = Refused { status: 488, why: "no accepted media type in common" };
const OUT_OF_REACH: Refused = Refused { status: 488, why: "whom to connect to cannot be told from the description" };

/// Types of which one has to be accepted in a session that transfers no file: CPM messages, and those of plain sessions.
const KNOWN_TYPES: [&str; 3] = ["message/cpim", "text/plain", "multipart/mixed"];

/// What becomes of each of the offered media, if anything of them can be had, and the message session that is served.
fn usable(conduct: &MediaConduct, offer: &Session<'_>) -> Result<(Vec<Treatment>, Option<MsrpMedia>), Refused> {
    let (treatments, session) = kinds::treatments(conduct, offer);
    if treatments.iter().all(|treatment| *treatment == Treatment::Refused) {
        return Err(NOTHING_HAD);
    }
    let Some(session) = session else { return Ok((treatments, None)) };
    if !transfers_file(offer) && !share_a_type(&session.accept_types, &KNOWN_TYPES) {
        return Err(NO_TYPE);
    }
    answered_setup(&session)?;
    Ok((treatments, Some(session)))
}

/// What becomes of each of the offered media out of their path, if anything of them can be had.
fn past(conduct: &MediaConduct, offer: &Session<'_>) -> Result<Vec<Treatment>, Refused> {
    let treatments = kinds::past(conduct, offer);
    if treatments.contains(&Treatment::Passed) { Ok(treatments) } else { Err(NOTHING_HAD) }
}

/// The message session that is served, unless it is refused in this answer.
fn served(description: &Session<'_>, treatments: &[Treatment]) -> Option<MsrpMedia> {
    let (media, _) = description.media().zip(treatments).find(|(_, treatment)| **treatment == Treatment::Served)?;
    MsrpMedia::of_media(description, &media).ok().filter(|session| !session.is_refused())
}

/// RFC 5547 section 6: such a session names its one file, whose type may be any.
fn transfers_file(description: &Session<'_>) -> bool {
    let mut attributes = description.media().flat_map(|media| media.attributes());
    attributes.any(|attribute| attribute.name == "file-selector")
}

fn share_a_type(one: &[String], other: &[impl AsRef<str>]) -> bool {
    let accepts = offer_answer::accepts;
    let fit = |one: &str, other: &str| accepts(one, other) || accepts(other, one);
    one.iter().any(|one| other.iter().any(|other| fit(one, other.as_ref())))
}

/// The part that the function says it takes in connecting, as answerer (RFC 6135 section 4.2): it connects where it is left
/// the choice and sees whom to connect to.
fn answered_setup(offer: &MsrpMedia) -> Result<Option<Setup>, Refused> {
    let in_reach = media::next_hop(offer).is_some();
    match offer.setup {
        // An offerer without a=setup connects, as in RFC 4975 alone; there is nothing to answer.
        None => Ok(None),
        Some(Setup::Actpass | Setup::Passive) if in_reach => Ok(Some(Setup::Active)),
        Some(Setup::Actpass | Setup::Active) => Ok(Some(Setup::Passive)),
        Some(Setup::Passive) => Err(OUT_OF_REACH),
        Some(Setup::Holdconn) => Ok(Some(Setup::Holdconn)),
    }
}
