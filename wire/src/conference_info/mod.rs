//! Conference state, `application/conference-info+xml` (RFC 4575), with the RCS attribute `yourown`.
//!
//! [`Document`] is one body as it was written; [`Roster`] is what the documents of a subscription fold to (sections
//! 4.4 to 4.6). Sidebars, host information, SIP call information and elements of extensions are passed over.

mod read;
mod roster;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use crate::xml::XmlError;
pub use roster::{Applied, Gap, Member, Roster};
pub use words::{DisconnectionMethod, EndpointStatus, JoiningMethod, State};

/// The media type of the document.
pub const MEDIA_TYPE: &str = "application/conference-info+xml";
const NAMESPACE: &str = "urn:ietf:params:xml:ns:conference-info";

/// A conference information document (section 5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The conference URI.
    pub entity: String,
    /// All, what changed, or that the conference is no more.
    pub state: State,
    /// One more in each document of a subscription. The schema does not require it.
    pub version: Option<u32>,
    /// `<conference-description>`: what the conference is about.
    pub description: Option<Description>,
    /// `<conference-state>`: how the conference is doing.
    pub conference_state: Option<ConferenceState>,
    /// `<users>`.
    pub users: Option<Users>,
}

/// What the conference is about (section 5.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// A name to show.
    pub display_text: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// More in prose.
    pub free_text: Option<String>,
    /// Keywords, separated by white space.
    pub keywords: Option<String>,
    /// URIs by which the conference is reached, and what each is for.
    pub conf_uris: Vec<ConferenceUri>,
    /// How many users may be in.
    pub maximum_user_count: Option<u32>,
}

/// A URI of the conference (section 5.2.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConferenceUri {
    /// The URI.
    pub uri: String,
    /// A name to show.
    pub display_text: Option<String>,
    /// What it is for, such as `participation`.
    pub purpose: Option<String>,
}

/// How the conference is doing (section 5.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConferenceState {
    /// How many users are in.
    pub user_count: Option<u32>,
    /// True when the conference has begun.
    pub active: Option<bool>,
    /// True when nobody may join on his own.
    pub locked: Option<bool>,
}

/// The users (section 5.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Users {
    /// All users, or those that changed. `None` when nothing was written: the schema's default is `full`, whatever
    /// the state of the document.
    pub state: Option<State>,
    /// The users in document order.
    pub users: Vec<User>,
}

/// A user (section 5.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The URI that names the user.
    pub entity: String,
    /// All of the user, what changed, or that the user is no more.
    pub state: State,
    /// RCS: true for the user to whom the document is sent.
    pub yourown: bool,
    /// A name to show.
    pub display_text: Option<String>,
    /// Other URIs of the user.
    pub associated_aors: Vec<String>,
    /// Roles, such as `participant`.
    pub roles: Vec<String>,
    /// The endpoints by which the user takes part.
    pub endpoints: Vec<Endpoint>,
}

/// An endpoint of a user (section 5.7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The URI that names it among the endpoints of its user; empty when nothing was written.
    pub entity: String,
    /// All of the endpoint, what changed, or that it is no more.
    pub state: State,
    /// A name to show.
    pub display_text: Option<String>,
    /// Who had it invited, and when.
    pub referred: Option<Execution>,
    /// How far it is in the conference.
    pub status: Option<EndpointStatus>,
    /// How it came.
    pub joining_method: Option<JoiningMethod>,
    /// When it came, why, and by whom.
    pub joining_info: Option<Execution>,
    /// How it left.
    pub disconnection_method: Option<DisconnectionMethod>,
    /// When it left, why, and by whom.
    pub disconnection_info: Option<Execution>,
    /// Its media.
    pub media: Vec<Media>,
}

/// When something was done, why, and by whom (section 5.7.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Execution {
    /// An `xs:dateTime`.
    pub when: Option<String>,
    /// A reason, in prose or as a SIP Reason header value.
    pub reason: Option<String>,
    /// The URI of who did it.
    pub by: Option<String>,
}

/// A medium of an endpoint (section 5.8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// Names it among the media of its endpoint.
    pub id: String,
    /// A name to show.
    pub display_text: Option<String>,
    /// `audio`, `message`...
    pub kind: Option<String>,
    /// The label of its SDP media description.
    pub label: Option<String>,
    /// The source of its stream (SSRC).
    pub src_id: Option<String>,
    /// `sendrecv`, `sendonly`, `recvonly` or `inactive`.
    pub status: Option<String>,
}

impl Document {
    /// A document that tells all of these users.
    pub fn full(entity: &str, version: u32, users: Vec<User>) -> Document {
        Document::of(entity, version, State::Full, users)
    }

    /// A document that tells what changed of these users.
    pub fn partial(entity: &str, version: u32, users: Vec<User>) -> Document {
        Document::of(entity, version, State::Partial, users)
    }

    fn of(entity: &str, version: u32, state: State, users: Vec<User>) -> Document {
        let users = Some(Users { state: Some(state), users });
        Document { entity: entity.to_owned(), state, version: Some(version), users, ..Document::default() }
    }

    /// The users in document order.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.iter().flat_map(|users| &users.users)
    }
}

impl User {
    /// A user in full, with one endpoint of the same URI in this status.
    pub fn with_status(entity: &str, status: EndpointStatus) -> User {
        let endpoint = Endpoint { entity: entity.to_owned(), status: Some(status), ..Endpoint::default() };
        User { entity: entity.to_owned(), endpoints: vec![endpoint], ..User::default() }
    }

    /// Word that this user is no more in the conference.
    pub fn deleted(entity: &str) -> User {
        User { entity: entity.to_owned(), state: State::Deleted, ..User::default() }
    }
}
