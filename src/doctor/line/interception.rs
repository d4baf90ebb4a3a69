//! Interception of the first user while the target is looked at: the order (X1), and whether what he does is handed over
//! (X2 and X3; ETSI TS 103 221-1, 103 221-2).

use std::net::SocketAddr;

use super::Line;
use super::people::FIRST;
use crate::actors::Ensemble;
use crate::actors::mediation_function::{self, MediationFunction, Who, uuid};
use crate::doctor::Outcome;
use crate::doctor::ways::{Visit, visit};
use crate::stage::certificates::{Certificates, access};
use crate::target::Profile;

const X1: &str = "network.target.x1";
const KEY: &str = "network.actors.mediation_function";

impl Line {
    /// Orders the interception of the first user. Gives where the target is to hand over, when it has taken the order.
    pub(super) async fn intercepts(&mut self, profile: &Profile, checks: &mut Vec<Outcome>) -> Option<SocketAddr> {
        let x1 = profile.x1_address().filter(|_| profile.is_intercepted())?;
        let Some((authority, chain, key)) = profile.tls_files() else {
            checks.push(Outcome::skipped("x1", X1, "orders want network.tls.ca, certificate and key_env"));
            return None;
        };
        let bind = profile.mediation_function_bind();
        let opened =
            Certificates::of_profile(&authority, &chain, &key).map_err(|why| why.to_string()).and_then(|own| {
                own.present(&self.driver);
                self.driver.bind_secured(bind, own.mediation()).map_err(|why| why.to_string())
            });
        let address = match opened {
            Ok(address) => address,
            Err(why) => {
                let cure =
                    format!("give {KEY}.bind an address of this machine, and network.tls files that can be read");
                checks.push(Outcome::fault("bind", KEY, format!("{bind} cannot be bound: {why}"), cure));
                return None;
            }
        };
        let told = SocketAddr::new(profile.mediation_function_advertise().unwrap_or(address.ip()), address.port());
        let destination = uuid(&mut self.ensemble.signalling.ids);
        self.ensemble.mediation = Some(MediationFunction::new(address, told, access(x1, true), destination));
        self.lets(|ensemble| {
            ensemble.intercepts(Who::Administration, FIRST);
        });
        self.until(profile.timers().answer, |line| line.ensemble.orders_are_answered()).await;
        let answer = self.record.heard(mediation_function::ADMINISTRATION);
        let taken = answer.contains("ActivateTaskResponse") && !answer.contains("ErrorResponse");
        checks.push(if taken {
            Outcome::fine("x1", X1, format!("{x1} took an order"))
        } else if answer.is_empty() {
            let cure = format!(
                "have the target know the tester by the name in network.tls.certificate and its authority, and listen at {x1} ({X1})"
            );
            Outcome::fault("x1", X1, format!("no answer to an order at {x1}"), cure)
        } else {
            let cure = "have the target take orders of who has network.tls.certificate, for users of network.users";
            Outcome::fault("x1", X1, format!("{x1} refused an order"), cure)
        });
        taken.then_some(told)
    }

    /// Whether anything was handed over, and the end of the order.
    pub(super) async fn handed_over(&mut self, profile: &Profile, told: SocketAddr, checks: &mut Vec<Outcome>) {
        let within = profile.timers().answer;
        let spoke = |line: &Line| !line.record.heard(mediation_function::ACTOR).is_empty();
        self.until(within, spoke).await;
        let from = self.record.accepted(mediation_function::ACTOR).map(|from| self.known(profile, from));
        checks.push(visit(&Visit {
            check: "x2",
            about: KEY,
            told: &told.to_string(),
            from,
            spoke: spoke(self),
            after: "a message of a user whose interception it had taken",
            first: "what is intercepted, by TLS",
            otherwise: "answer statement.li_form otherwise",
            required: true,
        }));
        self.lets(Ensemble::nobody_is_watched);
        self.until(within, |line| line.ensemble.orders_are_answered()).await;
    }
}
