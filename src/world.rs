//! The world of one scenario: its stage, its users, and what has been checked so far.
//!
//! Nobody sets a verdict here. A step either goes on or stops the scenario with a [`Stop`]; what the stop means falls
//! out of its kind.

pub use crate::evidence::Stop;
use crate::evidence::{Event, ShownChat, What};
use crate::rules::{Judgement, Moment, Rule};
pub use crate::run::Interception;
use crate::run::{Context, Hand, Lent};
use crate::stage::target::EmbeddedTarget;
use crate::stage::{Dead, Stage};
use crate::verdict::Blame;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

impl From<Dead> for Stop {
    fn from(dead: Dead) -> Stop {
        Stop::Harness(dead.to_string())
    }
}

/// How long a hook that hands something over is left alone before it is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// What a hook of the profile hands over where the tester itself sees nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<'a> {
    /// Charging records.
    Charges,
    /// What was intercepted.
    Interception,
    /// What the client under test shows its user on this device.
    Shown(&'a str),
}

impl Told<'_> {
    /// Whether a hook of this run's target is asked for it. Where there is none, the tester may see it itself; but nobody
    /// else sees what a client shows.
    fn is_asked_for(self, run: &Context) -> bool {
        match self {
            Told::Charges => run.reads_records(),
            Told::Interception => run.reads_interception(),
            Told::Shown(_) => true,
        }
    }
}

/// A rule as the evidence has it.
fn written(rule: &(impl Rule + Serialize)) -> Result<serde_json::Value, Stop> {
    let written = serde_json::to_value(rule);
    written.map_err(|why| Stop::Harness(format!("the rule {} cannot be written down: {why}", rule.id())))
}

/// How a step ends.
pub type Done = Result<(), Stop>;

/// One scenario while it runs.
pub struct Scene {
    /// What all scenarios of the run share.
    pub run: Arc<Context>,
    /// The scenario's id.
    pub id: String,
    /// Test purposes that the scenario serves.
    pub test_purposes: Vec<String>,
    /// Its stage.
    pub stage: Stage,
    /// A target of its own, for scenarios that kill it.
    pub own_target: Option<EmbeddedTarget>,
    /// The user of the client under test, lent to this scenario. Given back before the turn ends.
    pub user_under_test: Option<Lent>,
    /// The scenario's turn, where only so many may run at a time.
    pub turn: Option<tokio::sync::OwnedSemaphorePermit>,
    /// The line of evidence with which the last registration of a device began.
    pub last_trigger: u64,
    /// The classes of prepared users who fit the first wishes of the scenario, by person, until these come.
    pub prepared_for: std::collections::BTreeMap<String, &'static str>,
    /// Why it stopped.
    pub stop: Option<Stop>,
}

/// The world that cucumber makes; the scene comes with the first hook.
#[derive(Default, cucumber::World)]
pub struct World {
    /// The scene, once it is set.
    pub scene: Option<Scene>,
    /// Why there is none.
    pub no_scene: Option<Stop>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("scenario", &self.scene.as_ref().map(|scene| &scene.id)).finish()
    }
}

impl Scene {
    /// Awaits a rule; what it says decides whether the scenario goes on. What it says of the target is judged later, from
    /// the evidence.
    pub async fn judge(&mut self, rule: impl Rule + Serialize + 'static, within: Duration) -> Done {
        let arguments = written(&rule)?;
        self.decide(Arc::new(rule), arguments, within).await
    }

    async fn decide(&mut self, rule: Arc<dyn Rule>, arguments: serde_json::Value, within: Duration) -> Done {
        match self.stage.judge(rule.clone(), arguments, within).await? {
            Judgement::Met { .. } => Ok(()),
            Judgement::Broken(_) => Err(Stop::Broken),
            Judgement::Unseen { .. } => Err(Stop::Unmet),
            Judgement::Undecided => Err(Stop::Harness(format!("the rule {} did not close", rule.id()))),
        }
    }

    /// Awaits a rule about what a hook hands over of a person: it is asked until the rule can say something, and once more
    /// when the time is over.
    ///
    /// # Errors
    /// As [`Scene::judge`], and inconclusive when the hook fails.
    pub async fn judge_told(
        &mut self,
        (told, person): (Told<'_>, &str),
        rule: impl Rule + Serialize + 'static,
        within: Duration,
    ) -> Done {
        if !told.is_asked_for(&self.run) {
            return self.judge(rule, within).await;
        }
        let (rule, mut left) = (Arc::new(rule), within);
        loop {
            self.ask(told, person).await?;
            let (pause, awaited, statement) = (left.min(PAUSE), rule.clone(), self.run.statement.clone());
            let says = self.stage.until(pause, move |_, story| {
                !matches!(awaited.judge(story, &statement, Moment::Open).judgement, Judgement::Undecided)
            });
            if says.await? || left.is_zero() {
                break;
            }
            left -= pause;
        }
        let arguments = written(&*rule)?;
        self.decide(rule, arguments, Duration::ZERO).await
    }

    /// Asks a hook what it has to tell of a person, and puts it into the evidence.
    async fn ask(&self, told: Told<'_>, person: &str) -> Done {
        let name = person.to_owned();
        let (user, task) = self
            .stage
            .act(move |play| {
                let task = play.story().interception().tasks_of(&name).last().unwrap_or_default();
                (play.ensemble.identity_of(&name), task.to_string())
            })
            .await?;
        let person = person.to_owned();
        let event = match told {
            Told::Charges => Event::Charged { person, records: self.run.records(&self.id, &user).await? },
            Told::Interception => {
                Event::HandedOver { person, task, items: self.run.intercepted(&self.id, &user).await? }
            }
            Told::Shown(device) => {
                Event::Shown { person, device: device.to_owned(), chats: self.shown(&user, device).await? }
            }
        };
        self.stage.act(move |play| play.record(What::Event(event))).await?;
        Ok(())
    }

    /// Clears what a user has stored from before, where the profile has a hook for it.
    ///
    /// # Errors
    /// Inconclusive when it fails.
    pub async fn reset(&self, person: &str, user: &str) -> Done {
        if !self.run.resets() {
            return Ok(());
        }
        self.run.reset(&self.id, user).await?;
        let text = format!("control.reset: what was stored of {person} is cleared");
        self.stage.act(move |play| play.record(What::Event(Event::Note { text }))).await?;
        Ok(())
    }

    /// Puts into the evidence what the target has stored of a person, where the profile has a hook that lists it. Nothing
    /// needs it: what a hook fails to list, a note says.
    ///
    /// # Errors
    /// The stage is gone.
    pub async fn probe(&self, person: &str) -> Done {
        if !self.run.probes() {
            return Ok(());
        }
        let name = person.to_owned();
        let user = self.stage.act(move |play| play.ensemble.identity_of(&name)).await?;
        let event = match self.run.stored(&self.id, &user).await {
            Ok(items) => Event::Stored { person: person.to_owned(), items },
            Err(Stop::Unseen { why, .. }) => Event::Note { text: why },
            Err(stop) => return Err(stop),
        };
        self.stage.act(move |play| play.record(What::Event(event))).await?;
        Ok(())
    }

    /// The steps are over: what the tester asked for last may still be answered. What was met must hold to the end, and
    /// nobody is accused of an answer that is under way.
    ///
    /// # Errors
    /// The stage is gone.
    pub async fn last_answers(&self) -> Done {
        let within = self.run.timers.answer;
        self.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
        Ok(())
    }

    /// The scenario is over: what the target still has stored of those of whom it was asked before.
    ///
    /// # Errors
    /// The stage is gone.
    pub async fn probe_again(&self) -> Done {
        let asked = self.stage.act(|play| {
            let listings = play.story().listings().iter();
            listings.map(|listing| listing.person.clone()).collect::<std::collections::BTreeSet<String>>()
        });
        for person in asked.await? {
            self.probe(&person).await?;
        }
        Ok(())
    }

    /// Draws a user whom the client under test serves, for as long as the scenario lasts.
    ///
    /// # Errors
    /// Inconclusive when the profile has none that is free.
    pub fn draw_user_under_test(&mut self) -> Result<Vec<String>, Stop> {
        let lent = self.run.lend()?;
        let identities = lent.identities().to_vec();
        self.user_under_test = Some(lent);
        Ok(identities)
    }

    /// Tells the client under test what its user does. What the client makes of it is its own conduct, which a rule
    /// judges.
    ///
    /// # Errors
    /// Inconclusive when the profile has no way to tell it, or the way is blocked.
    pub async fn act_as_user(
        &mut self,
        person: &str,
        device: &str,
        act: &str,
        group: Option<&str>,
        text: Option<&str>,
    ) -> Done {
        let (name, group) = (person.to_owned(), group.map(str::to_owned));
        let (user, chat) = self
            .stage
            .act(move |play| {
                let chat = group.and_then(|group| play.contribution_of(&group));
                (play.ensemble.identity_of(&name), chat)
            })
            .await?;
        let acted = Event::Acted {
            person: person.to_owned(),
            device: device.to_owned(),
            act: act.to_owned(),
            chat: chat.clone(),
        };
        self.stage.act(move |play| play.record(What::Event(acted))).await?;
        let request = serde_json::json!({"user": user, "device": device, "act": act, "chat": chat, "text": text});
        let reply = self.run.tell_client(&self.stage, &self.id, Hand::Act, request).await?;
        if reply.get("ok") == Some(&serde_json::Value::Bool(false)) {
            let text = format!("the client does not {act}: {}", reply.get("why").unwrap_or_default());
            self.stage.act(move |play| play.record(What::Event(Event::Note { text }))).await?;
        }
        Ok(())
    }

    /// What the client under test shows its user on a device.
    async fn shown(&self, user: &str, device: &str) -> Result<Vec<ShownChat>, Stop> {
        let request = serde_json::json!({"user": user, "device": device});
        let mut reply = self.run.tell_client(&self.stage, &self.id, Hand::Observe, request).await?;
        let chats = reply.get_mut("chats").map(serde_json::Value::take).unwrap_or_default();
        serde_json::from_value(chats).map_err(|error| Stop::Unseen {
            why: format!("control.observe_client: the answer cannot be read: {error}"),
            blame: Blame::Configuration,
        })
    }

    /// A stop for something that the tester itself could not bring about.
    pub fn not_reached(what: impl Into<String>) -> Stop {
        Stop::Unseen { why: what.into(), blame: Blame::Unknown }
    }
}
