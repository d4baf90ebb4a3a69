//! A client under test comes by itself: whether it does, and what it then says of itself, is all that can be seen.

use cpm_wire::sip::Method;

use super::Line;
use crate::doctor::{Examination, Outcome};
use crate::target::Profile;

impl Line {
    /// Waits for the client to register.
    pub(super) async fn of_client(&mut self, profile: &Profile, examination: &mut Examination) {
        let within = profile.timers().answer;
        let advertised = self.advertised();
        self.until(within, |line| line.record.asked(&Method::Register, |_| true).is_some()).await;
        let about = "network.actors.serving_cscf";
        examination.checks.push(match self.record.asked(&Method::Register, |_| true) {
            Some((message, from)) => {
                let who = message.to().map(|to| to.uri.to_owned()).unwrap_or_default();
                let known = profile.pools().values().flatten().flat_map(|user| user.identities());
                if known
                    .map(|own| cpm_wire::sip::identity_key(&own))
                    .any(|own| own == cpm_wire::sip::identity_key(&who))
                {
                    Outcome::fine("register", about, format!("a client registers from {from}, as {who}"))
                } else {
                    Outcome::fault(
                        "register",
                        about,
                        format!("a client registers from {from} as {who}, whom network.users does not have"),
                        format!(
                            "write {who} into network.users and network.devices, or have the client be one of those"
                        ),
                    )
                }
            }
            None => Outcome::note(
                "register",
                about,
                format!("no client registered at {advertised} within {} ms", within.as_millis()),
                format!("set {advertised} as the outbound proxy of the client, and have it register while this looks"),
            ),
        });
    }
}
