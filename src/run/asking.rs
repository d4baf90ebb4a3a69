//! Asking the hooks of a profile, which are looked at like any neighbour: what they answer is evidence, and what they cannot
//! answer is the fault of no target.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Context;
use super::provisioning::unseen;
use crate::evidence::{ChargingRecord, Intercepted, StoredItem};
use crate::target::calling::Filling;
use crate::target::control::Hook;
use crate::world::Stop;

/// What a hook answered, as it is and without secrets.
pub(super) struct Answer {
    said: Value,
    shown: Value,
}

impl Answer {
    /// What may be shown of it.
    pub(super) fn shown(self) -> Value {
        self.shown
    }

    /// What stands under a key, in its shape. What is judged has to be what was said: a secret in it makes it unreadable.
    fn read<T: DeserializeOwned + PartialEq>(&self, key: &str) -> Result<T, String> {
        let of = |answer: &Value| match answer.get(key) {
            Some(value) => T::deserialize(value).map_err(|error| format!("the answer cannot be read: {key}: {error}")),
            None => Err(format!("the answer cannot be read: it has no {key}")),
        };
        let (said, shown) = (of(&self.said), of(&self.shown)?);
        match said {
            Ok(said) if said == shown => Ok(shown),
            _ => Err("the answer repeats a secret that the profile names".to_owned()),
        }
    }
}

/// The first fault of anything in a list.
fn whole<T>(items: Vec<T>, fault: impl Fn(&T) -> Option<&'static str>) -> Result<Vec<T>, String> {
    match items.iter().find_map(fault) {
        Some(fault) => Err(format!("the answer cannot be read: {fault}")),
        None => Ok(items),
    }
}

/// What is told to the hook of interception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interception {
    /// The user is put under interception.
    Begin,
    /// The user is under interception no more.
    End,
}

impl Context {
    /// Calls a hook, named as the profile has it.
    ///
    /// # Errors
    /// Inconclusive when it failed.
    pub(super) async fn called(
        &self,
        name: &str,
        hook: &Hook,
        filling: Filling<'_>,
        request: &Value,
    ) -> Result<Answer, Stop> {
        let within = self.profile.control.command_timeout();
        let called = hook.call(filling, request, within, &self.secrets).await;
        let said = called.map_err(|why| unseen(format!("{name}: {why}")))?;
        let shown = self.secrets.hidden_in(&said);
        Ok(Answer { said, shown })
    }

    /// Asks about a user.
    async fn asked(&self, (key, hook): (&str, &Option<Hook>), scenario: &str, request: Value) -> Result<Answer, Stop> {
        let name = format!("control.{key}");
        let hook = hook.as_ref().ok_or_else(|| unseen(format!("the profile has no {name}")))?;
        let user = request.get("user").and_then(Value::as_str).unwrap_or_default();
        self.called(&name, hook, Filling { user, device: "", scenario }, &request).await
    }

    /// Whether what a user has stored can be cleared, and is to be: the embedded reference begins with nothing.
    pub fn resets(&self) -> bool {
        self.profile.control.reset.is_some()
    }

    /// Clears what is stored for a user.
    ///
    /// # Errors
    /// Inconclusive when the hook failed.
    pub async fn reset(&self, scenario: &str, user: &str) -> Result<(), Stop> {
        let request = json!({"user": user});
        self.asked(("reset", &self.profile.control.reset), scenario, request).await.map(|_| ())
    }

    /// Whether the target lists what it has stored.
    pub fn probes(&self) -> bool {
        self.profile.control.probe_store.is_some()
    }

    /// What is stored for a user.
    ///
    /// # Errors
    /// Inconclusive when the hook failed, or its answer cannot be read.
    pub async fn stored(&self, scenario: &str, user: &str) -> Result<Vec<StoredItem>, Stop> {
        let answer =
            self.asked(("probe_store", &self.profile.control.probe_store), scenario, json!({"user": user})).await?;
        let items = answer.read("items").and_then(|items| whole(items, StoredItem::fault));
        items.map_err(|why| unseen(format!("control.probe_store: {why}")))
    }

    /// Whether charging is seen in the records that a hook hands over.
    pub fn reads_records(&self) -> bool {
        self.profile.hands_over_records()
    }

    /// All charging records of a user so far.
    ///
    /// # Errors
    /// Inconclusive when the hook failed, or its answer cannot be read.
    pub async fn records(&self, scenario: &str, user: &str) -> Result<Vec<ChargingRecord>, Stop> {
        let hook = ("charging_records", &self.profile.control.charging_records);
        let answer = self.asked(hook, scenario, json!({"user": user})).await?;
        let records = answer.read("records").and_then(|records| whole(records, ChargingRecord::fault));
        records.map_err(|why| unseen(format!("control.charging_records: {why}")))
    }

    /// Whether interception is ordered from a hook, and seen in what that hands over.
    pub fn reads_interception(&self) -> bool {
        self.profile.hands_over_interception()
    }

    /// Lets the operator of the target begin or end the interception of a user.
    ///
    /// # Errors
    /// Inconclusive when the hook failed, or does not do it.
    pub async fn intercept(&self, scenario: &str, user: &str, act: Interception) -> Result<(), Stop> {
        let act = match act {
            Interception::Begin => "begin",
            Interception::End => "end",
        };
        let answer = self.of_interception(scenario, json!({"user": user, "act": act})).await?.shown();
        if answer.get("ok").is_some_and(|ok| *ok == Value::Bool(true)) {
            return Ok(());
        }
        let why = answer.get("why").map(|why| format!(": {why}")).unwrap_or_default();
        Err(unseen(format!("control.li_delivery does not {act} the interception of {user}{why}")))
    }

    /// All that was intercepted of a user so far.
    ///
    /// # Errors
    /// Inconclusive when the hook failed, or its answer cannot be read.
    pub async fn intercepted(&self, scenario: &str, user: &str) -> Result<Vec<Intercepted>, Stop> {
        let answer = self.of_interception(scenario, json!({"user": user, "act": "deliver"})).await?;
        let items = answer.read("items").and_then(|items| whole(items, Intercepted::fault));
        items.map_err(|why| unseen(format!("control.li_delivery: {why}")))
    }

    async fn of_interception(&self, scenario: &str, request: Value) -> Result<Answer, Stop> {
        self.asked(("li_delivery", &self.profile.control.li_delivery), scenario, request).await
    }
}
