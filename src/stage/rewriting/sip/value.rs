//! Values of header fields, taken apart as far as a sender is free in them (RFC 3261 sections 20 and 25.1).

use cpm_wire::sip::{Name, NameAddr, Params, Tokenized, Via, split_list};

/// What a field says.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Elements with parameters, which commas part.
    List(Vec<Element>),
    /// A number.
    Number(String),
    /// A number and a method.
    CSeq(String, String),
    /// Words.
    Text(String),
    /// What is left as it is.
    Kept(String),
}

/// One of a list.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub head: Head,
    pub params: Vec<(String, Option<String>)>,
}

/// What stands before the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// A token.
    Word(String),
    /// A media type.
    MediaType(String, String),
    /// `SIP/2.0/transport host[:port]`
    Via { transport: String, host: String, port: Option<u16> },
    /// `["name"] <uri>`
    Address { display: Option<String>, uri: String, bracketed: bool },
}

impl Value {
    /// Takes the value of a field of this name apart.
    pub fn of(name: &Name, text: &str) -> Value {
        let kept = || Value::Kept(text.to_owned());
        match name {
            Name::CSeq => text
                .split_once(' ')
                .map_or_else(kept, |(number, method)| Value::CSeq(number.to_owned(), method.trim().to_owned())),
            Name::MaxForwards | Name::ContentLength | Name::Expires | Name::MinExpires => {
                let number = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
                if number { Value::Number(text.to_owned()) } else { kept() }
            }
            Name::Subject | Name::Server | Name::UserAgent => Value::Text(text.to_owned()),
            _ => {
                let texts = if name.is_list() { split_list(text).collect() } else { vec![text] };
                let elements: Option<Vec<Element>> = texts.into_iter().map(|text| element(name, text)).collect();
                elements.map_or_else(kept, Value::List)
            }
        }
    }
}

fn element(name: &Name, text: &str) -> Option<Element> {
    match name {
        Name::Via => {
            let via = Via::parse(text).ok()?;
            let head = Head::Via { transport: via.transport.to_owned(), host: via.host.to_owned(), port: via.port };
            Some(Element { head, params: params(via.params) })
        }
        Name::From
        | Name::To
        | Name::Contact
        | Name::Route
        | Name::RecordRoute
        | Name::ReferTo
        | Name::ReferredBy
        | Name::PAssertedIdentity
        | Name::PServedUser => {
            let address = NameAddr::parse(text).ok()?;
            let head = Head::Address {
                display: address.display.map(str::to_owned),
                uri: address.uri.to_owned(),
                bracketed: text.contains('<'),
            };
            Some(Element { head, params: params(address.params) })
        }
        Name::ContentType | Name::Accept => {
            let Tokenized { value, params: own } = Tokenized::parse(text);
            let (kind, subtype) = value.split_once('/')?;
            let head = Head::MediaType(kind.trim().to_owned(), subtype.trim().to_owned());
            Some(Element { head, params: params(own) })
        }
        Name::Allow
        | Name::AllowEvents
        | Name::Supported
        | Name::Require
        | Name::Event
        | Name::SubscriptionState
        | Name::ContentDisposition
        | Name::SessionExpires
        | Name::MinSe
        | Name::Reason
        | Name::AcceptContact
        | Name::RejectContact => {
            let Tokenized { value, params: own } = Tokenized::parse(text);
            let is_word = !value.is_empty() && !value.contains([' ', '\t', '\r', '"']);
            is_word.then(|| Element { head: Head::Word(value.to_owned()), params: params(own) })
        }
        _ => None,
    }
}

fn params(params: Params<'_>) -> Vec<(String, Option<String>)> {
    params.iter().map(|(name, value)| (name.to_owned(), value.map(str::to_owned))).collect()
}
