//! Requests that CPM does not take, and that another service may take [PF-IWF-01]: CPM is tried first, and upon a final code of
//! a list (L20) the request goes to the interworking function, with its content and its identifiers as they were. What comes back
//! decides what the sender hears. For who is offline interworking may go before deferral (L12). What the interworking function
//! itself sends, messages and notifications, is handled as any other user's.
//!
//! | file | decides |
//! |---|---|
//! | `messages` | what becomes of a MESSAGE |
//! | `sessions` | what becomes of the INVITE of a large message, or of a chat of two |

mod messages;
mod sessions;

pub use messages::{Attempt, Fallback, Interworking, Outcome};
pub(in crate::functions) use sessions::Interworked;

use crate::call::Mechanics;
use crate::call::served::{ServedUser, SessionCase};
use crate::config::{Config, OfflinePrecedence};
use crate::functions::policies_and_preferences::Decision;
use cpm_wire::sip::{Editor, Name};

/// When a request goes to the interworking function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resort {
    /// Never.
    #[default]
    Never,
    /// When it is refused with a code of the list.
    Refused,
    /// That, and before it is deferred for who is offline.
    Offline,
}

/// When a request for a served user, or of one, may go to the interworking function.
pub fn resort(config: &Config, served: &ServedUser, decision: &Decision) -> Resort {
    match (&config.interworking, served.case) {
        (None, _) => Resort::Never,
        // What the user wants to wait, waits.
        (Some(_), SessionCase::Terminating) if decision.defers() => Resort::Never,
        (Some(_), SessionCase::Originating) => Resort::Refused,
        (Some(_), SessionCase::Terminating) => match config.offline_precedence {
            OfflinePrecedence::Preference if decision.interworks() => Resort::Offline,
            _ if !decision.available => Resort::Never,
            OfflinePrecedence::Interworking => Resort::Offline,
            OfflinePrecedence::Preference | OfflinePrecedence::Deferral => Resort::Refused,
        },
    }
}

/// True for a code that leads to interworking.
pub fn is_on_list(config: &Config, status: u16) -> bool {
    config.interworking.as_ref().is_some_and(|interworking| interworking.codes.contains(&status))
}

/// True for a code of the list that does not say that the user is offline: nothing waits for a user who has answered so.
pub fn rules_out_deferral(config: &Config, status: u16) -> bool {
    status != 480 && is_on_list(config, status)
}

/// The status that the sender hears when the interworking function has refused: its word, unless it could not say any.
fn heard(interworking: u16, original: u16) -> u16 {
    if interworking == 408 || (500..600).contains(&interworking) { original } else { interworking }
}

/// The request by way of the serving CSCF to the interworking function.
fn routed(m: &Mechanics, served: &ServedUser, request: Editor) -> Editor {
    let parameter = if served.case == SessionCase::Originating { ";orig" } else { "" };
    let function = m.config.interworking.as_ref().map(|interworking| format!(", <{};lr>", interworking.function));
    let route = format!("<sip:{};lr{parameter}>{}", m.config.serving_cscf, function.unwrap_or_default());
    request.set(Name::Route, route)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Interworking as Access;
    use pretty_assertions::assert_eq;

    #[test]
    fn the_sender_hears_the_interworking_function_unless_it_failed() {
        assert_eq!([404, 603].map(|status| heard(status, 415)), [404, 603]);
        assert_eq!([408, 500, 503].map(|status| heard(status, 415)), [415; 3]);
    }

    #[test]
    fn codes_lead_to_interworking_only_where_there_is_one() {
        let address = "127.0.0.1:5060".parse().unwrap();
        let mut config = Config::at(address, address, address);
        assert!(!is_on_list(&config, 404));
        config.interworking = Some(Access::at("sip:iwf@example.com"));
        let led = [404, 405, 410, 414, 415, 416, 480, 488, 606];
        assert!(led.iter().all(|status| is_on_list(&config, *status)));
        assert!([403, 408, 486, 500, 603].iter().all(|status| !is_on_list(&config, *status)));
        assert_eq!([404, 480].map(|status| rules_out_deferral(&config, status)), [true, false]);
    }
}
