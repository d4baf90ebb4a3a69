//! What a stream says: its protocol is found where a message begins, then messages are told apart.

use bytes::Bytes;
use memchr::{memchr, memchr_iter, memmem};

use super::half::Path;
use super::http::{Http, Step as HttpStep};
use crate::capture::order::Order;
use crate::capture::recognise::{Found, begins_sip, recognise};
use crate::capture::seen::{Moment, Octets, Output, Protocol, Seen, Transport};

/// The longest head and the longest body of a SIP message that are waited for, as the wire's own framer has them.
const MAX_HEAD: usize = 64 << 10;
const MAX_BODY: usize = 10 << 20;

#[derive(Debug, Default)]
enum State {
    /// A message is to begin; of which protocol is not known.
    #[default]
    Seeking,
    Sip,
    Msrp,
    Diameter,
    Http(Http),
    /// Its octets are for who has those of the other direction as well.
    Tls,
}

/// What is done with the octets that are next.
enum Step {
    /// So many are passed over.
    Pass(usize),
    /// So many are the next of a protocol.
    Say(Protocol, usize),
    /// So many are of TLS.
    Seal(usize),
    /// They are not enough; so many are, if that is known already.
    Wait(usize),
}

/// What comes of a stream over TLS.
#[derive(Debug)]
pub(super) struct Piece {
    pub moment: Moment,
    /// None where octets are missing.
    pub octets: Option<Vec<u8>>,
}

/// The reader of one direction of a connection.
#[derive(Debug, Default)]
pub(super) struct Reader {
    state: State,
    /// Octets that are not enough yet.
    kept: Vec<u8>,
    /// How many are enough.
    wanted: usize,
    /// So many octets of a SIP message were searched for the end of its head.
    searched: usize,
    /// Whether a message must begin here: every octet since the beginning of the stream was read.
    sure: bool,
    /// Whether anything was recognised.
    speaks: bool,
    /// Whether it reads what was said under TLS, within which there is no other.
    within_tls: bool,
    sealed: Vec<Piece>,
}

impl Reader {
    /// The stream begins here.
    pub fn begins(&mut self) {
        self.sure = true;
    }

    /// One of what is said under TLS, from the beginning of it on.
    pub fn within_tls() -> Reader {
        Reader { sure: true, within_tls: true, ..Reader::default() }
    }

    /// What came of TLS since somebody asked.
    pub fn take_sealed(&mut self) -> Vec<Piece> {
        std::mem::take(&mut self.sealed)
    }

    /// How many octets are kept.
    pub fn waiting(&self) -> usize {
        self.kept.len()
    }

    /// Whether anything was recognised.
    pub const fn speaks(&self) -> bool {
        self.speaks
    }

    /// Octets are missing here. Tells whether that matters to anybody.
    pub fn lost(&mut self, moment: Moment, output: &mut Output) -> bool {
        if let State::Tls = self.state {
            self.sealed.push(Piece { moment, octets: None });
            return false;
        }
        self.give_up(output);
        self.speaks
    }

    /// What is kept is not waited for any more.
    pub fn give_up(&mut self, output: &mut Output) {
        self.end(output);
        self.sure = false;
    }

    /// Nothing follows what is kept.
    fn end(&mut self, output: &mut Output) {
        let kept = std::mem::take(&mut self.kept).len() as u64;
        match self.state {
            State::Seeking => output.tally.unrecognised += kept,
            _ => output.tally.unfinished += kept,
        }
        (self.state, self.searched, self.wanted) = (State::Seeking, 0, 0);
    }

    /// Reads on. A message that is whole in `octets` is copied once.
    pub fn push(&mut self, moment: Moment, path: &Path, octets: &[u8], output: &mut Output) {
        if self.kept.is_empty() {
            let read = self.read(moment, path, octets, 0, output);
            self.kept = octets.get(read..).unwrap_or_default().to_vec();
            return;
        }
        let seam = self.kept.len();
        self.kept.extend_from_slice(octets);
        if self.kept.len() < self.wanted {
            return;
        }
        let mut all = std::mem::take(&mut self.kept);
        let read = self.read(moment, path, &all, seam, output);
        if read < all.len() {
            all.drain(..read);
            self.kept = all;
        }
    }

    /// Reads as far as it can, and tells how far. A segment begins at the seam.
    fn read(&mut self, moment: Moment, path: &Path, octets: &[u8], seam: usize, output: &mut Output) -> usize {
        let mut at = 0;
        self.wanted = 0;
        while let Some(rest) = octets.get(at..).filter(|rest| !rest.is_empty()) {
            match self.step(rest, seam.saturating_sub(at), output) {
                Step::Pass(length) => at += length,
                Step::Say(protocol, length) => {
                    say(moment, path, protocol, rest.get(..length).unwrap_or_default(), output);
                    at += length;
                }
                Step::Seal(length) => {
                    self.sealed.push(Piece { moment, octets: rest.get(..length).map(<[u8]>::to_vec) });
                    at += length;
                }
                Step::Wait(wanted) => {
                    self.wanted = wanted;
                    break;
                }
            }
        }
        at.min(octets.len())
    }

    fn step(&mut self, octets: &[u8], seam: usize, output: &mut Output) -> Step {
        match &mut self.state {
            State::Msrp => Step::Say(Protocol::Msrp, octets.len()),
            State::Sip => self.sip(octets, output),
            State::Tls => Step::Seal(octets.len()),
            State::Diameter => self.diameter(octets),
            State::Http(http) => match http.step(octets) {
                HttpStep::Pass(length) => Step::Pass(length),
                HttpStep::Head(length) => {
                    output.tally.http += 1;
                    Step::Pass(length)
                }
                HttpStep::Wait => Step::Wait(0),
                HttpStep::NotHttp => self.seek_again(),
            },
            State::Seeking => self.seek(octets, seam, output),
        }
    }

    fn seek(&mut self, octets: &[u8], seam: usize, output: &mut Output) -> Step {
        if let lead @ 1.. = empty_lines(octets) {
            return Step::Pass(lead);
        }
        self.state = match recognise(octets, false) {
            Found::Sip if self.sure || begins_sip(octets) => State::Sip,
            Found::Msrp => State::Msrp,
            Found::Diameter => State::Diameter,
            Found::Http => State::Http(Http::default()),
            Found::Tls if !self.within_tls => State::Tls,
            Found::Undecided => return Step::Wait(0),
            Found::Sip | Found::Tls | Found::Other => {
                // The next segment may begin with a message, if this one does not.
                let beginning = if seam > 0 { Some(seam) } else { msrp_within(octets) };
                let passed = beginning.unwrap_or(octets.len());
                output.tally.unrecognised += passed as u64;
                self.sure = false;
                return Step::Pass(passed);
            }
        };
        self.speaks |= !matches!(self.state, State::Http(_) | State::Tls);
        Step::Pass(0)
    }

    fn seek_again(&mut self) -> Step {
        self.state = State::Seeking;
        Step::Pass(0)
    }

    /// One message (RFC 3261 section 18.3). The wire's own framer ends with the first thing that is wrong, as an endpoint
    /// must; here it is handed over, and what follows is read on.
    fn sip(&mut self, octets: &[u8], output: &mut Output) -> Step {
        if self.searched == 0 {
            if let lead @ 1.. = empty_lines(octets) {
                return Step::Pass(lead);
            }
            match recognise(octets, false) {
                Found::Sip => {}
                Found::Undecided => return Step::Wait(0),
                // What stands where a message has to begin is to be judged.
                _ if std::mem::take(&mut self.sure) => {
                    self.state = State::Seeking;
                    return Step::Say(Protocol::Sip, octets.len());
                }
                _ => return self.seek_again(),
            }
        }
        let Some(head) = head_end(octets, self.searched.saturating_sub(3)) else {
            self.searched = octets.len();
            return if octets.len() > MAX_HEAD { self.too_long(octets, output) } else { Step::Wait(0) };
        };
        let body = content_length(octets.get(..head).unwrap_or_default());
        let length = head.saturating_add(body.unwrap_or(0));
        if body.is_some_and(|body| body > MAX_BODY) {
            return self.too_long(octets, output);
        }
        if octets.len() < length {
            self.searched = head;
            return Step::Wait(length);
        }
        // Without a length nobody knows where the next one begins.
        self.sure &= body.is_some();
        self.searched = 0;
        Step::Say(Protocol::Sip, length)
    }

    fn too_long(&mut self, octets: &[u8], output: &mut Output) -> Step {
        output.tally.unfinished += octets.len() as u64;
        (self.state, self.searched, self.sure) = (State::Seeking, 0, false);
        Step::Pass(octets.len())
    }

    /// One message, whose length its header tells (RFC 6733 section 3).
    fn diameter(&mut self, octets: &[u8]) -> Step {
        match recognise(octets, false) {
            Found::Diameter => {}
            Found::Undecided => return Step::Wait(0),
            _ => return self.seek_again(),
        }
        let length = Order::Big.u32(octets, 0).unwrap_or_default() as usize & 0x00ff_ffff;
        if octets.len() < length { Step::Wait(length) } else { Step::Say(Protocol::Diameter, length) }
    }
}

fn say(moment: Moment, path: &Path, protocol: Protocol, octets: &[u8], output: &mut Output) {
    *match protocol {
        Protocol::Sip => &mut output.tally.sip,
        Protocol::Msrp => &mut output.tally.msrp_pieces,
        Protocol::Diameter => &mut output.tally.diameter,
    } += 1;
    output.seen.push_back(Seen::Octets(Octets {
        frame: moment.frame,
        at: moment.at,
        source: path.source,
        destination: path.destination,
        transport: Transport::Tcp,
        protocol,
        connection: Some(path.connection),
        octets: Bytes::copy_from_slice(octets),
    }));
}

/// Keep-alives, and empty lines before a message (RFC 3261 section 7.5).
fn empty_lines(octets: &[u8]) -> usize {
    octets.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count()
}

/// Where a head ends, its empty line included. A lone LF ends a line, too.
pub(super) fn head_end(octets: &[u8], from: usize) -> Option<usize> {
    memchr_iter(b'\n', octets.get(from..)?).map(|at| from + at + 1).find_map(|next| match octets.get(next..) {
        Some([b'\n', ..]) => Some(next + 1),
        Some([b'\r', b'\n', ..]) => Some(next + 2),
        _ => None,
    })
}

/// The value of Content-Length, if there is one and all that are there say the same.
pub(super) fn content_length(head: &[u8]) -> Option<usize> {
    let mut found = None;
    let mut lines = head.split(|octet| *octet == b'\n').peekable();
    while let Some(line) = lines.next() {
        let Some((name, value)) = memchr(b':', line).and_then(|colon| line.split_at_checked(colon)) else { continue };
        let name = name.trim_ascii_end();
        if name.eq_ignore_ascii_case(b"Content-Length") || name.eq_ignore_ascii_case(b"l") {
            let mut digits = value.get(1..).unwrap_or_default().trim_ascii();
            // The value may begin in a later line (RFC 3261 section 7.3.1).
            while let Some(next) = lines.next_if(|next| digits.is_empty() && matches!(next, [b' ' | b'\t', ..])) {
                digits = next.trim_ascii();
            }
            let digits = std::str::from_utf8(digits).ok()?;
            let length = digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok()).flatten()?;
            if found.is_some_and(|found| found != length) {
                return None;
            }
            found = Some(length);
        }
    }
    found
}

/// Where within octets a message of MSRP begins for certain: behind the end line of another (RFC 4975 section 7.1).
fn msrp_within(octets: &[u8]) -> Option<usize> {
    let ends =
        |at: &usize| at.checked_sub(1).and_then(|before| octets.get(before)).is_some_and(|flag| b"$+#".contains(flag));
    memmem::find_iter(octets, b"\r\nMSRP ").find(ends).map(|at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_length_is_read_as_it_may_be_written() {
        for (head, length) in [
            (&b"a: b\r\nContent-Length: 12\r\n\r\n"[..], Some(12)),
            (b"L \t:\r\n \r\n\t0012 \r\na: b\r\n\r\n", Some(12)),
            (b"l: 1\r\nContent-Length: 2\r\n\r\n", None),
            (b"l: x\r\n\r\n", None),
            (b"l:\r\n\r\n", None),
        ] {
            assert_eq!(content_length(head), length, "{}", head.escape_ascii());
        }
    }
}
