//! How what users wish gets to the target, as the profile says.

use super::{Context, operator};
use crate::actors::preference_server::{Change, MEDIA_TYPE, selector};
use crate::actors::preferring::Wish;
use crate::stage::Stage;
use crate::target::calling::{Filling, deposit};
use crate::target::control::{Hook, ProvisioningMode};
use crate::verdict::Blame;
use crate::world::Stop;

/// The way in which one change gets to the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// The vendor has prepared the user like this.
    Prepared,
    /// The suite brings it there.
    Provided,
}

pub(super) fn unseen(why: impl Into<String>) -> Stop {
    Stop::Unseen { why: why.into(), blame: Blame::Configuration }
}

impl Context {
    /// Whether the vendor has prepared users by class, who change no more.
    pub fn is_preset(&self) -> bool {
        self.profile.provisioning.mode == ProvisioningMode::Preset
    }

    /// The caller who stands in the block lists of prepared users.
    pub fn blocked_caller(&self) -> Option<String> {
        let blocked = self.profile.provisioning.blocked.as_ref().filter(|_| self.is_preset());
        blocked.map(|uri| uri.as_str().to_owned())
    }

    /// How a change may be made. `prepared_for` is the class that the user was drawn from, as long as this is the first wish.
    ///
    /// # Errors
    /// Inconclusive when the profile has no way.
    pub fn means(&self, change: &Change, prepared_for: Option<&'static str>) -> Result<Means, Stop> {
        match self.profile.provisioning.mode {
            ProvisioningMode::None => Err(unseen("needs provisioning, and the profile has none")),
            ProvisioningMode::Preset if change.blocks_caller() && self.blocked_caller().is_none() => {
                Err(unseen("needs provisioning.blocked, the caller who stands in the block lists"))
            }
            ProvisioningMode::Preset if prepared_for.is_some() && prepared_for == change.class() => Ok(Means::Prepared),
            ProvisioningMode::Preset => Err(unseen("needs provisioning that changes users, and it is preset")),
            _ => Ok(Means::Provided),
        }
    }

    /// Brings what somebody wishes to the target, and waits until it holds.
    ///
    /// # Errors
    /// Inconclusive when it could not be brought there.
    pub async fn provide(&self, means: Means, stage: &Stage, scenario: &str, wish: Wish) -> Result<(), Stop> {
        if means == Means::Prepared {
            return Ok(());
        }
        let here = wish.clone();
        stage.act(move |play| play.ensemble.publish(&here)).await?;
        self.carry(scenario, &wish).await?;
        // What tells the target of a change is answered in this time, or it reads anew.
        stage.until(self.profile.provisioning.settle, |_, _| false).await?;
        Ok(())
    }

    async fn carry(&self, scenario: &str, wish: &Wish) -> Result<(), Stop> {
        let provisioning = &self.profile.provisioning;
        let url = || provisioning.url.as_ref().map(|url| url.as_str().to_owned()).unwrap_or_default();
        match provisioning.mode {
            ProvisioningMode::Xcap if self.profile.preference_server_bind().is_some() => Ok(()),
            ProvisioningMode::Xcap => self.deposited(&url(), wish).await,
            ProvisioningMode::Http => self.hooked(&Hook::Http(url()), scenario, wish).await,
            ProvisioningMode::Exec => {
                let command = provisioning.command.clone().unwrap_or_default();
                self.hooked(&Hook::Exec(command), scenario, wish).await
            }
            ProvisioningMode::Manual => operator::ask(for_operator(wish)).await,
            ProvisioningMode::None | ProvisioningMode::Preset => Ok(()),
        }
    }

    /// Writes the document to the vendor's own server (RFC 4825).
    async fn deposited(&self, root: &str, wish: &Wish) -> Result<(), Stop> {
        let address = format!("{}/{}", root.trim_end_matches('/'), selector(&wish.user, wish.owner.document()));
        let document = wish.document.clone().map(|text| (MEDIA_TYPE, text));
        let deposited = deposit(&address, document, self.profile.control.command_timeout(), &self.secrets).await;
        deposited.map_err(|why| unseen(format!("provisioning.url: {why}")))
    }

    async fn hooked(&self, hook: &Hook, scenario: &str, wish: &Wish) -> Result<(), Stop> {
        let request = serde_json::json!({
            "user": wish.user,
            "owner": wish.owner.document(),
            "wish": wish.words,
            "document": wish.document,
        });
        let filling = Filling { user: &wish.user, device: "", scenario };
        self.called("provisioning", hook, filling, &request).await.map(|_| ())
    }
}

fn for_operator(wish: &Wish) -> String {
    let document = wish.document.as_deref().unwrap_or("(no document: nothing is wished any more)\n");
    format!("{}: {}\nAs a document, \"{}\":\n{document}", wish.user, wish.words, wish.owner.document())
}
