//! One request that went several ways has one answer: success as soon as one took it, a refusal when none did.

use super::MediaId;
use cpm_wire::msrp::{FailureReport, Message};
use std::collections::VecDeque;

/// Requests of which outcomes are awaited, at most. Those without an answer stay until they are the oldest.
const MOST_AWAITED: usize = 1024;
/// Messages whose authors are known, at most.
const MOST_AUTHORS: usize = 64;

/// The outcomes of requests that went several ways, and who sent what is reported on.
#[derive(Debug, Default)]
pub(super) struct Tally {
    awaited: VecDeque<Awaited>,
    authors: VecDeque<(String, MediaId)>,
}

#[derive(Debug)]
struct Awaited {
    transaction: String,
    left: usize,
    answered: bool,
}

impl Tally {
    /// A request goes so many ways; of a single one the outcome is the answer.
    pub(super) fn expect(&mut self, send: &Message, ways: usize) {
        if ways < 2 || send.failure_report() == FailureReport::No {
            return;
        }
        if self.awaited.len() >= MOST_AWAITED {
            self.awaited.pop_front();
        }
        let transaction = send.transaction.clone();
        self.awaited.push_back(Awaited { transaction, left: ways, answered: false });
    }

    /// One of the ways has an outcome; gives the answer, if there is one now.
    pub(super) fn settle(&mut self, transaction: &str, status: u16) -> Option<u16> {
        let Some(at) = self.awaited.iter().position(|awaited| awaited.transaction == transaction) else {
            return Some(status);
        };
        let awaited = self.awaited.get_mut(at)?;
        awaited.left -= 1;
        let tells = !awaited.answered && (status == 200 || awaited.left == 0);
        awaited.answered |= tells;
        if awaited.left == 0 {
            self.awaited.remove(at);
        }
        tells.then_some(status)
    }

    /// Remembers who sent a message on which reports were asked for.
    pub(super) fn note_author(&mut self, send: &Message, author: MediaId) {
        let Some(message_id) = send.message_id() else { return };
        let known = self.authors.iter().any(|(known, _)| known == message_id);
        if known || !send.success_report() {
            return;
        }
        if self.authors.len() >= MOST_AUTHORS {
            self.authors.pop_front();
        }
        self.authors.push_back((message_id.to_owned(), author));
    }

    /// Who sent the message that this report is on.
    pub(super) fn author(&self, report: &Message) -> Option<MediaId> {
        let message_id = report.message_id()?;
        self.authors.iter().find(|(known, _)| known == message_id).map(|(_, author)| *author)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use cpm_wire::msrp::Framer;
    use pretty_assertions::assert_eq;

    fn send(transaction: &str, more: &str) -> Message {
        let text = format!(
            "MSRP {transaction} SEND\r\nTo-Path: msrp://a:1/x;tcp\r\nFrom-Path: msrp://b:1/y;tcp\r\n\
             Message-ID: m1\r\n{more}-------{transaction}$\r\n"
        );
        let mut framer = Framer::default();
        framer.push(Bytes::from(text));
        framer.next().unwrap().unwrap()
    }

    #[test]
    fn the_first_success_answers_and_the_last_refusal_of_all() {
        let mut tally = Tally::default();
        tally.expect(&send("t1xx", ""), 2);
        assert_eq!([tally.settle("t1xx", 200), tally.settle("t1xx", 413)], [Some(200), None]);
        tally.expect(&send("t2xx", ""), 2);
        assert_eq!([tally.settle("t2xx", 413), tally.settle("t2xx", 200)], [None, Some(200)]);
        tally.expect(&send("t3xx", ""), 2);
        assert_eq!([tally.settle("t3xx", 413), tally.settle("t3xx", 481)], [None, Some(481)]);
        tally.expect(&send("t4xx", ""), 1);
        assert_eq!([tally.settle("t4xx", 200), tally.settle("t5xx", 415)], [Some(200), Some(415)]);
        assert!(tally.awaited.is_empty());
    }

    #[test]
    fn a_report_goes_to_the_author_of_what_it_is_on() {
        let mut tally = Tally::default();
        tally.note_author(&send("t1xx", ""), MediaId(1));
        assert_eq!(tally.author(&send("t2xx", "")), None);
        tally.note_author(&send("t1xx", "Success-Report: yes\r\n"), MediaId(1));
        assert_eq!(tally.author(&send("t2xx", "")), Some(MediaId(1)));
    }
}
