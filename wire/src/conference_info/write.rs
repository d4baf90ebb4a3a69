//! Writing conference-info, in the element order of the schema of RFC 4575.

use super::*;
use crate::xml::Writer;

impl Document {
    /// Writes the body. The states of the document, of users and of endpoints are always written, so that no reader
    /// depends on their default.
    pub fn to_xml(&self) -> String {
        let version = self.version.map(|version| version.to_string());
        let attributes = [
            ("xmlns", Some(NAMESPACE)),
            ("entity", Some(self.entity.as_str())),
            ("state", Some(self.state.as_str())),
            ("version", version.as_deref()),
        ];
        Writer::document("conference-info", &attributes, |root| {
            if let Some(description) = &self.description {
                root.element("conference-description", &[], |inner| description.write(inner));
            }
            if let Some(state) = &self.conference_state {
                root.element("conference-state", &[], |inner| state.write(inner));
            }
            if let Some(users) = &self.users {
                let attributes = [("state", users.state.map(State::as_str))];
                root.element("users", &attributes, |inner| users.users.iter().for_each(|user| user.write(inner)));
            }
        })
    }
}

impl Description {
    fn write(&self, out: &mut Writer) {
        out.optional("display-text", self.display_text.as_deref());
        out.optional("subject", self.subject.as_deref());
        out.optional("free-text", self.free_text.as_deref());
        out.optional("keywords", self.keywords.as_deref());
        if !self.conf_uris.is_empty() {
            out.element("conf-uris", &[], |uris| self.conf_uris.iter().for_each(|uri| uri.write(uris)));
        }
        optional_number(out, "maximum-user-count", self.maximum_user_count);
    }
}

impl ConferenceUri {
    fn write(&self, out: &mut Writer) {
        out.element("entry", &[], |entry| {
            entry.leaf("uri", &[], &self.uri);
            entry.optional("display-text", self.display_text.as_deref());
            entry.optional("purpose", self.purpose.as_deref());
        });
    }
}

impl ConferenceState {
    fn write(self, out: &mut Writer) {
        let flag = |flag: bool| if flag { "true" } else { "false" };
        optional_number(out, "user-count", self.user_count);
        out.optional("active", self.active.map(flag));
        out.optional("locked", self.locked.map(flag));
    }
}

impl User {
    fn write(&self, out: &mut Writer) {
        let attributes = [
            ("entity", Some(self.entity.as_str())),
            ("state", Some(self.state.as_str())),
            ("yourown", self.yourown.then_some("true")),
        ];
        out.element("user", &attributes, |user| {
            user.optional("display-text", self.display_text.as_deref());
            if !self.associated_aors.is_empty() {
                user.element("associated-aors", &[], |aors| {
                    let entry = |aor: &String| aors.element("entry", &[], |entry| entry.leaf("uri", &[], aor));
                    self.associated_aors.iter().for_each(entry);
                });
            }
            if !self.roles.is_empty() {
                user.element("roles", &[], |roles| self.roles.iter().for_each(|role| roles.leaf("entry", &[], role)));
            }
            self.endpoints.iter().for_each(|endpoint| endpoint.write(user));
        });
    }
}

impl Endpoint {
    fn write(&self, out: &mut Writer) {
        let entity = (!self.entity.is_empty()).then_some(self.entity.as_str());
        out.element("endpoint", &[("entity", entity), ("state", Some(self.state.as_str()))], |endpoint| {
            endpoint.optional("display-text", self.display_text.as_deref());
            optional_execution(endpoint, "referred", self.referred.as_ref());
            endpoint.optional("status", self.status.as_ref().map(EndpointStatus::as_str));
            endpoint.optional("joining-method", self.joining_method.as_ref().map(JoiningMethod::as_str));
            optional_execution(endpoint, "joining-info", self.joining_info.as_ref());
            let method = self.disconnection_method.as_ref().map(DisconnectionMethod::as_str);
            endpoint.optional("disconnection-method", method);
            optional_execution(endpoint, "disconnection-info", self.disconnection_info.as_ref());
            self.media.iter().for_each(|media| media.write(endpoint));
        });
    }
}

impl Media {
    fn write(&self, out: &mut Writer) {
        out.element("media", &[("id", Some(self.id.as_str()))], |media| {
            media.optional("display-text", self.display_text.as_deref());
            media.optional("type", self.kind.as_deref());
            media.optional("label", self.label.as_deref());
            media.optional("src-id", self.src_id.as_deref());
            media.optional("status", self.status.as_deref());
        });
    }
}

fn optional_execution(out: &mut Writer, name: &str, execution: Option<&Execution>) {
    if let Some(execution) = execution {
        out.element(name, &[], |inner| {
            inner.optional("when", execution.when.as_deref());
            inner.optional("reason", execution.reason.as_deref());
            inner.optional("by", execution.by.as_deref());
        });
    }
}

fn optional_number(out: &mut Writer, name: &str, number: Option<u32>) {
    out.optional(name, number.map(|number| number.to_string()).as_deref());
}
