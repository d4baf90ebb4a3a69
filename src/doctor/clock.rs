//! The clock of the target, by what it writes of the time: the Date of a SIP message (RFC 3261 section 20.17), the DateTime of an
//! envelope of its own (RFC 3862 section 3), the time in an answer to an order of interception (ETSI TS 103 221-1).

use std::time::Duration;

use cpm_wire::sip::{Message, Name};
use cpm_wire::time::Time;

use super::Outcome;
use super::record::Record;
use crate::actors::mediation_function::ADMINISTRATION;

/// Clocks that differ by more stand in each other's way: order, lifetimes and dates of messages are read off them.
const CLOCKS: Duration = Duration::from_secs(5);
const DATE: &str = "Date of the target";
const DATE_TIME: &str = "DateTime of the target";
const TIMESTAMP: &str = "timestamp of X1";

/// Each clock that was seen, by what came last; one that says that none was.
pub(super) fn outcomes(record: &Record, now: Time) -> Vec<Outcome> {
    let dates = record.came.iter().rev().find_map(|(message, _)| message.header(&Name::Date));
    let told = record.came.iter().rev().find_map(|(message, _)| own_date_time(record, message));
    let orders = record.heard(ADMINISTRATION);
    let mut found = Vec::new();
    found.extend(dates.map(|date| clock(DATE, Time::parse_sip_date(date), date, now)));
    found.extend(told.map(|text| clock(DATE_TIME, Time::parse_rfc3339(&text).ok(), &text, now)));
    found.extend(
        between(&orders, "messageTimestamp>").map(|text| clock(TIMESTAMP, Time::parse_rfc3339(text).ok(), text, now)),
    );
    if found.is_empty() {
        found.push(Outcome::skipped("clock", DATE, "nothing that it sent carries a time of its own"));
    }
    found
}

/// The DateTime of an envelope in a MESSAGE that none of the actors wrote.
fn own_date_time(record: &Record, message: &Message) -> Option<String> {
    let is_envelope = |value: &str| value.trim().starts_with("message/cpim");
    message.header(&Name::ContentType).filter(|value| message.is_request() && is_envelope(value))?;
    let text = String::from_utf8_lossy(message.body()).into_owned();
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
    let id = value("imdn.Message-ID:")?;
    let ours = record.sent.iter().any(|sent| String::from_utf8_lossy(sent.body()).contains(&id));
    value("DateTime:").filter(|_| !ours)
}

/// What stands in the first element whose start tag ends so.
fn between<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(tag)?;
    after.split_once('<').map(|(value, _)| value.trim())
}

/// What a time of the target that came at `now` says of its clock; none where it cannot be read.
pub(super) fn clock(about: &str, theirs: Option<Time>, text: &str, now: Time) -> Outcome {
    let Some(theirs) = theirs else {
        let cure = "its form stands in RFC 3261 section 25.1 for SIP, in RFC 3339 for envelopes";
        return Outcome::note("clock", about, format!("{text:?} is no time"), cure);
    };
    let (ahead, behind) = (theirs.since(now), now.since(theirs));
    // The Date has whole seconds.
    if ahead.max(behind) <= CLOCKS {
        return Outcome::fine("clock", about, "agrees with the clock of this machine");
    }
    let word = if ahead > behind { "ahead of" } else { "behind" };
    Outcome::fault(
        "clock",
        about,
        format!("{} s {word} the clock of this machine", ahead.max(behind).as_secs()),
        "set both clocks by the same NTP server: lifetimes and dates are read off them",
    )
}
