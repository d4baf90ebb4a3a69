//! Reading conference-info.

use super::*;
use crate::xml::{self, Element};

impl Document {
    /// Reads a body. Everything but the conference URI is optional, as it is in the schema of RFC 4575.
    pub fn parse(octets: &[u8]) -> Result<Document, XmlError> {
        xml::read(octets, NAMESPACE, "conference-info", |root| {
            Ok(Document {
                entity: root.required("entity")?.trim().to_owned(),
                state: State::read(root)?.unwrap_or_default(),
                version: root.attribute_value("version", "a number")?,
                description: root.child("conference-description").map(Description::read).transpose()?,
                conference_state: root.child("conference-state").map(ConferenceState::read).transpose()?,
                users: root.child("users").map(Users::read).transpose()?,
            })
        })
    }
}

impl Description {
    fn read(description: Element<'_, '_>) -> Result<Description, XmlError> {
        let uris = description.child("conf-uris").into_iter().flat_map(|uris| uris.children("entry"));
        Ok(Description {
            display_text: description.child_text("display-text"),
            subject: description.child_text("subject"),
            free_text: description.child_text("free-text"),
            keywords: description.child_text("keywords"),
            conf_uris: uris.map(ConferenceUri::read).collect::<Result<_, _>>()?,
            maximum_user_count: description.child_value("maximum-user-count", "a number")?,
        })
    }
}

impl ConferenceUri {
    fn read(entry: Element<'_, '_>) -> Result<ConferenceUri, XmlError> {
        Ok(ConferenceUri {
            uri: entry.child_token("uri").ok_or_else(|| entry.missing("uri"))?,
            display_text: entry.child_text("display-text"),
            purpose: entry.child_token("purpose"),
        })
    }
}

impl ConferenceState {
    fn read(state: Element<'_, '_>) -> Result<ConferenceState, XmlError> {
        Ok(ConferenceState {
            user_count: state.child_value("user-count", "a number")?,
            active: state.child_flag("active")?,
            locked: state.child_flag("locked")?,
        })
    }
}

impl Users {
    fn read(users: Element<'_, '_>) -> Result<Users, XmlError> {
        let state = State::read(users)?;
        Ok(Users { state, users: users.children("user").map(User::read).collect::<Result<_, _>>()? })
    }
}

impl User {
    fn read(user: Element<'_, '_>) -> Result<User, XmlError> {
        let yourown = user.attribute("yourown").map(|value| user.flag("yourown", value)).transpose()?;
        let entries = |name| user.child(name).into_iter().flat_map(|list| list.children("entry"));
        let aor = |entry: Element<'_, '_>| entry.child_token("uri").ok_or_else(|| entry.missing("uri"));
        Ok(User {
            entity: user.required("entity")?.trim().to_owned(),
            state: State::read(user)?.unwrap_or_default(),
            yourown: yourown.unwrap_or(false),
            display_text: user.child_text("display-text"),
            associated_aors: entries("associated-aors").map(aor).collect::<Result<_, _>>()?,
            roles: entries("roles").map(Element::token).collect(),
            endpoints: user.children("endpoint").map(Endpoint::read).collect::<Result<_, _>>()?,
        })
    }
}

impl Endpoint {
    fn read(endpoint: Element<'_, '_>) -> Result<Endpoint, XmlError> {
        let word = |name| endpoint.child_token(name);
        let execution = |name| endpoint.child(name).map(Execution::read);
        Ok(Endpoint {
            entity: endpoint.attribute("entity").unwrap_or_default().trim().to_owned(),
            state: State::read(endpoint)?.unwrap_or_default(),
            display_text: endpoint.child_text("display-text"),
            referred: execution("referred"),
            status: word("status").map(|word| word.as_str().into()),
            joining_method: word("joining-method").map(|word| word.as_str().into()),
            joining_info: execution("joining-info"),
            disconnection_method: word("disconnection-method").map(|word| word.as_str().into()),
            disconnection_info: execution("disconnection-info"),
            media: endpoint.children("media").map(Media::read).collect::<Result<_, _>>()?,
        })
    }
}

impl Execution {
    fn read(execution: Element<'_, '_>) -> Execution {
        Execution {
            when: execution.child_token("when"),
            reason: execution.child_text("reason"),
            by: execution.child_token("by"),
        }
    }
}

impl Media {
    fn read(media: Element<'_, '_>) -> Result<Media, XmlError> {
        Ok(Media {
            id: media.required("id")?.to_owned(),
            display_text: media.child_text("display-text"),
            kind: media.child_token("type"),
            label: media.child_token("label"),
            src_id: media.child_token("src-id"),
            status: media.child_token("status"),
        })
    }
}
