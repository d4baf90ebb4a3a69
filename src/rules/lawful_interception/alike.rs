//! Nobody can tell: what passes for a user under interception is as what passes for another user, to whom the same happens.
//!
//! Compared is what the target sends: how many messages of each kind, which headers they have, what they carry. Nothing is made
//! of what the RFCs leave to the sender of a single message: the order of headers, headers that say nothing, provisional
//! answers, which of the codes of a class. Nor is anything made of registrations, subscriptions and publications, which are
//! renewed when their time comes.

use super::{L30, LI_01};
use crate::rules::findings::{missing as found_missing, warning};
use crate::rules::sessions::{Judged, Unmet, harness, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::charging::Step;
use crate::story::signals::Signal;
use crate::story::{Flow, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use cpm_wire::sip::Method;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub(super) const UNNOTICED: RuleEntry = RuleEntry {
    id: "lawful_interception.unnoticed",
    requirement: LI_01,
    level: Level::May,
    absence: true,
    ledger: &["L30"],
    stage3: false,
    what: "What the target sends for a user under interception has the shape of what it sends for another user, to whom the same \
           happens: the same messages, with the same headers.",
    source: "PF-LI-01",
};

/// Headers without an effect (RFC 3261 section 20), or that a message may have or not by how it travels.
const SILENT: [&str; 7] = ["Date", "Organization", "User-Agent", "Server", "Supported", "Content-Length", "Timestamp"];
/// A delay beyond what chance explains on a machine or in a network at work.
const NOTICED: Duration = Duration::from_millis(500);
/// A header that nobody knows says something where every one of at least so many requests that begin something has it.
const ENOUGH: usize = 5;

/// Interception of the one person is not to be told by what passes: it is as for the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unnoticed {
    /// Who is under interception.
    pub person: String,
    /// Who is not, and to whom the same happened.
    pub other: String,
}

impl Rule for Unnoticed {
    fn entry(&self) -> &'static RuleEntry {
        &UNNOTICED
    }

    fn expects(&self) -> String {
        format!("what passes for {} looks like what passes for {}", self.person, self.other)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let judged = self.judged(story);
        match (&judged, moment) {
            // More may come for either.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, self.delayed(story).into_iter().collect(), moment),
        }
    }
}

impl Unnoticed {
    fn judged(&self, story: &Story) -> Judged {
        let (own, other) = (Trace::of(story, &self.person), Trace::of(story, &self.other));
        if other.kinds.is_empty() {
            return Err(harness(format!("nothing happened to {}", self.other)));
        }
        let kinds: BTreeSet<&Kind> = own.kinds.keys().chain(other.kinds.keys()).collect();
        for kind in kinds {
            let (of_own, of_other) = (own.at(kind), other.at(kind));
            if of_own.len() != of_other.len() {
                let (frame, observed) =
                    (self.frame_of(of_own, of_other), self.counts(kind, of_own.len(), of_other.len()));
                // What was lost on the way is no trace.
                return Err(found_missing(story, &UNNOTICED, self.expects(), observed, frame).into());
            }
            self.headers(kind, of_own, of_other)?;
        }
        self.marked(&own.begun(), &other.begun())?;
        for (what, of_own, of_other) in
            [("messages in sessions", own.said, other.said), ("charges", own.charged, other.charged)]
        {
            if of_own != of_other {
                let observed = format!("{of_own} {what} of {}, and {of_other} of {}", self.person, self.other);
                return Err(found_missing(story, &UNNOTICED, self.expects(), observed, story.frames()).into());
            }
        }
        Ok(Judgement::Met { checks: other.kinds.len() })
    }

    /// Where everything takes longer for the one than for the other. How long something takes is nobody's business but chance's,
    /// so that it is worth a word and no more.
    fn delayed(&self, story: &Story) -> Option<Finding> {
        let ((own, frame), (other, _)) = (shortest(story, &self.person)?, shortest(story, &self.other)?);
        (own > other + NOTICED).then(|| {
            let expected = "no more time than for another user".to_owned();
            let observed = format!("{own:?} at least for {}, and {other:?} for {}", self.person, self.other);
            warning(&UNNOTICED, L30, expected, observed, frame)
        })
    }

    /// That no request that begins something bears a header which nobody knows, and none for the other does.
    fn marked(&self, own: &[&Signal], other: &[&Signal]) -> Result<(), Unmet> {
        let of = |with: &[&Signal], without: &[&Signal]| marks(with, without).into_iter().next();
        let (name, with, without, frame) = match (of(own, other), of(other, own)) {
            (Some(name), _) => (name, &self.person, &self.other, own.first().map(|signal| signal.frame)),
            (_, Some(name)) => (name, &self.other, &self.person, other.first().map(|signal| signal.frame)),
            _ => return Ok(()),
        };
        let observed = format!("the header {name} in every request for {with}, and in none for {without}");
        Err(unkept(&UNNOTICED, self.expects(), observed, frame))
    }

    fn frame_of(&self, own: &[&Signal], other: &[&Signal]) -> Option<u64> {
        let longer = if own.len() > other.len() { own } else { other };
        longer.last().map(|signal| signal.frame)
    }

    fn counts(&self, kind: &Kind, own: usize, other: usize) -> String {
        format!("{own} messages of the kind {} for {}, and {other} for {}", kind.told(), self.person, self.other)
    }

    /// That the messages of one kind have the same headers.
    fn headers(&self, kind: &Kind, own: &[&Signal], other: &[&Signal]) -> Result<(), Unmet> {
        let known = |signals: &[&Signal]| -> BTreeSet<String> {
            let all = signals.iter().flat_map(|signal| signal.names.iter());
            all.filter(|name| !SILENT.contains(&name.as_str())).cloned().collect()
        };
        let (of_own, of_other) = (known(own), known(other));
        let Some(name) = of_own.symmetric_difference(&of_other).next().cloned() else { return Ok(()) };
        let has = |signal: &&&Signal| signal.names.contains(&name);
        let frame = own.iter().chain(other).find(has).map(|signal| signal.frame);
        let (with, without) = match own.iter().any(|signal| has(&signal)) {
            true => (&self.person, &self.other),
            false => (&self.other, &self.person),
        };
        let observed = format!("the header {name} in the {} for {with}, and not for {without}", kind.told());
        Err(unkept(&UNNOTICED, self.expects(), observed, frame))
    }
}

/// Headers that nobody knows and that all of these have, being many, and none of the others.
fn marks(of: &[&Signal], not_of: &[&Signal]) -> Vec<String> {
    let Some(first) = of.first().filter(|_| of.len() >= ENOUGH) else { return Vec::new() };
    let all = first.unknown.iter().filter(|name| of.iter().all(|signal| signal.unknown.contains(*name)));
    all.filter(|name| !not_of.iter().any(|signal| signal.unknown.contains(*name))).cloned().collect()
}

/// A kind of message: of which method, and of an answer the class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    method: String,
    class: Option<u16>,
}

impl Kind {
    fn told(&self) -> String {
        match self.class {
            Some(class) => format!("{class}xx to {}", self.method),
            None => self.method.clone(),
        }
    }
}

/// The shortest time that the target took to pass on a request that begins something for a user, with the frame of what it sent.
/// What comes first goes first: where not everything goes on, nothing is said.
fn shortest(story: &Story, person: &str) -> Option<(Duration, u64)> {
    let begun = |method: Method, sent: bool| {
        let mut begun: Vec<&Signal> = Vec::new();
        let of_kind = |signal: &&Signal| signal.status.is_none() && signal.method == method && signal.sent == sent;
        for signal in story.signals().iter().filter(of_kind).filter(|signal| is_of(story, signal, person)) {
            // What is sent again began when it was sent first.
            if !begun.iter().any(|known| known.is(signal)) {
                begun.push(signal);
            }
        }
        begun
    };
    let pairs = [Method::Invite, Method::Message].into_iter().flat_map(|method| {
        let (came, went) = (begun(method.clone(), true), begun(method, false));
        let whole = came.len() == went.len();
        came.into_iter().zip(went).filter(move |_| whole)
    });
    pairs.map(|(came, went)| (went.at.since(came.at), went.frame)).min()
}

/// What the target sent for a user.
struct Trace<'a> {
    kinds: BTreeMap<Kind, Vec<&'a Signal>>,
    said: usize,
    charged: usize,
}

impl<'a> Trace<'a> {
    fn of(story: &'a Story, person: &str) -> Trace<'a> {
        let mut kinds: BTreeMap<Kind, Vec<&'a Signal>> = BTreeMap::new();
        for signal in story.signals().iter().filter(|signal| !signal.sent && is_of(story, signal, person)) {
            let provisional = signal.status.is_some_and(|status| status < 200);
            if provisional || stands_by_itself(&signal.method) || is_of_chance(story, signal) {
                continue;
            }
            let class = signal.status.map(|status| status / 100);
            let of_kind = kinds.entry(Kind { method: signal.method.as_str().to_owned(), class }).or_default();
            // What is sent again is sent once.
            if !of_kind.iter().any(|known| known.is(signal)) {
                of_kind.push(signal);
            }
        }
        let by_target = |flow: Flow| matches!(flow, Flow::TargetToDevice | Flow::TargetToNetwork);
        let said = story.items().iter().filter(|item| item.person.as_deref() == Some(person) && by_target(item.flow));
        let said = said.filter(|item| item.leg().is_some()).count();
        // How often it is charged meanwhile is a matter of time.
        let charges = story.charges().iter().filter(|charge| charge.step != Step::Middle);
        let charged = charges.filter(|charge| charge.person.as_deref() == Some(person)).count();
        Trace { kinds, said, charged }
    }

    /// The requests that begin something.
    fn begun(&self) -> Vec<&'a Signal> {
        let begins =
            |signal: &&Signal| signal.status.is_none() && matches!(signal.method, Method::Invite | Method::Message);
        self.kinds.values().flatten().copied().filter(begins).collect()
    }

    fn at(&self, kind: &Kind) -> &[&'a Signal] {
        self.kinds.get(kind).map_or(&[], Vec::as_slice)
    }
}

/// Whether a message has to do with what lasts, a registration, a subscription or a publication, whose renewal falls where it
/// falls and not where something is said; or repeats itself as often as what it acknowledges.
fn stands_by_itself(method: &Method) -> bool {
    matches!(method, Method::Register | Method::Subscribe | Method::Notify | Method::Publish | Method::Ack)
}

/// Whether a message may be there or not by what crossed on the way: a BYE where the other end sends one, too, and its answers.
fn is_of_chance(story: &Story, signal: &Signal) -> bool {
    let crosses = |other: &Signal| other.sent && other.method == Method::Bye && other.call_id == signal.call_id;
    signal.method == Method::Bye && (signal.status.is_some() || story.signals().iter().any(crosses))
}

/// Whether a message names a user, or is of a dialog of the user's.
fn is_of(story: &Story, signal: &Signal, person: &str) -> bool {
    if signal.people.contains(person) {
        return true;
    }
    let own = story.legs().iter().filter(|leg| leg.person.as_deref() == Some(person));
    own.into_iter().any(|leg| leg.call_id == signal.call_id)
}
