//! Values of the types of RFC 6733 sections 4.2 and 4.3.

use cpm_wire::diameter::dictionary::{Definition, Kind};

use crate::rules::base::sheet::{BaseRule, habit, must};

static SIZE: BaseRule = must(
    "base.diameter.avp_size",
    "RFC 6733 sections 4.2 and 4.3",
    "Numbers and times have four octets, or eight where the type says 64.",
);
static TEXT: BaseRule = must("base.diameter.avp_text", "RFC 6733 section 4.3.1", "A UTF8String is UTF-8.");
static IDENTITY: BaseRule = must(
    "base.diameter.avp_identity",
    "RFC 6733 section 4.3.1",
    "A DiameterIdentity is a domain name in ASCII; a DiameterURI is aaa:// or aaas:// and one.",
);
static ADDRESS: BaseRule = must(
    "base.diameter.avp_address",
    "RFC 6733 section 4.3.1",
    "An Address begins with its family; one of IPv4 has four octets then, one of IPv6 sixteen.",
);
static ENUMERATED: BaseRule = habit(
    "base.diameter.avp_enumerated",
    "RFC 6733 section 4.3.1",
    "An Enumerated has one of the values that the definition of the AVP lists.",
);
static OF_3GPP: BaseRule = habit(
    "base.diameter.avp_type_3gpp",
    "RFC 6733 section 4.3, of AVPs of TS 32.299 section 7.2",
    "The value of an AVP of 3GPP is of its type.",
);

pub(super) static RULES: &[&BaseRule] = &[&SIZE, &TEXT, &IDENTITY, &ADDRESS, &ENUMERATED, &OF_3GPP];

/// The rule that a value breaks, and what it should be.
pub(super) fn fault(definition: &Definition, data: &[u8]) -> Option<(&'static BaseRule, &'static str)> {
    let (rule, expected) = of_kind(definition.kind, data)?;
    // Releases differ in what they make of an AVP, and not all of them could be read.
    let known = definition.vendor.is_none() || rule == &ENUMERATED;
    Some((if known { rule } else { &OF_3GPP }, expected))
}

fn of_kind(kind: Kind, data: &[u8]) -> Option<(&'static BaseRule, &'static str)> {
    let (right, rule, expected) = match kind {
        Kind::OctetString | Kind::Grouped => return None,
        Kind::Unsigned32 | Kind::Integer32 | Kind::Open | Kind::Time => (data.len() == 4, &SIZE, "four octets"),
        Kind::Unsigned64 | Kind::Integer64 => (data.len() == 8, &SIZE, "eight octets"),
        Kind::Enumerated(..) if data.len() != 4 => (false, &SIZE, "four octets"),
        Kind::Enumerated(from, to) => {
            let value = data.first_chunk().copied().map(i32::from_be_bytes);
            (value.is_some_and(|value| (from..=to).contains(&value)), &ENUMERATED, "one of the values listed")
        }
        Kind::Utf8String => (std::str::from_utf8(data).is_ok(), &TEXT, "UTF-8"),
        Kind::DiameterIdentity => (is_name(data), &IDENTITY, "a domain name"),
        Kind::DiameterUri => (is_uri(data), &IDENTITY, "aaa:// or aaas:// and a domain name"),
        Kind::Address => (is_address(data), &ADDRESS, "a family, and an address as long as it has to be"),
    };
    (!right).then_some((rule, expected))
}

/// Letters, digits and hyphens between dots; underscores are seen in names of hosts, and harm nobody.
pub(super) fn is_name(data: &[u8]) -> bool {
    let allowed = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_');
    !data.is_empty() && data.iter().all(allowed)
}

fn is_uri(data: &[u8]) -> bool {
    let rest = data.strip_prefix(b"aaas://").or_else(|| data.strip_prefix(b"aaa://"));
    rest.is_some_and(|rest| rest.first().is_some_and(|octet| octet.is_ascii_alphanumeric() || *octet == b'['))
}

/// IANA, Address Family Numbers: 1 is IPv4, 2 is IPv6, 0 and 65535 are reserved.
fn is_address(data: &[u8]) -> bool {
    let Some((family, address)) = data.split_first_chunk() else { return false };
    match u16::from_be_bytes(*family) {
        1 => address.len() == 4,
        2 => address.len() == 16,
        family => family != 0 && family != u16::MAX,
    }
}
