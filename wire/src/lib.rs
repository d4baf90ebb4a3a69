//! Octets and protocol machines of a CPM element, sans-IO: nothing in this package reads a clock, and only the
//! feature `net` opens a socket. It knows no CPM role; the tester and the reference are both built on it.

pub mod conference_info;
pub mod cpim;
pub mod dialog;
pub mod diameter;
pub mod endpoint;
pub mod group_state;
pub mod imap;
pub mod imdn;
pub mod io;
pub mod msrp;
pub mod msrp_session;
pub mod multipart;
#[cfg(feature = "net")]
pub mod net;
pub mod offer_answer;
pub mod pidf;
pub mod publication;
pub mod reginfo;
pub mod resource_lists;
pub mod sdp;
pub mod search;
pub mod sip;
pub mod subscription;
pub mod time;
pub mod transaction;
pub mod uuid;
pub mod x1;
pub mod x2x3;
pub mod xml;
