//! The client reports on the messages that were deferred, as they ask for it, and on nothing else (L04).

use super::chat::{Chat, to_client};
use super::{CONV_058C, fail, harness, outside, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::{Disposition, Report};
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Blame, FindingVerdict, Level};
use serde::{Deserialize, Serialize};

/// What a message asks for in imdn.Disposition-Notification (RFC 5438 section 6.2).
const DELIVERY: &str = "positive-delivery";
const DISPLAY: &str = "display";

pub(super) const REPORTS_DELIVERED: RuleEntry = RuleEntry {
    id: "client_deferred_content.reports_delivered",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L04", "L14"],
    stage3: false,
    what: "Each deferred message that asks for it is reported to its author as delivered, once and under its own imdn.Message-ID.",
    source: "CPM-CONV-058c, RFC 5438 section 7.2.1.1",
};

/// The person's client reports what was delivered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportsDelivered {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for ReportsDelivered {
    fn entry(&self) -> &'static RuleEntry {
        &REPORTS_DELIVERED
    }

    fn expects(&self) -> String {
        format!("the client of {} reports what was delivered of \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        if let Some(wrong) = unasked(&REPORTS_DELIVERED, chat, Disposition::Delivered) {
            return wrong.into();
        }
        let asking = asking(chat, DELIVERY);
        let mut warnings = Vec::new();
        for item in &asking {
            let id = item.chat_id().unwrap_or_default();
            let reports = chat.reports_on(id, Disposition::Delivered);
            let Some((first, _)) = reports.first() else {
                return self.unreported(chat, id, item, moment).into();
            };
            for (again, _) in reports.iter().skip(1) {
                match repeated(chat, id, first, again) {
                    Judgement::Broken(finding) if finding.verdict == FindingVerdict::Warning => warnings.push(finding),
                    broken => return broken.into(),
                }
            }
        }
        let judgement = match (asking.len(), moment) {
            (0, Moment::Open) => Judgement::Undecided,
            (0, Moment::Closed) => nothing_asked(&REPORTS_DELIVERED, chat, DELIVERY),
            (checks, _) => Judgement::Met { checks },
        };
        Assessment { judgement, warnings }
    }
}

impl ReportsDelivered {
    fn unreported(&self, chat: Chat<'_>, id: &str, item: &Item, moment: Moment) -> Judgement {
        if moment == Moment::Open {
            return Judgement::Undecided;
        }
        let expected = format!("{} is reported as delivered", chat.name(id));
        if let Some((failed, _)) = chat.reports_on(id, Disposition::Failed).first() {
            let observed = format!("the client acknowledged it (frame {}) and reported it as failed", item.frame);
            return Judgement::Broken(fail(&REPORTS_DELIVERED, expected, observed, *failed));
        }
        if let Some((closed, false)) = chat.story.closing_of(item) {
            // A report that was under way as the tester closed the connection is lost, and no MESSAGE need follow.
            let observed = format!("the tester ended its session (frame {closed}), and no report came by MESSAGE");
            return Judgement::Broken(outside(&REPORTS_DELIVERED, "L04", expected, observed, closed));
        }
        let observed = format!("the client acknowledged it (frame {}) and sent no such report", item.frame);
        chat.missing(&REPORTS_DELIVERED, expected, observed, item)
    }
}

/// A second report. Who had no answer to the first, or got the message again, may send it again (L14).
fn repeated(chat: Chat<'_>, id: &str, first: &Item, again: &Item) -> Judgement {
    let expected = format!("{} is reported as delivered once", chat.name(id));
    let observed = format!("it was in frame {} and again in frame {}", first.frame, again.frame);
    let came_again = chat.messages().filter(|item| item.chat_id() == Some(id)).count() > 1;
    let known = first.answer.is_some_and(|answer| answer.is_success() && answer.frame < again.first);
    Judgement::Broken(if known && !came_again {
        fail(&REPORTS_DELIVERED, expected, observed, again)
    } else {
        warning(&REPORTS_DELIVERED, "L14", expected, observed, again)
    })
}

/// The first copy of each message of the chat that the client took and that asks for this report.
fn asking<'a>(chat: Chat<'a>, asked: &str) -> Vec<&'a Item> {
    let mut asking: Vec<&Item> = Vec::new();
    for item in chat.messages().filter(|item| item.accepted() && asks(item, asked)) {
        if !asking.iter().any(|known| known.chat_id() == item.chat_id()) {
            asking.push(item);
        }
    }
    asking
}

fn asks(item: &Item, asked: &str) -> bool {
    item.content.chat().is_some_and(|envelope| envelope.dispositions.contains(asked))
}

/// Why no message asks, once nothing more will come.
fn nothing_asked(entry: &RuleEntry, chat: Chat<'_>, asked: &str) -> Judgement {
    if chat.messages().any(Item::accepted) {
        return harness(format!("no message to {} in \"{}\" asks for {asked}", chat.person, chat.group));
    }
    chat.nothing_taken(entry)
}

/// The first report of this kind on a message that was never sent, or that did not ask for it, or to another than its author.
fn unasked(entry: &RuleEntry, chat: Chat<'_>, kind: Disposition) -> Option<Judgement> {
    let asked = if kind == Disposition::Displayed { DISPLAY } else { DELIVERY };
    let sent =
        |id: &str| to_client(chat.story, chat.person).filter(|item| item.chat_id() == Some(id)).collect::<Vec<_>>();
    for (item, report) in chat.reports().filter(|(_, report)| report.disposition == kind) {
        if is_of_notification(chat, report) || is_of_another_scenario(chat, &report.about) {
            continue;
        }
        let originals = sent(&report.about);
        if originals.is_empty() {
            let expected = "a report bears the imdn.Message-ID of the message that it is about".to_owned();
            let observed = format!("the report \"{kind}\" is about {}, and no such message was sent", report.about);
            return Some(Judgement::Broken(fail(entry, expected, observed, item)));
        }
        if let Some(wrong) = misdirected(entry, chat, (item, report), &originals) {
            return Some(wrong);
        }
        if !originals.iter().any(|original| asks(original, asked)) {
            let expected = format!("{}, which asks for no such report, gets none", chat.name(&report.about));
            let observed = format!("it was reported as {kind}");
            return Some(Judgement::Broken(fail(entry, expected, observed, item)));
        }
    }
    None
}

/// A report that is said to somebody else than the author of the message (RFC 5438 section 7.2.1). The group, and whatever
/// stands for one who hides, lead to the author as well.
fn misdirected(
    entry: &RuleEntry,
    chat: Chat<'_>,
    (item, report): (&Item, &Report),
    originals: &[&Item],
) -> Option<Judgement> {
    let author = originals.iter().find_map(|original| original.content.chat()?.from.as_deref())?;
    let person = |uri: &String| chat.story.cast().person_of(uri).map(|person| person.name.clone());
    let named: Vec<String> = report.to.iter().filter_map(person).collect();
    if named.is_empty() || named.contains(&chat.name_of(author)) || person(&author.to_owned()).is_none() {
        return None;
    }
    let expected = format!("the report on {} goes to its author", chat.name(&report.about));
    let observed = format!("it is addressed to {}", named.join(", "));
    Some(Judgement::Broken(fail(entry, expected, observed, item)))
}

pub(super) const DISPLAYED_AFTER_OPENING: RuleEntry = RuleEntry {
    id: "client_deferred_content.displayed_after_opening",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L04", "L14"],
    stage3: false,
    what: "Each deferred message that asks for it is reported as displayed once the user has opened the chat, and not before.",
    source: "CPM-CONV-058c, RFC 5438 section 7.2.1.2",
};

/// The person's client reports as displayed what the user has opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DisplayedAfterOpening {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for DisplayedAfterOpening {
    fn entry(&self) -> &'static RuleEntry {
        &DISPLAYED_AFTER_OPENING
    }

    fn expects(&self) -> String {
        format!("the client of {} reports \"{}\" as displayed when it is opened", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let opened = chat.acts(&["open"]).collect::<Vec<_>>();
        let wrong = premature(chat, opened.first().copied());
        if let Some(wrong) = wrong.or_else(|| unasked(&DISPLAYED_AFTER_OPENING, chat, Disposition::Displayed)) {
            return wrong.into();
        }
        let Some(last) = opened.last() else {
            let why = format!("the user of the client never opened \"{}\"", self.group);
            return if moment == Moment::Open { Judgement::Undecided } else { harness(why) }.into();
        };
        // What came after the chat was opened may be displayed at once, and need not be.
        let asking = asking(chat, DISPLAY).into_iter().filter(|item| item.frame < *last).collect::<Vec<_>>();
        let dark =
            |item: &&&Item| chat.reports_on(item.chat_id().unwrap_or_default(), Disposition::Displayed).is_empty();
        match (asking.iter().find(dark), moment) {
            (Some(_), Moment::Open) => Judgement::Undecided,
            (Some(item), Moment::Closed) => {
                let expected = format!("{} is reported as displayed", chat.name(item.chat_id().unwrap_or_default()));
                let observed = format!("the user opened the chat (frame {last}), and no such report came");
                chat.missing(&DISPLAYED_AFTER_OPENING, expected, observed, *last)
            }
            (None, Moment::Open) if asking.is_empty() => Judgement::Undecided,
            (None, Moment::Closed) if asking.is_empty() => nothing_asked(&DISPLAYED_AFTER_OPENING, chat, DISPLAY),
            (None, _) => Judgement::Met { checks: asking.len() },
        }
        .into()
    }
}

/// A message that was reported as displayed before the user opened the chat.
fn premature(chat: Chat<'_>, opened: Option<u64>) -> Option<Judgement> {
    let too_soon = |item: &Item| opened.is_none_or(|opened| item.first < opened);
    let displayed = chat.reports().filter(|(_, report)| report.disposition == Disposition::Displayed);
    let mut of_chat = displayed.filter(|(_, report)| chat.messages().any(|item| item.chat_id() == Some(&report.about)));
    let (item, report) = of_chat.find(|(item, _)| too_soon(item))?;
    let expected = format!("{} is reported as displayed once the user has opened the chat", chat.name(&report.about));
    let observed = match opened {
        Some(opened) => format!("reported in frame {}, opened in frame {opened}", item.frame),
        None => format!("reported in frame {}, and never opened", item.frame),
    };
    Some(Judgement::Broken(fail(&DISPLAYED_AFTER_OPENING, expected, observed, item)))
}

pub(super) const NO_REPORT_ON_REPORT: RuleEntry = RuleEntry {
    id: "client_deferred_content.no_report_on_report",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: true,
    ledger: &["L04"],
    stage3: false,
    what: "A disposition notification is not itself reported on.",
    source: "CPM-CONV-058c, RFC 5438 section 7.2.1",
};

/// The person's client reports on no notification.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoReportOnReport {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for NoReportOnReport {
    fn entry(&self) -> &'static RuleEntry {
        &NO_REPORT_ON_REPORT
    }

    fn expects(&self) -> String {
        format!("the client of {} reports on no notification of \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        if let Some((item, report)) = chat.reports().find(|(_, report)| is_of_notification(chat, report)) {
            let expected = "a disposition notification is not reported on".to_owned();
            let observed = format!("the notification {} was reported as {}", report.about, report.disposition);
            return Judgement::Broken(fail(&NO_REPORT_ON_REPORT, expected, observed, item)).into();
        }
        let taken = notifications(chat).filter(|item| item.accepted()).count();
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed if taken > 0 => Judgement::Met { checks: taken },
            Moment::Closed if notifications(chat).next().is_some() => Judgement::Unseen {
                why: format!("the client of {} took none of the notifications", self.person),
                blame: Blame::Target,
            },
            Moment::Closed => harness(format!("no notification was sent to {}", self.person)),
        }
        .into()
    }
}

/// Notifications that were sent to the client, of this chat or of none that is known.
fn notifications(chat: Chat<'_>) -> impl Iterator<Item = &Item> {
    to_client(chat.story, chat.person)
        .filter(|item| !item.content.reports().is_empty())
        .filter(move |item| item.group.as_deref().is_none_or(|group| group == chat.group))
}

/// True for a message of another scenario of the run, on which the report comes late: a client has its user for one scenario after
/// the other. What the tester names begins with a mark: s, the number of the scenario, r, the run.
fn is_of_another_scenario(chat: Chat<'_>, about: &str) -> bool {
    let mark = |id: &str| {
        let (scenario, run) = id.strip_prefix('s')?.split_once('-')?.0.split_once('r')?;
        scenario.parse::<u32>().ok().map(|scenario| (scenario, run.to_owned()))
    };
    let own = to_client(chat.story, chat.person).find_map(|item| mark(item.chat_id()?));
    own.zip(mark(about)).is_some_and(|((own, run), (other, of_run))| own != other && run == of_run)
}

fn is_of_notification(chat: Chat<'_>, report: &Report) -> bool {
    notifications(chat).any(|item| item.content.message_id.as_deref() == Some(&report.about))
}
