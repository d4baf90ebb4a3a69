//! What the users' accounts hold: how the charging server answers for each of them. Clones share them: a run over sockets has
//! one server for all scenarios.

use cpm_wire::sip::identity_key;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// As many accounts are kept; one more is an unlimited one.
const MOST_ACCOUNTS: usize = 100_000;

/// What a client does when the last units are used up (Final-Unit-Action, RFC 8506 section 8.35).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalAction {
    /// It ends the service.
    Terminate,
    /// It leads the user to another server.
    Redirect,
    /// It lets through little.
    Restrict,
}

impl FinalAction {
    /// The value of the attribute.
    pub const fn value(self) -> i32 {
        match self {
            FinalAction::Terminate => 0,
            FinalAction::Redirect => 1,
            FinalAction::Restrict => 2,
        }
    }

    /// The word of the statement.
    pub const fn as_str(self) -> &'static str {
        match self {
            FinalAction::Terminate => "terminate",
            FinalAction::Redirect => "redirect",
            FinalAction::Restrict => "restrict",
        }
    }
}

/// How the server answers for a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Account {
    /// Whatever is asked for is granted.
    #[default]
    Unlimited,
    /// Every request for credit gets this Result-Code.
    Refused(u32),
    /// These seconds are granted, and are the last.
    Last {
        /// How many.
        seconds: u32,
        /// What happens then.
        action: FinalAction,
    },
    /// The server answers nothing.
    Silent,
    /// The server is down: where it serves one scenario alone it takes no connection and leaves those that there are; where
    /// it serves others, too, it answers nothing.
    Down,
}

impl Account {
    /// In words, for the evidence.
    pub fn told(self) -> String {
        match self {
            Account::Unlimited => "unlimited".to_owned(),
            Account::Refused(code) => format!("refused {code}"),
            Account::Last { seconds, action } => format!("last {seconds} s, then {}", action.as_str()),
            Account::Silent => "silent".to_owned(),
            Account::Down => "down".to_owned(),
        }
    }
}

/// All accounts, by comparable identity.
#[derive(Clone, Debug, Default)]
pub struct Accounts(Arc<Mutex<BTreeMap<String, Account>>>);

impl Accounts {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Account>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the server answers so for these identities.
    pub fn set(&self, identities: &[String], account: Account) {
        let mut kept = self.kept();
        for identity in identities {
            let key = identity_key(identity);
            if account == Account::Unlimited {
                kept.remove(&key);
            } else if kept.len() < MOST_ACCOUNTS || kept.contains_key(&key) {
                kept.insert(key, account);
            }
        }
    }

    /// How the server answers for the first of these identities that has an account of its own.
    pub fn of<'a>(&self, identities: impl IntoIterator<Item = &'a String>) -> Account {
        let kept = self.kept();
        identities.into_iter().find_map(|identity| kept.get(&identity_key(identity))).copied().unwrap_or_default()
    }

    /// Whether the server is down for anybody.
    pub fn is_down(&self) -> bool {
        self.kept().values().any(|account| *account == Account::Down)
    }
}
