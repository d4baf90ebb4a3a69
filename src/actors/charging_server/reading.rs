//! Whom a request charges (Subscription-Id, RFC 8506 section 8.46), and who else has a part in it (TS 32.299 section 7.2), in
//! whatever group that stands.

use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::{Avp, Message};

/// So deep are groups read.
const DEEPEST: usize = 6;

/// Who is charged, then who called and who was called; each as a URI.
pub fn users(message: &Message) -> Vec<String> {
    let mut charged = Vec::new();
    let mut others = Vec::new();
    message.avps().for_each(|avp| collect(avp, DEEPEST, &mut charged, &mut others));
    charged.extend(others);
    charged
}

fn collect(avp: Avp<'_>, depth: usize, charged: &mut Vec<String>, others: &mut Vec<String>) {
    if avp.is(&SUBSCRIPTION_ID) {
        charged.extend(subscription(&avp));
    } else if avp.is(&CALLING_PARTY_ADDRESS) || avp.is(&CALLED_PARTY_ADDRESS) {
        others.extend(avp.text().ok().map(str::to_owned));
    } else if depth > 0 && avp.definition().is_some_and(|known| known.kind == Kind::Grouped) {
        avp.group().filter_map(Result::ok).for_each(|inner| collect(inner, depth - 1, charged, others));
    }
}

/// A number (END_USER_E164, 0) as a tel URI.
fn subscription(avp: &Avp<'_>) -> Option<String> {
    let data = avp.group().find(&SUBSCRIPTION_ID_DATA)?.text().ok()?.to_owned();
    let kind = avp.group().find(&SUBSCRIPTION_ID_TYPE)?.integer32().ok()?;
    Some(match kind {
        0 if !data.starts_with("tel:") => format!("tel:+{}", data.trim_start_matches('+')),
        _ => data,
    })
}
