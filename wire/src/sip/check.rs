//! What must be right before a message can be served at all (RFC 3261 sections 8.1.1, 8.1.3 and 16.3).

use super::headers::{CSeq, HeaderError, NameAddr, Via, number};
use super::message::{Message, Span};
use super::name::Name;
use super::uri::Uri;

/// Why a message cannot be served: 400 for a request, silence for a response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct Malformed {
    /// The field.
    pub field: Name,
    /// What is wrong with it.
    pub why: String,
    /// Where it stands; empty for a field that is missing.
    pub span: Span,
}

impl Message {
    /// Checks a request.
    ///
    /// # Errors
    /// The first fault.
    pub fn check_request(&self) -> Result<(), Malformed> {
        self.check_common()?;
        let cseq = self.cseq().map_err(|error| self.fault(Name::CSeq, error.to_string()))?;
        if cseq.method != self.method() {
            return Err(
                self.fault(Name::CSeq, format!("its method is {}, that of the request {}", cseq.method, self.method()))
            );
        }
        if let Some(value) = self.header(&Name::MaxForwards) {
            number::<u8>(Name::MaxForwards, value).map_err(|error| self.fault(Name::MaxForwards, error.to_string()))?;
        }
        if let Some(Err(error)) = self.request_uri().map(Uri::parse) {
            return Err(Malformed {
                field: Name::Other("Request-URI".into()),
                why: error.to_string(),
                span: self.uri_span(),
            });
        }
        for name in [Name::Contact, Name::Route, Name::RecordRoute] {
            for value in self.values(&name).filter(|value| *value != "*") {
                self.check_address(&name, value)?;
            }
        }
        Ok(())
    }

    /// Checks a response.
    ///
    /// # Errors
    /// The first fault.
    pub fn check_response(&self) -> Result<(), Malformed> {
        self.check_common()?;
        self.cseq().map(|_: CSeq| ()).map_err(|error| self.fault(Name::CSeq, error.to_string()))
    }

    fn check_common(&self) -> Result<(), Malformed> {
        for name in [Name::From, Name::To, Name::CallId, Name::CSeq] {
            match self.headers(&name).count() {
                1 => {}
                0 => return Err(self.fault(name, "it is missing".to_owned())),
                _ => return Err(self.fault(name, "it stands there more than once".to_owned())),
            }
        }
        for name in [Name::MaxForwards, Name::ContentLength, Name::ContentType] {
            if self.headers(&name).count() > 1 {
                return Err(self.fault(name, "it stands there more than once".to_owned()));
            }
        }
        if self.header(&Name::Via).is_none() {
            return Err(self.fault(Name::Via, "it is missing".to_owned()));
        }
        for via in self.values(&Name::Via) {
            Via::parse(via).map_err(|error| self.fault(Name::Via, error.to_string()))?;
        }
        for name in [Name::From, Name::To] {
            self.check_address(&name, self.header(&name).unwrap_or_default())?;
        }
        let call_id = self.call_id().unwrap_or_default();
        if call_id.is_empty() || call_id.contains([' ', '\t', '\r', '\n']) {
            return Err(self.fault(Name::CallId, "it is not one word".to_owned()));
        }
        if let Some(Err(error)) = self.content_type() {
            return Err(self.fault(Name::ContentType, error.to_string()));
        }
        Ok(())
    }

    fn check_address(&self, name: &Name, value: &str) -> Result<(), Malformed> {
        let address = NameAddr::parse(value).map_err(|error| self.fault(name.clone(), error.to_string()))?;
        Uri::parse(address.uri)
            .map(|_| ())
            .map_err(|_| self.fault(name.clone(), HeaderError::Address(value.to_owned()).to_string()))
    }

    fn fault(&self, field: Name, why: String) -> Malformed {
        let span = self.fields.iter().find(|own| own.name == field).map(|own| own.value).unwrap_or_default();
        Malformed { field, why, span }
    }

    fn uri_span(&self) -> Span {
        match self.start {
            super::StartLine::Request { uri, .. } => uri,
            super::StartLine::Status { .. } => Span::default(),
        }
    }
}
