//! Requests to bring somebody into a chat or out of it (REFER: RFC 3515, RFC 4579 sections 5.5 and 5.7, RFC 5368).

use cpm_wire::sip::{Message, Name, NameAddr};

use super::cast::Cast;
use super::legs::{self, End, Leg};
use super::parties::Parties;
use super::session::Answer;

/// Requests kept of one scenario.
const REFERRALS: usize = 1024;

/// One REFER.
#[derive(Clone, Debug)]
pub struct Referral {
    /// When.
    pub frame: u64,
    /// Whether the target sent it; otherwise the tester did.
    pub by_target: bool,
    /// The tester's end.
    pub end: End,
    /// The served user.
    pub person: Option<String>,
    /// The chat.
    pub group: Option<String>,
    /// Its Request-URI.
    pub request_uri: String,
    /// Who is to be brought in, or out.
    pub whom: Vec<String>,
    /// Whether they are to be brought out.
    pub out: bool,
    /// The final answer to it.
    pub answer: Option<Answer>,
}

#[derive(Debug, Default)]
pub(super) struct Referrals {
    all: Vec<Referral>,
}

impl Referrals {
    pub fn all(&self) -> &[Referral] {
        &self.all
    }

    /// A REFER, within a leg or outside of any.
    pub fn ask(&mut self, frame: u64, sent: bool, message: &Message, leg: Option<&Leg>, cast: &Cast) -> Option<usize> {
        if self.all.len() >= REFERRALS {
            return None;
        }
        let parties = Parties::of(sent, message, cast);
        let contribution = message.header(&Name::ContributionId).map(str::trim);
        let request_uri = message.request_uri().unwrap_or_default().to_owned();
        let group = leg.and_then(|leg| leg.group.clone()).or_else(|| {
            let named = cast.group_of(contribution, message.header(&Name::ConversationId).map(str::trim));
            named.or_else(|| cast.group_at(&request_uri)).map(|group| group.name.clone())
        });
        let refer_to = NameAddr::parse(message.header(&Name::ReferTo)?).ok()?.uri.to_owned();
        let (target, headers) = refer_to.split_once('?').unwrap_or((&refer_to, ""));
        let whom = if target.starts_with("cid:") { legs::list(message) } else { Some(vec![bare(target).to_owned()]) };
        self.all.push(Referral {
            frame,
            by_target: !sent,
            end: leg.map_or(parties.end, |leg| leg.end),
            person: leg.and_then(|leg| leg.person.clone()).or(parties.person),
            group,
            request_uri,
            whom: whom.unwrap_or_default(),
            out: format!("{target}?{headers}").to_ascii_uppercase().contains("METHOD=BYE"),
            answer: None,
        });
        Some(self.all.len() - 1)
    }

    pub fn answered(&mut self, at: usize, answer: Answer) {
        if let Some(referral) = self.all.get_mut(at) {
            referral.answer.get_or_insert(answer);
        }
    }
}

/// A URI without the method that is to be sent there.
fn bare(uri: &str) -> &str {
    uri.find(";method=").and_then(|at| uri.get(..at)).unwrap_or(uri)
}
