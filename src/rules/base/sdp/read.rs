//! A session description as the judge reads it: once, into lines and media, nothing copied (RFC 8866 section 9).

use cpm_wire::search::{Places, find};

use crate::rules::base::piece::Piece;

/// The attributes that rules ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// No `a=`, or one that no rule asks for.
    Other,
    Path,
    AcceptTypes,
    AcceptWrappedTypes,
    MaxSize,
    Setup,
    Connection,
    Cema,
    Fingerprint,
    FileSelector,
    FileTransferId,
    FileDisposition,
    FileDate,
    FileIcon,
    FileRange,
    Direction,
}

impl Name {
    fn of(text: &str) -> Name {
        match text {
            "path" => Name::Path,
            "accept-types" => Name::AcceptTypes,
            "accept-wrapped-types" => Name::AcceptWrappedTypes,
            "max-size" => Name::MaxSize,
            "setup" => Name::Setup,
            "connection" => Name::Connection,
            "msrp-cema" => Name::Cema,
            "fingerprint" => Name::Fingerprint,
            "file-selector" => Name::FileSelector,
            "file-transfer-id" => Name::FileTransferId,
            "file-disposition" => Name::FileDisposition,
            "file-date" => Name::FileDate,
            "file-icon" => Name::FileIcon,
            "file-range" => Name::FileRange,
            "sendrecv" | "sendonly" | "recvonly" | "inactive" => Name::Direction,
            _ => Name::Other,
        }
    }
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// The letter before the equals sign.
    pub letter: u8,
    /// Of an attribute, which it is.
    pub name: Name,
    /// What stands after the equals sign.
    pub value: Piece<'a>,
    /// Of an attribute, what stands after its colon; none without one.
    pub said: Option<Piece<'a>>,
}

/// A description.
#[derive(Clone, Debug)]
pub(in crate::rules::base) struct Description<'a> {
    pub(super) text: &'a str,
    pub(super) lines: Vec<Line<'a>>,
    /// The first line that is none.
    pub(super) odd: Option<Piece<'a>>,
    /// A line that does not end with CRLF.
    pub(super) bare: bool,
}

/// An m= line and those that belong to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Medium<'d, 'a> {
    pub line: Piece<'a>,
    pub kind: &'a str,
    pub port: &'a str,
    pub protocol: &'a str,
    /// What stands after the transport, the formats.
    pub formats: Piece<'a>,
    pub lines: &'d [Line<'a>],
}

impl<'a> Description<'a> {
    /// Reads a description; none when it is not UTF-8.
    pub fn read(octets: &'a [u8]) -> Option<Description<'a>> {
        let text = std::str::from_utf8(octets).ok()?;
        let mut description = Description { text, lines: Vec::with_capacity(24), odd: None, bare: false };
        let mut at = 0;
        let mut feeds = Places::of([b'\n'], octets);
        while at < text.len() {
            let end = feeds.next();
            let line = text.get(at..end.unwrap_or(text.len())).unwrap_or_default();
            let whole = line.strip_suffix('\r');
            description.bare |= whole.is_none() || end.is_none();
            description.line(Piece::new(whole.unwrap_or(line), at));
            at = end.map_or(text.len(), |end| end + 1);
        }
        Some(description)
    }

    fn line(&mut self, mut line: Piece<'a>) {
        if find([b'\r'], line.text.as_bytes()).is_some() {
            self.bare = true;
            line = Piece::new(line.text.trim_end_matches('\r'), line.at);
        }
        match *line.text.as_bytes() {
            [letter @ b'a'..=b'z', b'=', ..] => {
                let value = line.from(2);
                let said = if letter == b'a' { value.split_once(':') } else { None };
                let name =
                    if letter == b'a' { Name::of(said.map_or(value.text, |said| said.0.text)) } else { Name::Other };
                self.lines.push(Line { letter, name, value, said: said.map(|said| said.1) });
            }
            // Empty lines at the end are line ends too many.
            [] if self.text.as_bytes().get(line.at..).is_some_and(|rest| rest.iter().all(u8::is_ascii_whitespace)) => {}
            _ => self.odd = self.odd.or(Some(line)),
        }
    }

    /// The lines before the first m=.
    pub(super) fn session(&self) -> &[Line<'a>] {
        let end = self.lines.iter().position(|line| line.letter == b'm').unwrap_or(self.lines.len());
        self.lines.get(..end).unwrap_or_default()
    }

    /// The media, in their order.
    pub(super) fn media(&self) -> impl Iterator<Item = Medium<'_, 'a>> {
        let mut rest = self.lines.get(self.session().len()..).unwrap_or_default();
        std::iter::from_fn(move || {
            let (first, after) = rest.split_first()?;
            let length = after.iter().position(|line| line.letter == b'm').unwrap_or(after.len());
            let (own, next) = after.split_at(length);
            rest = next;
            Some(medium(first.value, own))
        })
    }

    /// The value of the first line with this letter in the session.
    pub(super) fn of(&self, letter: u8) -> Option<Piece<'a>> {
        self.session().iter().find(|line| line.letter == letter).map(|line| line.value)
    }
}

fn medium<'d, 'a>(line: Piece<'a>, lines: &'d [Line<'a>]) -> Medium<'d, 'a> {
    let mut words = line.split(' ');
    let mut word = || words.next().map_or("", |word| word.text);
    let (kind, port, protocol) = (word(), word(), word());
    let formats = line.from(kind.len() + port.len() + protocol.len() + 3);
    Medium { line, kind, port, protocol, formats, lines }
}

impl<'a> Medium<'_, 'a> {
    /// The value of an attribute.
    pub fn said(&self, name: Name) -> Option<Piece<'a>> {
        said(self.lines, name)
    }

    pub fn has(&self, name: Name) -> bool {
        self.lines.iter().any(|line| line.name == name)
    }

    /// A medium that is neither refused nor over.
    pub fn is_in_use(&self) -> bool {
        self.port != "0"
    }

    /// A message session over MSRP.
    pub fn is_msrp(&self) -> bool {
        self.kind == "message" && self.protocol.ends_with("MSRP")
    }

    /// The direction, which the session may say for all.
    pub fn direction(&self, session: &[Line<'a>]) -> Option<Piece<'a>> {
        let own = |lines: &[Line<'a>]| lines.iter().find(|line| line.name == Name::Direction).map(|line| line.value);
        own(self.lines).or_else(|| own(session))
    }

    /// The role in a connection, which the session may say for all (RFC 4145 section 4).
    pub fn setup(&self, session: &[Line<'a>]) -> Option<Piece<'a>> {
        self.said(Name::Setup).or_else(|| said(session, Name::Setup)).map(Piece::trim)
    }
}

fn said<'a>(lines: &[Line<'a>], name: Name) -> Option<Piece<'a>> {
    let line = lines.iter().find(|line| line.name == name)?;
    Some(line.said.unwrap_or_else(|| line.value.from(usize::MAX)))
}
