//! What is written: the envelope (RFC 3862), the list beside it (RFC 5365 section 5), the MESSAGE around both.

use crate::actors::call::Naming;
use crate::actors::client::reports::respoken;
use crate::actors::serving_cscf::Served;
use crate::actors::session::{LIST_SERVICE, MESSAGE_SERVICE, feature_tag};
use crate::actors::signalling::Signalling;
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::multipart::{self, Part};
use cpm_wire::resource_lists::List;
use cpm_wire::sip::{Message, Method, Name};

/// In what a message is wrapped, and how right that is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// In its envelope, as it should be.
    #[default]
    Enveloped,
    /// Plain text without envelope.
    Bare,
    /// Of a media type that nobody knows.
    UnknownType,
    /// In something that calls itself an envelope and is none.
    Broken,
}

/// How large a MESSAGE is to be, in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// The whole request, as it reaches the target.
    Request(usize),
    /// The envelope with what is in it.
    Envelope(usize),
}

/// A media type that nobody knows.
pub(super) const UNKNOWN_TYPE: &str = "application/x-unheard-of";

/// One standalone message.
#[derive(Clone, Debug)]
pub struct Letter {
    /// How the scenario calls it.
    pub label: String,
    /// imdn.Message-ID.
    pub message_id: String,
    /// Contribution-ID.
    pub contribution: String,
    /// Conversation-ID.
    pub conversation: String,
    /// The media type of its content.
    pub content_type: String,
    /// Its content.
    pub content: Bytes,
    /// Disposition notifications asked for, as in imdn.Disposition-Notification.
    pub dispositions: Vec<&'static str>,
    /// In what it is wrapped.
    pub form: Form,
    /// It names no conversation and no contribution.
    pub unnamed: bool,
    /// What it says of its author.
    pub naming: Naming,
    /// Identities of those who got it as well, of which it tells (RFC 5365 section 7.4).
    pub others: Vec<String>,
    /// Further header fields of its request.
    pub more: Vec<(Name, String)>,
    /// A service that its request asks for beside that of messages.
    pub asks_for: Option<&'static str>,
    /// How large its MESSAGE is to be.
    pub size: Option<Size>,
}

/// Who sends a letter.
#[derive(Clone, Debug)]
pub struct Author<'a> {
    /// The public identity under which it is sent.
    pub identity: &'a str,
    /// The host from which it comes.
    pub host: String,
}

impl Letter {
    /// A message with this text.
    pub fn new(signalling: &mut Signalling, text: &str) -> Letter {
        Letter {
            label: text.to_owned(),
            message_id: signalling.ids.token(),
            contribution: signalling.ids.digits32(),
            conversation: signalling.ids.uuid(),
            content_type: "text/plain; charset=utf-8".to_owned(),
            content: Bytes::copy_from_slice(text.as_bytes()),
            dispositions: Vec::new(),
            form: Form::Enveloped,
            unnamed: false,
            naming: Naming::Named,
            others: Vec::new(),
            more: Vec::new(),
            asks_for: None,
            size: None,
        }
    }

    /// Its content with so many octets more.
    #[must_use]
    pub fn longer_by(mut self, octets: usize) -> Letter {
        let text: Vec<u8> = self.content.iter().copied().chain(std::iter::repeat_n(b'.', octets)).collect();
        self.content = text.into();
        self
    }

    /// The envelope with the content in it.
    pub fn envelope(&self, author: &str, to: &str, date_time: &str) -> Bytes {
        let from = match self.naming {
            Naming::Named => author,
            Naming::Nameless | Naming::Private => "sip:anonymous@anonymous.invalid",
        };
        cpim::Builder::new(from, to)
            .date_time(date_time)
            .message_id(&self.message_id)
            .dispositions(&self.dispositions)
            .content(&self.content_type, self.content.clone())
            .build()
    }

    /// Its media type and octets, whatever its form.
    fn wrapped(&self, author: &str, to: &str, date_time: &str) -> (String, Bytes) {
        match self.form {
            Form::Enveloped => ("message/cpim".to_owned(), self.envelope(author, to, date_time)),
            Form::Bare => (self.content_type.clone(), self.content.clone()),
            Form::UnknownType => (UNKNOWN_TYPE.to_owned(), self.content.clone()),
            Form::Broken => ("message/cpim".to_owned(), self.content.clone()),
        }
    }

    /// The MESSAGE to one, or with a list to the exploder at `uri`. The target acts for `served`.
    pub fn request(
        &self,
        signalling: &mut Signalling,
        author: &Author<'_>,
        (uri, list): (&str, &[String]),
        served: &Served<'_>,
    ) -> Message {
        let size = match self.size {
            None => return self.plain(signalling, author, (uri, list), served),
            Some(size) => size,
        };
        let mut fitting = self.clone();
        let mut request = fitting.plain(signalling, author, (uri, list), served);
        // The length of the length may change with the length, once.
        for _ in 0..3 {
            let (wanted, is) = match size {
                Size::Request(octets) => (octets, request.octets().len()),
                Size::Envelope(octets) => (octets, request.body().len()),
            };
            if is >= wanted {
                break;
            }
            fitting = fitting.longer_by(wanted - is);
            request = fitting.plain(signalling, author, (uri, list), served);
            let surplus = match size {
                Size::Request(octets) => request.octets().len().saturating_sub(octets),
                Size::Envelope(octets) => request.body().len().saturating_sub(octets),
            };
            if surplus > 0 {
                fitting.content.truncate(fitting.content.len().saturating_sub(surplus));
                request = fitting.plain(signalling, author, (uri, list), served);
            }
        }
        request
    }

    fn plain(
        &self,
        signalling: &mut Signalling,
        author: &Author<'_>,
        (uri, list): (&str, &[String]),
        served: &Served<'_>,
    ) -> Message {
        let (content_type, body) = self.wrapped(author.identity, uri, &signalling.now.to_rfc3339());
        if self.form == Form::Broken {
            signalling.declare_malformed(body.clone(), "it calls itself an envelope and is none");
        }
        let (content_type, body) = match (list, self.others.as_slice()) {
            ([], []) => (content_type, body),
            ([], others) => beside_list(others, "recipient-list-history; handling=optional", &content_type, body),
            (members, _) => beside_list(members, "recipient-list", &content_type, body),
        };
        let service = if list.is_empty() { MESSAGE_SERVICE } else { LIST_SERVICE };
        let from = match self.naming {
            Naming::Named => format!("<{}>", author.identity),
            Naming::Nameless | Naming::Private => "\"Anonymous\" <sip:anonymous@anonymous.invalid>".to_owned(),
        };
        let cscf = signalling.cscf.clone();
        let mut request = cscf
            .initial(&mut signalling.ids, Method::Message, uri, served, &author.host)
            .header(Name::From, format!("{from};tag={}", signalling.ids.token()))
            .header(Name::To, format!("<{uri}>"))
            .header(Name::PAssertedIdentity, format!("<{}>", author.identity))
            .header(Name::PAssertedService, service)
            .header(Name::AcceptContact, format!("*;{}", feature_tag(self.asks_for.unwrap_or(service))));
        if !self.unnamed {
            request = request
                .header(Name::ConversationId, self.conversation.clone())
                .header(Name::ContributionId, self.contribution.clone());
        }
        if !list.is_empty() {
            request = request.header(Name::Require, "recipient-list-message");
        }
        if self.naming == Naming::Private {
            request = request.header(Name::Privacy, "id");
        }
        for (name, value) in &self.more {
            request = request.header(name.clone(), value.clone());
        }
        let request = request.body(&content_type, body).build();
        if self.naming == Naming::Named { respoken(request) } else { request }
    }
}

/// A list, and what was written to it, in one body.
fn beside_list(members: &[String], disposition: &str, content_type: &str, body: Bytes) -> (String, Bytes) {
    let list = List::to_recipients(members.iter().map(String::as_str));
    multipart::build(&[
        Part::new("application/resource-lists+xml", Bytes::from(list.to_xml()))
            .header("Content-Disposition", disposition),
        Part::new(content_type, body),
    ])
}
