//! Reading the embedded catalogue, and finding in it.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Requirement, SeededFault, TestPurpose};
use crate::target::Role;
use crate::yaml;

/// The files of the catalogue, one for each word of the house that is built.
const FILES: [(&str, &str); 16] = [
    ("missed_group_content", include_str!("../../fixtures/requirements/missed_group_content.yaml")),
    ("client_deferred_content", include_str!("../../fixtures/requirements/client_deferred_content.yaml")),
    ("sessions", include_str!("../../fixtures/requirements/sessions.yaml")),
    ("multi_device", include_str!("../../fixtures/requirements/multi_device.yaml")),
    ("session_continuity", include_str!("../../fixtures/requirements/session_continuity.yaml")),
    ("policies_and_preferences", include_str!("../../fixtures/requirements/policies_and_preferences.yaml")),
    ("messages", include_str!("../../fixtures/requirements/messages.yaml")),
    ("media_negotiation", include_str!("../../fixtures/requirements/media_negotiation.yaml")),
    ("deferred_messages", include_str!("../../fixtures/requirements/deferred_messages.yaml")),
    ("charging", include_str!("../../fixtures/requirements/charging.yaml")),
    ("disposition_reports", include_str!("../../fixtures/requirements/disposition_reports.yaml")),
    ("interworking", include_str!("../../fixtures/requirements/interworking.yaml")),
    ("conversation_history", include_str!("../../fixtures/requirements/conversation_history.yaml")),
    ("presence", include_str!("../../fixtures/requirements/presence.yaml")),
    ("lawful_interception", include_str!("../../fixtures/requirements/lawful_interception.yaml")),
    // What surrounds the requirements, and is not scored.
    ("robustness", include_str!("../../fixtures/requirements/robustness.yaml")),
];

/// All requirements, in the order of their files.
#[derive(Clone, Debug)]
pub struct Catalogue {
    requirements: Vec<Requirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    word: String,
    requirements: Vec<Requirement>,
}

impl Catalogue {
    /// The catalogue that is embedded in the program.
    ///
    /// # Panics
    /// Never: the files are part of the program, and a test reads them.
    #[must_use]
    pub fn embedded() -> Catalogue {
        static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(Catalogue::read);
        EMBEDDED.clone()
    }

    fn read() -> Catalogue {
        let mut requirements = Vec::new();
        for (word, text) in FILES {
            match yaml::read::<File>(text) {
                Ok(file) => requirements.extend(file.requirements.into_iter().map(|requirement| Requirement {
                    word: file.word.clone(),
                    summary: one_line(&requirement.summary),
                    notes: requirement.notes.as_deref().map(one_line),
                    test_purposes: requirement.test_purposes.into_iter().map(TestPurpose::on_one_line).collect(),
                    ..requirement
                })),
                Err(fault) => unreachable!("fixtures/requirements/{word}.yaml: {fault:?}"),
            }
        }
        Catalogue { requirements }
    }

    /// A catalogue of these requirements.
    #[must_use]
    pub fn of(requirements: Vec<Requirement>) -> Catalogue {
        Catalogue { requirements }
    }

    /// Every requirement.
    #[must_use]
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// The requirements that an element of this role has to meet.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter().filter(move |requirement| requirement.subject == role)
    }

    /// The requirement with this id.
    #[must_use]
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.id == id)
    }

    /// The test purpose with this id, and its requirement.
    #[must_use]
    pub fn test_purpose(&self, id: &str) -> Option<(&Requirement, &TestPurpose)> {
        self.requirements.iter().find_map(|requirement| {
            let purpose = requirement.test_purposes.iter().find(|purpose| purpose.id == id)?;
            Some((requirement, purpose))
        })
    }

    /// The seeded fault with this id, and the requirement that it breaks.
    #[must_use]
    pub fn fault(&self, id: &str) -> Option<(&Requirement, &SeededFault)> {
        self.requirements.iter().find_map(|requirement| {
            let fault = requirement.faults.iter().find(|fault| fault.id == id)?;
            Some((requirement, fault))
        })
    }
}

impl TestPurpose {
    fn on_one_line(self) -> TestPurpose {
        TestPurpose { summary: one_line(&self.summary), ..self }
    }
}

/// A folded text without its line ends.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
