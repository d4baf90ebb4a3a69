//! The typed reading of a message: each value is parsed when it is asked for, and borrows from the message.

use super::address::NameAddr;
use super::headers::{self, CSeq, HeaderError, MediaType, Tokenized};
use super::message::Message;
use super::name::Name;
use super::params::Params;
use super::via::Via;

impl Message {
    /// The topmost Via.
    ///
    /// # Errors
    /// Missing or malformed.
    pub fn via(&self) -> Result<Via<'_>, HeaderError> {
        self.vias().next().unwrap_or(Err(HeaderError::Missing(Name::Via)))
    }

    /// All Vias, the topmost first.
    pub fn vias(&self) -> impl Iterator<Item = Result<Via<'_>, HeaderError>> {
        self.values(&Name::Via).map(Via::parse)
    }

    /// From.
    ///
    /// # Errors
    /// Missing or malformed.
    pub fn from(&self) -> Result<NameAddr<'_>, HeaderError> {
        self.address(Name::From)
    }

    /// To.
    ///
    /// # Errors
    /// Missing or malformed.
    pub fn to(&self) -> Result<NameAddr<'_>, HeaderError> {
        self.address(Name::To)
    }

    fn address(&self, name: Name) -> Result<NameAddr<'_>, HeaderError> {
        self.header(&name).map_or(Err(HeaderError::Missing(name)), NameAddr::parse)
    }

    /// The tag of From.
    pub fn from_tag(&self) -> Option<&str> {
        self.from().ok().and_then(|from| from.tag())
    }

    /// The tag of To.
    pub fn to_tag(&self) -> Option<&str> {
        self.to().ok().and_then(|to| to.tag())
    }

    /// Call-ID.
    pub fn call_id(&self) -> Option<&str> {
        self.header(&Name::CallId)
    }

    /// CSeq.
    ///
    /// # Errors
    /// Missing or malformed.
    pub fn cseq(&self) -> Result<CSeq, HeaderError> {
        self.header(&Name::CSeq).map_or(Err(HeaderError::Missing(Name::CSeq)), CSeq::parse)
    }

    /// Contacts; `*` is none.
    pub fn contacts(&self) -> impl Iterator<Item = Result<NameAddr<'_>, HeaderError>> {
        self.values(&Name::Contact).filter(|value| *value != "*").map(NameAddr::parse)
    }

    /// Routes, the next hop first.
    pub fn routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, HeaderError>> {
        self.values(&Name::Route).map(NameAddr::parse)
    }

    /// Record-Routes, the last recorded first.
    pub fn record_routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, HeaderError>> {
        self.values(&Name::RecordRoute).map(NameAddr::parse)
    }

    /// P-Asserted-Identity (RFC 3325).
    pub fn asserted_identities(&self) -> impl Iterator<Item = Result<NameAddr<'_>, HeaderError>> {
        self.values(&Name::PAssertedIdentity).map(NameAddr::parse)
    }

    /// Max-Forwards.
    pub fn max_forwards(&self) -> Option<Result<u8, HeaderError>> {
        self.header(&Name::MaxForwards).map(|value| headers::number(&Name::MaxForwards, value))
    }

    /// Expires in seconds; a malformed one counts as missing (RFC 3261 section 20.19).
    pub fn expires(&self) -> Option<u32> {
        self.seconds(&Name::Expires)
    }

    /// The seconds of Expires, Min-Expires, Session-Expires, Min-SE or Retry-After, whatever follows them.
    pub fn seconds(&self, name: &Name) -> Option<u32> {
        self.header(name).and_then(headers::delta_seconds)
    }

    /// Content-Type.
    pub fn content_type(&self) -> Option<Result<MediaType<'_>, HeaderError>> {
        self.header(&Name::ContentType).map(MediaType::parse)
    }

    /// Content-Length.
    pub fn content_length(&self) -> Option<Result<u32, HeaderError>> {
        self.header(&Name::ContentLength).map(|value| headers::number(&Name::ContentLength, value))
    }

    /// The values of a field that are a word with parameters: Accept-Contact, Reason, Content-Disposition, ...
    pub fn tokenized<'a>(&'a self, name: &Name) -> impl Iterator<Item = Tokenized<'a>> + use<'a> {
        self.values(name).map(Tokenized::parse)
    }

    /// The parameters of P-Charging-Vector (RFC 7315 section 5.6).
    pub fn charging_vector(&self) -> Option<Params<'_>> {
        self.header(&Name::PChargingVector).map(Params::new)
    }

    /// Event (RFC 6665).
    pub fn event(&self) -> Option<Tokenized<'_>> {
        self.header(&Name::Event).map(Tokenized::parse)
    }

    /// Subscription-State (RFC 6665).
    pub fn subscription_state(&self) -> Option<Tokenized<'_>> {
        self.header(&Name::SubscriptionState).map(Tokenized::parse)
    }

    /// The tokens of a list such as Require, Supported, Allow.
    pub fn tokens<'a>(&'a self, name: &Name) -> impl Iterator<Item = &'a str> + use<'a> {
        self.values(name).filter(|value| !value.is_empty())
    }
}
