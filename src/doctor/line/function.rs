//! A participating function is looked at in rounds, each of which has to come back to another actor. Where the first round does not
//! come back, none of the others is tried: one fault would be told ten times.

use std::net::SocketAddr;

use super::Line;
use cpm_wire::sip::Message;

use super::people::{ABSENT, FIRST, REMOTE, SECOND, remote, served};
use super::rounds::{GROUP, MADE, UNSEEN};
use crate::actors::Ensemble;
use crate::doctor::meaning::{self, Answer};
use crate::doctor::proposals::{Observed, proposals};
use crate::doctor::record::is_for;
use crate::doctor::ways::{self, Way, media};
use crate::doctor::{Examination, Outcome, clock};
use crate::target::Profile;

/// How the neighbours are called that stand behind the serving CSCF.
const REMOTE_FUNCTION: &str = "network.actors.remote_participating_function";
const CONTROLLING: &str = "network.actors.controlling_function";
const CLIENT: &str = "network.actors.client";

impl Line {
    /// What a participating function is asked.
    pub(super) async fn of_function(&mut self, profile: &Profile, target: SocketAddr, examination: &mut Examination) {
        let mut observed = Observed::default();
        let checks = &mut examination.checks;
        let request = self.options();
        let (answer, options) = self.ask(request, profile.timers().answer).await;
        let about = format!("network.target.sip {target}");
        checks.push(meaning::options(&about, &answer, &self.advertised(), profile.timers().answer));
        observed.options = options.filter(|own| own.status().is_some_and(|status| status < 300));
        if answer != Answer::Unsent {
            self.assemble(profile, checks).await;
            if self.has(FIRST) && self.is_told(profile, checks).await {
                self.go_round(profile, checks, &mut observed).await;
            }
            self.lets(Ensemble::everybody_goes);
            self.until(profile.timers().answer, |line| !line.ensemble.signalling.registers_pending()).await;
            // The target has things to take back, and is not left without an answer.
            self.until(profile.timers().quiet, |_| false).await;
        }
        self.charging(profile, checks, &mut observed).await;
        checks.extend(clock::outcomes(&self.record, self.clock.now()));
        examination.proposals = proposals(profile, &observed, &self.record);
    }

    /// The target is told that users are there.
    async fn is_told(&mut self, profile: &Profile, checks: &mut Vec<Outcome>) -> bool {
        let within = profile.timers().answer;
        let answer = self.registers(FIRST, within).await;
        let user = self.ensemble.identity_of(FIRST);
        let needed = profile.statement().has("reachability_trigger", "third_party_register");
        checks.push(meaning::register(&user, &answer, &self.advertised(), needed));
        if self.has(SECOND) {
            self.registers(SECOND, within).await;
        }
        !needed || matches!(answer, Answer::Final { status: 200..=299, .. })
    }

    async fn go_round(&mut self, profile: &Profile, checks: &mut Vec<Outcome>, observed: &mut Observed) {
        let advertised = self.advertised();
        let destination = self.intercepts(profile, checks).await;
        let trip = self.comes_back(profile).await;
        let user = self.ensemble.identity_of(FIRST);
        checks.push(ways::route(&user, &trip.answer, trip.came, &advertised));
        if !trip.came.is_some_and(|(_, known)| known) {
            checks.push(Outcome::skipped("route", "the other actors", "not tried before a message comes back"));
            return;
        }
        self.messages(profile, checks).await;
        self.sessions(profile, checks).await;
        self.groups(profile, checks).await;
        self.services(profile, checks).await;
        self.neighbours(profile, checks, observed).await;
        if let Some(destination) = destination {
            self.handed_over(profile, destination, checks).await;
        }
        self.absent(profile, observed).await;
    }

    /// Messages between the first user and another network, both ways.
    async fn messages(&mut self, profile: &Profile, checks: &mut Vec<Outcome>) {
        let advertised = self.advertised();
        let theirs = self.ensemble.remote_member(REMOTE);
        let trip = self.letter(profile, (served(FIRST), &[REMOTE]), |message| is_for(message, &theirs)).await;
        let lost = format!(
            "what is for *.remote.example has to follow Route to {advertised}; a target that looks such a domain up needs \
             network.dns.mode: zone_file"
        );
        let way = Way {
            about: REMOTE_FUNCTION,
            sent: "a message to another network",
            to: &advertised,
            refused: "let the users of network.users write to *.remote.example, the other network of every scenario",
            lost: &lost,
            optional: false,
        };
        checks.push(way.outcome(&trip.answer, trip.came));
        let trip = self.letter(profile, (remote(REMOTE), &[FIRST]), |_| true).await;
        let way = Way {
            about: CLIENT,
            sent: "a message from another network to a registered user",
            to: &advertised,
            refused: "let whoever is of *.remote.example write to the users of network.users, who have to be of a domain of the target \
                      (network.domain), and see that it took the \
                      third-party REGISTER (network.isc.third_party_register) for a registration",
            lost: "the target has to send it on to the next Route, or to the user by a form of network.isc.device_addressing; see that \
                   it took the third-party REGISTER (network.isc.third_party_register) for a registration",
            optional: false,
        };
        checks.push(way.outcome(&trip.answer, trip.came));
    }

    async fn sessions(&mut self, profile: &Profile, checks: &mut Vec<Outcome>) {
        if let Err(outcome) = self.ends(profile).await {
            return checks.push(outcome);
        }
        let advertised = self.advertised();
        let (trip, ends) = self.session(profile).await;
        let way = Way {
            about: CLIENT,
            sent: "a session from another network to a registered user",
            to: &advertised,
            refused: "let whoever is of *.remote.example call the users of network.users",
            lost: "the target has to invite the device: by the next Route, or by a form of network.isc.device_addressing",
            optional: false,
        };
        checks.push(way.outcome(&trip.answer, trip.came));
        match ends {
            Some(ends) => checks.extend(ends.iter().map(|(about, medium)| media(about, medium))),
            None if trip.came.is_some() => checks.push(ways::broken(CLIENT, &trip.answer)),
            None => checks.push(Outcome::skipped("media", CLIENT, "no session stood")),
        }
    }

    /// A focus invites, and the factory is called.
    async fn groups(&mut self, profile: &Profile, checks: &mut Vec<Outcome>) {
        for name in [GROUP, MADE] {
            if let Err(outcome) = self.group(profile, name).await {
                return checks.push(outcome);
            }
        }
        let advertised = self.advertised();
        let (trip, medium) = self.invites(profile, GROUP, FIRST).await;
        let way = Way {
            about: CONTROLLING,
            sent: "an invitation of a focus to a registered user",
            to: &advertised,
            refused: "let the users of network.users be invited to groups of any focus",
            lost: "the target has to invite the device: by the next Route, or by a form of network.isc.device_addressing",
            optional: false,
        };
        checks.push(way.outcome(&trip.answer, trip.came));
        checks.extend(medium.iter().map(|medium| media(CONTROLLING, medium)));
        self.over(GROUP).await;
        let factory = profile.factory();
        let trip = self.starts(profile, MADE, &factory).await;
        let lost =
            format!("an INVITE of a user to {factory} (network.psi.factory) has to follow Route to {advertised}");
        let refused =
            format!("let the users of network.users make groups at {factory}, which network.psi.factory names");
        let way = Way {
            about: "network.psi.factory",
            sent: "an invitation to the conference factory",
            to: &advertised,
            refused: &refused,
            lost: &lost,
            optional: false,
        };
        checks.push(way.outcome(&trip.answer, trip.came));
        self.over(MADE).await;
    }

    /// The service identities of the network: list, interworking, what was deferred.
    async fn services(&mut self, profile: &Profile, checks: &mut Vec<Outcome>) {
        let advertised = self.advertised();
        let (exploder, theirs) = (profile.exploder(), self.ensemble.remote_member(REMOTE));
        // The function may make the copies itself.
        let there = |message: &Message| is_for(message, &exploder) || is_for(message, &theirs);
        let trip = self.letter(profile, (served(FIRST), &[REMOTE, SECOND]), there).await;
        let lost = format!(
            "what is for {exploder} (network.psi.exploder) has to follow Route; a scenario tells what it has to be"
        );
        let way = |about: &'static str, sent: &'static str| Way {
            about,
            sent,
            to: &advertised,
            refused: &lost,
            lost: &lost,
            optional: true,
        };
        checks.push(way("network.psi.exploder", "a message to a list").outcome(&trip.answer, trip.came));
        let trip = self.goes_on(profile).await;
        let lost = format!(
            "a target with interworking has to send it on to {} (network.psi.iwf) by way of {advertised}, and statement.iwf_codes has \
             to say on which codes",
            profile.interworking()
        );
        let way = Way {
            about: "network.psi.iwf",
            sent: "a message that another network refused",
            to: &advertised,
            refused: &lost,
            lost: &lost,
            optional: true,
        };
        checks.push(way.outcome(&trip.answer, trip.came));
        self.deferred(profile, checks).await;
        if profile.network.psi.history.is_some() {
            let why = "no scenario calls it: what history is asked by is a request of ordinary traffic";
            checks.push(Outcome::skipped("route", "network.psi.history", why));
        }
    }

    /// Where messages are fetched the target itself answers: what is for that identity must not come back.
    async fn deferred(&mut self, profile: &Profile, checks: &mut Vec<Outcome>) {
        const KEY: &str = "network.psi.deferred";
        if !profile.statement().has("deferred_delivery", "fetch") {
            let why = "statement.deferred_delivery says that nothing is fetched there";
            return checks.push(Outcome::skipped("route", KEY, why));
        }
        let deferred = profile.deferred();
        let trip = self.starts(profile, MADE, &deferred).await;
        let cure = format!("set {KEY} to the identity at which the target lets messages be fetched");
        checks.push(match (trip.came, &trip.answer) {
            (Some(_), _) => Outcome::fault(
                "route",
                KEY,
                format!("the target sent on what is for {deferred}: it is not its own"),
                cure,
            ),
            (None, Answer::Final { status, .. }) => {
                Outcome::fine("route", KEY, format!("the target answers for {deferred} itself, with {status}"))
            }
            (None, _) => Outcome::fault("route", KEY, format!("no answer to an invitation of {deferred}"), cure),
        });
    }

    /// What becomes of what is for somebody who is not there.
    async fn absent(&mut self, profile: &Profile, observed: &mut Observed) {
        if !self.has(ABSENT) || self.group(profile, UNSEEN).await.is_err() {
            return;
        }
        let (answer, _) = self.posts(profile, remote(REMOTE), &[ABSENT]).await;
        let (invited, _) = self.invites(profile, UNSEEN, ABSENT).await;
        observed.invited_absent = Some(invited.answer);
        observed.to_absent = Some(answer.clone());
        self.over(UNSEEN).await;
        if !answer.is_refused() {
            observed.comes_when_there = self.comes_when_there(profile).await;
        }
    }
}
