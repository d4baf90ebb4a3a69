//! The enumerations of conference-info. A word that RFC 4575 does not know is kept, since a peer may extend them.

use crate::xml::{Element, XmlError};
use std::fmt;

/// How much an element tells (section 4.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// All there is: what was known before is forgotten. The default of the schema.
    #[default]
    Full,
    /// What changed.
    Partial,
    /// The element is no more.
    Deleted,
}

impl State {
    /// The word of the schema.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Full => "full",
            State::Partial => "partial",
            State::Deleted => "deleted",
        }
    }

    pub(super) fn read(element: Element<'_, '_>) -> Result<Option<State>, XmlError> {
        element.attribute_value("state", "full, partial or deleted")
    }
}

impl std::str::FromStr for State {
    type Err = ();
    fn from_str(text: &str) -> Result<State, ()> {
        [State::Full, State::Partial, State::Deleted].into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

macro_rules! open_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$case_doc])* $case,)+
            /// A word that RFC 4575 does not know.
            Other(String),
        }

        impl $name {
            /// The word of the schema.
            pub fn as_str(&self) -> &str {
                match self { $($name::$case => $word,)+ $name::Other(word) => word }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                match text { $($word => $name::$case,)+ other => $name::Other(other.to_owned()) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

open_words! {
    /// How far an endpoint is in the conference (section 5.7.3).
    EndpointStatus {
        /// Not yet in; nothing is under way.
        Pending = "pending",
        /// The focus has invited it.
        DialingOut = "dialing-out",
        /// It has asked to come in.
        DialingIn = "dialing-in",
        /// It is being alerted.
        Alerting = "alerting",
        /// In, but on hold.
        OnHold = "on-hold",
        /// In.
        Connected = "connected",
        /// In, but the focus keeps its media from the others.
        MutedViaFocus = "muted-via-focus",
        /// Leaving.
        Disconnecting = "disconnecting",
        /// Out.
        Disconnected = "disconnected",
    }
}

impl EndpointStatus {
    /// True for an endpoint that is in the conference.
    pub const fn is_in(&self) -> bool {
        matches!(self, EndpointStatus::Connected | EndpointStatus::OnHold | EndpointStatus::MutedViaFocus)
    }

    /// The further in, the higher. A user is as far in as the farthest of its endpoints.
    pub(super) const fn rank(&self) -> u8 {
        match self {
            EndpointStatus::Connected => 8,
            EndpointStatus::MutedViaFocus => 7,
            EndpointStatus::OnHold => 6,
            EndpointStatus::Alerting => 5,
            EndpointStatus::DialingIn => 4,
            EndpointStatus::DialingOut => 3,
            EndpointStatus::Pending => 2,
            EndpointStatus::Disconnecting => 1,
            EndpointStatus::Disconnected | EndpointStatus::Other(_) => 0,
        }
    }
}

open_words! {
    /// How an endpoint came into the conference (section 5.7.4).
    JoiningMethod {
        /// It called the focus.
        DialedIn = "dialed-in",
        /// The focus called it.
        DialedOut = "dialed-out",
        /// It is the focus.
        FocusOwner = "focus-owner",
    }
}

open_words! {
    /// How an endpoint left the conference (section 5.7.6).
    DisconnectionMethod {
        /// It left by itself.
        Departed = "departed",
        /// It was removed.
        Booted = "booted",
        /// The invitation failed, or the connection was lost.
        Failed = "failed",
        /// It was busy.
        Busy = "busy",
    }
}
