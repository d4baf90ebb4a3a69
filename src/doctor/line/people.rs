//! Who takes part in a look: users of the profile with a device each, people of another network, and the focus of a group.

use std::net::SocketAddr;
use std::time::Duration;

use cpm_wire::net::Binding;

use super::Line;
use crate::actors::call::Party;
use crate::actors::client::Client;
use crate::actors::controlling_function::{Focus, Names};
use crate::actors::media::Media;
use crate::actors::signalling::DeviceKey;
use crate::doctor::meaning::{self, Answer};
use crate::doctor::{Outcome, State};
use crate::evidence::ChatKind;
use crate::target::Profile;
use crate::target::users::Class;

/// Two plain users, and one who is not there for a while.
pub(super) const FIRST: &str = "First";
pub(super) const SECOND: &str = "Second";
pub(super) const ABSENT: &str = "Absent";
/// A user whose conversations are kept, and one with presence.
pub(super) const KEEPER: &str = "Keeper";
pub(super) const WATCHED: &str = "Watched";
/// People of another network: one who takes what comes, one who refuses it.
pub(super) const REMOTE: &str = "Remote";
pub(super) const REFUSING: &str = "Refusing";
/// The one device of each user.
const DEVICE: &str = "phone";
/// How long the tester's ends of media wait for an answer.
const MEDIA: Duration = Duration::from_secs(30);

/// The device of a user.
pub(super) fn device(person: &str) -> DeviceKey {
    (person.to_owned(), DEVICE.to_owned())
}

/// The end of a served user in a session.
pub(super) fn served(person: &str) -> Party {
    Party { person: person.to_owned(), device: Some(DEVICE.to_owned()) }
}

/// The end of somebody of another network.
pub(super) fn remote(person: &str) -> Party {
    Party { person: person.to_owned(), device: None }
}

impl Line {
    /// Brings in the users of the profile, each with a device. What has no socket is told once.
    pub(super) async fn assemble(&mut self, profile: &Profile, checks: &mut Vec<Outcome>) {
        let plain = profile.users(Class::Plain);
        let drawn = [
            (FIRST, plain.first()),
            (SECOND, plain.get(1)),
            (ABSENT, plain.get(2)),
            (KEEPER, profile.users(Class::HistoryOn).first()),
            (WATCHED, profile.users(Class::Present).first()),
        ];
        for (name, user) in drawn {
            let Some(user) = user else { continue };
            self.ensemble.served_user(name, user.identities(), user.class.as_str());
            if let Err(outcome) = self.equip(profile, name).await {
                if !checks.iter().any(|own| own.check == outcome.check && own.state == State::Fault) {
                    checks.push(outcome);
                }
                return;
            }
        }
    }

    /// Whether a user of the profile takes part.
    pub(super) fn has(&self, person: &str) -> bool {
        self.ensemble.devices.contains_key(&device(person))
    }

    async fn equip(&mut self, profile: &Profile, person: &str) -> Result<(), Outcome> {
        let key = device(person);
        let media = self.media(profile, &format!("device/{person}/{DEVICE}")).await?;
        let signalling = &mut self.ensemble.signalling;
        let instance = format!("urn:uuid:{}", signalling.ids.uuid());
        let contact = format!("sip:{}@{}", signalling.ids.token(), signalling.cscf.advertise);
        let identity = self.ensemble.identity_of(person);
        self.ensemble.device(Client::new(key, &identity, instance, contact, true, media));
        Ok(())
    }

    /// A listener for media, at a port of its own.
    pub(super) async fn media(&mut self, profile: &Profile, actor: &str) -> Result<Media, Outcome> {
        let address = SocketAddr::new(profile.media_bind(), 0);
        let bound = self.driver.bind(Binding { udp: false, tcp: true, address }).await;
        match bound {
            Ok(address) => Ok(Media::new(actor, address, MEDIA).told_as(profile.media_advertise())),
            Err(why) => Err(meaning::bind("network.actors.client", address, Some(&why))),
        }
    }

    /// A device registers: the serving CSCF tells the target.
    pub(super) async fn registers(&mut self, person: &str, within: Duration) -> Answer {
        let key = device(person);
        self.act(within, |ensemble| ensemble.register(&key, "a look")).await.0
    }

    /// A group of one remote member.
    pub(super) async fn group(&mut self, profile: &Profile, name: &str) -> Result<(), Outcome> {
        let media = self.media(profile, &format!("focus/{name}")).await?;
        let member = self.ensemble.remote_member(REMOTE);
        let signalling = &mut self.ensemble.signalling;
        let uri = format!("sip:{}@{}", signalling.ids.token(), signalling.cscf.advertise);
        let names = Names {
            uri: uri.clone(),
            contribution: signalling.ids.digits32(),
            conversation: signalling.ids.uuid(),
            device: uri,
        };
        let focus = Focus::new(name, ChatKind::Open, names, vec![member], media);
        focus.introduce(signalling);
        self.ensemble.focuses.insert(name.to_owned(), focus);
        Ok(())
    }

    /// The ends of a session between the first user and somebody of another network.
    pub(super) async fn ends(&mut self, profile: &Profile) -> Result<(), Outcome> {
        let theirs = self.media(profile, &format!("remote/{REMOTE}")).await?;
        let own = self.media(profile, &format!("session/{FIRST}")).await?;
        self.ensemble.remote_end(REMOTE, theirs);
        self.ensemble.device_end(&device(FIRST), own);
        Ok(())
    }
}
