//! tel URIs (RFC 3966).

use super::grammar::{DIGITS, Octets};
use super::params::Params;
use super::sip_uri::{good_params, same_value};
use crate::search::find;

/// A tel URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelUri<'a> {
    /// The number with its visual separators.
    pub number: &'a str,
    /// The parameters.
    pub params: Params<'a>,
}

static SEPARATORS: Octets = Octets::of(&[b"-.()"]);
static LOCAL: Octets = Octets::of(&[b"0123456789abcdefABCDEF*#"]);

impl<'a> TelUri<'a> {
    /// Reads what follows the scheme. A local number without phone-context is against the RFC and in daily use.
    pub(super) fn read(rest: &'a str) -> Option<TelUri<'a>> {
        let end = find([b';'], rest.as_bytes()).unwrap_or(rest.len());
        let (number, params) = rest.split_at_checked(end)?;
        let (digits, allowed) = match number.strip_prefix('+') {
            Some(global) => (global, &DIGITS),
            None => (number, &LOCAL),
        };
        let good = digits.bytes().all(|octet| allowed.has(octet) || SEPARATORS.has(octet))
            && digits.bytes().any(|octet| allowed.has(octet))
            && good_params(params);
        good.then_some(TelUri { number, params: Params::new(params) })
    }

    /// The number in lower case without its visual separators.
    pub fn digits(&self) -> String {
        let digits = self.number.bytes().filter(|octet| !SEPARATORS.has(*octet));
        digits.map(|octet| char::from(octet.to_ascii_lowercase())).collect()
    }

    /// RFC 3966 section 5: both global or both local, the same digits, the same parameters in any order.
    pub(super) fn equals(&self, other: &TelUri<'_>) -> bool {
        let has_all = |a: &TelUri<'_>, b: &TelUri<'_>| {
            a.params.iter().all(|(name, value)| b.params.raw(name).is_some_and(|found| same_value(value, found)))
        };
        self.digits() == other.digits() && has_all(self, other) && has_all(other, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::sip::Uri;

    #[test]
    fn numbers_are_compared_without_separators() {
        let same = |a: &str, b: &str| Uri::parse(a).unwrap().equals(&Uri::parse(b).unwrap());
        assert!(same("tel:+1-201-555-0123", "TEL:+1(201)5550123"));
        assert!(same("tel:7042;phone-context=Example.COM;x=y", "tel:7042;X=y;phone-context=example.com"));
        assert!(!same("tel:7042;phone-context=example.com", "tel:7042"));
        assert!(!same("tel:+7042", "tel:7042"));
    }

    #[test]
    fn what_is_no_tel_uri() {
        for bad in ["tel:", "tel:+", "tel:-", "tel:+1a", "tel:1+2", "tel:+1 2", "tel:+1;", "tel:phone"] {
            assert!(Uri::parse(bad).is_err(), "{bad}");
        }
        assert!(Uri::parse("tel:*31#;phone-context=+1").is_ok());
    }
}
