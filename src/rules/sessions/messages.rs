//! What is said in a session reaches the other side, as it was said.

use super::attempt::{Attempt, asked, onward};
use super::findings::{difference, warning};
use super::{Judged, SES_01, Unmet, harness, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Carriage, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const CARRIED: RuleEntry = RuleEntry {
    id: "sessions.carried",
    requirement: SES_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L14", "L29"],
    stage3: false,
    what: "A message said in a session reaches the other side as it was sent, and its sender is told so.",
    source: "PF-SES-01, RFC 4975 section 7, RFC 3862 section 2",
};

/// What was said in the session reaches the other side.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Carried {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// What it is called.
    pub label: String,
}

impl Rule for Carried {
    fn entry(&self) -> &'static RuleEntry {
        &CARRIED
    }

    fn expects(&self) -> String {
        format!("\"{}\" arrives in \"{}\" as it was said", self.label, self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let said = Said { story, session: &self.session, person: &self.person, label: &self.label };
        let warnings = said.original().map(|sent| self.repeated(&said, sent)).unwrap_or_default();
        settled(self.judged(&said, statement), warnings, moment)
    }
}

impl Carried {
    fn judged(&self, said: &Said<'_>, statement: &Statement) -> Judged {
        let story = said.story;
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        attempt.stood(&CARRIED, self.expects())?;
        let known = said.known()?;
        let sent = known.original().ok_or_else(|| harness(format!("\"{}\" was not sent whole", self.label)))?;
        let came: Vec<&Item> = said.arrived(sent).collect();
        let Some(first) = came.first() else { return Err(self.lost(said, sent)) };
        if let (Some(original), Some(copy)) = (sent.content.chat(), first.content.chat())
            && let Some((expected, observed)) = difference(original, copy)
        {
            let (expected, observed) =
                (format!("{} with {expected}", self.expects()), format!("it came with {observed}"));
            return Err(unkept(&CARRIED, expected, observed, *first));
        }
        if !came.iter().any(|item| item.accepted()) {
            return Err(harness(format!("\"{}\" was not taken where it arrived (frame {})", self.label, first.frame)));
        }
        if sent.accepted() {
            return Ok(attempt.met(&CARRIED, statement, 2));
        }
        let expected = format!("the sender of \"{}\" is told that it was taken", self.label);
        let observed = sent.refusal().map_or_else(
            || "it was told nothing".to_owned(),
            |answer| format!("it was told {} (frame {})", answer.status, answer.frame),
        );
        Err(missing(story, &CARRIED, expected, observed, sent))
    }

    fn lost(&self, said: &Said<'_>, sent: &Item) -> Unmet {
        let mut elsewhere = said.elsewhere(sent);
        let observed = match elsewhere.next() {
            Some(item) => {
                let place = item.group.as_deref().unwrap_or("a session that nobody knows");
                format!("it came in {place} (frame {})", item.frame)
            }
            None => format!("sent in frame {}, it never came", sent.frame),
        };
        missing(said.story, &CARRIED, self.expects(), observed, sent)
    }

    /// The same again, at the same end.
    fn repeated(&self, said: &Said<'_>, sent: &Item) -> Vec<Finding> {
        let came: Vec<&Item> = said.arrived(sent).collect();
        let again = came
            .iter()
            .enumerate()
            .filter(|(at, item)| came.iter().take(*at).any(|first| first.device == item.device && first.accepted()));
        let told = |(_, item): (usize, &&Item)| {
            let observed = format!("it came again in frame {}", item.frame);
            warning(&CARRIED, "L14", format!("\"{}\" comes once", self.label), observed, *item)
        };
        again.map(told).collect()
    }
}

pub(super) const NOT_CARRIED: RuleEntry = RuleEntry {
    id: "sessions.not_carried",
    requirement: SES_01,
    level: Level::Shall,
    absence: true,
    ledger: &[],
    stage3: false,
    what: "A message that was given up reaches nobody.",
    source: "PF-SES-01, RFC 4975 section 7.1.1",
};

/// What was given up half way, or is not for the other side, never arrives as a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotCarried {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// What it is called.
    pub label: String,
}

impl Rule for NotCarried {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_CARRIED
    }

    fn expects(&self) -> String {
        format!("\"{}\" never arrives in \"{}\"", self.label, self.session)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let said = Said { story, session: &self.session, person: &self.person, label: &self.label };
        match (self.judged(&said), moment) {
            // What is not there yet may come.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            (judged, moment) => settled(judged, Vec::new(), moment),
        }
    }
}

impl NotCarried {
    fn judged(&self, said: &Said<'_>) -> Judged {
        let attempt = Attempt::last(said.story, &self.session, &self.person, asked(said.story, self))?;
        attempt.stood(&NOT_CARRIED, format!("\"{}\" stands", self.session))?;
        let known = said.known()?;
        if let Some(came) = known.ids().iter().find_map(|id| known.anywhere(id).next()) {
            let observed = format!("it came in frame {}", came.frame);
            return Err(unkept(&NOT_CARRIED, self.expects(), observed, came));
        }
        let tried = known.original().is_some() || known.ids().iter().any(|id| said.story.cast().is_aborted(id));
        match tried {
            true => Ok(Judgement::Met { checks: 1 }),
            false => Err(harness(format!("\"{}\" was neither sent nor given up", self.label))),
        }
    }
}

/// Something said in a session, by what it is called.
struct Said<'a> {
    story: &'a Story,
    session: &'a str,
    person: &'a str,
    label: &'a str,
}

impl<'a> Said<'a> {
    fn ids(&self) -> Vec<&'a str> {
        self.story.cast().called_in(self.session, self.label).collect()
    }

    /// Itself, if anything of the session is called so.
    fn known(&self) -> Result<&Said<'a>, Unmet> {
        let unknown = || harness(format!("nothing in \"{}\" is called \"{}\"", self.session, self.label));
        if self.ids().is_empty() { Err(unknown()) } else { Ok(self) }
    }

    /// What was sent: by its imdn.Message-ID, or without envelope by its Message-ID. The last, if it was said several times.
    fn original(&self) -> Option<&'a Item> {
        let ids = self.ids();
        let own = self.of_session().filter(|item| onward(item.flow).is_some());
        own.filter(|item| ids.iter().any(|id| is(item, id))).last()
    }

    fn of_session(&self) -> impl Iterator<Item = &'a Item> {
        let (session, person) = (self.session, self.person);
        let of_person = self.story.items().iter().filter(move |item| item.person.as_deref() == Some(person));
        of_person.filter(move |item| item.group.as_deref() == Some(session))
    }

    /// What came of it on the other side of the session. Without envelope nothing but the octets tells.
    fn arrived(&self, sent: &'a Item) -> impl Iterator<Item = &'a Item> {
        self.of_session().filter(move |item| goes_on(sent, item))
    }

    /// What came of it in other sessions.
    fn elsewhere(&self, sent: &'a Item) -> impl Iterator<Item = &'a Item> {
        let session = self.session;
        let others = self.story.items().iter().filter(move |item| item.group.as_deref() != Some(session));
        others.filter(move |item| goes_on(sent, item))
    }

    /// Messages of the target with this id, wherever they went.
    fn anywhere(&self, id: &'a str) -> impl Iterator<Item = &'a Item> {
        self.story.items().iter().filter(move |item| onward(item.flow).is_none() && is(item, id))
    }
}

/// Whether an item is what was sent, on the other side of the target.
fn goes_on(sent: &Item, item: &Item) -> bool {
    Some(item.flow) == onward(sent.flow)
        && item.frame > sent.first
        && match sent.chat_id() {
            Some(id) => item.chat_id() == Some(id),
            None => item.content == sent.content,
        }
}

/// Whether an item has this imdn.Message-ID, or without envelope this Message-ID.
fn is(item: &Item, id: &str) -> bool {
    let bare = matches!(&item.carriage, Carriage::Session { message_id, .. } if message_id == id);
    item.chat_id().map_or(bare, |own| own == id)
}
