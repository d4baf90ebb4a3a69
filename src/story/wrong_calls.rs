//! Calls that are wrong on purpose, as the stage announces each before it is on the wire, and what was said to them.

use cpm_wire::sip::Message;

use super::session::Answer;
use crate::evidence::Event;

/// A call that is wrong.
#[derive(Clone, Debug)]
pub struct WrongCall {
    /// For which session it is.
    pub session: String,
    /// In what way it is wrong.
    pub what: String,
    /// Its Call-ID.
    pub call_id: String,
    /// The INVITE, once it is on the wire.
    pub frame: Option<u64>,
    /// The final answer.
    pub answer: Option<Answer>,
}

#[derive(Debug, Default)]
pub(super) struct WrongCalls {
    all: Vec<WrongCall>,
}

impl WrongCalls {
    pub fn observe(&mut self, event: &Event) {
        if let Event::WrongCall { session, what, call_id } = event {
            let (session, what, call_id) = (session.clone(), what.clone(), call_id.clone());
            self.all.push(WrongCall { session, what, call_id, frame: None, answer: None });
        }
    }

    pub fn all(&self) -> &[WrongCall] {
        &self.all
    }

    /// A request of the tester: the one that was announced, if it is.
    pub fn call(&mut self, frame: u64, sent: bool, message: &Message) -> Option<usize> {
        let call_id = message.call_id().filter(|_| sent)?;
        let at = self.all.iter().position(|wrong| wrong.call_id == call_id)?;
        self.all.get_mut(at)?.frame.get_or_insert(frame);
        Some(at)
    }

    /// An answer on the leg of this Call-ID.
    pub fn answered_on(&mut self, call_id: &str, answer: Answer) {
        if let Some(at) = self.all.iter().position(|wrong| wrong.call_id == call_id) {
            self.answered(at, answer);
        }
    }

    pub fn answered(&mut self, at: usize, answer: Answer) {
        if let Some(wrong) = self.all.get_mut(at).filter(|_| answer.status >= 200) {
            wrong.answer.get_or_insert(answer);
        }
    }
}
