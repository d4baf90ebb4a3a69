//! A message that nobody takes now, as it is handed over to be deferred [PF-MSG-02, PF-MSG-04]: what it is, why nobody takes
//! it, and who waits for what becomes of it.

use crate::call::Mechanics;
use crate::call::media::MediaId;
use crate::call::served::ServedUser;
use bytes::Bytes;
use cpm_wire::msrp_session::Reply;
use cpm_wire::sip::Message;
use cpm_wire::transaction::ServerId;

/// A message for a served user that nobody takes now.
#[derive(Debug)]
pub struct Sent {
    /// The MESSAGE, or the INVITE of a large message, as it came.
    pub request: Message,
    /// The user whom it is for.
    pub served: ServedUser,
    /// How it came.
    pub mode: Mode,
    /// The Content-Type of the content as it came: `message/cpim`, or a multipart with such a part.
    pub content_type: String,
    /// The content as it came. Where the MESSAGE has a Content-Encoding it is so encoded.
    pub content: Bytes,
    /// Why nobody takes it now.
    pub why: Why,
    /// Who waits for what becomes of it.
    pub answer: Answer,
}

/// How a message came (statement: pager mode, large message mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In a MESSAGE.
    Pager,
    /// In a session of its own, over MSRP.
    Large,
}

/// Why nobody takes a message now [L12, L13].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// No device that takes messages is registered, or none of them could be had.
    Absent,
    /// The user is not to be reached, as the user's document says.
    Unavailable,
    /// The user's document has it deferred.
    ByDocument,
    /// The sender asks for it in the request.
    BySender,
    /// The sender names the deferred service.
    ByService,
}

/// Who waits for what becomes of a message.
#[derive(Debug)]
pub enum Answer {
    /// The sender of the MESSAGE.
    Request(ServerId),
    /// The sender of the SEND that completed it. The INVITE is answered 200, and its sender ends the session.
    Send {
        /// Over which session it came.
        media: MediaId,
        /// For the answer.
        reply: Reply,
        /// The Message-ID for a report of success, if one was asked for.
        report: Option<String>,
    },
}

impl Answer {
    /// The message is safe: 202 to a MESSAGE (RFC 3428 section 7), 200 to a SEND, and the report that was asked for.
    pub fn taken(self, m: &mut Mechanics, request: &Message) {
        match self {
            Answer::Request(server) => m.refuse(server, request, 202),
            Answer::Send { media, reply, report } => {
                m.media.reply(media, reply, 200);
                if let Some(message_id) = report {
                    m.media.report(media, &message_id, 200);
                }
            }
        }
    }

    /// The message is not kept. A SEND is answered 403 then, unless the status is one of MSRP (RFC 4975 section 10).
    pub fn refused(self, m: &mut Mechanics, request: &Message, status: u16) {
        match self {
            Answer::Request(server) => m.refuse(server, request, status),
            Answer::Send { media, reply, .. } => {
                let status = if matches!(status, 400 | 403 | 413 | 415) { status } else { 403 };
                m.media.reply(media, reply, status);
            }
        }
    }
}
