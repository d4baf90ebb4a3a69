//! What is asked of a real core in front of the target (topology `ims_core`): that it is there, lets a user in, and carries a
//! message through the target to another user.

use std::net::SocketAddr;
use std::time::Duration;

use cpm_wire::sip::Method;

use super::{Answer, Line, REGISTERED_S};
use crate::actors::authorization::{self, Credentials};
use crate::doctor::{Examination, Outcome, meaning};
use crate::target::Profile;
use crate::target::users::Class;

impl Line {
    /// What a core is asked, as the devices of a run ask it.
    pub(super) async fn of_core(&mut self, profile: &Profile, core: SocketAddr, examination: &mut Examination) {
        let within = profile.timers().answer;
        let advertised = self.advertised();
        let checks = &mut examination.checks;
        let request = self.options();
        let (answer, _) = self.ask(request, within).await;
        checks.push(meaning::options(&format!("network.isc.route {core}"), &answer, &advertised, within));
        if answer == Answer::Unsent {
            return;
        }
        let users = profile.users(Class::Plain);
        let mut there = Vec::new();
        for user in users.iter().filter_map(|user| user.identities().into_iter().next()).take(2) {
            let answer = self.enters(profile, &user, REGISTERED_S, within).await;
            checks.push(meaning::entered(&user, &answer));
            there.extend(matches!(answer, Answer::Final { status: 200..=299, .. }).then_some(user));
        }
        if let [one, other] = there.as_slice() {
            self.until(profile.core_settles(), |_| false).await;
            let outcome = self.through(profile, (one, other), within).await;
            checks.push(outcome);
        }
        for user in &there {
            self.enters(profile, user, 0, within).await;
        }
    }

    /// A device of this user registers, and proves who it is where it is asked to.
    async fn enters(&mut self, profile: &Profile, user: &str, expires: u32, within: Duration) -> Answer {
        let request = self.device_register(user, expires);
        let (answer, refusal) = self.ask(request.clone(), within).await;
        // That a secret is not set is told where secrets are.
        let accounts = profile.accounts().unwrap_or_default();
        let own = accounts.into_iter().find(|(identity, _)| identity == user);
        let (Some(refusal), Some((_, (username, secret)))) = (refusal, own) else { return answer };
        let (via, cnonce) = {
            let signalling = &mut self.ensemble.signalling;
            (signalling.cscf.via(&signalling.ids.branch()), signalling.ids.digits32())
        };
        let credentials = Credentials { username, secret };
        match authorization::proved(&refusal, &request, &credentials, via, &cnonce) {
            Some(again) => self.ask(again, within).await.0,
            None => answer,
        }
    }

    /// A message of one user to the other comes out of the core, and the target stands in it.
    async fn through(&mut self, profile: &Profile, pair: (&str, &str), within: Duration) -> Outcome {
        let advertised = self.advertised();
        let request = self.message(pair.0, pair.1);
        let (answer, _) = self.ask(request, within).await;
        self.until(within, |line| line.record.asked(&Method::Message, |_| true).is_some()).await;
        let seen = self.record.asked(&Method::Message, |_| true).map(|(message, _)| {
            let text = String::from_utf8_lossy(message.octets()).into_owned();
            profile.own_addresses().iter().any(|own| text.contains(own.as_str()))
        });
        meaning::through(pair.0, &answer, seen, &advertised)
    }
}
