//! What must be right before a message can be served at all (RFC 3261 sections 8.1.1, 8.1.3.5, 8.2 and 16.3).

use super::address::NameAddr;
use super::grammar::{ALPHANUMERIC, Octets};
use super::headers::{CSeq, HeaderError, MediaType, number};
use super::lists::split_list;
use super::message::{Field, Message, Span, StartLine};
use super::name::Name;
use super::params::Params;
use super::sip_uri::SipUri;
use super::uri::Uri;
use super::via::Via;

/// Why a message cannot be served: 400 for a request, silence for a response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct Malformed {
    /// The field; `Request-URI` for that of the first line.
    pub field: Name,
    /// What is wrong with it.
    pub why: String,
    /// Where it stands; empty for a field that is missing.
    pub span: Span,
}

/// What stands in a Call-ID besides the at sign.
static WORD: Octets = Octets::of(&[ALPHANUMERIC, b"-.!%*_+`'~()<>:\\\"/[]?{}"]);

impl Message {
    /// Checks a request: the mandatory fields are there, no field contradicts another of its name, and the fields that
    /// route it, name its dialog or end its body follow their grammar.
    ///
    /// # Errors
    /// The first fault.
    pub fn check_request(&self) -> Result<(), Malformed> {
        self.check_fields()?;
        let (method, cseq) = (self.method(), self.cseq().map(|cseq| cseq.method));
        if cseq.as_ref() != Ok(&method) {
            let of_cseq = cseq.map_or_else(|_| String::new(), |cseq| cseq.to_string());
            let span = self.header(&Name::CSeq).and_then(|value| self.span_of(value)).unwrap_or_default();
            let why = format!("its method is {of_cseq}, that of the request {method}");
            return Err(Malformed { field: Name::CSeq, why, span });
        }
        let StartLine::Request { uri, .. } = self.start else { return Ok(()) };
        let why = match Uri::parse(self.text(uri)) {
            // RFC 3261 section 19.1.1, table 1.
            Ok(Uri::Sip(SipUri { headers: Some(_), .. })) => "it holds header fields".to_owned(),
            Ok(_) => return Ok(()),
            Err(error) => error.to_string(),
        };
        Err(Malformed { field: Name::Other("Request-URI".into()), why, span: uri })
    }

    /// Checks a response, as far as [`Message::check_request`] goes.
    ///
    /// # Errors
    /// The first fault.
    pub fn check_response(&self) -> Result<(), Malformed> {
        self.check_fields()
    }

    fn check_fields(&self) -> Result<(), Malformed> {
        for name in [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq] {
            if self.header(&name).is_none() {
                return Err(Malformed { field: name, why: "it is missing".to_owned(), span: Span::default() });
            }
        }
        for field in self.fields.iter() {
            let first = self.fields.first_of(&field.name);
            if field.name.is_single() && first.is_some_and(|first| first.name_span != field.name_span) {
                return Err(malformed(field, "it stands there more than once".to_owned()));
            }
            let value = self.text(field.value);
            check_line_ends(value)
                .and_then(|()| check_value(&field.name, value))
                .map_err(|why| malformed(field, why))?;
        }
        Ok(())
    }
}

fn malformed(field: &Field, why: String) -> Malformed {
    Malformed { field: field.name.clone(), why, span: field.value }
}

/// A CR that begins no line end: another element might take it for one, and read two fields where this one reads one.
fn check_line_ends(value: &str) -> Result<(), String> {
    let octets = value.as_bytes();
    let stray = memchr::memchr_iter(b'\r', octets).any(|at| octets.get(at + 1) != Some(&b'\n'));
    if stray { Err("a CR stands in it without LF".to_owned()) } else { Ok(()) }
}

fn check_value(name: &Name, value: &str) -> Result<(), String> {
    match name {
        Name::Via => split_list(value).try_for_each(|via| {
            let via = Via::parse(via).map_err(words)?;
            check_params(via.params)
        }),
        Name::From | Name::To | Name::ReferTo | Name::ReferredBy | Name::PServedUser => check_address(value),
        Name::Contact if value == "*" => Ok(()),
        Name::Contact | Name::PAssertedIdentity | Name::PPreferredIdentity => {
            split_list(value).try_for_each(check_address)
        }
        Name::Route | Name::RecordRoute | Name::Path | Name::ServiceRoute => split_list(value).try_for_each(|route| {
            check_address(route)?;
            let bracketed = route.contains('<');
            if bracketed { Ok(()) } else { Err(format!("a route stands without angle brackets: {route}")) }
        }),
        Name::CallId => check_call_id(value),
        Name::CSeq => CSeq::parse(value).map(|_| ()).map_err(words),
        Name::MaxForwards => number::<u8>(name, value).map(|_| ()).map_err(words),
        Name::ContentLength => number::<u32>(name, value).map(|_| ()).map_err(words),
        Name::ContentType => check_params(MediaType::parse(value).map_err(words)?.params),
        _ => Ok(()),
    }
}

#[allow(clippy::needless_pass_by_value)]
fn words(error: HeaderError) -> String {
    error.to_string()
}

fn check_address(value: &str) -> Result<(), String> {
    let address = NameAddr::parse(value).map_err(words)?;
    Uri::parse(address.uri).map_err(|error| error.to_string())?;
    check_params(address.params)
}

fn check_params(params: Params<'_>) -> Result<(), String> {
    match params.fault() {
        None => Ok(()),
        Some("") => Err("a semicolon is followed by no parameter".to_owned()),
        Some(fault) => Err(format!("not a parameter: {fault}")),
    }
}

fn check_call_id(value: &str) -> Result<(), String> {
    let mut words = value.split('@');
    let good = |word: &str| !word.is_empty() && WORD.all(word);
    let ok = words.next().is_some_and(good) && words.next().is_none_or(good) && words.next().is_none();
    if ok { Ok(()) } else { Err(format!("it is not `word` or `word@word`: {value}")) }
}
