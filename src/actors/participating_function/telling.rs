//! Telling a client who is in a group: chains of lists, and documents that a client has to bear (RFC 4575).

use crate::actors::controlling_function::user;
use crate::evidence::Member;
use bytes::Bytes;
use cpm_wire::conference_info::Document;

/// A list and its increments, in the order in which things happened.
#[derive(Debug)]
pub(super) struct Chain {
    uri: String,
    version: u32,
    members: Vec<Member>,
}

impl Chain {
    pub(super) fn new(uri: &str, members: Vec<Member>) -> Chain {
        Chain { uri: uri.to_owned(), version: 0, members }
    }

    /// The list as it stands.
    pub(super) fn full(&mut self) -> Bytes {
        self.version += 1;
        let users = self.members.iter().map(user).collect();
        Bytes::from(Document::full(&self.uri, self.version, users).to_xml())
    }

    /// One member has changed.
    pub(super) fn change(&mut self, member: &Member) -> Bytes {
        self.version += 1;
        match self.members.iter_mut().find(|own| own.entity == member.entity) {
            Some(own) => own.status = member.status,
            None => self.members.push(member.clone()),
        }
        Bytes::from(Document::partial(&self.uri, self.version, vec![user(member)]).to_xml())
    }
}

/// How a document is out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// The version is older than what was told before.
    Old,
    /// A version is missing before it.
    Gap,
    /// It has elements and attributes that nobody knows.
    Unknown,
    /// It is no XML.
    Broken,
    /// It is as it should be: the whole list.
    Anew,
}

impl Telling {
    /// What is wrong on purpose in such a document.
    pub(in crate::actors) const fn wrong(self) -> Option<&'static str> {
        match self {
            Telling::Old => Some("the version is older than the one before"),
            Telling::Broken => Some("the document breaks off in the middle"),
            Telling::Gap | Telling::Unknown | Telling::Anew => None,
        }
    }

    /// The document, and the version that counts from now on.
    pub(in crate::actors) fn document(self, uri: &str, version: u32, members: &[Member]) -> (Bytes, u32) {
        let users = || members.iter().map(user).collect();
        let stranger = "<x:mood xmlns:x=\"urn:example:unknown\" x:tone=\"calm\"><x:deep/></x:mood>";
        match self {
            Telling::Old => (Bytes::from(Document::full(uri, version.saturating_sub(1), Vec::new()).to_xml()), version),
            Telling::Gap => {
                let only = members.first().map(user).into_iter().collect();
                (Bytes::from(Document::partial(uri, version + 5, only).to_xml()), version + 5)
            }
            Telling::Unknown => {
                let text = Document::full(uri, version + 1, users()).to_xml();
                let text = text.replacen("<users", &format!("{stranger}<users"), 1);
                (Bytes::from(text), version + 1)
            }
            Telling::Broken => {
                let text = Document::full(uri, version + 1, users()).to_xml();
                let half: String = text.chars().take(text.chars().count() / 2).collect();
                (Bytes::from(half), version + 1)
            }
            Telling::Anew => (Bytes::from(Document::full(uri, version + 1, users()).to_xml()), version + 1),
        }
    }
}
