//! What certain responses must tell, and which responses certain methods may not have.

use super::fields::what;
use super::names::Name;
use super::view::View;
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must};

static EXPLAINED: BaseRule = must(
    "base.sip.explained_refusal",
    "RFC 3261 sections 8.2.2.3, 21.4.1, 21.4.6, 21.4.7, 21.4.16 and 21.4.17, RFC 3329 section 2.3.1, RFC 4028 section 6, RFC 6086 section 4.2.2",
    "A refusal for want of something says of what: 401, 405, 407, 420, 421, 422, 423, 469, 494.",
);
static EXPLAINED_HABIT: BaseRule = habit(
    "base.sip.explained_refusal_habit",
    "RFC 3261 section 21.4.13, RFC 6665 section 8.3.2",
    "A 415 tells what would be accepted, a 489 which event packages there are.",
);
static NON_INVITE: BaseRule = must(
    "base.sip.non_invite_response",
    "RFC 4320 sections 4.1 and 4.2",
    "Another request than INVITE is answered by no provisional response but 100, and never by 408.",
);

pub(super) static RULES: &[&BaseRule] = &[&EXPLAINED, &EXPLAINED_HABIT, &NON_INVITE];

/// Status, the headers of which one must be there, and how sure that is.
static NEEDS: [(u16, &[Name], &BaseRule); 11] = [
    (401, &[Name::WwwAuthenticate], &EXPLAINED),
    (405, &[Name::Allow], &EXPLAINED),
    (407, &[Name::ProxyAuthenticate], &EXPLAINED),
    (420, &[Name::Unsupported], &EXPLAINED),
    (422, &[Name::MinSe], &EXPLAINED),
    (423, &[Name::MinExpires], &EXPLAINED),
    (421, &[Name::Require], &EXPLAINED),
    (469, &[Name::RecvInfo], &EXPLAINED),
    (494, &[Name::SecurityServer], &EXPLAINED),
    (415, &[Name::Accept, Name::AcceptEncoding, Name::AcceptLanguage], &EXPLAINED_HABIT),
    (489, &[Name::AllowEvents], &EXPLAINED_HABIT),
];

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let Some(code) = view.status() else { return };
    for (_, headers, rule) in NEEDS.iter().filter(|(status, ..)| *status == code) {
        if !headers.iter().any(|header| view.has(*header)) {
            let names: Vec<&str> = headers.iter().map(|name| name.text()).collect();
            let expected = format!("a {} header", names.join(" or "));
            sheet.find(rule, None, expected, format!("{} has none", what(view)));
        }
    }
    let other = !matches!(view.method(), "INVITE" | "");
    if other && (matches!(code, 101..200) || code == 408) {
        sheet.find(&NON_INVITE, Some((8, 11)), "100 or a final response other than 408", what(view));
    }
}
