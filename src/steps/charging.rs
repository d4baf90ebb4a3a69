//! The accounts of served users: what credit the charging server gives, and when it is away.

use super::Keyword::{Given, When};
use super::{Args, StepEntry, entry};
use crate::actors::charging_server::{Account, FinalAction};
use crate::world::{Done, Scene, Stop};
use cpm_wire::diameter::result;
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given, When],
            r"^the charging server refuses (\w+) credit, for (the limit is reached|the service is denied|nobody may use it|the user is unknown|there is no tariff)$",
            "From now on every request for credit of the user is answered by a refusal.",
            |scene, args| Box::pin(refuses(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^the charging server asks no credit of (\w+)$",
            "From now on every request for credit of the user is answered: credit control does not apply.",
            |scene, args| Box::pin(asks_none(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^the charging server gives (\w+) credit(?: again)?$",
            "From now on whatever is asked for is granted to the user.",
            |scene, args| Box::pin(gives(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^(\w+) has credit for (\d+) seconds? and no more$",
            "So many seconds are granted, as the last, with what the statement says that happens then.",
            |scene, args| Box::pin(last(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^the charging server (falls silent|goes down) for (\w+)$",
            "It answers nothing any more that is charged to the user; where it serves nobody else, and goes down, it leaves its \
             connections and takes no other.",
            |scene, args| Box::pin(leaves(scene, args)),
        ),
        entry(&[Given, When], r"^the charging server is back for (\w+)$", "It answers again.", |scene, args| {
            Box::pin(back(scene, args))
        }),
        entry(&[When], r"^(\w+)'s credit is used up$", "The time passes for which there is credit.", |scene, args| {
            Box::pin(used_up(scene, args))
        }),
    ]
}

/// From now on the charging server answers so for a person.
async fn account(scene: &mut Scene, person: &str, account: Account) -> Done {
    let name = person.to_owned();
    if scene.stage.act(move |play| play.ensemble.charges(&name, account)).await? {
        return Ok(());
    }
    Err(Stop::Harness(format!("{person} was not introduced, or nobody is charged")))
}

async fn refuses(scene: &mut Scene, args: Args) -> Done {
    let code = match args.text(1) {
        "the limit is reached" => result::CREDIT_LIMIT_REACHED,
        "the service is denied" => result::END_USER_SERVICE_DENIED,
        "nobody may use it" => result::AUTHORIZATION_REJECTED,
        "the user is unknown" => result::USER_UNKNOWN,
        _ => result::RATING_FAILED,
    };
    account(scene, args.text(0), Account::Refused(code)).await
}

async fn asks_none(scene: &mut Scene, args: Args) -> Done {
    account(scene, args.text(0), Account::Refused(result::CREDIT_CONTROL_NOT_APPLICABLE)).await
}

async fn gives(scene: &mut Scene, args: Args) -> Done {
    account(scene, args.text(0), Account::Unlimited).await
}

async fn last(scene: &mut Scene, args: Args) -> Done {
    let action = match scene.run.statement.text("final_unit") {
        "redirect" => FinalAction::Redirect,
        "restrict" => FinalAction::Restrict,
        _ => FinalAction::Terminate,
    };
    let seconds = args.text(1).parse().map_err(|_| Stop::Harness("no number of seconds".to_owned()))?;
    account(scene, args.text(0), Account::Last { seconds, action }).await
}

async fn leaves(scene: &mut Scene, args: Args) -> Done {
    let how = if args.text(0) == "goes down" { Account::Down } else { Account::Silent };
    account(scene, args.text(1), how).await
}

async fn back(scene: &mut Scene, args: Args) -> Done {
    account(scene, args.text(0), Account::Unlimited).await
}

/// A while longer passes than there is credit.
async fn used_up(scene: &mut Scene, args: Args) -> Done {
    let person = args.text(0).to_owned();
    let known = scene.stage.act(move |play| play.ensemble.account_of(&person)).await?;
    let Some(Account::Last { seconds, .. }) = known else {
        return Err(Stop::Harness(format!("{} has credit without end", args.text(0))));
    };
    Ok(scene.stage.quiet(Duration::from_secs(u64::from(seconds)) + scene.run.timers.quiet).await?)
}
