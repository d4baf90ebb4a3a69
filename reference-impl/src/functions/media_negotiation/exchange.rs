//! One offer and its answer, taken across from leg to leg.

use super::kinds::Treatment;
use super::{Body, NO_TYPE, NOTHING_HAD, OUT_OF_REACH, Side, UNREADABLE};
use super::{answered_setup, past, served, share_a_type, transfers_file, usable};
use crate::call::media::{self, MediaId, Peer};
use crate::call::offer::description;
use crate::call::{Mechanics, Owner, bodies};
use crate::config::MediaPath;
use cpm_wire::msrp_session::Config;
use cpm_wire::offer_answer::{self, Refused, Role, Side as Part};
use cpm_wire::sdp::{MsrpMedia, Session, Setup};
use cpm_wire::sip::{Message, Name};

/// What an INVITE offers goes on to a leg that is called.
pub fn onward(m: &mut Mechanics, owner: Owner, invite: &Message) -> Result<(Side, Body), Refused> {
    description(invite).ok_or(UNREADABLE)?;
    let mut side = Side::new(m);
    let body = match offered_on(m, owner, &mut side, invite)? {
        Some(sdp) => bodies::with_own_offer(invite, sdp),
        None => (invite.header(&Name::ContentType).unwrap_or_default().to_owned(), invite.body_octets()),
    };
    Ok((side, body))
}

/// What a leg that was called answers goes back to the caller: the caller's side, and its description; none when the body
/// goes on as it came.
pub fn answering(
    m: &mut Mechanics,
    owner: Owner,
    invite: &Message,
    called: &mut Side,
    response: &Message,
) -> Result<(Side, Option<String>), Refused> {
    let mut caller = Side::new(m);
    let sdp = answered_back(m, owner, (&mut caller, called), invite, response);
    if sdp.is_err() {
        caller.close(m);
    }
    Ok((caller, sdp?))
}

/// What a request offers on one leg goes on to the other: its description; none when the body goes on as it came. What was
/// agreed before holds until there is an answer.
pub fn offered_on(
    m: &mut Mechanics,
    owner: Owner,
    to: &mut Side,
    request: &Message,
) -> Result<Option<String>, Refused> {
    let Some(offered) = description(request) else { return Ok(None) };
    let offer = Session::parse(&offered).map_err(|_| UNREADABLE)?;
    if m.config.media.path == MediaPath::Out {
        return offered_past(m, to, &offer);
    }
    let (treatments, session) = usable(&m.config.media, &offer)?;
    if let Some(theirs) = session {
        to.open(m, owner);
        // The answerer is left the choice (RFC 6135 section 4.1), unless there is to be no connection.
        to.setup = theirs.setup.filter(|setup| *setup == Setup::Holdconn).or(Some(Setup::Actpass));
        to.cema = theirs.cema;
    }
    Ok(Some(to.describe(m, &offer, &offer, &treatments)))
}

/// Out of the path an offer passes untouched, but for media that are not had: those are refused, each by itself. A side that
/// was described once in the function's own name is so described ever after.
fn offered_past(m: &Mechanics, to: &mut Side, offer: &Session<'_>) -> Result<Option<String>, Refused> {
    let treatments = past(&m.config.media, offer)?;
    let untouched = offer.media().zip(&treatments).all(|(media, of)| media.port == 0 || *of == Treatment::Passed);
    match untouched && to.description().is_none() {
        true => Ok(None),
        false => Ok(Some(to.describe(m, offer, offer, &treatments))),
    }
}

/// The answer of one leg, `to`, goes back to the other, `from`, whose request offered: its description; none when the body
/// goes on as it came. [`start`] then makes it so.
pub fn answered_back(
    m: &mut Mechanics,
    owner: Owner,
    (from, to): (&mut Side, &mut Side),
    request: &Message,
    response: &Message,
) -> Result<Option<String>, Refused> {
    let Some(offered) = description(request).filter(|_| m.config.media.path == MediaPath::In) else { return Ok(None) };
    let answered = description(response).ok_or(UNREADABLE)?;
    let (offer, answer) =
        Session::parse(&offered).and_then(|offer| Ok((offer, Session::parse(&answered)?))).map_err(|_| UNREADABLE)?;
    let (offered, session) = usable(&m.config.media, &offer)?;
    let treatments = accepted(&answer, &offered);
    if treatments.iter().all(|treatment| *treatment == Treatment::Refused) {
        return Err(NOTHING_HAD);
    }
    match (session, treatments.contains(&Treatment::Served)) {
        (Some(theirs), true) => {
            let peer = served(&answer, &treatments).filter(|peer| !peer.tls).ok_or(UNREADABLE)?;
            if !transfers_file(&offer) && !share_a_type(&theirs.accept_types, &peer.accept_types) {
                return Err(NO_TYPE);
            }
            agree(m, from, to, &theirs, &peer)?;
            from.open(m, owner);
        }
        _ => [&mut *from, to].into_iter().for_each(|side| side.abandon(m)),
    }
    Ok(Some(from.describe(m, &answer, &offer, &treatments)))
}

/// What was offered to one device more is answered, and the far side knows of no answer but the first: the device is an end
/// of the same message session, or of none.
pub fn joining(m: &mut Mechanics, near: &mut Side, offer: &Message, response: &Message) -> Result<(), Refused> {
    let (offered, answered) = description(offer).zip(description(response)).ok_or(UNREADABLE)?;
    let (offer, answer) =
        Session::parse(&offered).and_then(|offer| Ok((offer, Session::parse(&answered)?))).map_err(|_| UNREADABLE)?;
    let (offered, _) = usable(&m.config.media, &offer)?;
    let treatments = accepted(&answer, &offered);
    let peer = served(&answer, &treatments).filter(|peer| !peer.tls).ok_or(NOTHING_HAD)?;
    let own = MsrpMedia { setup: near.setup, ..MsrpMedia::default() };
    let connecting = offer_answer::role(&own, &peer, Part::Offerer);
    if connecting == Role::Connect && media::next_hop(&peer).is_none() {
        return Err(OUT_OF_REACH);
    }
    near.meet(m, &peer, connecting);
    Ok(())
}

/// What one leg says the other gets a copy of.
pub fn share(m: &mut Mechanics, one: &Side, other: &Side) {
    if let (Some(one), Some(other)) = (one.media, other.media) {
        m.media.copy(one, other, m.config.msrp_response);
    }
}

/// One leg takes the place of another: what that one has not acknowledged goes to it again.
pub fn succeed(m: &mut Mechanics, old: &Side, new: &Side) {
    if let (Some(old), Some(new)) = (old.media, new.media) {
        m.media.succeed(old, new, m.config.msrp_response);
    }
}

/// What became of the offered media in the answer.
fn accepted(answer: &Session<'_>, offered: &[Treatment]) -> Vec<Treatment> {
    let ports = answer.media().map(|media| media.port).chain(std::iter::repeat(0));
    let treatment = |(treatment, port): (&Treatment, u16)| if port == 0 { Treatment::Refused } else { *treatment };
    offered.iter().zip(ports).map(treatment).collect()
}

/// Both sides know their peers, if whoever is to be connected to can be.
fn agree(m: &Mechanics, from: &mut Side, to: &mut Side, theirs: &MsrpMedia, peer: &MsrpMedia) -> Result<(), Refused> {
    let own = |setup| MsrpMedia { setup, ..MsrpMedia::default() };
    let connecting = offer_answer::role(&own(to.setup), peer, Part::Offerer);
    if connecting == Role::Connect && media::next_hop(peer).is_none() {
        return Err(OUT_OF_REACH);
    }
    from.setup = match from.connects(m, theirs) {
        // The connection stays: who opened it is the active side still (RFC 4145 section 4.1).
        Some(false) if theirs.setup == Some(Setup::Actpass) => Some(Setup::Passive),
        _ => answered_setup(theirs)?,
    };
    from.cema = theirs.cema;
    let answering = offer_answer::role(theirs, &own(from.setup), Part::Answerer);
    from.meet(m, theirs, answering);
    to.meet(m, peer, connecting);
    Ok(())
}

/// Both legs have what was agreed: messages can pass. A side whose peer moved, or was not there yet, is started; what was
/// under way on it is given up on both sides, so that nothing arrives in part.
pub fn start(m: &mut Mechanics, one: &mut Side, other: &mut Side) {
    let (Some(media), Some(opposite)) = (one.media, other.media) else { return };
    m.media.join(media, opposite, m.config.msrp_response);
    for (side, media, opposite) in [(one, media, opposite), (other, opposite, media)] {
        let Some(peer) = &side.peer else { continue };
        m.media.limit(opposite, media, peer.max_size);
        if std::mem::take(&mut side.moved) || !m.media.is_ready(media) {
            m.media.start(m.now, media, peer);
        }
    }
}

impl Side {
    fn new(m: &Mechanics) -> Side {
        Side { session_id: m.now.as_nanos() / 1_000_000, ..Side::default() }
    }

    fn open(&mut self, m: &mut Mechanics, owner: Owner) -> MediaId {
        let session_id = m.tokens.token();
        *self.media.get_or_insert_with(|| m.media.open(owner, session_id, Config::default()))
    }

    /// Whether the function opened the connection to this peer; none where there is no connection to it.
    fn connects(&self, m: &Mechanics, peer: &MsrpMedia) -> Option<bool> {
        let before = self.peer.as_ref()?;
        let stays = *before.path == *peer.path && self.media.is_some_and(|media| m.media.is_ready(media));
        stays.then_some(before.role == Role::Connect)
    }

    /// A peer whose connection stays keeps the part that it had in opening it.
    fn meet(&mut self, m: &Mechanics, peer: &MsrpMedia, role: Role) {
        let role = match self.connects(m, peer) {
            Some(true) => Role::Connect,
            Some(false) => Role::Listen,
            None => {
                self.moved = true;
                role
            }
        };
        self.peer = Some(Peer::of(peer, role));
    }

    /// There is no message session any more.
    fn abandon(&mut self, m: &mut Mechanics) {
        self.close(m);
        (self.media, self.peer) = (None, None);
    }
}
