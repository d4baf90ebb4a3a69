//! What a media session tells its owner.

use bytes::Bytes;
use cpm_wire::msrp::FailureReport;
use cpm_wire::msrp_session::{Outgoing, Reply, SessionEvent};

/// Names a media session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaId(pub(super) u64);

/// What happened to a media session.
#[derive(Debug)]
pub enum MediaEvent {
    /// The session is bound to a connection: messages can be sent.
    Ready,
    /// A message is complete, and waits for its answer.
    Received(Box<Received>),
    /// A message that was sent is answered, or was not in time.
    Answered {
        /// Its Message-ID.
        message_id: String,
        /// The status; none when nothing came.
        status: Option<u16>,
    },
    /// A message of a session that is watched has gone on to another, and was taken there.
    Passed(Box<Passed>),
    /// The connection broke or was closed by the peer. The session can be closed, or started anew.
    Lost,
}

/// A message that has gone on.
#[derive(Debug)]
pub struct Passed {
    /// Content-Type.
    pub content_type: String,
    /// The octets.
    pub octets: Bytes,
}

/// A complete message.
#[derive(Debug)]
pub struct Received {
    /// Over which session.
    pub media: MediaId,
    /// Its Message-ID.
    pub message_id: String,
    /// Content-Type.
    pub content_type: String,
    /// The octets.
    pub octets: Bytes,
    /// True when a report of success was asked for.
    pub success_report: bool,
    /// For the answer.
    pub reply: Reply,
}

/// What of a session's news its owner wants to know. A SEND without content and a message that was given up are none.
pub(super) fn told(media: MediaId, event: SessionEvent) -> Option<MediaEvent> {
    match event {
        SessionEvent::Received { message_id, content_type, octets, success_report, reply, .. } => {
            let received = Received { media, message_id, content_type, octets, success_report, reply };
            Some(MediaEvent::Received(Box::new(received)))
        }
        SessionEvent::Acknowledged { message_id } => Some(MediaEvent::Answered { message_id, status: Some(200) }),
        SessionEvent::Refused { message_id, status } => Some(MediaEvent::Answered { message_id, status: Some(status) }),
        SessionEvent::Unanswered { message_id } => Some(MediaEvent::Answered { message_id, status: None }),
        SessionEvent::Bodiless { .. } | SessionEvent::Aborted { .. } | SessionEvent::Reported { .. } => None,
    }
}

/// A message to be sent, of whose failure the function wants to know.
pub fn outgoing(message_id: String, content_type: String, octets: Bytes) -> Outgoing {
    let failure_report = FailureReport::Yes;
    Outgoing { message_id, content_type, octets, success_report: false, failure_report, chunk_octets: None }
}
