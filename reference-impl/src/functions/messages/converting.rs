//! A pager message over the limit that goes on as a large one [L25]: whoever sent the MESSAGE gets one answer, when the first
//! of those called has the message, or none has taken it.

use super::sending::Outcome;
use crate::call::served::ServedUser;
use cpm_wire::sip::Message;
use cpm_wire::transaction::ServerId;

/// A message that goes on as a large one.
#[derive(Debug)]
pub struct Conversion {
    /// The MESSAGE is to be answered here.
    pub server: ServerId,
    /// The MESSAGE.
    pub request: Message,
    /// Whose it is.
    pub served: ServedUser,
    waiting: usize,
    refused: Option<u16>,
}

/// What the sender of the MESSAGE is to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Somebody has the message.
    Taken,
    /// Nobody took it, and this is the best refusal.
    Refused(u16),
    /// Nobody could be had.
    Absent,
}

impl Conversion {
    /// So many are called.
    pub fn new(server: ServerId, request: Message, served: ServedUser, called: usize) -> Conversion {
        Conversion { server, request, served, waiting: called, refused: None }
    }

    /// One that was called has the message, or will never have it. What the sender is told of it: then all is said.
    pub fn note(&mut self, outcome: Outcome) -> Option<Word> {
        self.waiting = self.waiting.saturating_sub(1);
        match outcome {
            Outcome::Taken => Some(Word::Taken),
            Outcome::Refused(status) => {
                let rank = |status: u16| if status >= 600 { 0 } else { status };
                self.refused = self.refused.into_iter().chain([status]).min_by_key(|status| rank(*status));
                self.last_word()
            }
            Outcome::Unreached => self.last_word(),
        }
    }

    fn last_word(&self) -> Option<Word> {
        (self.waiting == 0).then(|| self.refused.map_or(Word::Absent, Word::Refused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::served::served_user;
    use cpm_wire::sip::{Builder, Method, Name};
    use cpm_wire::time::Time;
    use cpm_wire::transaction::{Event, Layer, Output, Timers};
    use pretty_assertions::assert_eq;

    fn words(outcomes: &[Outcome]) -> Vec<Option<Word>> {
        let request = Builder::request(Method::Message, "sip:bob@e").build();
        let served = served_user(&request).unwrap();
        let mut conversion = Conversion { waiting: outcomes.len(), refused: None, server: server(), request, served };
        outcomes.iter().map(|outcome| conversion.note(*outcome)).collect()
    }

    /// Some transaction.
    fn server() -> ServerId {
        let mut layer = Layer::<()>::new(Timers::default());
        let request = Builder::request(Method::Message, "sip:bob@e");
        let request = request
            .header(Name::Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1")
            .header(Name::From, "<sip:a@e>;tag=1")
            .header(Name::To, "<sip:bob@e>")
            .header(Name::CallId, "c")
            .header(Name::CSeq, "1 MESSAGE");
        layer.receive(Time::ZERO, request.build(), (), false);
        let events = std::iter::from_fn(|| layer.poll_output());
        let mut requests = events.filter_map(|output| match output {
            Output::Event(Event::Request { server, .. }) => Some(server),
            _ => None,
        });
        requests.next().unwrap()
    }

    #[test]
    fn the_first_that_has_it_is_told_and_else_the_best_refusal_of_all() {
        use Outcome::{Refused, Taken, Unreached};
        assert_eq!(words(&[Unreached, Taken]), [None, Some(Word::Taken)]);
        assert_eq!(words(&[Refused(486), Refused(603), Unreached]), [None, None, Some(Word::Refused(603))]);
        assert_eq!(words(&[Refused(486), Unreached]), [None, Some(Word::Refused(486))]);
        assert_eq!(words(&[Unreached, Unreached]), [None, Some(Word::Absent)]);
    }
}
