//! One message that crossed between tester and target, by whatever carried it.

use std::sync::Arc;

use super::content::Content;
use super::legs::End;
use super::session::Answer;

/// Where a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// From the network to the target, for a served user.
    NetworkToTarget,
    /// From the target to a device.
    TargetToDevice,
    /// From a device to the target.
    DeviceToTarget,
    /// From the target to the network, on behalf of a served user.
    TargetToNetwork,
    /// From the target to the interworking function.
    TargetToInterworking,
    /// From the interworking function to the target, in a session that the target opened to it.
    InterworkingToTarget,
    /// From the network to a client, which is the target.
    ToClient,
    /// From a client, which is the target, to the network.
    FromClient,
}

impl Flow {
    pub(super) fn of(end: End, sent: bool) -> Flow {
        match (end, sent) {
            (End::Network, true) => Flow::NetworkToTarget,
            (End::Network, false) => Flow::TargetToNetwork,
            (End::Device, true) => Flow::DeviceToTarget,
            (End::Device, false) => Flow::TargetToDevice,
            (End::Interworking, true) => Flow::InterworkingToTarget,
            (End::Interworking, false) => Flow::TargetToInterworking,
            (End::Client, true) => Flow::ToClient,
            (End::Client, false) => Flow::FromClient,
        }
    }
}

/// What brought a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carriage {
    /// A SEND, or several chunks of one, in the session of a leg.
    Session {
        /// The leg, when the path belongs to one.
        leg: Option<usize>,
        /// The MSRP Message-ID.
        message_id: String,
    },
    /// A MESSAGE with this Request-URI.
    Pager(String),
}

/// One whole message that crossed between tester and target.
#[derive(Clone, Debug)]
pub struct Item {
    /// Where it went.
    pub flow: Flow,
    /// What brought it.
    pub carriage: Carriage,
    /// The served user for or from whom it is.
    pub person: Option<String>,
    /// The device.
    pub device: Option<String>,
    /// The chat.
    pub group: Option<String>,
    /// The frame with its first octets.
    pub first: u64,
    /// The frame that made it whole.
    pub frame: u64,
    /// Where its last chunk, or the whole MESSAGE, stands within the octets of that frame.
    pub octets: (usize, usize),
    /// The actor and the connection that brought it.
    pub connection: Option<(Arc<str>, u64)>,
    /// The answer to what made it whole.
    pub answer: Option<Answer>,
    /// The first refusal of an earlier chunk.
    pub refused: Option<Answer>,
    /// Whether an answer is due at all (Failure-Report).
    pub expects_answer: bool,
    /// What it says.
    pub content: Content,
}

impl Item {
    /// Whether it counts as received: every chunk taken, or no answer was due.
    pub fn accepted(&self) -> bool {
        self.refused.is_none() && self.answer.map_or(!self.expects_answer, Answer::is_success)
    }

    /// The first refusal of it, if any.
    pub fn refusal(&self) -> Option<Answer> {
        self.refused.or(self.answer.filter(|answer| !answer.is_success()))
    }

    /// imdn.Message-ID of a chat message.
    pub fn chat_id(&self) -> Option<&str> {
        self.content.chat()?.message_id.as_deref()
    }

    /// The leg that brought it.
    pub fn leg(&self) -> Option<usize> {
        match self.carriage {
            Carriage::Session { leg, .. } => leg,
            Carriage::Pager(_) => None,
        }
    }
}
