//! What stands in every group of a kind (the grammars of RFC 6733 and RFC 8506).

use cpm_wire::diameter::dictionary::*;

use super::view::Seen;
use crate::rules::base::sheet::{BaseRule, Sheet, must};

static MEMBERS: BaseRule = must(
    "base.diameter.group_members",
    "RFC 6733 sections 6.7.2, 6.11 and 7.6, RFC 8506 section 8",
    "A group has the AVPs that its grammar says it has.",
);

pub(super) static RULES: &[&BaseRule] = &[&MEMBERS];

static GROUPS: &[(Definition, &[Definition])] = &[
    (VENDOR_SPECIFIC_APPLICATION_ID, &[VENDOR_ID]),
    (PROXY_INFO, &[PROXY_HOST, PROXY_STATE]),
    (EXPERIMENTAL_RESULT, &[VENDOR_ID, EXPERIMENTAL_RESULT_CODE]),
    (CC_MONEY, &[UNIT_VALUE]),
    (COST_INFORMATION, &[UNIT_VALUE, CURRENCY_CODE]),
    (FINAL_UNIT_INDICATION, &[FINAL_UNIT_ACTION]),
    (REDIRECT_SERVER, &[REDIRECT_ADDRESS_TYPE, REDIRECT_SERVER_ADDRESS]),
    (SUBSCRIPTION_ID, &[SUBSCRIPTION_ID_TYPE, SUBSCRIPTION_ID_DATA]),
    (UNIT_VALUE, &[VALUE_DIGITS]),
    (USER_EQUIPMENT_INFO, &[USER_EQUIPMENT_INFO_TYPE, USER_EQUIPMENT_INFO_VALUE]),
];

/// Which of its members a group has.
pub(super) struct Members {
    needed: &'static [Definition],
    seen: u32,
}

impl Members {
    pub fn of(group: &Definition) -> Members {
        let known = GROUPS.iter().find(|(known, _)| known.code == group.code && known.vendor == group.vendor);
        Members { needed: known.map_or(&[], |(_, needed)| needed), seen: 0 }
    }

    pub fn seen(&mut self, avp: &Seen<'_>) {
        if let Some(place) = self.needed.iter().position(|needed| avp.is(needed)) {
            self.seen |= 1 << place;
        }
    }

    pub fn check(&self, sheet: &mut Sheet<'_>, group: &Seen<'_>) {
        for (place, needed) in self.needed.iter().enumerate().filter(|(place, _)| self.seen & 1 << place == 0) {
            let name = GROUPS.iter().find(|(known, _)| group.is(known)).map_or("a group", |(known, _)| known.name);
            let observed = format!("{name} without it, its member {}", place + 1);
            sheet.find(&MEMBERS, Some(group.span()), needed.name, observed);
        }
    }
}
