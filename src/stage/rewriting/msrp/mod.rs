//! One MSRP connection of a target (RFC 4975), said otherwise on its way to the network: messages in other chunks, under
//! other transactions, with other heads. The core gets one answer for each transaction of its own.

mod answering;
mod chunks;
mod gathering;
mod head;
mod stream;
#[cfg(test)]
mod tests;

use super::chance::Chance;
use super::documents;
use super::freedoms::{Freedom, Freedoms, Licence, Uses};
use answering::{Answers, Reports};
use bytes::Bytes;
use chunks::{Names, cut, end_line};
use cpm_wire::msrp::{self, Flag, Kind, Message, Method};
use gathering::{Gathered, Gathering, Whole};
use std::collections::VecDeque;
use stream::{Cutter, Piece};

/// What goes to the network next: octets, or the chunks of a message of a session.
#[derive(Debug)]
enum Staged {
    Octets(Bytes),
    Chunks { session: String, chunks: VecDeque<Bytes> },
}

/// Stands between the core and one of its connections. It takes octets and gives octets.
#[derive(Debug)]
pub struct Stream {
    freedoms: Freedoms,
    chance: Chance,
    uses: Uses,
    from_core: Cutter,
    from_network: Cutter,
    gathering: Gathering,
    names: Names,
    answers: Answers,
    reports: Reports,
    /// Nothing was sent or heard yet.
    is_new: bool,
    staged: Vec<Staged>,
    to_network: VecDeque<Bytes>,
    to_core: VecDeque<Bytes>,
}

impl Stream {
    /// A new connection. The seed decides what is rewritten, and how.
    pub fn new(seed: u64, freedoms: Freedoms) -> Stream {
        Stream {
            freedoms,
            chance: Chance::new(seed),
            uses: Uses::default(),
            from_core: Cutter::default(),
            from_network: Cutter::default(),
            gathering: Gathering::default(),
            names: Names::default(),
            answers: Answers::default(),
            reports: Reports::default(),
            is_new: true,
            staged: Vec::new(),
            to_network: VecDeque::new(),
            to_core: VecDeque::new(),
        }
    }

    /// The core sends octets.
    pub fn output(&mut self, octets: &Bytes) {
        self.from_core.push(octets);
        while let Some(piece) = self.from_core.next_piece() {
            match piece {
                Piece::Raw(octets) => self.staged.push(Staged::Octets(octets)),
                Piece::Message(message) => self.say(&message),
            }
            self.is_new = false;
        }
    }

    /// The network brings octets for the core.
    pub fn input(&mut self, octets: &Bytes) {
        self.is_new = false;
        self.from_network.push(octets);
        while let Some(piece) = self.from_network.next_piece() {
            let told = match &piece {
                Piece::Raw(octets) => Some(octets.clone()),
                Piece::Message(message) => match message.kind {
                    Kind::Response { .. } => self.answers.take(message),
                    Kind::Request { method: Method::Report } => self.reports.take(message),
                    Kind::Request { .. } => Some(message.octets().clone()),
                },
            };
            self.to_core.extend(told);
        }
    }

    /// Octets for the network. Messages of which chunks wait here at the same time may take turns.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        if self.to_network.is_empty() {
            self.take_turns();
        }
        self.to_network.pop_front()
    }

    /// Octets for the core.
    pub fn poll_input(&mut self) -> Option<Bytes> {
        self.to_core.pop_front()
    }

    /// How often each freedom changed something.
    pub fn uses(&self) -> &Uses {
        &self.uses
    }

    fn say(&mut self, message: &Message) {
        match &message.kind {
            Kind::Request { method: Method::Send } => self.send(message),
            Kind::Request { method: Method::Report } => {
                let start = format!("MSRP {} REPORT", message.transaction);
                self.bodiless(message, &start);
            }
            Kind::Response { status, comment } => {
                let mut licence = Licence { freedoms: &self.freedoms, chance: &mut self.chance, uses: &mut self.uses };
                let status = head::status(&mut licence, *status);
                let comment = head::comment(&mut licence, comment);
                let start = format!("MSRP {} {status} {comment}", message.transaction);
                self.bodiless(message, start.trim_end());
            }
            Kind::Request { method: Method::Other(_) } => self.as_it_is(message),
        }
    }

    fn as_it_is(&mut self, message: &Message) {
        self.names.take(&message.transaction);
        self.staged.push(Staged::Octets(message.octets().clone()));
    }

    /// A REPORT or a response: nobody answers it.
    fn bodiless(&mut self, message: &Message, start: &str) {
        if message.body().is_some() || message.from_path().is_empty() {
            return self.as_it_is(message);
        }
        let mut licence = Licence { freedoms: &self.freedoms, chance: &mut self.chance, uses: &mut self.uses };
        let mut lines = head::carried(message);
        lines.extend(message.header("Byte-Range").map(|range| ("Byte-Range".to_owned(), range.to_owned())));
        for (_, value) in lines.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("Status")) {
            if let Some((code, said)) = value.split_at_checked("000 200".len()) {
                *value = format!("{code} {}", head::comment(&mut licence, said.trim())).trim_end().to_owned();
            }
        }
        let head = head::head(&mut licence, start, message, lines);
        let octets = format!("{head}{}", end_line(&message.transaction, message.flag));
        self.staged.push(Staged::Octets(octets.into()));
    }

    fn send(&mut self, chunk: &Message) {
        self.opening(chunk);
        match self.gathering.take(chunk) {
            Gathered::Odd => self.as_it_is(chunk),
            Gathered::Partly { answered: true } => self.to_core.push_back(msrp::response(chunk, 200)),
            Gathered::Partly { answered: false } => {}
            Gathered::All(whole) => self.whole(&whole),
        }
    }

    fn whole(&mut self, whole: &Whole) {
        let mut licence = Licence { freedoms: &self.freedoms, chance: &mut self.chance, uses: &mut self.uses };
        let is_plain = whole.flag == Flag::Complete && whole.first.header("Content-Encoding").is_none();
        let content_type = whole.first.content_type().filter(|_| is_plain).unwrap_or_default();
        let content = whole.content.as_ref().map(|content| documents::with(&mut licence, content_type, content));
        let chunks = cut(&mut licence, &mut self.names, whole, content.as_ref());
        if let Some(key) = gathering::key(&whole.first) {
            match (&whole.content, &content) {
                (Some(by_core), Some(on_wire)) if by_core.len() != on_wire.len() => {
                    self.reports.expect(key, by_core.len(), on_wire.len());
                }
                _ => self.reports.forget(&key),
            }
        }
        let session = whole.first.from_path().first().copied().unwrap_or_default().to_owned();
        let (ids, chunks) = chunks.into_iter().unzip();
        self.answers.expect(Some(&whole.transaction), ids);
        self.staged.push(Staged::Chunks { session, chunks });
    }

    /// Whoever opened the connection sends at once, and be it without content (RFC 4975 section 5.4); it did, if nothing
    /// was heard before.
    fn opening(&mut self, first: &Message) {
        let mut licence = Licence { freedoms: &self.freedoms, chance: &mut self.chance, uses: &mut self.uses };
        let is_bodiless = first.body().is_none();
        if !self.is_new || is_bodiless || first.from_path().is_empty() || !licence.takes(Freedom::MsrpOpeningSend) {
            return;
        }
        let (id, message_id) = (self.names.draw(&mut licence, &[]), self.names.draw(&mut licence, &[]));
        let said = [("Message-ID", message_id.as_str()), ("Byte-Range", "1-0/0")];
        let lines = said.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let head = head::head(&mut licence, &format!("MSRP {id} SEND"), first, lines);
        let octets = format!("{head}{}", end_line(&id, Flag::Complete));
        licence.note(Freedom::MsrpOpeningSend, true);
        self.answers.expect(None, vec![id]);
        self.staged.push(Staged::Octets(octets.into()));
    }

    /// What waits goes out in its order, but neighbours of one session may take turns. Messages end in the order in which
    /// the core sent them.
    fn take_turns(&mut self) {
        let mut licence = Licence { freedoms: &self.freedoms, chance: &mut self.chance, uses: &mut self.uses };
        let mut staged = std::mem::take(&mut self.staged).into_iter().peekable();
        while let Some(next) = staged.next() {
            let Staged::Chunks { session, mut chunks } = next else {
                let Staged::Octets(octets) = next else { continue };
                self.to_network.push_back(octets);
                continue;
            };
            let neighbour = staged.peek_mut().and_then(|after| match after {
                Staged::Chunks { session: other, chunks } if *other == session => Some(chunks),
                _ => None,
            });
            if let Some(neighbour) = neighbour
                && licence.takes(Freedom::MsrpInterleaving)
            {
                let woven = weave(&mut licence, &mut chunks, neighbour);
                self.to_network.extend(woven);
            }
            self.to_network.extend(chunks);
        }
    }
}

/// The first message to its end, and on the way some of the second, but its end.
fn weave(licence: &mut Licence<'_>, first: &mut VecDeque<Bytes>, second: &mut VecDeque<Bytes>) -> Vec<Bytes> {
    let mut woven = Vec::new();
    while let Some(chunk) = first.pop_front() {
        // The second comes in between only when the first has begun.
        woven.push(chunk);
        while !first.is_empty() && second.len() > 1 && licence.chance.one_in(2) {
            licence.note(Freedom::MsrpInterleaving, true);
            woven.extend(second.pop_front());
        }
    }
    woven
}
