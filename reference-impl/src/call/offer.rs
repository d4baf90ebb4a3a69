//! Session descriptions of the function: it is an end of every media session, on either side (RFC 3264, RFC 4975
//! section 8, RFC 6135).

use super::bodies;
use super::media::MediaId;
use super::{Mechanics, Owner};
use cpm_wire::msrp_session::Config;
use cpm_wire::offer_answer::{self, LocalMedia, Refused, WeAre};
use cpm_wire::sdp::{Direction, MsrpMedia, Origin, Session, Setup};
use cpm_wire::sip::Message;

/// What a SEND may carry.
pub const ACCEPT_TYPES: [&str; 2] = ["message/cpim", "application/im-iscomposing+xml"];

/// The own description of one leg's media.
#[derive(Clone, Debug)]
pub struct Local {
    /// The media session.
    pub media: MediaId,
    /// The identifier in the origin line.
    pub session_id: String,
    /// The version in the origin line.
    pub version: u64,
    /// The description as last sent.
    pub description: Option<MsrpMedia>,
}

/// The media description in a message's body.
pub fn described(message: &Message) -> Option<MsrpMedia> {
    let part = bodies::parts(message).into_iter().find(|part| part.essence == "application/sdp")?;
    MsrpMedia::from_session(&Session::parse(&part.octets).ok()?).ok()
}

/// The direction as the other end sees it.
pub fn mirrored(direction: Direction) -> Direction {
    match direction {
        Direction::SendOnly => Direction::RecvOnly,
        Direction::RecvOnly => Direction::SendOnly,
        other => other,
    }
}

impl Local {
    /// The session description of this leg, as offered or answered last.
    pub fn sdp(&self) -> String {
        let Some(description) = &self.description else { return String::new() };
        description.to_sdp(&Origin {
            username: "-".to_owned(),
            session_id: self.session_id.clone(),
            version: self.version,
            address: description.address.clone(),
        })
    }
}

impl Mechanics {
    /// Opens a media session and offers it.
    pub fn offer_media(&mut self, owner: Owner, direction: Direction, most_octets: Option<u64>) -> Local {
        let mut local = self.local_media(owner, most_octets);
        local.description = Some(MsrpMedia {
            setup: Some(Setup::Actpass),
            direction,
            max_size: most_octets,
            ..self.plain_media(local.media)
        });
        local
    }

    /// Takes the answer to an own offer.
    pub fn media_answered(&mut self, local: &Local, answer: &MsrpMedia) {
        let Some(offer) = &local.description else { return };
        let role = offer_answer::role(offer, answer, WeAre::Offerer);
        self.media.start(self.now, local.media, answer.path.clone(), role);
    }

    /// Opens a media session that answers an offer, in the direction that the offer allows.
    pub fn answer_media(
        &mut self,
        owner: Owner,
        offer: &MsrpMedia,
        most_octets: Option<u64>,
    ) -> Result<Local, Refused> {
        let mut local = self.local_media(owner, most_octets);
        let media = self.plain_media(local.media);
        let wish = LocalMedia {
            path: media.path,
            address: media.address,
            port: media.port,
            prefer_active: true,
            direction: mirrored(offer.direction),
            accept_types: media.accept_types,
            accept_wrapped_types: media.accept_wrapped_types,
            max_size: most_octets,
        };
        match offer_answer::answer(offer, &wish) {
            Ok(answer) => {
                local.description = Some(answer);
                Ok(local)
            }
            Err(refused) => {
                self.media.close(local.media);
                Err(refused)
            }
        }
    }

    /// The answer is on its way: connects, or waits for the peer.
    pub fn start_media(&mut self, local: &Local, offer: &MsrpMedia) {
        let Some(answer) = &local.description else { return };
        let role = offer_answer::role(offer, answer, WeAre::Answerer);
        self.media.start(self.now, local.media, offer.path.clone(), role);
    }

    fn local_media(&mut self, owner: Owner, most_octets: Option<u64>) -> Local {
        let config = Config {
            response_timeout: self.config.msrp_response,
            max_message_octets: most_octets.unwrap_or(MOST_OCTETS),
            ..Config::default()
        };
        let media = self.media.open(owner, self.tokens.token(), config);
        let session_id = (self.now.as_nanos() / 1_000_000).to_string();
        Local { media, session_id, version: 1, description: None }
    }

    fn plain_media(&self, media: MediaId) -> MsrpMedia {
        let local = self.media.local();
        MsrpMedia {
            address: local.ip().to_string(),
            port: local.port(),
            tls: false,
            path: self.media.path(media).map(str::to_owned).into_iter().collect(),
            setup: None,
            direction: Direction::SendRecv,
            accept_types: ACCEPT_TYPES.map(str::to_owned).to_vec(),
            accept_wrapped_types: vec!["*".to_owned()],
            max_size: None,
            cema: false,
            fingerprint: None,
        }
    }
}

/// The largest message that is taken when no policy says less.
const MOST_OCTETS: u64 = 10 * 1024 * 1024;
