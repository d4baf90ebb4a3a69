//! Who is asserted, and by whom what may be said of a user in IMS (RFC 3325, RFC 3323, RFC 5502).

use super::names::Name;
use super::view::View;
use crate::rules::base::digest::mix;
use crate::rules::base::grammar::quoted_string;
use crate::rules::base::memo::Memo;
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static ASSERTED: BaseRule = must(
    "base.sip.asserted_identity",
    "RFC 3325 sections 9.1 and 9.2",
    "P-Asserted-Identity and P-Preferred-Identity hold at most one SIP URI and one tel URI, and nothing else.",
);
static BOTH: BaseRule = habit(
    "base.sip.preferred_and_asserted",
    "RFC 3325 section 5, RFC 6050 section 5",
    "What is preferred goes to the first proxy alone, which asserts: one message has not both.",
);

pub(super) static RULES: &[&BaseRule] = &[&ASSERTED, &BOTH];

/// Sets what the memo keeps for these rules apart from what it keeps for others.
const MARK: u64 = 0x6964_656e_7469_7479;

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>, memo: &mut Memo) {
    for name in [Name::PAssertedIdentity, Name::PPreferredIdentity] {
        // What all its lines say together counts.
        let mut prints = view.named(name).map(|field| field.print);
        let print = prints.try_fold(MARK, |all, print| Some(mix(all, print?)));
        if !view.has(name) || print.is_some_and(|print| memo.knows(print)) {
            continue;
        }
        let before = sheet.len();
        identities(sheet, view, name);
        if let Some(print) = print.filter(|_| sheet.len() == before) {
            memo.learn(print);
        }
    }
    let pairs =
        [(Name::PPreferredIdentity, Name::PAssertedIdentity), (Name::PPreferredService, Name::PAssertedService)];
    for (preferred, asserted) in pairs {
        if let Some(value) = view.line(preferred).filter(|_| view.has(asserted)) {
            let expected = format!("no {} beside a {}", preferred.text(), asserted.text());
            sheet.find(&BOTH, Some(value.span()), expected, shown(value.text));
        }
    }
}

/// RFC 5876 section 4.5 has receivers bear with more; who sends is bound all the same.
fn identities(sheet: &mut Sheet<'_>, view: &View<'_>, name: Name) {
    let (mut sip, mut tel) = (false, false);
    for value in view.values(name) {
        let right = match scheme(value) {
            "sip" | "sips" => !std::mem::replace(&mut sip, true),
            "tel" => !std::mem::replace(&mut tel, true),
            _ => false,
        };
        if !right {
            let expected = format!("one SIP URI and one tel URI in {}", name.text());
            sheet.find(&ASSERTED, Some(value.span()), expected, shown(value.text));
        }
    }
}

/// The scheme of an address, in small letters where it is one of those that count.
fn scheme(address: Piece<'_>) -> &'static str {
    let address = address.from(quoted_string(address.text).unwrap_or_default());
    let at = address.text.find('<').map_or(0, |place| place + 1);
    let scheme = address.from(at).text.split(':').next().unwrap_or_default();
    ["sip", "sips", "tel"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme)).unwrap_or_default()
}
