//! Session descriptions of the function: it is an end of every media session, on either side (RFC 3264, RFC 4975
//! section 8, RFC 6135).

use super::bodies;
use super::legs::LegId;
use super::media::{MediaId, Peer};
use super::{Mechanics, Owner};
use bytes::Bytes;
use cpm_wire::msrp_session::Config;
use cpm_wire::offer_answer::{self, LocalMedia, Refused, Side};
use cpm_wire::sdp::{Direction, MsrpMedia, Origin, Session};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::ServerId;

/// What a SEND may carry.
const ACCEPT_TYPES: [&str; 2] = ["message/cpim", "application/im-iscomposing+xml"];
/// The largest message that is taken when no policy says less.
const MOST_OCTETS: u64 = 10 * 1024 * 1024;

/// The own end of one leg's media.
#[derive(Clone, Debug)]
pub struct Local {
    /// The media session.
    pub media: MediaId,
    /// The identifier in the origin line.
    pub session_id: u64,
    /// The version in the origin line.
    pub version: u64,
    /// The own description as last sent.
    pub description: MsrpMedia,
    /// The description of the offer that it answers, when it is an answer.
    pub offered: Option<Bytes>,
    /// The path of the peer, once it is known.
    pub remote_path: Vec<String>,
}

impl Local {
    /// The session description of this leg, as offered or answered last.
    pub fn sdp(&self) -> String {
        let address = &self.description.address;
        let origin = Origin { session_id: self.session_id, version: self.version, address, ..Origin::default() };
        match self.offered.as_deref().and_then(|offer| Session::parse(offer).ok()) {
            Some(offer) => self.description.to_answer_sdp(&origin, &offer),
            None => self.description.to_sdp(&origin),
        }
    }

    /// The same end with a new description in another direction.
    pub fn turned(&mut self, direction: Direction) -> String {
        self.version += 1;
        self.offered = None;
        self.description.direction = direction;
        self.sdp()
    }
}

/// The octets of the session description in a message's body.
pub fn description(message: &Message) -> Option<Bytes> {
    let part = bodies::parts(message).into_iter().find(|part| part.essence == cpm_wire::sdp::MEDIA_TYPE)?;
    Some(part.octets)
}

/// The session description in a message's body as text, to be passed on as it is.
pub fn described_text(message: &Message) -> Option<String> {
    String::from_utf8(description(message)?.to_vec()).ok()
}

/// The description of a message session in a message's body, unless it is refused there (port 0).
pub fn described(message: &Message) -> Option<MsrpMedia> {
    let octets = description(message)?;
    let session = Session::parse(&octets).ok()?;
    MsrpMedia::from_session(&session).ok().filter(|media| !media.is_refused())
}

impl Mechanics {
    /// Opens a media session to be offered.
    pub fn offer_media(&mut self, owner: Owner, direction: Direction, most_octets: Option<u64>) -> Local {
        let (media, plain) = self.open_media(owner, direction, most_octets);
        self.local(media, plain.offer(), None)
    }

    /// Takes the answer to an own offer.
    pub fn media_answered(&mut self, local: &mut Local, answer: &MsrpMedia) {
        local.remote_path.clone_from(&answer.path);
        let role = offer_answer::role(&local.description, answer, Side::Offerer);
        self.media.start(self.now, local.media, &Peer::of(answer, role));
    }

    /// Opens a media session that answers the offer in `message`, in the direction that the offer allows.
    pub fn answer_media(
        &mut self,
        owner: Owner,
        message: &Message,
        most_octets: Option<u64>,
    ) -> Result<Local, Refused> {
        let unreadable = Refused { status: 488, why: "no description of a message session" };
        let (offered, offer) = description(message).zip(described(message)).ok_or(unreadable)?;
        let (media, plain) = self.open_media(owner, offer.direction.mirrored(), most_octets);
        match offer_answer::answer(&offer, &plain) {
            Ok(answer) => {
                let mut local = self.local(media, answer, Some(offered));
                local.remote_path.clone_from(&offer.path);
                Ok(local)
            }
            Err(refused) => {
                self.media.close(media);
                Err(refused)
            }
        }
    }

    /// The answer is on its way: connects, or waits for the peer.
    pub fn start_media(&mut self, local: &Local, offer: &MsrpMedia) {
        let role = offer_answer::role(offer, &local.description, Side::Answerer);
        self.media.start(self.now, local.media, &Peer::of(offer, role));
    }

    fn local(&self, media: MediaId, description: MsrpMedia, offered: Option<Bytes>) -> Local {
        let session_id = self.now.as_nanos() / 1_000_000;
        Local { media, session_id, version: 1, description, offered, remote_path: Vec::new() }
    }

    fn open_media(&mut self, owner: Owner, direction: Direction, most_octets: Option<u64>) -> (MediaId, LocalMedia) {
        let config = Config {
            response_timeout: self.config.msrp_response,
            max_message_octets: most_octets.unwrap_or(MOST_OCTETS),
            ..Config::default()
        };
        let media = self.media.open(owner, self.tokens.token(), config);
        let address = self.media.local();
        let plain = LocalMedia {
            address: address.ip().to_string(),
            port: address.port(),
            path: self.media.path(media).map(str::to_owned).into_iter().collect(),
            prefer_active: true,
            direction,
            accept_types: ACCEPT_TYPES.map(str::to_owned).to_vec(),
            accept_wrapped_types: vec!["*".to_owned()],
            max_size: most_octets,
            ..LocalMedia::default()
        };
        (media, plain)
    }

    /// A peer changes the session of a leg, or refreshes it (RFC 3261 section 14.2, RFC 3311). The media end here, so
    /// the answer is made here; a new path of the peer gets a new media session.
    pub fn session_changed(
        &mut self,
        owner: Owner,
        leg: LegId,
        local: &mut Local,
        server: ServerId,
        request: &Message,
    ) {
        let Some(offer) = described(request) else {
            let status = if request.method() == Method::Update && request.body().is_empty() { 200 } else { 488 };
            return self.reply_in(leg, server, request, status, |response| response);
        };
        let mut changed = local.clone();
        let moved = offer.path != local.remote_path;
        if moved {
            match self.answer_media(owner, request, local.description.max_size) {
                Ok(anew) => changed = Local { session_id: local.session_id, ..anew },
                Err(refused) => return self.reply_in(leg, server, request, refused.status, |response| response),
            }
            self.media.close(local.media);
        }
        changed.offered = description(request);
        changed.description.direction = offer.direction.mirrored();
        changed.version = local.version + 1;
        *local = changed;
        let (sdp, contact) = (local.sdp(), self.contact_of(leg));
        self.reply_in(leg, server, request, 200, |response| {
            response.header(Name::Contact, contact).body(cpm_wire::sdp::MEDIA_TYPE, sdp)
        });
        if moved {
            self.start_media(local, &offer);
        }
    }
}
