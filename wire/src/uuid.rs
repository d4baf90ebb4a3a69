//! Universally unique identifiers (RFC 9562) as interception names its tasks, destinations and transactions.

use std::fmt;
use std::str::FromStr;

/// The places of the hyphens in the text.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
/// The length of the text.
const LENGTH: usize = 36;

/// Sixteen octets; as text, hexadecimal digits in groups of 8-4-4-4-12 (RFC 9562 section 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// A UUID of version 4 of these random octets (RFC 9562 section 5.4).
    #[must_use]
    pub const fn random(mut octets: [u8; 16]) -> Uuid {
        octets[6] = octets[6] & 0x0F | 0x40;
        octets[8] = octets[8] & 0x3F | 0x80;
        Uuid(octets)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, octet) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{octet:02x}")?;
        }
        Ok(())
    }
}

/// The text is no UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID in the form of RFC 9562")]
pub struct NoUuid;

impl FromStr for Uuid {
    type Err = NoUuid;

    fn from_str(text: &str) -> Result<Uuid, NoUuid> {
        let text = text.as_bytes();
        if text.len() != LENGTH || HYPHENS.iter().any(|at| text.get(*at) != Some(&b'-')) {
            return Err(NoUuid);
        }
        let mut digits = text.iter().enumerate().filter(|(at, _)| !HYPHENS.contains(at)).map(|(_, digit)| digit);
        let mut octets = [0; 16];
        for octet in &mut octets {
            *octet = digit(digits.next())? << 4 | digit(digits.next())?;
        }
        Ok(Uuid(octets))
    }
}

fn digit(octet: Option<&u8>) -> Result<u8, NoUuid> {
    let value = octet.and_then(|octet| char::from(*octet).to_digit(16)).ok_or(NoUuid)?;
    u8::try_from(value).map_err(|_| NoUuid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_text_has_one_form() {
        let text = "29f28e1c-f230-486a-a860-f5a784ab9172";
        let uuid: Uuid = text.parse().unwrap();
        assert_eq!(uuid.to_string(), text);
        assert_eq!(text.to_uppercase().parse(), Ok(uuid));
        for wrong in ["", "29f28e1cf230486aa860f5a784ab9172", "{29f28e1c-f230-486a-a860-f5a784ab9172}"] {
            assert_eq!(wrong.parse::<Uuid>(), Err(NoUuid), "{wrong}");
        }
        assert_eq!("29f28e1c-f230-486a-a860-f5a784ab917g".parse::<Uuid>(), Err(NoUuid));
        assert_eq!("29f28e1c-f230-486a-a860-+5a784ab9172".parse::<Uuid>(), Err(NoUuid));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(octets: [u8; 16]) {
            let uuid = Uuid::random(octets);
            prop_assert_eq!(uuid.to_string().parse(), Ok(uuid));
            prop_assert_eq!(uuid.to_string().as_bytes()[14], b'4');
        }
    }
}
