//! What the conference-info documents of a subscription fold to (RFC 4575 sections 4.4 to 4.6).

use super::*;
use std::collections::{BTreeMap, BTreeSet};

/// A user of the conference, with all that the documents so far told of him.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// RCS: true for the user to whom the documents are sent.
    pub yourown: bool,
    /// A name to show.
    pub display_text: Option<String>,
    /// Other URIs of the user.
    pub associated_aors: Vec<String>,
    /// Roles, such as `participant`.
    pub roles: Vec<String>,
    /// The endpoints by their URI.
    pub endpoints: BTreeMap<String, Endpoint>,
}

impl Member {
    /// How far in the user is: as far as the farthest of the endpoints. `None` when nothing was told.
    pub fn status(&self) -> Option<&EndpointStatus> {
        self.endpoints.values().filter_map(|endpoint| endpoint.status.as_ref()).max_by_key(|status| status.rank())
    }

    /// True when one of the user's endpoints is in the conference.
    pub fn is_in(&self) -> bool {
        self.status().is_some_and(EndpointStatus::is_in)
    }

    /// How the user left, when no endpoint is in.
    pub fn disconnection_method(&self) -> Option<&DisconnectionMethod> {
        let mut methods = self.endpoints.values().filter_map(|endpoint| endpoint.disconnection_method.as_ref());
        methods.next().filter(|_| !self.is_in())
    }

    fn apply(&mut self, user: &User) {
        if user.state == State::Full {
            *self = Member::default();
        }
        self.yourown |= user.yourown;
        overwrite(&mut self.display_text, &user.display_text);
        overwrite_list(&mut self.associated_aors, &user.associated_aors);
        overwrite_list(&mut self.roles, &user.roles);
        for endpoint in &user.endpoints {
            apply_endpoint(&mut self.endpoints, endpoint);
        }
    }

    fn to_user(&self, entity: &str) -> User {
        User {
            entity: entity.to_owned(),
            state: State::Full,
            yourown: self.yourown,
            display_text: self.display_text.clone(),
            associated_aors: self.associated_aors.clone(),
            roles: self.roles.clone(),
            endpoints: self.endpoints.values().cloned().collect(),
        }
    }
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It replaced what was known.
    Full,
    /// It changed what was known.
    Partial,
    /// It told that the conference is no more.
    Deleted,
    /// It was ignored: its version is that of a document applied before, or older.
    Stale,
}

/// A partial document that cannot be applied, because documents before it are missing. The subscriber is to ask for
/// full state by refreshing its subscription; until that comes, what was known stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Gap {
    /// No full document has come yet.
    #[error("partial state before full state")]
    BeforeFull,
    /// Versions between these are missing.
    #[error("version {got} after {have}")]
    Missing {
        /// Version of the last document that was applied.
        have: u32,
        /// Version of this one.
        got: u32,
    },
}

/// The state of a conference, folded from the documents of a subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    entity: String,
    complete: bool,
    deleted: bool,
    inherits: bool,
    version: Option<u32>,
    description: Option<Description>,
    conference_state: Option<ConferenceState>,
    members: BTreeMap<String, Member>,
}

impl Roster {
    /// The roster of a subscription that nothing has come for.
    pub fn new() -> Roster {
        Roster::default()
    }

    /// A roster for notifiers that leave out the state of `<users>` and mean that of the document. By the schema it
    /// is `full`, so that a partial document of theirs would remove everybody else.
    pub fn inheriting() -> Roster {
        Roster { inherits: true, ..Roster::default() }
    }

    /// Forgets the version, not the state: a new subscription, or a refreshed one, counts anew and starts with full
    /// state.
    pub fn subscribed_anew(&mut self) {
        self.version = None;
        self.complete = false;
    }

    /// Folds a document in. One with the version of an earlier document, or an older one, changes nothing.
    pub fn apply(&mut self, document: &Document) -> Result<Applied, Gap> {
        if let (Some(have), Some(got)) = (self.version, document.version)
            && got <= have
        {
            return Ok(Applied::Stale);
        }
        let applied = match document.state {
            State::Full => self.replace(document),
            State::Partial => self.change(document)?,
            State::Deleted => self.delete(),
        };
        self.entity.clone_from(&document.entity);
        self.version = document.version.or(self.version);
        Ok(applied)
    }

    /// The conference URI; empty before the first document.
    pub fn entity(&self) -> &str {
        &self.entity
    }

    /// Version of the last document that was applied.
    pub fn version(&self) -> Option<u32> {
        self.version
    }

    /// True when the conference is no more.
    pub fn is_deleted(&self) -> bool {
        self.deleted
    }

    /// What the conference is about.
    pub fn description(&self) -> Option<&Description> {
        self.description.as_ref()
    }

    /// How the conference is doing.
    pub fn conference_state(&self) -> Option<&ConferenceState> {
        self.conference_state.as_ref()
    }

    /// The users by their URI: all that are told of, be they in or out.
    pub fn members(&self) -> &BTreeMap<String, Member> {
        &self.members
    }

    /// All of this as one document.
    pub fn to_document(&self, version: u32) -> Document {
        let users = self.members.iter().map(|(entity, member)| member.to_user(entity)).collect();
        self.described(Document::full(&self.entity, version, users))
    }

    /// The partial document that makes `earlier` into this: users that are new or changed in full, and those that
    /// are gone as deleted.
    pub fn changes_since(&self, earlier: &Roster, version: u32) -> Document {
        let changed = self.members.iter().filter(|(entity, member)| earlier.members.get(*entity) != Some(member));
        let gone = earlier.members.keys().filter(|entity| !self.members.contains_key(*entity));
        let users = changed.map(|(entity, member)| member.to_user(entity));
        let users = users.chain(gone.map(|entity| User::deleted(entity))).collect();
        self.described(Document::partial(&self.entity, version, users))
    }

    fn described(&self, document: Document) -> Document {
        let (description, conference_state) = (self.description.clone(), self.conference_state);
        Document { description, conference_state, ..document }
    }

    fn replace(&mut self, document: &Document) -> Applied {
        *self = Roster { inherits: self.inherits, version: self.version, complete: true, ..Roster::default() };
        self.fold(document);
        Applied::Full
    }

    fn change(&mut self, document: &Document) -> Result<Applied, Gap> {
        if !self.complete {
            return Err(Gap::BeforeFull);
        }
        if let (Some(have), Some(got)) = (self.version, document.version)
            && got - have > 1
        {
            return Err(Gap::Missing { have, got });
        }
        self.fold(document);
        Ok(Applied::Partial)
    }

    fn delete(&mut self) -> Applied {
        *self = Roster { inherits: self.inherits, version: self.version, deleted: true, ..Roster::default() };
        Applied::Deleted
    }

    fn fold(&mut self, document: &Document) {
        if let Some(description) = &document.description {
            self.description.get_or_insert_default().apply(description);
        }
        if let Some(state) = &document.conference_state {
            self.conference_state.get_or_insert_default().apply(*state);
        }
        if let Some(users) = &document.users {
            let default = if self.inherits { document.state } else { State::default() };
            self.apply_users(users.state.unwrap_or(default), &users.users);
        }
    }

    fn apply_users(&mut self, state: State, users: &[User]) {
        if state != State::Partial {
            self.members.clear();
        }
        for user in users.iter().filter(|_| state != State::Deleted) {
            if user.state == State::Deleted {
                self.members.remove(&user.entity);
            } else {
                self.members.entry(user.entity.clone()).or_default().apply(user);
            }
        }
    }
}

impl Description {
    fn apply(&mut self, change: &Description) {
        overwrite(&mut self.display_text, &change.display_text);
        overwrite(&mut self.subject, &change.subject);
        overwrite(&mut self.free_text, &change.free_text);
        overwrite(&mut self.keywords, &change.keywords);
        overwrite_list(&mut self.conf_uris, &change.conf_uris);
        overwrite(&mut self.maximum_user_count, &change.maximum_user_count);
    }
}

impl ConferenceState {
    fn apply(&mut self, change: ConferenceState) {
        overwrite(&mut self.user_count, &change.user_count);
        overwrite(&mut self.active, &change.active);
        overwrite(&mut self.locked, &change.locked);
    }
}

fn apply_endpoint(endpoints: &mut BTreeMap<String, Endpoint>, change: &Endpoint) {
    match change.state {
        State::Deleted => {
            endpoints.remove(&change.entity);
        }
        State::Full => {
            endpoints.insert(change.entity.clone(), change.clone());
        }
        State::Partial => endpoints.entry(change.entity.clone()).or_default().apply(change),
    }
}

impl Endpoint {
    fn apply(&mut self, change: &Endpoint) {
        self.entity.clone_from(&change.entity);
        overwrite(&mut self.display_text, &change.display_text);
        overwrite(&mut self.referred, &change.referred);
        overwrite(&mut self.status, &change.status);
        overwrite(&mut self.joining_method, &change.joining_method);
        overwrite(&mut self.joining_info, &change.joining_info);
        overwrite(&mut self.disconnection_method, &change.disconnection_method);
        overwrite(&mut self.disconnection_info, &change.disconnection_info);
        let changed: BTreeSet<&str> = change.media.iter().map(|media| media.id.as_str()).collect();
        self.media.retain(|known| !changed.contains(known.id.as_str()));
        self.media.extend_from_slice(&change.media);
    }
}

fn overwrite<T: Clone>(known: &mut Option<T>, change: &Option<T>) {
    if change.is_some() {
        known.clone_from(change);
    }
}

fn overwrite_list<T: Clone>(known: &mut Vec<T>, change: &[T]) {
    if !change.is_empty() {
        change.clone_into(known);
    }
}
