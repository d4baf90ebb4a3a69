//! What users wish and their provider orders, of sessions and messages that reach them and of those that they begin
//! [PF-SES-03], [PF-MSG-01], [PF-PRF-01].
//!
//! That what is allowed comes to be is judged by the rules of sessions and of messages; here is what may not be, and how.

mod media;
mod messages;
mod privacy;
mod refusals;
mod stored;
#[cfg(test)]
mod tests;

pub use media::{MediumBarred, MediumHad};
pub use messages::{MessageNotLetOut, MessageRefused};
pub use privacy::{MessagePrivate, Private, Shown};
pub use refusals::{NotLetOut, Refused};
pub use stored::OthersDelivered;

use super::Named;
use super::findings::{outside, warning};
use super::sessions::attempt::{Attempt, asked, refusal};
use super::sessions::{Judged, harness, missing, settled, unkept};
use super::{Assessment, Judgement, Moment, RuleEntry};
use crate::target::statement::Statement;
use crate::target::{Refusal, RefusedCase};
use crate::verdict::Finding;

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<Refused>(refusals::REFUSED),
    Named::new::<NotLetOut>(refusals::NOT_LET_OUT),
    Named::new::<MediumBarred>(media::MEDIUM_BARRED),
    Named::new::<MediumHad>(media::MEDIUM_HAD),
    Named::new::<Private>(privacy::PRIVATE),
    Named::new::<Shown>(privacy::SHOWN),
    Named::new::<OthersDelivered>(stored::OTHERS_DELIVERED),
    Named::new::<MessageRefused>(messages::MESSAGE_REFUSED),
    Named::new::<MessageNotLetOut>(messages::MESSAGE_NOT_LET_OUT),
    Named::new::<MessagePrivate>(privacy::MESSAGE_PRIVATE),
];

const SES_03: Option<&str> = Some("PF-SES-03");
const PRF_01: Option<&str> = Some("PF-PRF-01");

/// Another refusal of a case than the declared ones (L19).
fn undeclared(
    entry: &RuleEntry,
    statement: &Statement,
    attempt: &Attempt<'_>,
    (case, word): (RefusedCase, &str),
) -> Option<Finding> {
    let Some(Refusal::Codes(codes)) = statement.refusal(case) else { return None };
    let answer = refusal(attempt.calling).filter(|answer| !codes.contains(&answer.status))?;
    let expected = format!("refusals: {word}: {codes:?}, as the statement says");
    Some(warning(entry, "L19", expected, format!("{}", answer.status), answer.frame))
}
