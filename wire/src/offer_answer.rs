//! Offer and answer (RFC 3264) of message sessions: the answer to an offer, who opens the connection (RFC 4975
//! section 5.4, RFC 6135, RFC 4145), and which descriptions hold while offers come and go.

use crate::sdp::{Direction, MsrpMedia, Setup};
use std::time::Duration;

#[cfg(test)]
mod tests;

/// What this side has to offer, or to answer with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalMedia {
    /// The host of `c=`.
    pub address: String,
    /// The port on which this side listens.
    pub port: u16,
    /// True when `path` is one of `msrps:` URIs, over TLS.
    pub tls: bool,
    /// The MSRP URIs by which this side is reached, nearest hop first for the peer.
    pub path: Vec<String>,
    /// True when this side opens the connection if the offer leaves it the choice.
    pub prefer_active: bool,
    /// The direction that this side wants.
    pub direction: Direction,
    /// What it receives at the top of a message. It is taken to send the same types.
    pub accept_types: Vec<String>,
    /// What it receives inside of a container only.
    pub accept_wrapped_types: Vec<String>,
    /// Octets of the largest message that it receives.
    pub max_size: Option<u64>,
    /// True when it knows RFC 6714.
    pub cema: bool,
    /// The fingerprint of its certificate.
    pub fingerprint: Option<String>,
}

impl LocalMedia {
    /// An offer that leaves it to the answerer who opens the connection (RFC 6135 section 4).
    pub fn offer(&self) -> MsrpMedia {
        self.described(Some(Setup::Actpass), self.direction, self.cema)
    }

    fn described(&self, setup: Option<Setup>, direction: Direction, cema: bool) -> MsrpMedia {
        MsrpMedia {
            address: self.address.clone(),
            port: self.port,
            tls: self.tls,
            path: self.path.clone(),
            setup,
            direction,
            accept_types: self.accept_types.clone(),
            accept_wrapped_types: self.accept_wrapped_types.clone(),
            max_size: self.max_size,
            cema,
            fingerprint: self.fingerprint.clone(),
        }
    }
}

/// An offer that cannot be accepted, and the status for its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {why}")]
pub struct Refused {
    /// The SIP status.
    pub status: u16,
    /// Why.
    pub why: &'static str,
}

/// Answers an offer. One that ends the session (port 0) gets an answer with port 0.
pub fn answer(offer: &MsrpMedia, local: &LocalMedia) -> Result<MsrpMedia, Refused> {
    if offer.is_refused() {
        return Ok(MsrpMedia { port: 0, ..local.described(None, Direction::Inactive, false) });
    }
    if offer.tls != local.tls {
        return Err(Refused { status: 488, why: "the offered transport (TLS or not) is not had here" });
    }
    let wished = local.direction;
    let possible = offer.direction.mirrored();
    let direction = Direction::of(wished.sends() && possible.sends(), wished.receives() && possible.receives());
    if direction.sends() && !any_type_in_common(&offer.accept_types, &local.accept_types) {
        return Err(Refused { status: 488, why: "no accepted media type in common" });
    }
    let setup = match offer.setup {
        // An offerer without a=setup connects, as in RFC 4975 alone; there is nothing to answer.
        None => None,
        Some(Setup::Actpass) if local.prefer_active => Some(Setup::Active),
        Some(Setup::Actpass | Setup::Active) => Some(Setup::Passive),
        Some(Setup::Passive) => Some(Setup::Active),
        Some(Setup::Holdconn) => Some(Setup::Holdconn),
    };
    Ok(local.described(setup, direction, local.cema && offer.cema))
}

/// True when something that one side may send is in the other's `accept-types`, `*` and `text/*` included.
fn any_type_in_common(theirs: &[String], ours: &[String]) -> bool {
    ours.iter().any(|our| theirs.iter().any(|their| accepts(their, our) || accepts(our, their)))
}

/// True when a value of `accept-types` (RFC 4975 section 8.6) takes in this media type. Parameters do not count.
pub fn accepts(accepted: &str, media_type: &str) -> bool {
    let essence = |value: &str| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (accepted, media_type) = (essence(accepted), essence(media_type));
    match accepted.strip_suffix('*') {
        Some("") => true,
        Some(family) if family.ends_with('/') => media_type.starts_with(family),
        _ => accepted == media_type,
    }
}

/// A side of an offer and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The one that offered.
    Offerer,
    /// The one that answered.
    Answerer,
}

/// Who opens the MSRP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// This side does, and then sends a SEND at once to bind it to the session.
    Connect,
    /// This side waits for it.
    Listen,
}

/// Our role in what was agreed. The answer decides; an answerer that leaves `a=setup` out knows RFC 4975 alone, where
/// the offerer connects (section 5.4). With `holdconn` nobody does for now.
pub fn role(offer: &MsrpMedia, answer: &MsrpMedia, we_are: Side) -> Role {
    let active = match (answer.setup, offer.setup) {
        (Some(Setup::Holdconn), _) | (None, Some(Setup::Holdconn)) => None,
        // `actpass` is no answer (RFC 4145 section 4.1); where the offer had chosen, that holds.
        (Some(Setup::Active), _) | (Some(Setup::Actpass), Some(Setup::Passive)) => Some(Side::Answerer),
        (Some(Setup::Passive | Setup::Actpass) | None, _) => Some(Side::Offerer),
    };
    if active == Some(we_are) { Role::Connect } else { Role::Listen }
}

/// Both descriptions of a session that were agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Ours.
    pub local: MsrpMedia,
    /// The peer's.
    pub remote: MsrpMedia,
    /// Which side we were in the exchange.
    pub we_were: Side,
}

impl Agreed {
    /// Our role in opening the connection.
    pub fn role(&self) -> Role {
        match self.we_were {
            Side::Offerer => role(&self.local, &self.remote, Side::Offerer),
            Side::Answerer => role(&self.remote, &self.local, Side::Answerer),
        }
    }

    /// True when both sides let messages go from us to the peer.
    pub const fn may_send(&self) -> bool {
        self.local.direction.sends() && self.remote.direction.receives()
    }

    /// True when both sides let messages come from the peer to us.
    pub const fn may_receive(&self) -> bool {
        self.local.direction.receives() && self.remote.direction.sends()
    }
}

/// An offer or answer that comes at the wrong time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untimely {
    /// An offer came while ours is unanswered: its request gets 491 (RFC 3261 section 14.2).
    #[error("an offer of ours is unanswered (491)")]
    Glare,
    /// An offer came, or is to go out, while the peer's is unanswered: a request with one gets 500 with Retry-After
    /// (RFC 3261 section 14.2, RFC 3311 section 5.2).
    #[error("an offer of the peer is unanswered (500)")]
    AnswerOwed,
    /// An answer came, or is to go out, though there is no offer for it.
    #[error("there is no offer to answer")]
    NoOffer,
}

impl Untimely {
    /// The status for the request whose body came at the wrong time.
    pub const fn status(self) -> u16 {
        match self {
            Untimely::Glare => 491,
            Untimely::AnswerOwed => 500,
            Untimely::NoOffer => 400,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Pending {
    #[default]
    Nothing,
    Ours(MsrpMedia),
    Theirs(MsrpMedia),
}

/// The offers and answers of one dialog: one offer is open at a time, and what was agreed holds until the next
/// answer, or for good when the next offer is refused (RFC 3264 section 4, RFC 3261 section 14.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferAnswer {
    pending: Pending,
    agreed: Option<Agreed>,
}

impl OfferAnswer {
    /// A dialog in which nothing was offered yet.
    pub fn new() -> OfferAnswer {
        OfferAnswer::default()
    }

    /// What was agreed last.
    pub fn agreed(&self) -> Option<&Agreed> {
        self.agreed.as_ref()
    }

    /// The peer's offer that waits for our answer.
    pub fn offered(&self) -> Option<&MsrpMedia> {
        if let Pending::Theirs(offer) = &self.pending { Some(offer) } else { None }
    }

    /// True when no offer is open.
    pub fn is_stable(&self) -> bool {
        self.pending == Pending::Nothing
    }

    /// We send an offer.
    pub fn offer(&mut self, ours: MsrpMedia) -> Result<(), Untimely> {
        self.open(Pending::Ours(ours))
    }

    /// The peer's offer came.
    pub fn receive_offer(&mut self, theirs: MsrpMedia) -> Result<(), Untimely> {
        self.open(Pending::Theirs(theirs))
    }

    fn open(&mut self, offer: Pending) -> Result<(), Untimely> {
        match self.pending {
            Pending::Nothing => self.pending = offer,
            Pending::Ours(_) => return Err(Untimely::Glare),
            Pending::Theirs(_) => return Err(Untimely::AnswerOwed),
        }
        Ok(())
    }

    /// We send the answer to the peer's offer.
    pub fn answer(&mut self, ours: MsrpMedia) -> Result<&Agreed, Untimely> {
        match std::mem::take(&mut self.pending) {
            Pending::Theirs(remote) => Ok(self.agree(ours, remote, Side::Answerer)),
            other => self.untimely(other),
        }
    }

    /// The peer's answer to our offer came.
    pub fn receive_answer(&mut self, theirs: MsrpMedia) -> Result<&Agreed, Untimely> {
        match std::mem::take(&mut self.pending) {
            Pending::Ours(local) => Ok(self.agree(local, theirs, Side::Offerer)),
            other => self.untimely(other),
        }
    }

    /// The offer was refused, by us or by the peer, or its transaction failed: what was agreed before holds on.
    pub fn refused(&mut self) {
        self.pending = Pending::Nothing;
    }

    fn agree(&mut self, local: MsrpMedia, remote: MsrpMedia, we_were: Side) -> &Agreed {
        self.agreed.insert(Agreed { local, remote, we_were })
    }

    fn untimely(&mut self, pending: Pending) -> Result<&Agreed, Untimely> {
        self.pending = pending;
        Err(Untimely::NoOffer)
    }
}

/// How long to wait after a 491 before offering again (RFC 3261 section 14.1): the owner of the Call-ID 2.1 to 4 s,
/// the other 0 to 2 s, in steps of 10 ms. `random` is any number.
pub fn glare_wait(owns_call_id: bool, random: u32) -> Duration {
    let (least, most) = if owns_call_id { (210, 400) } else { (0, 200) };
    Duration::from_millis(10 * u64::from(least + random % (most - least + 1)))
}
