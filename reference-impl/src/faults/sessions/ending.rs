//! Faults in how a session between two ends. [PF-SES-01].

use super::Signalled;
use crate::faults::Fault;
use crate::faults::editing::answer;
use crate::faults::passage::Way;
use crate::faults::tampering::Fate;
use cpm_wire::sip::{Message, Method};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("keeps-the-end-to-itself", "One side hangs up, and the other is not told", || {
        Signalled::boxed(|_, way, message| match sends(way, message, Method::Bye) {
            true => Fate::Answered(answer(message, 200)),
            false => Fate::Pass,
        })
    }),
    Fault::of_function("goes-on-ringing", "A call that is taken back goes on ringing", || {
        Signalled::boxed(|_, way, message| match sends(way, message, Method::Cancel) {
            true => Fate::Answered(answer(message, 200)),
            false => Fate::Pass,
        })
    }),
    Fault::of_function("leaves-a-withdrawn-call-open", "A call that is taken back is never answered", || {
        Signalled::boxed(|_, way, message| {
            let withdrawn = message.method() == Method::Invite && message.status() == Some(487);
            if withdrawn && way == Way::Out { Fate::LOST } else { Fate::Pass }
        })
    }),
    Fault::of_function("never-answers-a-farewell", "A side hangs up, and is not answered", || {
        Signalled::boxed(|_, way, message| {
            let answers = message.method() == Method::Bye && message.status().is_some();
            if answers && way == Way::Out { Fate::LOST } else { Fate::Pass }
        })
    }),
];

/// True for a request of the function by this method.
fn sends(way: Way, message: &Message, method: Method) -> bool {
    way == Way::Out && message.is_request() && message.method() == method
}
