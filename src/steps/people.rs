//! Served users, and where they are at the beginning.

use super::Keyword::Given;
use super::{Args, StepEntry, devices, entry};
use crate::world::{Done, Scene};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given],
            r#"^(\w+), a served user(?: of the class "(\w+)")?, is offline$"#,
            "A user of the target, none of whose devices is registered. A class is a pool of users with a policy.",
            |scene, args| Box::pin(offline(scene, args)),
        ),
        entry(
            &[Given],
            r#"^(\w+), a served user(?: of the class "(\w+)")?, is online with a (\w+)(?: and a (\w+))?$"#,
            "A user of the target with one registered device, or two, the first of which registered first.",
            |scene, args| Box::pin(online(scene, args)),
        ),
    ]
}

async fn offline(scene: &mut Scene, args: Args) -> Done {
    introduce(scene, args.text(0), args.text(1)).await
}

async fn online(scene: &mut Scene, args: Args) -> Done {
    introduce(scene, args.text(0), args.text(1)).await?;
    for device in [args.text(2), args.text(3)].into_iter().filter(|device| !device.is_empty()) {
        devices::switch_on(scene, args.text(0), device, "registration").await?;
    }
    Ok(())
}

async fn introduce(scene: &mut Scene, name: &str, class: &str) -> Done {
    let prepared_for = scene.prepared_for.get(name).copied().filter(|_| scene.run.is_preset());
    let class = if class.is_empty() { prepared_for.unwrap_or("plain") } else { class };
    let identities = scene.run.draw(class)?;
    scene.reset(name, identities.first().map_or("", String::as_str)).await?;
    let (name, class) = (name.to_owned(), class.to_owned());
    scene
        .stage
        .act(move |play| {
            play.link.claim(&identities);
            play.ensemble.served_user(&name, identities, &class);
        })
        .await?;
    Ok(())
}
