//! Passwords in commands of IMAP: the last argument of LOGIN (RFC 9051 section 6.2.3), as an atom, a string or a literal, and
//! the responses of AUTHENTICATE (section 6.2.2), with the command or on lines of their own.

/// So much of a word is looked at.
const LONGEST_WORD: usize = 64;

/// What stands at the end of a line that a literal follows: `{42}`, or `{42+}` where nobody waits to be asked for it.
#[derive(Debug, Default)]
struct Announcement {
    text: Vec<u8>,
}

impl Announcement {
    /// Takes the next octet of a line; whether it may be one of an announcement.
    fn takes(&mut self, octet: u8) -> bool {
        let fits = match (octet, self.text.last()) {
            (b'{', _) => {
                self.text.clear();
                true
            }
            (_, None | Some(b'}')) => false,
            (b'0'..=b'9', Some(last)) => matches!(last, b'{' | b'0'..=b'9') && self.text.len() < 20,
            (b'+' | b'-', Some(last)) => last.is_ascii_digit(),
            (b'}', Some(last)) => last.is_ascii_digit() || matches!(last, b'+' | b'-'),
            _ => false,
        };
        match fits {
            true => self.text.push(octet),
            false => self.text.clear(),
        }
        fits
    }

    /// How many octets follow the line, if any do.
    fn announced(&mut self) -> Option<u64> {
        let text = std::mem::take(&mut self.text);
        let count = std::str::from_utf8(&text).ok()?.strip_prefix('{')?.strip_suffix('}')?;
        count.trim_end_matches(['+', '-']).parse().ok()
    }
}

/// The commands of a client, as far as secrets may stand in them.
#[derive(Debug, Default)]
pub struct Commands {
    /// The tag of the command.
    tag: Vec<u8>,
    /// Its name.
    name: Vec<u8>,
    /// Which of its words, from 0, the next octet belongs to.
    word: usize,
    /// Whether that word has begun.
    begun: bool,
    /// Whether the next octet stands in a quoted string, and whether after a backslash.
    quoted: Option<bool>,
    announcement: Announcement,
    /// Whether all of the word so far is an announcement.
    announced_alone: bool,
    /// So many octets of a literal are still to come.
    literal: u64,
    /// Whether responses of AUTHENTICATE may come.
    authenticating: bool,
    /// Whether the line is such a response.
    response: bool,
}

impl Commands {
    /// Takes the next octets, and gives where among them secrets stand.
    pub fn came(&mut self, octets: &[u8]) -> Vec<usize> {
        let mut secret = Vec::new();
        for (at, octet) in octets.iter().enumerate() {
            if self.authenticating && self.word == 0 && !self.begun && self.literal == 0 {
                // A command has a second word; what has none is a response.
                let line = octets.iter().skip(at).take_while(|octet| **octet != b'\n');
                self.response = !line.into_iter().any(|octet| *octet == b' ');
            }
            if self.takes(*octet) {
                secret.push(at);
            }
        }
        secret
    }

    /// The tester's answers: after one to the command itself, no literal of it follows.
    pub fn answered(&mut self, octets: &[u8]) {
        let ended = |line: &[u8]| line.strip_prefix(self.tag.as_slice()).is_some_and(|rest| rest.starts_with(b" "));
        if self.literal > 0 && !self.tag.is_empty() && octets.split(|octet| *octet == b'\n').any(ended) {
            self.end();
        }
    }

    /// Whether this octet is one of a secret.
    fn takes(&mut self, octet: u8) -> bool {
        if self.literal > 0 {
            self.literal -= 1;
            return self.is_secret();
        }
        match (octet, self.quoted) {
            (b'\n', _) => {
                self.end_line();
                false
            }
            (b'\r', _) => false,
            (_, Some(escaped)) => self.within_quotes(octet, escaped),
            (b' ', None) => {
                let within = self.is_secret() && self.begun;
                if self.word < usize::from(u8::MAX) {
                    self.word += 1;
                }
                self.begun = false;
                self.announcement.text.clear();
                within
            }
            (b'"', None) if !self.begun => {
                (self.begun, self.quoted) = (true, Some(false));
                false
            }
            (octet, None) => self.plain(octet),
        }
    }

    fn within_quotes(&mut self, octet: u8, escaped: bool) -> bool {
        self.quoted = match octet {
            b'"' if !escaped => None,
            octet => Some(octet == b'\\' && !escaped),
        };
        self.quoted.is_some() && self.is_secret()
    }

    fn plain(&mut self, octet: u8) -> bool {
        let begins = !std::mem::replace(&mut self.begun, true);
        let announces = self.announcement.takes(octet);
        match self.word {
            0 if self.tag.len() < LONGEST_WORD => self.tag.push(octet),
            1 if self.name.len() < LONGEST_WORD => self.name.push(octet.to_ascii_uppercase()),
            _ => {}
        }
        // The announcement of a literal is none by itself.
        let alone = announces && (begins || self.announced_alone);
        self.announced_alone = alone;
        self.is_secret() && !alone
    }

    fn is_secret(&self) -> bool {
        self.response || self.word >= 3 && matches!(self.name.as_slice(), b"LOGIN" | b"AUTHENTICATE")
    }

    fn end_line(&mut self) {
        (self.quoted, self.announced_alone) = (None, false);
        match self.announcement.announced() {
            Some(octets) => self.literal = octets,
            None => self.end(),
        }
    }

    /// The command is over.
    fn end(&mut self) {
        let authenticating = self.response || self.name == b"AUTHENTICATE";
        *self = Commands { authenticating, ..Commands::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::super::Blotter;
    use bytes::Bytes;
    use pretty_assertions::assert_eq;

    /// What is shown of pieces that come one after the other.
    fn shown(pieces: &[&[u8]]) -> String {
        let mut blotter = Blotter::imap();
        let pieces = pieces.iter().map(|piece| blotter.came(Bytes::copy_from_slice(piece)));
        pieces.map(|piece| String::from_utf8(piece.to_vec()).unwrap()).collect()
    }

    const TABLE: [(&str, &str); 14] = [
        ("a1 LOGIN bob \"se cret\"\r\na2 NOOP\r\n", "a1 LOGIN bob \"xxxxxxx\"\r\na2 NOOP\r\n"),
        ("a1 LOGIN bob \"se\\\"et\"\r\na2 NOOP\r\n", "a1 LOGIN bob \"xxxxxx\"\r\na2 NOOP\r\n"),
        ("a1 LOGIN bob \"\"\r\n", "a1 LOGIN bob \"\"\r\n"),
        ("a1 login bob secret\r\na2 NOOP x y z\r\n", "a1 login bob xxxxxx\r\na2 NOOP x y z\r\n"),
        ("a1 LOGIN bob {6}\r\nsecret\r\na2 LIST a b\r\n", "a1 LOGIN bob {6}\r\nxxxxxx\r\na2 LIST a b\r\n"),
        ("a1 LOGIN bob {5+}\r\nse\r\nt\r\na2 NOOP\r\n", "a1 LOGIN bob {5+}\r\nxxxxx\r\na2 NOOP\r\n"),
        ("a1 LOGIN {3}\r\nbob {6}\r\nsecret\r\n", "a1 LOGIN {3}\r\nbob {6}\r\nxxxxxx\r\n"),
        ("a1 LOGIN {3+}\r\nb b secret\r\n", "a1 LOGIN {3+}\r\nb b xxxxxx\r\n"),
        ("a1 LOGIN bob {6cret\r\n", "a1 LOGIN bob {6xxxx\r\n"),
        ("a1 AUTHENTICATE PLAIN AGJvYgBi\r\n", "a1 AUTHENTICATE PLAIN xxxxxxxx\r\n"),
        ("a1 AUTHENTICATE PLAIN\r\nAGJvYgBi\r\na2 NOOP\r\n", "a1 AUTHENTICATE PLAIN\r\nxxxxxxxx\r\na2 NOOP\r\n"),
        (
            "a1 AUTHENTICATE LOGIN\r\nYm9i\r\nc2Vj\r\na2 LIST a b\r\n",
            "a1 AUTHENTICATE LOGIN\r\nxxxx\r\nxxxx\r\na2 LIST a b\r\n",
        ),
        ("a1 APPEND c LOGIN\r\na2 NOOP a b c\r\n", "a1 APPEND c LOGIN\r\na2 NOOP a b c\r\n"),
        // What an object says is no command.
        (
            "a1 APPEND c {20+}\r\na1 LOGIN bob secret\n\r\na2 NOOP\r\n",
            "a1 APPEND c {20+}\r\na1 LOGIN bob secret\n\r\na2 NOOP\r\n",
        ),
    ];

    #[test]
    fn passwords_are_blotted_out_and_nothing_else_moves() {
        for (text, expected) in TABLE {
            assert_eq!(shown(&[text.as_bytes()]), expected);
        }
    }

    #[test]
    fn wherever_the_stream_is_cut() {
        for (text, _) in TABLE.iter().filter(|(text, _)| !text.contains("AUTHENTICATE")) {
            let whole = shown(&[text.as_bytes()]);
            for cut in 0..text.len() {
                let (head, tail) = text.as_bytes().split_at(cut);
                assert_eq!(shown(&[head, tail]), whole, "{text} at {cut}");
            }
        }
    }

    #[test]
    fn a_response_cut_in_two_shows_nothing_of_itself() {
        let text = b"a1 AUTHENTICATE PLAIN\r\nAGJvYgBzZWNyZXQ=\r\n";
        for cut in 24..text.len() {
            let (head, tail) = text.split_at(cut);
            let shown = shown(&[head, tail]);
            assert_eq!(shown, "a1 AUTHENTICATE PLAIN\r\nxxxxxxxxxxxxxxxx\r\n", "{cut}");
        }
    }

    #[test]
    fn a_literal_that_was_refused_is_not_waited_for() {
        let mut blotter = Blotter::imap();
        blotter.came(Bytes::from_static(b"a1 APPEND c {9999999}\r\n"));
        blotter.answered(b"a1 NO more than is taken\r\n");
        assert_eq!(blotter.came(Bytes::from_static(b"a2 LOGIN bob secret\r\n")), "a2 LOGIN bob xxxxxx\r\n");
    }
}
