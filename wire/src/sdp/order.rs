//! The form of lines, and the order in which section 5 of RFC 8866 wants them.

use super::Fault;

/// Where a letter stands among the fields of the session and among those of a media description, from 1 on; 0 where it may
/// not stand at all. In order of place, and a letter that may be repeated follows itself.
#[derive(Clone, Copy)]
struct Places {
    session: u8,
    media: u8,
    repeats_in_session: bool,
    repeats_in_media: bool,
}

const fn places_of(letter: u8) -> Places {
    let (session, media, repeats_in_session) = match letter {
        b'v' => (1, 0, false),
        b'o' => (2, 0, false),
        b's' => (3, 0, false),
        b'i' => (4, 2, false),
        b'u' => (5, 0, false),
        b'e' => (6, 0, true),
        b'p' => (7, 0, true),
        b'c' => (8, 3, false),
        b'b' => (9, 4, true),
        b't' | b'r' => (10, 0, true),
        b'z' => (11, 0, false),
        b'k' => (12, 5, false),
        b'a' => (13, 6, true),
        b'm' => (0, 1, true),
        _ => (0, 0, false),
    };
    Places { session, media, repeats_in_session, repeats_in_media: repeats_in_session || letter == b'c' }
}

/// The order of the lines, line by line.
#[derive(Clone, Copy)]
pub(super) struct Order {
    /// The lowest five bits of the letter of the line before, 0 before the first; from the first `m=` on, and 32.
    state: u8,
}

const IN_MEDIA: u8 = 32;

/// The state after each state and each letter from `a` on, 0 where the letter may not stand.
static AFTER: [[u8; 32]; 64] = {
    let mut table = [[0; 32]; 64];
    let (mut rows, mut order): (&mut [[u8; 32]], Order) = (&mut table, Order::new());
    while let [row, rest @ ..] = rows {
        let (mut slots, mut letter): (&mut [u8], u8) = (row, b'a');
        while let [slot, others @ ..] = slots {
            if order.check(letter).is_ok() {
                *slot = order.after(letter).state;
            }
            letter += 1;
            slots = others;
        }
        order.state += 1;
        rows = rest;
    }
    table
};

impl Order {
    /// Before the first line.
    pub const fn new() -> Order {
        Order { state: 0 }
    }

    /// Takes the next line and tells its letter, or says why it is none or may not stand there.
    #[inline(always)]
    pub fn take(&mut self, line: &[u8], stray: bool) -> Result<u8, Fault> {
        if let [letter, b'=', _, ..] = *line
            && let Some(after) = self.allows(letter)
            && !stray
        {
            *self = after;
            return Ok(letter);
        }
        let letter = self.look_at(line, stray)?;
        *self = self.after(letter);
        Ok(letter)
    }

    /// The order after a line of this letter, if it may stand here.
    #[inline(always)]
    pub fn allows(self, letter: u8) -> Option<Order> {
        let state = *AFTER.get(usize::from(self.state & 63))?.get(usize::from(letter.checked_sub(b'a')?))?;
        (state != 0).then_some(Order { state })
    }

    /// As [`Order::take`], for any line.
    #[cold]
    #[inline(never)]
    fn look_at(self, line: &[u8], stray: bool) -> Result<u8, Fault> {
        let letter = form(line, stray)?;
        self.check(letter).map(|()| letter)
    }

    /// The state after a line of this letter.
    pub const fn after(self, letter: u8) -> Order {
        let media = if letter == b'm' { IN_MEDIA } else { self.state & IN_MEDIA };
        Order { state: letter & 31 | media }
    }

    /// That a line of this letter may stand here.
    const fn check(self, letter: u8) -> Result<(), Fault> {
        let starts_media = letter == b'm';
        if let Some(needed) = self.needed()
            && needed != letter
            && (starts_media || after(needed, letter))
        {
            return Err(Fault::Missing(needed as char));
        }
        let (last, next) = (places_of(self.last()), places_of(letter));
        let (last, place, repeats) = if self.in_media() {
            (last.media, next.media, next.repeats_in_media)
        } else {
            (last.session, next.session, next.repeats_in_session)
        };
        let follows = place != 0 && (place > last || place == last && repeats);
        if follows || starts_media { Ok(()) } else { Err(Fault::Order) }
    }

    /// The mandatory letter that is to come next.
    const fn needed(self) -> Option<u8> {
        match places_of(self.last()).session {
            _ if self.in_media() => None,
            0 => Some(b'v'),
            1 => Some(b'o'),
            2 => Some(b's'),
            3..=9 => Some(b't'),
            _ => None,
        }
    }

    /// True from the first `m=` on.
    pub const fn in_media(self) -> bool {
        self.state & IN_MEDIA != 0
    }

    /// The letter of the line before.
    const fn last(self) -> u8 {
        self.state & 31 | 0x60
    }

    /// The mandatory letter that never came.
    pub fn missing(self) -> Option<Fault> {
        self.needed().map(|needed| Fault::Missing(char::from(needed)))
    }
}

/// The letter of a line that has the form `x=value`.
fn form(line: &[u8], stray: bool) -> Result<u8, Fault> {
    let [letter, b'=', value @ ..] = line else { return Err(Fault::NotALine) };
    match places_of(*letter) {
        Places { session: 0, media: 0, .. } if letter.is_ascii_alphabetic() => Err(Fault::UnknownLetter),
        Places { session: 0, media: 0, .. } => Err(Fault::NotALine),
        _ if stray => Err(Fault::ControlOctet),
        _ if value.is_empty() && !matches!(letter, b's' | b'i') => Err(Fault::NotALine),
        _ => Ok(*letter),
    }
}

/// True when a line of this letter can only stand after the mandatory one.
const fn after(mandatory: u8, letter: u8) -> bool {
    places_of(letter).session > places_of(mandatory).session || letter == b'r' && mandatory == b't'
}
