//! Content codings of bodies (RFC 3261 section 20.12, RFC 9110 section 8.4.1): `deflate` and `gzip`, so that a rule reads what
//! is in them. Whatever is wrong with coded octets, they are not read.

/// The most octets that a body is read to.
const MOST: usize = 1 << 20;
/// The order in which lengths of the code lengths stand (RFC 1951 section 3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// The least length of each length code from 257 on, and its extra bits (RFC 1951 section 3.2.5).
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// What is in coded octets; none where the coding is another, or they are not what it writes.
pub(super) fn decoded(coding: &str, octets: &[u8]) -> Option<Vec<u8>> {
    match coding.trim().to_ascii_lowercase().as_str() {
        // By RFC 9110 in the wrapper of RFC 1950; some coders leave it out.
        "deflate" => zlib(octets).and_then(inflated).or_else(|| inflated(octets)),
        "gzip" | "x-gzip" => gzip(octets).and_then(inflated),
        _ => None,
    }
}

/// What follows the head of RFC 1950.
fn zlib(octets: &[u8]) -> Option<&[u8]> {
    let [method, flags, rest @ ..] = octets else { return None };
    let whole = u16::from_be_bytes([*method, *flags]);
    (method & 0x0f == 8 && whole.is_multiple_of(31) && flags & 0x20 == 0).then_some(rest)
}

/// What follows the head of RFC 1952.
fn gzip(octets: &[u8]) -> Option<&[u8]> {
    let [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, rest @ ..] = octets else { return None };
    let mut rest = rest;
    if flags & 4 != 0 {
        let [low, high, more @ ..] = rest else { return None };
        rest = more.get(usize::from(u16::from_le_bytes([*low, *high]))..)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|octet| *octet == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & 2 != 0 { rest.get(2..) } else { Some(rest) }
}

/// Bits, the lowest of each octet first.
struct Bits<'a> {
    octets: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn one(&mut self) -> Option<u16> {
        let octet = *self.octets.get(self.at / 8)?;
        let bit = (octet >> (self.at % 8)) & 1;
        self.at += 1;
        Some(u16::from(bit))
    }

    fn take(&mut self, count: u8) -> Option<u16> {
        (0..count).try_fold(0, |value, place| Some(value | (self.one()? << place)))
    }

    /// The next symbol of a code.
    fn symbol(&mut self, code: &Code) -> Option<u16> {
        let (mut word, mut first, mut index) = (0usize, 0usize, 0usize);
        for count in code.counts.iter().skip(1) {
            word |= usize::from(self.one()?);
            if word < first + count {
                return code.symbols.get(index + word - first).copied();
            }
            index += count;
            first = (first + count) << 1;
            word <<= 1;
        }
        None
    }
}

/// A code, by how many words of each length it has, and its symbols in the order of their words (RFC 1951 section 3.2.2).
struct Code {
    counts: [usize; 16],
    symbols: Vec<u16>,
}

impl Code {
    fn new(lengths: &[u8]) -> Code {
        let mut counts = [0; 16];
        let mut symbols = Vec::new();
        for length in 1..16u8 {
            let own = (0u16..).zip(lengths).filter(|(_, own)| **own == length).map(|(symbol, _)| symbol);
            let before = symbols.len();
            symbols.extend(own);
            if let Some(count) = counts.get_mut(usize::from(length)) {
                *count = symbols.len() - before;
            }
        }
        Code { counts, symbols }
    }

    /// The codes that need not be told (RFC 1951 section 3.2.6).
    fn fixed() -> (Code, Code) {
        let length = |symbol| match symbol {
            0..144 => 8,
            144..256 => 9,
            256..280 => 7,
            _ => 8,
        };
        (Code::new(&(0..288).map(length).collect::<Vec<u8>>()), Code::new(&[5; 30]))
    }

    /// The codes that a block tells (RFC 1951 section 3.2.7).
    fn told(bits: &mut Bits<'_>) -> Option<(Code, Code)> {
        let (literals, distances) = (usize::from(bits.take(5)?) + 257, usize::from(bits.take(5)?) + 1);
        let told = usize::from(bits.take(4)?) + 4;
        let mut own = [0u8; 19];
        for place in ORDER.iter().take(told) {
            *own.get_mut(*place)? = u8::try_from(bits.take(3)?).ok()?;
        }
        let code = Code::new(&own);
        let mut lengths: Vec<u8> = Vec::new();
        while lengths.len() < literals + distances {
            let (value, times) = match bits.symbol(&code)? {
                16 => (*lengths.last()?, bits.take(2)? + 3),
                17 => (0, bits.take(3)? + 3),
                18 => (0, bits.take(7)? + 11),
                length => (u8::try_from(length).ok()?, 1),
            };
            lengths.extend(std::iter::repeat_n(value, usize::from(times)));
        }
        Some((Code::new(lengths.get(..literals)?), Code::new(lengths.get(literals..literals + distances)?)))
    }
}

/// What is in a stream of RFC 1951.
fn inflated(octets: &[u8]) -> Option<Vec<u8>> {
    let mut bits = Bits { octets, at: 0 };
    let mut out = Vec::new();
    loop {
        let last = bits.one()? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut out)?,
            1 => block(&mut bits, &mut out, Code::fixed())?,
            2 => {
                let codes = Code::told(&mut bits)?;
                block(&mut bits, &mut out, codes)?;
            }
            _ => return None,
        }
        if last {
            return Some(out);
        }
    }
}

fn stored(bits: &mut Bits<'_>, out: &mut Vec<u8>) -> Option<()> {
    let at = bits.at.div_ceil(8);
    let [one, two, three, four] = bits.octets.get(at..at + 4)? else { return None };
    let (length, check) = (u16::from_le_bytes([*one, *two]), u16::from_le_bytes([*three, *four]));
    let own = bits.octets.get(at + 4..at + 4 + usize::from(length)).filter(|_| length == !check)?;
    out.extend_from_slice(own);
    bits.at = (at + 4 + usize::from(length)) * 8;
    (out.len() <= MOST).then_some(())
}

fn block(bits: &mut Bits<'_>, out: &mut Vec<u8>, (literals, distances): (Code, Code)) -> Option<()> {
    while out.len() <= MOST {
        match bits.symbol(&literals)? {
            256 => return Some(()),
            literal @ 0..256 => out.push(u8::try_from(literal).ok()?),
            length => {
                let (least, extra) = *LENGTHS.get(usize::from(length) - 257)?;
                let length = least + bits.take(extra)?;
                let distance = distance(bits, &distances)?;
                let from = out.len().checked_sub(distance)?;
                for at in from..from + usize::from(length) {
                    out.push(*out.get(at)?);
                }
            }
        }
    }
    None
}

fn distance(bits: &mut Bits<'_>, code: &Code) -> Option<usize> {
    let symbol = bits.symbol(code)?;
    let extra = u8::try_from(symbol.saturating_sub(2) / 2).ok()?;
    let least = if symbol < 4 { usize::from(symbol) + 1 } else { ((2 + usize::from(symbol & 1)) << extra) + 1 };
    Some(least + usize::from(bits.take(extra)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn octets(hex: &str) -> Vec<u8> {
        let digits: Vec<char> = hex.chars().collect();
        digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
    }

    #[test]
    fn what_zlib_has_written_is_read() {
        let text = "a report, a report, and a report on it".to_owned();
        for (coding, coded) in [
            (
                "deflate",
                "7801012600d9ff61207265706f72742c2061207265706f72742c20616e642061207265706f7274206f6e20697400840d3d",
            ),
            ("Deflate", "78014b54284a2dc82f2ad1514844b0f252e03c85fc3c85cc120000840d3d"),
            ("deflate", "4b54284a2dc82f2ad1514844b0f252e03c85fc3c85cc1200"),
            ("gzip", "1f8b08000000000002034b54284a2dc82f2ad1514844b0f252e03c85fc3c85cc120065c8ab3226000000"),
        ] {
            assert_eq!(decoded(coding, &octets(coded)), Some(text.clone().into_bytes()), "{coded}");
        }
        let long: String = (0..20).map(|number| format!("{number} reports, ")).collect();
        assert_eq!(
            decoded(
                "deflate",
                &octets(
                    "78da4dcdb11180200004c15628c08053112cc85807ed7f0cffb2cdb696793df7fcdea510aee116ee610b8fb087233c5554591f0ad1884a74a214ada845ef0f62cb4ba1"
                )
            ),
            Some(long.into_bytes())
        );
    }

    #[test]
    fn what_is_broken_or_of_another_coding_is_not() {
        let good = octets("78014b54284a2dc82f2ad1514844b0f252e03c85fc3c85cc120000840d3d");
        assert_eq!(decoded("br", &good), None);
        for end in 0..good.len() - 5 {
            assert_eq!(decoded("deflate", &good[..end]), None, "{end}");
        }
        assert_eq!(decoded("gzip", &good), None);
        assert_eq!(decoded("deflate", &[0x78, 0x9c, 7]), None);
    }
}
