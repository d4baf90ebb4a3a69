//! By which carrier the final list comes: one that the statement declares, or another that the ledger accepts (L10, L11).

use super::lists::{FINAL_LIST, brought};
use super::roster::Equal;
use super::{Chat, harness, warning};
use crate::rules::{Judgement, Moment};
use crate::target::statement::Statement;
use crate::verdict::Finding;
use serde::{Deserialize, Serialize};

/// What brings the final list (L11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// Any of those that the statement declares; another one that brings it is a warning.
    Declared,
    /// Notifications of the conference subscription of the device (P1).
    Notifications,
    /// The list in the drain invitation (P2).
    DrainInvitation,
    /// Group-state objects in the message store (P3).
    Store,
    /// Documents in the drain itself (P4).
    Session,
}

/// What a carrier brought.
pub(super) enum Brought {
    /// The roster.
    Right { equal: Equal, warnings: Vec<Finding> },
    /// Something else.
    Wrong(String, Option<u64>),
    /// Nothing, and why.
    Nothing(Judgement),
}

/// The carriers of the final list that the statement declares.
pub(super) fn declared_carriers(statement: &Statement) -> Vec<Carrier> {
    let declared = statement.values("final_list_carrier");
    let mut carriers = Vec::new();
    if declared.is_empty() || declared.contains(&"carrier_notify") {
        carriers.push(Carrier::Notifications);
    }
    if declared.contains(&"carrier_drain_invite") || statement.has("drain_invite_list", "final") {
        carriers.push(Carrier::DrainInvitation);
    }
    if declared.contains(&"carrier_store") {
        carriers.push(Carrier::Store);
    }
    if declared.contains(&"carrier_msrp") {
        carriers.push(Carrier::Session);
    }
    carriers
}

/// What these carriers brought, to a device where one is named: what the first that is right brought, else the first.
/// Another carrier that the ledger accepts does as well, with a warning, once none of these can be right any more. An
/// undeclared list in an invitation is the initial one (L10) and never counts.
pub(super) fn final_list(
    chat: &Chat<'_>,
    statement: &Statement,
    carriers: &[Carrier],
    device: Option<&str>,
    moment: Moment,
) -> Brought {
    let mut worst = None;
    for carrier in carriers {
        match brought(chat, *carrier, device) {
            right @ Brought::Right { .. } => return right,
            other => {
                worst.get_or_insert(other);
            }
        }
    }
    let other =
        Some(()).filter(|()| moment == Moment::Closed).and_then(|()| by_another(chat, statement, carriers, device));
    let nothing = || Brought::Nothing(harness("no carrier of the final list is declared".to_owned()));
    other.or(worst).unwrap_or_else(nothing)
}

fn by_another(chat: &Chat<'_>, statement: &Statement, carriers: &[Carrier], device: Option<&str>) -> Option<Brought> {
    let others = [
        (Carrier::Notifications, "carrier_notify"),
        (Carrier::Session, "carrier_msrp"),
        (Carrier::Store, "carrier_store"),
    ];
    let others = others.into_iter().filter(|(carrier, _)| !carriers.contains(carrier));
    others.into_iter().find_map(|(carrier, word)| match brought(chat, carrier, device) {
        Brought::Right { equal, mut warnings } => {
            let expected = format!("the final list by {}", statement.values("final_list_carrier").join(", "));
            warnings.push(warning(&FINAL_LIST, "L11", expected, format!("it came by {word}"), None));
            Some(Brought::Right { equal, warnings })
        }
        _ => None,
    })
}
