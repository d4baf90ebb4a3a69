//! The group-state object of a CPM message store (OMA-TS-CPM_MessageStorage, `application/group-state-object+xml`): the
//! last group session identity and who was in the chat then, as it is kept beside the history.
//!
//! No public schema names a namespace, so the elements are known by their local names alone, and written without one.

use crate::xml::{self, ANY_NAMESPACE, Element, Writer, XmlError};
use std::str::FromStr;

/// Its media type.
pub const MEDIA_TYPE: &str = "application/group-state-object+xml";

/// Whether others may be added to the group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GroupType {
    /// Anybody may be added.
    #[default]
    Open,
    /// Nobody may.
    Closed,
}

impl GroupType {
    /// The word in the attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            GroupType::Open => "Open",
            GroupType::Closed => "Closed",
        }
    }
}

/// Clients write the words in more than one case.
impl FromStr for GroupType {
    type Err = ();

    fn from_str(word: &str) -> Result<GroupType, ()> {
        [GroupType::Open, GroupType::Closed].into_iter().find(|one| one.as_str().eq_ignore_ascii_case(word)).ok_or(())
    }
}

/// One who takes part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Participant {
    /// A name to be shown.
    pub name: Option<String>,
    /// The address, a `tel:` or `sip:` URI.
    pub comm_addr: String,
}

/// A group-state object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupState {
    /// The instant that it holds for, RFC 3339, as it is written.
    pub timestamp: String,
    /// The last group session identity.
    pub last_focus_session_id: String,
    /// Open or closed.
    pub group_type: GroupType,
    /// The Contribution-ID of the chat, where it is told here too.
    pub contribution_id: Option<String>,
    /// Who took part, in document order.
    pub participants: Vec<Participant>,
}

impl GroupState {
    /// Reads an object.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(octets: &[u8]) -> Result<GroupState, XmlError> {
        xml::read(octets, ANY_NAMESPACE, "groupstate", |root| {
            Ok(GroupState {
                timestamp: root.required("timestamp")?.trim().to_owned(),
                last_focus_session_id: root.required("lastfocussessionid")?.trim().to_owned(),
                group_type: root
                    .attribute_value("group-type", "Open or Closed")?
                    .ok_or_else(|| root.missing("group-type"))?,
                contribution_id: root.attribute("contributionid").map(|id| id.trim().to_owned()),
                participants: root.children("participant").map(participant).collect::<Result<_, _>>()?,
            })
        })
    }

    /// Writes the object.
    pub fn to_xml(&self) -> String {
        let attributes = [
            ("timestamp", Some(self.timestamp.as_str())),
            ("lastfocussessionid", Some(self.last_focus_session_id.as_str())),
            ("group-type", Some(self.group_type.as_str())),
            ("contributionid", self.contribution_id.as_deref()),
        ];
        Writer::document("groupstate", &attributes, |root| {
            for participant in &self.participants {
                let attributes =
                    [("name", participant.name.as_deref()), ("comm-addr", Some(participant.comm_addr.as_str()))];
                root.element("participant", &attributes, |_| {});
            }
        })
    }
}

fn participant(element: Element<'_, '_>) -> Result<Participant, XmlError> {
    Ok(Participant {
        name: element.attribute("name").map(str::to_owned),
        comm_addr: element.required("comm-addr")?.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use proptest::prelude::*;

    const CLOSED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<groupstate timestamp="2012-06-13T16:39:57-05:00" lastfocussessionid="sip:da9274453@conf.example.com"
    group-type="Closed">
  <participant name="bob" comm-addr="tel:+16135551212"/>
  <participant name="alice" comm-addr=" tel:+15195551212 "/>
</groupstate>"#;

    #[test]
    fn an_object_is_read() {
        let state = GroupState::parse(CLOSED.as_bytes()).unwrap();
        assert_eq!(state.group_type, GroupType::Closed);
        assert_eq!(state.last_focus_session_id, "sip:da9274453@conf.example.com");
        let addresses: Vec<&str> = state.participants.iter().map(|one| one.comm_addr.as_str()).collect();
        assert_eq!(addresses, ["tel:+16135551212", "tel:+15195551212"]);
        assert_eq!(state.contribution_id, None);
        assert_eq!(GroupState::parse(state.to_xml().as_bytes()), Ok(state));
    }

    #[test]
    fn a_namespace_or_none_is_the_same() {
        let bare = GroupState::parse(CLOSED.as_bytes());
        let named = CLOSED.replacen("<groupstate", "<groupstate xmlns=\"urn:example:groupstate\"", 1);
        assert_eq!(GroupState::parse(named.as_bytes()), bare);
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let error = |text: &str| GroupState::parse(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            error(&CLOSED.replacen("Closed", "Ajar", 1)),
            "line 2, column 1: group-type is \"Ajar\", expected Open or Closed"
        );
        assert_eq!(error(&CLOSED.replacen("comm-addr", "addr", 1)), "line 4, column 3: <participant> has no comm-addr");
        assert_eq!(
            error(&CLOSED.replacen("group-type", "type", 1)),
            "line 2, column 1: <groupstate> has no group-type"
        );
        assert!(GroupState::parse(b"<state/>").is_err());
        assert!(GroupState::parse(b"\xff\x00garbage").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            timestamp in "[!-~]{1,30}",
            last_focus_session_id in "[!-~]{1,40}",
            closed: bool,
            contribution_id in prop::option::of("[!-~]{1,32}"),
            participants in prop::collection::vec((prop::option::of("\\PC*"), "[!-~]{1,30}"), 0..5),
        ) {
            let group_type = if closed { GroupType::Closed } else { GroupType::Open };
            let participants =
                participants.into_iter().map(|(name, comm_addr)| Participant { name, comm_addr }).collect();
            let state = GroupState { timestamp, last_focus_session_id, group_type, contribution_id, participants };
            prop_assert_eq!(GroupState::parse(state.to_xml().as_bytes()), Ok(state));
        }
    }
}
