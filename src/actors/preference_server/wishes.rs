//! What users wish and what their provider orders, in the names of a scenario and on the way into documents.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Whose word a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The user's own preferences.
    User,
    /// The provider's policy about the user.
    Provider,
}

impl Owner {
    /// The name of the document.
    pub const fn document(self) -> &'static str {
        match self {
            Owner::User => "index",
            Owner::Provider => "provider",
        }
    }
}

/// A medium that a user may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Medium {
    /// Messages (MSRP).
    Message,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
}

impl Medium {
    /// Its word in a document, and in a session description.
    pub const fn as_str(self) -> &'static str {
        match self {
            Medium::Message => "message",
            Medium::Audio => "audio",
            Medium::Video => "video",
        }
    }
}

/// How the devices of a user are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One after the other.
    Sequential,
    /// At the same time, until one answers.
    Parallel,
    /// At the same time, and all that answer stay.
    All,
}

impl Order {
    /// Its word in a document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Order::Sequential => "sequential",
            Order::Parallel => "parallel",
            Order::All => "all",
        }
    }
}

/// What a user wishes of his devices: by their names in the scenario, or by their instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceWish {
    /// In which order.
    pub order: Order,
    /// Those that come first, in this order.
    pub devices: Vec<String>,
    /// No other device is called.
    pub only: bool,
}

/// Where a request comes from, seen from the served user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From the user.
    Originating,
    /// To the user.
    Terminating,
}

impl Way {
    /// Its word in a document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Way::Originating => "originating",
            Way::Terminating => "terminating",
        }
    }
}

/// A change of what somebody wishes, or orders. Others are named as in the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Calls from somebody, or to somebody, are refused; or no longer.
    Bars(Way, String, bool),
    /// Callers who do not say who they are are refused.
    RefusesAnonymous,
    /// A medium is not wanted in sessions.
    RefusesMedium(Medium),
    /// The user is to be reached, or not.
    Available(bool),
    /// What comes is to wait, or not.
    Defers(bool),
    /// What comes while the user is offline is to be interworked, or not.
    Interworks(bool),
    /// Conversations are to be kept in the history, or not.
    Keeps(bool),
    /// The user's identity is to be hidden, or not.
    Hides(bool),
    /// The order of devices; none takes back what was wished.
    Devices(Option<DeviceWish>),
    /// The provider allows or forbids calls, whatever the user wishes.
    Ruled(Way, String, bool),
    /// The provider has no word to say.
    Neutral,
}

impl Change {
    /// Whose word it is.
    pub const fn owner(&self) -> Owner {
        match self {
            Change::Ruled(..) | Change::Neutral => Owner::Provider,
            _ => Owner::User,
        }
    }

    /// Whether it is about calls of somebody in particular to the user.
    pub const fn blocks_caller(&self) -> bool {
        matches!(self, Change::Bars(Way::Terminating, ..))
    }

    /// The class of prepared users who wish this from the beginning.
    pub fn class(&self) -> Option<&'static str> {
        match self {
            Change::Bars(Way::Terminating, _, true) => Some("blocked"),
            Change::RefusesAnonymous => Some("anonymous_refused"),
            Change::Available(false) => Some("unavailable"),
            Change::Keeps(true) => Some("history_on"),
            Change::Keeps(false) => Some("history_off"),
            Change::Devices(Some(wish)) => match wish.order {
                Order::Sequential => Some("sequential"),
                Order::All => Some("all_joined"),
                Order::Parallel => None,
            },
            Change::Bars(_, _, false)
            | Change::Available(true)
            | Change::Defers(false)
            | Change::Interworks(false)
            | Change::Hides(false)
            | Change::Neutral => Some("plain"),
            Change::Devices(None) => Some("plain"),
            Change::Bars(..)
            | Change::RefusesMedium(_)
            | Change::Defers(true)
            | Change::Interworks(true)
            | Change::Hides(true)
            | Change::Ruled(..) => None,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Bars(Way::Terminating, other, true) => write!(f, "refuses calls of {other}"),
            Change::Bars(Way::Terminating, other, false) => write!(f, "takes calls of {other} again"),
            Change::Bars(Way::Originating, other, true) => write!(f, "may not call {other}"),
            Change::Bars(Way::Originating, other, false) => write!(f, "may call {other} again"),
            Change::RefusesAnonymous => f.write_str("refuses anonymous callers"),
            Change::RefusesMedium(medium) => write!(f, "refuses {} in sessions", medium.as_str()),
            Change::Available(true) => f.write_str("is available"),
            Change::Available(false) => f.write_str("is unavailable"),
            Change::Defers(true) => f.write_str("wants messages to wait"),
            Change::Defers(false) => f.write_str("wants messages at once"),
            Change::Interworks(true) => f.write_str("wants messages to go on by other services while offline"),
            Change::Interworks(false) => f.write_str("wants messages kept while offline"),
            Change::Keeps(true) => f.write_str("wants conversations kept in the history"),
            Change::Keeps(false) => f.write_str("wants no conversations kept in the history"),
            Change::Hides(true) => f.write_str("hides the own identity from those who are called"),
            Change::Hides(false) => f.write_str("shows the own identity to those who are called"),
            Change::Devices(None) => f.write_str("has no wish about devices"),
            Change::Devices(Some(DeviceWish { order, devices, only })) => {
                let only = if *only { ", and no other" } else { "" };
                write!(f, "wants devices called in the order {}: {}{only}", order.as_str(), devices.join(", "))
            }
            Change::Ruled(way, other, allows) => {
                let rules = if *allows { "allows" } else { "forbids" };
                let whom = if *way == Way::Originating { "to" } else { "of" };
                write!(f, "the provider {rules} calls {whom} {other}")
            }
            Change::Neutral => f.write_str("the provider leaves it to the user"),
        }
    }
}

/// All that holds for one served user. Identities and instances, as they stand in documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    pub(super) barred: BTreeSet<(Way, String)>,
    pub(super) refuses_anonymous: bool,
    pub(super) refused_media: BTreeSet<Medium>,
    pub(super) unavailable: bool,
    pub(super) defers: bool,
    pub(super) interworks: bool,
    pub(super) keeps: Option<bool>,
    pub(super) hides: bool,
    pub(super) devices: Option<DeviceWish>,
    pub(super) rulings: BTreeMap<(Way, String), bool>,
}

impl Preferences {
    /// From now on this holds as well.
    pub fn change(&mut self, change: Change) {
        match change {
            Change::Bars(way, other, true) => {
                self.barred.insert((way, other));
            }
            Change::Bars(way, other, false) => {
                self.barred.remove(&(way, other));
            }
            Change::RefusesAnonymous => self.refuses_anonymous = true,
            Change::RefusesMedium(medium) => {
                self.refused_media.insert(medium);
            }
            Change::Available(available) => self.unavailable = !available,
            Change::Defers(defers) => self.defers = defers,
            Change::Interworks(interworks) => self.interworks = interworks,
            Change::Keeps(keeps) => self.keeps = Some(keeps),
            Change::Hides(hides) => self.hides = hides,
            Change::Devices(wish) => self.devices = wish,
            Change::Ruled(way, other, allows) => {
                self.rulings.insert((way, other), allows);
            }
            Change::Neutral => self.rulings.clear(),
        }
    }

    /// Whether anybody of this kind has a word to say.
    pub fn is_silent(&self, owner: Owner) -> bool {
        match owner {
            Owner::User => Preferences { rulings: BTreeMap::new(), ..self.clone() } == Preferences::default(),
            Owner::Provider => self.rulings.is_empty(),
        }
    }
}
