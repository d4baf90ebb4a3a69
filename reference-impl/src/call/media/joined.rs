//! Sessions that are joined: what one receives the others send on. Two are joined mostly; several where more devices of a
//! user are in a session.

use super::passage::{Act, Passage};
use super::tally::Tally;
use super::{Media, MediaId};
use bytes::{BufMut, Bytes, BytesMut};
use cpm_wire::io;
use cpm_wire::msrp::{self, Kind, Message, Method};
use cpm_wire::msrp_session::Session;
use cpm_wire::time::Time;
use std::time::Duration;

/// What is sent on is copied behind its new head up to this size; longer pieces are sent as they came.
const COPIED_OCTETS: usize = 2048;

/// What a session that is joined to others knows of them.
#[derive(Default)]
pub(super) struct Joined {
    ways: Vec<Way>,
    /// What the ways have made of the requests that went several ways.
    tally: Tally,
    /// How requests from there begin that are sent here: To-Path and From-Path.
    paths: Bytes,
}

/// What goes from a session to another.
struct Way {
    to: MediaId,
    onward: Passage,
    /// Of what becomes of a copy the sender hears nothing.
    copy: bool,
}

impl Joined {
    /// When something about the ways is due.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.ways.iter().filter_map(|way| way.onward.poll_timeout()).min()
    }

    fn way(&mut self, to: MediaId) -> Option<&mut Way> {
        self.ways.iter_mut().find(|way| way.to == to)
    }

    /// The ways that a chunk takes. A message whose beginning went another way goes on there alone.
    fn taken_by(&self, send: &Message) -> Vec<(MediaId, bool)> {
        let message_id = send.message_id().unwrap_or_default();
        let continues = send.byte_range().is_some_and(|range| range.start > 1);
        let begun = |way: &&Way| way.onward.has_begun(message_id);
        let in_part = continues && self.ways.iter().any(|way| begun(&way));
        self.ways.iter().filter(|way| !in_part || begun(way)).map(|way| (way.to, way.copy)).collect()
    }
}

impl Media {
    /// Joins two sessions; each SEND is to be answered within this time. Those that are joined stay so.
    pub fn join(&mut self, one: MediaId, other: MediaId, response_timeout: Duration) {
        self.pair(one, other, response_timeout, false);
    }

    /// Each of two sessions that are joined to a third gets a copy of what the other receives.
    pub fn copy(&mut self, one: MediaId, other: MediaId, response_timeout: Duration) {
        self.pair(one, other, response_timeout, true);
    }

    fn pair(&mut self, one: MediaId, other: MediaId, response_timeout: Duration, copy: bool) {
        for (from, to) in [(one, other), (other, one)] {
            if let Some(hosted) = self.sessions.get_mut(&from) {
                let joined = hosted.joined.get_or_insert_default();
                if joined.way(to).is_none() {
                    // Mostly there is one, and a vector that grows by itself takes room for four.
                    joined.ways.reserve_exact(1);
                    joined.ways.push(Way { to, onward: Passage::new(response_timeout), copy });
                }
            }
        }
    }

    /// What a session receives for another may be so large, since the peer there takes no more.
    pub fn limit(&mut self, id: MediaId, to: MediaId, most_octets: Option<u64>) {
        self.with_passage(id, to, |onward| onward.limit(most_octets));
    }

    /// Another session takes the place of one that is joined: what that one did not acknowledge is sent to it again.
    pub fn succeed(&mut self, old: MediaId, new: MediaId, response_timeout: Duration) {
        for from in self.joined_to(old) {
            self.with_passage(old, from, Passage::leave);
            let Some(way) = self.joined(from).and_then(|joined| joined.way(old)) else { continue };
            way.to = new;
            way.onward.begin_again();
            let copy = way.copy;
            if let Some(hosted) = self.sessions.get_mut(&new) {
                let onward = Passage::new(response_timeout);
                hosted.joined.get_or_insert_default().ways.push(Way { to: from, onward, copy });
            }
            self.act(from);
        }
        if let Some(hosted) = self.sessions.get_mut(&old) {
            hosted.joined = None;
        }
        self.release_to(new);
    }

    /// Parts a session from the others.
    pub(super) fn part(&mut self, id: MediaId) {
        self.end_passages(id);
        for other in self.joined_to(id) {
            if let Some(hosted) = self.sessions.get_mut(&other)
                && let Some(joined) = &mut hosted.joined
            {
                joined.ways.retain(|way| way.to != id);
                if joined.ways.is_empty() {
                    hosted.joined = None;
                }
            }
            self.set_due(other);
        }
        if let Some(hosted) = self.sessions.get_mut(&id) {
            hosted.joined = None;
        }
    }

    fn joined(&mut self, id: MediaId) -> Option<&mut Joined> {
        self.sessions.get_mut(&id)?.joined.as_mut()
    }

    fn joined_to(&self, id: MediaId) -> Vec<MediaId> {
        let joined = self.sessions.get(&id).and_then(|hosted| hosted.joined.as_ref());
        joined.map(|joined| joined.ways.iter().map(|way| way.to).collect()).unwrap_or_default()
    }

    /// Where the way of this number leads to.
    fn nth_way(&self, id: MediaId, at: usize) -> Option<MediaId> {
        Some(self.sessions.get(&id)?.joined.as_ref()?.ways.get(at)?.to)
    }

    /// Has something happen to what goes from a session to another, and does what comes of it.
    fn with_passage(&mut self, id: MediaId, to: MediaId, happen: impl FnOnce(&mut Passage)) {
        if let Some(way) = self.joined(id).and_then(|joined| joined.way(to)) {
            happen(&mut way.onward);
            self.act(id);
        }
    }

    /// Relays a message that a joined session received; gives it back when it is the session's own affair.
    pub(super) fn relay(&mut self, now: Time, id: MediaId, message: Message) -> Option<Message> {
        if self.nth_way(id, 0).is_none() {
            return Some(message);
        }
        match &message.kind {
            Kind::Request { method: Method::Send } => {
                self.watch_chunk(id, &message);
                self.send_every_way(now, id, &message);
            }
            Kind::Request { method: Method::Report } => {
                // Who is reported to was there to send; a report that comes late goes the way of its receiver.
                if let Some(to) = self.reported_to(id, &message).filter(|to| self.is_ready(*to))
                    && let Some(rest) = message.after_paths()
                {
                    self.send_on(to, &message.transaction, "REPORT", &rest);
                }
            }
            Kind::Request { method: Method::Other(_) } => return Some(message),
            Kind::Response { status, .. } => {
                return if self.responded(id, &message.transaction, *status) { None } else { Some(message) };
            }
        }
        None
    }

    fn send_every_way(&mut self, now: Time, id: MediaId, send: &Message) {
        let Some(joined) = self.joined(id) else { return };
        if let [way] = joined.ways.as_slice() {
            let to = way.to;
            return self.send_one_way(now, id, to, send);
        }
        let ways = joined.taken_by(send);
        joined.tally.expect(send, ways.iter().filter(|(_, copy)| !copy).count());
        for (to, copy) in ways {
            if copy {
                let ready = self.is_ready(to);
                self.with_passage(id, to, |onward| onward.take(now, send, ready));
            } else {
                self.send_one_way(now, id, to, send);
            }
        }
    }

    fn send_one_way(&mut self, now: Time, id: MediaId, to: MediaId, send: &Message) {
        if let Some(receiver) = self.joined(to).filter(|receiver| receiver.ways.len() > 1) {
            receiver.tally.note_author(send, id);
        }
        let ready = self.is_ready(to);
        self.with_passage(id, to, |onward| onward.take(now, send, ready));
    }

    /// To whom a report goes: the only one that can have sent the message, or the one that did.
    fn reported_to(&mut self, id: MediaId, report: &Message) -> Option<MediaId> {
        let joined = self.joined(id)?;
        match joined.ways.as_slice() {
            [way] => Some(way.to),
            _ => joined.tally.author(report),
        }
    }

    /// A session has answered what was sent on to it; false when this answers nothing of another's.
    fn responded(&mut self, id: MediaId, transaction: &str, status: u16) -> bool {
        let mut at = 0;
        while let Some(from) = self.nth_way(id, at) {
            at += 1;
            let mut answers = false;
            self.with_passage(from, id, |onward| {
                answers = onward.answered(transaction, status);
                onward.release();
            });
            if answers {
                return true;
            }
        }
        false
    }

    /// A session can be reached now: what was held for it goes on.
    pub(super) fn release_to(&mut self, id: MediaId) {
        if self.is_ready(id) {
            for from in self.joined_to(id) {
                self.with_passage(from, id, Passage::release);
            }
        }
    }

    /// Nothing goes on with the peer of a session: messages that are unfinished end here, on both sides.
    pub(super) fn end_passages(&mut self, id: MediaId) {
        for other in self.joined_to(id) {
            self.with_passage(id, other, |onward| onward.close(481));
            self.with_passage(other, id, |onward| onward.close(481));
        }
        if let Some(joined) = self.joined(id) {
            joined.paths = Bytes::new();
        }
    }

    pub(super) fn passages_due(&mut self, now: Time, id: MediaId) {
        for to in self.joined_to(id) {
            self.with_passage(id, to, |onward| onward.handle_timeout(now));
        }
    }

    fn act(&mut self, id: MediaId) {
        while let Some((to, copy, act)) = self.next_act(id) {
            match act {
                Act::Answer { transaction, status } => {
                    let status = match self.joined(id) {
                        _ if copy => None,
                        Some(joined) => joined.tally.settle(&transaction, status),
                        None => Some(status),
                    };
                    if let Some(status) = status {
                        self.answer_as(id, &transaction, status);
                    }
                }
                // Of several one has it at least, or none: the answers have told.
                Act::Report { .. } if copy || self.nth_way(id, 1).is_some() => {}
                Act::Report { message_id, byte_range, status } => {
                    self.have(id, |session| session.report_octets(&message_id, byte_range, status));
                }
                Act::Forward { transaction, rest } => self.send_on(to, &transaction, "SEND", &rest),
                Act::GiveUp { message_id, octets, total } => {
                    self.have(to, |session| session.give_up(&message_id, octets, total));
                }
            }
        }
        self.set_due(id);
    }

    fn next_act(&mut self, id: MediaId) -> Option<(MediaId, bool, Act)> {
        let ways = &mut self.joined(id)?.ways;
        ways.iter_mut().find_map(|way| Some((way.to, way.copy, way.onward.poll_act()?)))
    }

    fn have(&mut self, id: MediaId, act: impl FnOnce(&mut Session)) {
        if let Some(session) = self.session(id) {
            act(session);
        }
        self.flush(id);
    }

    /// Answers a request that a session received.
    fn answer_as(&mut self, id: MediaId, transaction: &str, status: u16) {
        self.watch_answer(id, transaction, status);
        let Some(hosted) = self.sessions.get(&id) else { return };
        let (session, Some(connection)) = (&hosted.session, hosted.connection) else { return };
        let back = session.remote_path().first().map_or("", String::as_str);
        let octets = msrp::answer(transaction, back, session.local_path(), status);
        self.outputs.push_back(io::Output::Send { connection, octets });
    }

    /// Sends a request of another session on over this one: with the paths of this, and all else as it came.
    fn send_on(&mut self, id: MediaId, transaction: &str, method: &str, rest: &Bytes) {
        let Some(hosted) = self.sessions.get_mut(&id) else { return };
        let (session, Some(connection)) = (&hosted.session, hosted.connection) else { return };
        let Some(joined) = &mut hosted.joined else { return };
        if joined.paths.is_empty() {
            let to = session.remote_path().join(" ");
            joined.paths = format!("To-Path: {to}\r\nFrom-Path: {}\r\n", session.local_path()).into();
        }
        let copied = if rest.len() > COPIED_OCTETS { 0 } else { rest.len() };
        let mut octets = BytesMut::with_capacity(transaction.len() + joined.paths.len() + copied + 16);
        for piece in [b"MSRP ", transaction.as_bytes(), b" ", method.as_bytes(), b"\r\n", &joined.paths] {
            octets.put_slice(piece);
        }
        octets.put_slice(rest.get(..copied).unwrap_or_default());
        self.outputs.push_back(io::Output::Send { connection, octets: octets.freeze() });
        if copied < rest.len() {
            self.outputs.push_back(io::Output::Send { connection, octets: rest.slice(copied..) });
        }
    }
}
