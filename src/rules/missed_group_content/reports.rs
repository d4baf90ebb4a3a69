//! Disposition notifications find their way: to the user who was away, from the user's device to the author, and not
//! before there is something to report (L04).

use super::chat::{flowing, same_author};
use super::{CONV_058, CONV_058A, Chat, fail, harness, undeclared, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::{Disposition, Report};
use crate::story::{Carriage, Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Blame, Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const REPORT_REACHES_USER: RuleEntry = RuleEntry {
    id: "missed_group_content.report_reaches_user",
    requirement: CONV_058,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L04", "L14"],
    stage3: false,
    what: "A notification on a user's earlier message, which came while the user was away, reaches the user.",
    source: "CPM-CONV-058, CPM-CONV-058a, RFC 5438 section 7.2",
};

/// The reports of other members on a message of the person reach the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportReachesUser {
    /// Whose message it is.
    pub person: String,
    /// In which group.
    pub group: String,
    /// Its imdn.Message-ID.
    pub about: String,
    /// What is reported.
    pub kind: Disposition,
}

/// A report, and the message that brought it.
type Brought<'a> = (&'a Item, &'a Report);

fn reports<'a>(story: &'a Story, flow: Flow, about: &'a str, kind: Disposition) -> impl Iterator<Item = Brought<'a>> {
    flowing(story, flow)
        .flat_map(|item| item.content.reports().iter().map(move |report| (item, report)))
        .filter(move |(_, report)| report.about == about && report.disposition == kind)
}

fn is_of(item: &Item, person: &str, group: &str) -> bool {
    item.person.as_deref() == Some(person) && item.group.as_deref().is_none_or(|of| of == group)
}

impl Rule for ReportReachesUser {
    fn entry(&self) -> &'static RuleEntry {
        &REPORT_REACHES_USER
    }

    fn expects(&self) -> String {
        format!("the report \"{}\" on {} reaches {}", self.kind, self.about, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let of_ours = |(item, _): &Brought<'_>| is_of(item, &self.person, &self.group);
        let sent = reports(story, Flow::NetworkToTarget, &self.about, self.kind).filter(of_ours).collect::<Vec<_>>();
        let came = reports(story, Flow::TargetToDevice, &self.about, self.kind).filter(of_ours);
        let came = came.filter(|(item, _)| item.accepted()).collect::<Vec<_>>();
        let taken = sent.iter().filter(|(item, _)| chat.takes(item)).copied().collect::<Vec<_>>();
        let missing = unmatched(&taken, &came);
        if !taken.is_empty() && missing.is_none() {
            let judgement = Judgement::Met { checks: taken.len() };
            return Assessment { judgement, warnings: self.remarks(&chat, statement, &came) };
        }
        match (moment, sent.first(), missing) {
            (Moment::Open, ..) => Judgement::Undecided,
            (_, Some((item, _)), Some((_, report))) => {
                let reporter = report.reporter.as_deref().unwrap_or("a member");
                let observed =
                    format!("the report of {reporter}, sent towards the target (frame {}), never did", item.frame);
                let expected =
                    format!("the report \"{}\" on {} reaches {}", self.kind, chat.name(&self.about), self.person);
                chat.missing(&REPORT_REACHES_USER, expected, observed, *item)
            }
            (_, Some(_), None) => Judgement::Unseen {
                why: "the target takes no disposition notification in its session with the focus".to_owned(),
                blame: Blame::Configuration,
            },
            (_, None, _) => {
                harness(format!("the focus sent {} no report \"{}\" on {}", self.person, self.kind, self.about))
            }
        }
        .into()
    }
}

/// The first report that was sent and did not come. Reports are told apart by who makes them; where the target or the
/// author hides that, by their number.
fn unmatched<'a>(sent: &[Brought<'a>], came: &[Brought<'a>]) -> Option<Brought<'a>> {
    let names = |(_, sent): &Brought<'_>, (_, came): &Brought<'_>| {
        same_author(sent.reporter.as_deref(), came.reporter.as_deref())
    };
    let missing = sent.iter().filter(|sent| !came.iter().any(|came| names(sent, came))).collect::<Vec<_>>();
    let nameless = came.iter().filter(|came| !sent.iter().any(|sent| names(sent, came))).count();
    missing.get(nameless).map(|missing| **missing)
}

impl ReportReachesUser {
    fn remarks(&self, chat: &Chat<'_>, statement: &Statement, came: &[Brought<'_>]) -> Vec<Finding> {
        let path = came.first().and_then(|(item, _)| {
            let path = path_of(chat, item);
            undeclared(&REPORT_REACHES_USER, statement, ("notification_path", path), "L04", *item)
        });
        path.into_iter().chain(repeats(&REPORT_REACHES_USER, chat, &self.about, came)).collect()
    }
}

/// How a report came, in the words of the statement.
pub(super) fn path_of(chat: &Chat<'_>, item: &Item) -> &'static str {
    let apart = chat.story.leg_of(item).is_none_or(|leg| chat.story.is_for_notifications(leg));
    match (&item.carriage, apart) {
        (Carriage::Pager(_), _) => "message",
        (_, false) => "drain_leg",
        (_, true) => "stored_notification_session",
    }
}

/// A warning for each report that came to one place more than once.
fn repeats(entry: &RuleEntry, chat: &Chat<'_>, about: &str, came: &[Brought<'_>]) -> Vec<Finding> {
    let mut warnings = Vec::new();
    for (at, (item, report)) in came.iter().enumerate() {
        let first = came.iter().take(at).find(|(earlier, known)| known == report && earlier.device == item.device);
        if let Some((earlier, _)) = first {
            let expected = format!("a report on {} comes once", chat.name(about));
            let observed = format!("it came in frame {} and again in frame {}", earlier.frame, item.frame);
            warnings.push(warning(entry, "L14", expected, observed, *item));
        }
    }
    warnings
}

pub(super) const REPORT_REACHES_AUTHOR: RuleEntry = RuleEntry {
    id: "missed_group_content.report_reaches_author",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L04", "L14", "L15"],
    stage3: false,
    what: "The notification of a user's device on a delivered message reaches the author: by leg, focus or MESSAGE.",
    source: "CPM-CONV-058a, RFC 5438 section 7.2",
};

/// The person's report on a message reaches its author.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportReachesAuthor {
    /// Who reports.
    pub person: String,
    /// In which group.
    pub group: String,
    /// On which imdn.Message-ID.
    pub about: String,
    /// What is reported.
    pub kind: Disposition,
}

impl Rule for ReportReachesAuthor {
    fn entry(&self) -> &'static RuleEntry {
        &REPORT_REACHES_AUTHOR
    }

    fn expects(&self) -> String {
        format!("the report \"{}\" of {} on {} reaches its author", self.kind, self.person, self.about)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let made = reports(story, Flow::DeviceToTarget, &self.about, self.kind);
        let made = made.filter(|(item, _)| is_of(item, &self.person, &self.group)).collect::<Vec<_>>();
        let came = reports(story, Flow::TargetToNetwork, &self.about, self.kind);
        let came = came.filter(|(item, _)| item.accepted() && to_author(&chat, item, &self.about)).collect::<Vec<_>>();
        if !made.is_empty() && !came.is_empty() {
            return Assessment {
                judgement: Judgement::Met { checks: came.len() },
                warnings: self.repeats(&chat, &made, &came),
            };
        }
        match (moment, made.first()) {
            (Moment::Open, _) => Judgement::Undecided,
            (Moment::Closed, Some((item, _))) => {
                let expected =
                    format!("the report of {} on {} reaches its author", self.person, chat.name(&self.about));
                let observed =
                    format!("the report \"{}\" that the device sent (frame {}) never did", self.kind, item.frame);
                chat.missing(&REPORT_REACHES_AUTHOR, expected, observed, *item)
            }
            (Moment::Closed, None) => self.never_made(&chat),
        }
        .into()
    }
}

impl ReportReachesAuthor {
    /// Without the message the device had nothing to report on.
    fn never_made(&self, chat: &Chat<'_>) -> Judgement {
        let had = chat.delivered(None).any(|item| item.chat_id() == Some(&self.about));
        match chat.original(&self.about) {
            Some(original) if !had => {
                let expected = format!("{} reaches {}, who then reports", chat.name(&self.about), self.person);
                let observed = format!("sent towards the target in frame {}, it never came", original.frame);
                chat.missing(&REPORT_REACHES_AUTHOR, expected, observed, original)
            }
            None if !had => chat.nothing_owed(&REPORT_REACHES_AUTHOR),
            _ => stripped(chat, &REPORT_REACHES_AUTHOR, &self.about, self.kind).unwrap_or_else(|| {
                harness(format!("no device of {} sent a report \"{}\" on {}", self.person, self.kind, self.about))
            }),
        }
    }

    /// One report for each that the devices made is customary (L15); more is a warning.
    fn repeats(&self, chat: &Chat<'_>, made: &[Brought<'_>], came: &[Brought<'_>]) -> Vec<Finding> {
        let surplus = came.get(made.len()..).unwrap_or_default();
        let warn = |(item, _): &Brought<'_>| {
            let expected = format!("one report \"{}\" of {} on {}", self.kind, self.person, chat.name(&self.about));
            warning(&REPORT_REACHES_AUTHOR, "L14", expected, format!("another came in frame {}", item.frame), *item)
        };
        surplus.iter().map(warn).collect()
    }
}

/// A message that asked for a report, and came without the wish: no device had a reason to report (L04).
pub(super) fn stripped(chat: &Chat<'_>, entry: &RuleEntry, id: &str, kind: Disposition) -> Option<Judgement> {
    let wish = match kind {
        Disposition::Delivered => "positive-delivery",
        Disposition::Displayed => "display",
        Disposition::Failed => "negative-delivery",
        Disposition::Stored | Disposition::Other => return None,
    };
    let asks = |item: &&Item| item.content.chat().is_some_and(|envelope| envelope.dispositions.contains(wish));
    let original = chat.original(id).filter(asks)?;
    let came = || chat.delivered(None).filter(|item| item.chat_id() == Some(id));
    let first = came().next().filter(|_| !came().any(|item| asks(&item)))?;
    let expected = format!("{} asks for \"{wish}\" (frame {}) when it comes, too", chat.name(id), original.frame);
    let observed = format!("it came without the wish (frame {})", first.frame);
    Some(Judgement::Broken(fail(entry, expected, observed, first)))
}

/// Whether a report of the person goes to the author of a message: in the session with the focus, or as a MESSAGE to the
/// author or the group.
pub(super) fn to_author(chat: &Chat<'_>, item: &Item, about: &str) -> bool {
    let by_us = item.person.as_deref().is_none_or(|person| person == chat.person);
    let cast = chat.story.cast();
    by_us
        && match &item.carriage {
            Carriage::Session { .. } => item.group.as_deref().is_none_or(|group| group == chat.group),
            Carriage::Pager(to) => {
                let author = chat.original(about).and_then(|item| item.content.chat()?.from.as_deref());
                let same_person = author.and_then(|author| cast.person_of(author)).map(|person| &person.name);
                cast.group_at(to).is_some()
                    || same_author(author, Some(to))
                    || same_person.is_some_and(|name| cast.person_of(to).is_some_and(|person| &person.name == name))
            }
        }
}

pub(super) const NO_PREMATURE_REPORT: RuleEntry = RuleEntry {
    id: "missed_group_content.no_premature_report",
    requirement: CONV_058,
    level: Level::Shall,
    absence: true,
    ledger: &["L04", "L14"],
    stage3: false,
    what: "Nothing is reported as delivered or displayed before a device of the user has it; \"stored\" may be.",
    source: "CPM-CONV-058, RFC 5438 section 5",
};

/// No report of the person comes before the person has the message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoPrematureReport {
    /// Who is stood in for.
    pub person: String,
    /// In which group.
    pub group: String,
}

impl Rule for NoPrematureReport {
    fn entry(&self) -> &'static RuleEntry {
        &NO_PREMATURE_REPORT
    }

    fn expects(&self) -> String {
        format!("no report of {} in \"{}\" comes before the message is delivered", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let premature = flowing(story, Flow::TargetToNetwork)
            .flat_map(|item| item.content.reports().iter().map(move |report| (item, report)))
            .filter(|(item, report)| self.is_ours(&chat, item, report))
            .find(|(item, report)| self.is_premature(&chat, item, report));
        if let Some((item, report)) = premature {
            let name = chat.name(&report.about);
            let expected =
                format!("{name} is reported {} only after a device of {} has it", report.disposition, self.person);
            let observed = match self.had(&chat, &report.about) {
                Some(frame) => format!("reported in frame {}, delivered in frame {frame}", item.frame),
                None => format!("reported in frame {}, and never delivered", item.frame),
            };
            return Judgement::Broken(fail(&NO_PREMATURE_REPORT, expected, observed, item)).into();
        }
        let stored = chat.owed().len();
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed if stored == 0 => chat.nothing_owed(&NO_PREMATURE_REPORT),
            Moment::Closed => Judgement::Met { checks: stored },
        }
        .into()
    }
}

impl NoPrematureReport {
    fn is_ours(&self, chat: &Chat<'_>, item: &Item, report: &Report) -> bool {
        let reporter = report.reporter.as_deref().and_then(|uri| chat.story.cast().person_of(uri));
        item.person.as_deref() == Some(&self.person)
            || (item.person.is_none() && reporter.is_some_and(|reporter| reporter.name == self.person))
    }

    fn is_premature(&self, chat: &Chat<'_>, item: &Item, report: &Report) -> bool {
        matches!(report.disposition, Disposition::Delivered | Disposition::Displayed)
            && chat.original(&report.about).is_some()
            && self.had(chat, &report.about).is_none_or(|frame| item.first < frame)
    }

    /// The frame in which a device first had the whole message.
    fn had(&self, chat: &Chat<'_>, id: &str) -> Option<u64> {
        chat.came(None).filter(|item| item.chat_id() == Some(id)).map(|item| item.frame).min()
    }
}

pub(super) const NO_REPORT_IN_SESSION: RuleEntry = RuleEntry {
    id: "missed_group_content.no_report_in_session",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: true,
    ledger: &["L04"],
    stage3: false,
    what: "No notification is sent in a session whose device does not list its type.",
    source: "CPM-CONV-058a, RFC 4975 section 8.6",
};

/// No notification reaches the person in a session that takes none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoReportInSession {
    /// Whose device.
    pub person: String,
    /// In which group.
    pub group: String,
}

impl Rule for NoReportInSession {
    fn entry(&self) -> &'static RuleEntry {
        &NO_REPORT_IN_SESSION
    }

    fn expects(&self) -> String {
        format!("no notification reaches {} in a session of \"{}\" that takes none", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let takes_none = |leg: &crate::story::legs::Leg| leg.own.as_ref().is_some_and(|media| !media.takes_reports());
        let broken = story
            .to_devices(&self.person, &self.group)
            .find(|item| !item.content.reports().is_empty() && story.leg_of(item).is_some_and(takes_none));
        if let Some(item) = broken {
            let expected =
                "a session whose description does not list message/imdn+xml carries no notification".to_owned();
            let observed = format!("one came in frame {}", item.frame);
            return Judgement::Broken(fail(&NO_REPORT_IN_SESSION, expected, observed, item)).into();
        }
        let legs =
            story.device_legs(&self.person, &self.group).filter(|leg| leg.established() && takes_none(leg)).count();
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed if legs == 0 => {
                harness(format!("no session of \"{}\" with {} took no notifications", self.group, self.person))
            }
            Moment::Closed => Judgement::Met { checks: legs },
        }
        .into()
    }
}
