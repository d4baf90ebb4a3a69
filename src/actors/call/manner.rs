//! How an end behaves in sessions: what it does when it is called, and what it says of its media.

use super::Beside;
use crate::actors::media::Media;
use crate::actors::session::{Takes, local_media};
use cpm_wire::offer_answer::LocalMedia;
use cpm_wire::sdp::{Direction, MsrpMedia, Setup};
use cpm_wire::sip::Name;
use std::net::SocketAddr;

/// What an end does when it is called, or asked for a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answering {
    /// Accepts at once.
    #[default]
    Accept,
    /// Rings, and waits to be told.
    Ring,
    /// Refuses with this status.
    Refuse(u16),
}

/// What a caller says of who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// Its public identity.
    #[default]
    Named,
    /// Nothing in From, and no more than that.
    Nameless,
    /// Nothing in From, and nobody beyond the network is to learn it (RFC 3325 section 9).
    Private,
}

/// What is particular about an end. The default is a plain CPM client.
#[derive(Clone, Debug)]
pub struct Manner {
    /// What it does when it is called.
    pub called: Answering,
    /// What it does when the far end asks for a change.
    pub asked_to_change: Answering,
    /// `a=setup` of its offers; none leaves the line out (RFC 4975 alone).
    pub setup: Option<Setup>,
    /// As the answerer it connects, if it may choose.
    pub prefer_active: bool,
    /// It knows RFC 6714.
    pub cema: bool,
    /// The direction of its media.
    pub direction: Direction,
    /// What it takes in a session, if not what CPM clients take.
    pub accept_types: Option<Vec<String>>,
    /// The largest message that it takes, in octets.
    pub max_size: Option<u64>,
    /// Media that it offers beside the message session.
    pub besides: Vec<Beside>,
    /// It takes whatever else it is offered beside the message session.
    pub takes_besides: bool,
    /// Its offers have no message session, but text of another kind.
    pub offers_no_messages: bool,
    /// The address at which its offers say that it waits, if that is somebody else's.
    pub elsewhere: Option<SocketAddr>,
    /// Its provisional answers are reliable, or it asks for such (RFC 3262).
    pub reliable: bool,
    /// How long a session that it begins lasts without a refresh, in seconds (RFC 4028); none asks for no limit.
    pub expires: Option<u32>,
    /// What it says of who it is when it calls.
    pub naming: Naming,
    /// The list that it calls, by identities (RFC 5366); none when it calls somebody.
    pub addressees: Vec<String>,
    /// Further header fields of its call.
    pub more: Vec<(Name, String)>,
    /// A service that its call asks for in the place of the usual one.
    pub asks_for: Option<&'static str>,
}

impl Default for Manner {
    fn default() -> Manner {
        Manner {
            called: Answering::Accept,
            asked_to_change: Answering::Accept,
            setup: Some(Setup::Actpass),
            prefer_active: true,
            cema: false,
            direction: Direction::SendRecv,
            accept_types: None,
            max_size: None,
            besides: Vec::new(),
            takes_besides: false,
            offers_no_messages: false,
            elsewhere: None,
            reliable: false,
            expires: None,
            naming: Naming::Named,
            addressees: Vec::new(),
            more: Vec::new(),
            asks_for: None,
        }
    }
}

impl Manner {
    /// What the end can do with media, at this path.
    pub(super) fn local(&self, media: &Media, path: &str) -> LocalMedia {
        let plain = local_media(media, path, self.direction, Takes { notifications: true, lists: false });
        LocalMedia {
            prefer_active: self.prefer_active,
            accept_types: self.accept_types.clone().unwrap_or_else(|| plain.accept_types.clone()),
            max_size: self.max_size,
            cema: self.cema,
            ..plain
        }
    }

    /// Its offer, at this path.
    pub(super) fn offer(&self, media: &Media, path: &str) -> MsrpMedia {
        let offer = MsrpMedia { setup: self.setup, ..self.local(media, path).offer() };
        let Some(other) = self.elsewhere else { return offer };
        let path = path.replace(&media.address.to_string(), &other.to_string());
        let (address, port, setup) = (other.ip().to_string(), other.port(), Some(Setup::Passive));
        MsrpMedia { address, port, setup, path: vec![path], ..offer }
    }
}
