//! The rules of one document (RFC 4745): what has to hold for each, and what follows.

use crate::call::served::SessionCase;
use crate::config::{Medium, Preset};
use crate::functions::multi_device::preference::DevicePreference;
use cpm_wire::sip::{Uri, identity_key};

/// The rules of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ruleset {
    /// In the order of the document.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// All of them have to hold.
    pub conditions: Conditions,
    /// What follows if they do.
    pub actions: Actions,
}

/// When a rule holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// The other user is one of these.
    pub identity: Option<Vec<Who>>,
    /// No identity condition of the document names the other user.
    pub other_identity: bool,
    /// The caller does not say who it is.
    pub anonymous: bool,
    /// Who begins.
    pub direction: SessionCase,
    /// What is begun.
    pub request: Option<Kind>,
    /// The rule is about this medium of an offer alone.
    pub media: Option<Medium>,
    /// A condition that is not understood never holds (RFC 4745 section 7).
    pub unknown: bool,
}

impl Default for Conditions {
    fn default() -> Conditions {
        Conditions {
            identity: None,
            other_identity: false,
            anonymous: false,
            direction: SessionCase::Terminating,
            request: None,
            media: None,
            unknown: false,
        }
    }
}

/// Who is meant (RFC 4745 section 7.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The user of this identity, in its canonical form.
    One(String),
    /// Whoever has an identity that begins so.
    Beginning(String),
    /// Whoever is of this domain, or of any, but for these.
    Many {
        /// The domain, in lower case.
        domain: Option<String>,
        /// The exceptions.
        except: Vec<Who>,
    },
}

impl Who {
    /// A URI; with an asterisk at its end all that begin so.
    fn of_preset(text: &str) -> Who {
        match text.strip_suffix('*') {
            Some(beginning) => Who::Beginning(beginning.to_owned()),
            None => Who::One(identity_key(text)),
        }
    }

    /// Whether a user of this identity, in its canonical form, is meant.
    pub fn is(&self, identity: &str) -> bool {
        match self {
            Who::One(one) => one == identity,
            Who::Beginning(beginning) => identity.starts_with(beginning),
            Who::Many { domain, except } => {
                let there = domain.as_ref().is_none_or(|domain| is_of(identity, domain));
                there && !except.iter().any(|who| who.is(identity))
            }
        }
    }
}

fn is_of(identity: &str, domain: &str) -> bool {
    matches!(Uri::parse(identity), Ok(Uri::Sip(uri)) if uri.host.eq_ignore_ascii_case(domain))
}

/// What is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A session.
    Session,
    /// A message outside sessions.
    Message,
}

/// What follows from a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// What becomes of the request.
    pub handling: Option<Handling>,
    /// The user's identity is to be hidden.
    pub privacy: bool,
    /// Whether the user is to be reached.
    pub availability: Option<Availability>,
    /// Whether the history of conversations is kept.
    pub history: Option<bool>,
    /// How the user's devices are to be called.
    pub devices: Option<DevicePreference>,
}

/// What becomes of a request. Among rules that say so equally strongly the later one here counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Handling {
    /// It goes on.
    Allow,
    /// It is kept until the user asks for it.
    Defer,
    /// It goes to another service.
    Interwork,
    /// It is refused.
    Reject,
}

/// Whether a user is to be reached. Among rules that say so equally strongly the later one here counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Availability {
    /// The user is.
    Available,
    /// The user is not.
    Unavailable,
}

impl Ruleset {
    /// The rules that come to what a preset says.
    pub fn preset(preset: &Preset) -> Ruleset {
        let handled = |conditions| Rule { conditions, actions: Actions::handling(Handling::Reject) };
        let among = |users: &[String], direction| {
            let identity = (!users.is_empty()).then(|| users.iter().map(|user| Who::of_preset(user)).collect());
            identity.map(|all| handled(Conditions { identity: Some(all), direction, ..Conditions::default() }))
        };
        let of_medium = |media: &Medium| handled(Conditions { media: Some(*media), ..Conditions::default() });
        let anonymous = || handled(Conditions { anonymous: true, ..Conditions::default() });
        let unavailable = || Rule {
            actions: Actions { availability: Some(Availability::Unavailable), ..Actions::default() },
            ..Rule::default()
        };
        let hidden = || Rule {
            conditions: Conditions { direction: SessionCase::Originating, ..Conditions::default() },
            actions: Actions { privacy: true, ..Actions::default() },
        };
        let rules = among(&preset.blocked, SessionCase::Terminating)
            .into_iter()
            .chain(among(&preset.barred_callees, SessionCase::Originating))
            .chain(preset.anonymous_refused.then(anonymous))
            .chain(preset.unavailable.then(unavailable))
            .chain(preset.hides_identity.then(hidden))
            .chain(preset.barred_media.iter().map(of_medium));
        Ruleset { rules: rules.collect() }
    }
}

impl Actions {
    fn handling(handling: Handling) -> Actions {
        Actions { handling: Some(handling), ..Actions::default() }
    }
}
