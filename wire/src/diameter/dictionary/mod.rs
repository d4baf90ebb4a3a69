//! What an AVP is called, which type it has, and whether its M bit is set: the base protocol (RFC 6733 section 4.5),
//! credit control (RFC 8506 section 8), and what TS 32.299 adds for messages and sessions of the IMS. An AVP that stands
//! here is also a constant, for builders.

mod base;
mod charging;
mod credit_control;

pub use base::*;
pub use charging::*;
pub use credit_control::*;

/// 3GPP, as vendor.
pub const VENDOR_3GPP: u32 = 10_415;

/// The type of a value (RFC 6733 sections 4.2 to 4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any octets.
    OctetString,
    /// Text in UTF-8.
    Utf8String,
    /// The name of a node or realm.
    DiameterIdentity,
    /// `aaa://` or `aaas://` and a name.
    DiameterUri,
    /// Four octets.
    Unsigned32,
    /// Eight octets.
    Unsigned64,
    /// Four octets, signed.
    Integer32,
    /// Eight octets, signed.
    Integer64,
    /// Four octets, one of these.
    Enumerated(i32, i32),
    /// Four octets of a list that grows from release to release.
    Open,
    /// A family, and an address of it.
    Address,
    /// Four octets: seconds since 1900.
    Time,
    /// AVPs.
    Grouped,
}

/// What a dictionary says of the M bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mandatory {
    /// Set.
    Must,
    /// As its maker likes.
    May,
    /// Clear.
    MustNot,
}

/// An AVP of the dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its code.
    pub code: u32,
    /// Whose code that is; none for the IETF's.
    pub vendor: Option<u32>,
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its M bit.
    pub mandatory: Mandatory,
}

/// What is known of an AVP, if anything is.
#[must_use]
pub fn lookup(vendor: Option<u32>, code: u32) -> Option<&'static Definition> {
    let table = match vendor {
        None if credit_control::CODES.contains(&code) => credit_control::TABLE,
        None => base::TABLE,
        Some(VENDOR_3GPP) => charging::TABLE,
        Some(_) => return None,
    };
    table.get(table.binary_search_by_key(&code, |definition| definition.code).ok()?)
}

/// Every AVP that is known.
pub fn all() -> impl Iterator<Item = &'static Definition> {
    [base::TABLE, credit_control::TABLE, charging::TABLE].into_iter().flatten()
}

/// Makes constants of AVPs, and the table of them, in order of their codes.
macro_rules! avps {
    ($vendor:expr; $($constant:ident = $code:literal, $name:literal, $kind:expr, $mandatory:ident;)*) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub const $constant: Definition =
                Definition { code: $code, vendor: $vendor, name: $name, kind: $kind, mandatory: Mandatory::$mandatory };
        )*
        pub(super) static TABLE: &[Definition] = &[$($constant),*];
    };
}
use avps;
