//! Who is named stays named, and who hides stays hidden (L27).

use cpm_wire::sip::identity_key;

use super::chat::same_author;
use super::devices::settled;
use super::{CONV_058A, Chat, fail, harness, outside, undeclared};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::Leg;
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const IDENTITY_KEPT: RuleEntry = RuleEntry {
    id: "missed_group_content.identity_kept",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L27"],
    stage3: false,
    what: "An author who does not hide is named in what is delivered.",
    source: "CPM-CONV-058a, RFC 3862 section 2.1",
};

/// The messages of this member reach the person under the name of the member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IdentityKept {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// Who wrote them.
    pub identity_name: String,
}

impl Rule for IdentityKept {
    fn entry(&self) -> &'static RuleEntry {
        &IDENTITY_KEPT
    }

    fn expects(&self) -> String {
        format!("the messages of {} in \"{}\" reach {} under that name", self.identity_name, self.group, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let mut judgement = self.named(&chat);
        if matches!(judgement, Judgement::Met { .. }) {
            for leg in story.drains_of(&self.person, &self.group) {
                match identity_of(story, &self.person, &self.group, leg) {
                    Some(word) => {
                        let told = ("drain_identity", word);
                        warnings.extend(undeclared(&IDENTITY_KEPT, statement, told, "L27", Some(leg.invited)));
                    }
                    None if leg.asserted.is_empty() => {}
                    None => judgement = Judgement::Broken(strange(leg)),
                }
            }
        }
        settled(judgement, warnings, moment)
    }
}

impl IdentityKept {
    fn named(&self, chat: &Chat<'_>) -> Judgement {
        let of_author = |item: &&Item| {
            let from = item.content.chat().and_then(|envelope| envelope.from.as_deref());
            let person = from.and_then(|uri| chat.story.cast().person_of(uri));
            person.is_some_and(|person| person.name == self.identity_name)
                || item.chat_id().is_some_and(|id| chat.story.cast().is_author(id, &self.identity_name))
        };
        let owed = chat.owed().into_iter().filter(of_author).collect::<Vec<_>>();
        let from = |item: &Item| item.content.chat().and_then(|envelope| envelope.from.clone());
        for sent in &owed {
            let name = chat.name(sent.chat_id().unwrap_or_default());
            let author = from(sent).unwrap_or_default();
            let Some(came) = chat.delivered(None).find(|item| item.chat_id() == sent.chat_id()) else {
                let expected = format!("{name} reaches {}", self.person);
                let observed = format!("sent towards the target in frame {}, it never did", sent.frame);
                return chat.missing(&IDENTITY_KEPT, expected, observed, *sent);
            };
            if !same_author(from(sent).as_deref(), from(came).as_deref()) {
                let observed = format!("From {} (frame {})", from(came).unwrap_or_default(), came.frame);
                return Judgement::Broken(fail(&IDENTITY_KEPT, format!("{name} comes from {author}"), observed, came));
            }
        }
        match owed.len() {
            0 if chat.owed().is_empty() => chat.nothing_owed(&IDENTITY_KEPT),
            0 => harness(format!("{} sent {} nothing in \"{}\"", self.identity_name, self.person, self.group)),
            checks => Judgement::Met { checks },
        }
    }
}

/// Whose identity an invitation carries, in the words of the statement.
pub(in crate::rules) fn identity_of(story: &Story, person: &str, group: &str, leg: &Leg) -> Option<&'static str> {
    if leg.of_standing_store() {
        return Some("rcse_standfw");
    }
    let asserted = leg.asserted.iter().map(|uri| identity_key(uri)).collect::<Vec<_>>();
    let foci = story.cast().group(group).map(|group| group.foci.as_slice()).unwrap_or_default();
    if asserted.iter().any(|uri| foci.contains(uri)) {
        return Some("focus");
    }
    let invitation = story.network_legs(person, group).find(|leg| !leg.by_target)?;
    let inviters = invitation.asserted.iter().chain(invitation.referred_by.as_ref()).chain(Some(&invitation.from));
    let inviters = inviters.map(|uri| identity_key(uri)).collect::<Vec<_>>();
    asserted.iter().any(|uri| inviters.contains(uri) || story.cast().person_of(uri).is_some()).then_some("inviter")
}

fn strange(leg: &Leg) -> Finding {
    let expected = "an invitation of the inviter, the focus, or the store-and-forward identity".to_owned();
    let observed = format!("{} is asserted (frame {})", leg.asserted.join(", "), leg.invited);
    outside(&IDENTITY_KEPT, "L27", expected, observed, Some(leg.invited))
}

pub(super) const ANONYMITY_KEPT: RuleEntry = RuleEntry {
    id: "missed_group_content.anonymity_kept",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: true,
    ledger: &["L01", "L27"],
    stage3: false,
    what: "The identity of a member who hides stands in no header, list or message that reaches a device.",
    source: "CPM-CONV-058a, RFC 3323 section 4",
};

/// The hidden identity reaches no device of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnonymityKept {
    /// Who is not to learn it.
    pub person: String,
    /// In which group.
    pub group: String,
}

impl Rule for AnonymityKept {
    fn entry(&self) -> &'static RuleEntry {
        &ANONYMITY_KEPT
    }

    fn expects(&self) -> String {
        format!("nothing of \"{}\" tells {} who the hidden member is", self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let ours = |person: Option<&str>| person.is_none_or(|person| person == self.person);
        let mut leaks = story.leaks().iter().filter(|leak| leak.hidden_in == self.group);
        if let Some(leak) = leaks.find(|leak| ours(leak.person.as_deref())) {
            let observed = format!("it stands in frame {}: \"{}\"", leak.frame, leak.excerpt);
            return Judgement::Broken(fail(&ANONYMITY_KEPT, self.expects(), observed, Some(leak.frame))).into();
        }
        let hidden = story.cast().hidden().iter().filter(|hidden| hidden.group == self.group).collect::<Vec<_>>();
        let checks = chat.came(None).count();
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed if hidden.is_empty() => harness(format!("nobody hides in \"{}\"", self.group)),
            Moment::Closed if checks > 0 => Judgement::Met { checks },
            Moment::Closed if chat.owed().is_empty() => chat.nothing_owed(&ANONYMITY_KEPT),
            Moment::Closed => {
                let observed = format!("nothing of \"{}\" came", self.group);
                chat.missing(&ANONYMITY_KEPT, self.expects(), observed, None)
            }
        }
        .into()
    }
}
