//! Faults in what devices are told of what waits. [PF-DEV-03]

use crate::faults::Fault;
use crate::faults::editing::{answer, with_text};
use crate::faults::passage::Way;
use crate::faults::policies_and_preferences::documents::Misreads;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::sip::{Message, Name};
use std::collections::{BTreeSet, HashMap};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function(
        "tells-one-device-only",
        "Of the devices of a user the first alone is told of what waits",
        || Box::new(Telling(TellsOne::default())),
    ),
    Fault::of_function(
        "tells-of-fetched-items",
        "What was told of once is told of in every notice that follows",
        || Box::new(Telling(TellsAll::default())),
    ),
    Fault::of_function(
        "keeps-quiet-about-a-retrieval",
        "That a message waits no more the other devices are not told",
        || Box::new(Telling(KeepsQuiet::default())),
    ),
    Fault::of_function(
        "tells-a-late-device-of-nothing",
        "A device that comes after another one is told that nothing waits",
        || Box::new(Telling(TellsLateOfNothing::default())),
    ),
    Fault::of_function("tells-of-all-but-the-oldest", "Of several messages that wait the oldest is left out", || {
        Box::new(Telling(LeavesOut))
    }),
    Fault::of_function(
        "tells-devices-that-are-not-wanted",
        "Every device is told and sent what waits, whichever its user prefers",
        || {
            let all = |_: &str, body: &str| {
                Some(body.replace("only=\"true\"", "only=\"false\"").replace("only='true'", "only='false'"))
            };
            Misreads::boxed(all, |_| {})
        },
    ),
];

const MEDIA_TYPE: &str = "application/x-cpm-deferred-messages+xml";

/// A notice on its way to a device.
struct Notice<'a> {
    /// The user.
    user: String,
    /// The device, by where the notice goes.
    device: String,
    body: String,
    message: &'a Message,
}

impl Notice<'_> {
    /// The lines of the messages in it.
    fn lines(&self) -> BTreeSet<String> {
        self.body.lines().filter(|line| line.trim_start().starts_with("<message")).map(str::to_owned).collect()
    }

    fn with_lines(&self, lines: &BTreeSet<String>) -> Bytes {
        let frame: Vec<&str> = self.body.lines().filter(|line| !line.trim_start().starts_with("<message")).collect();
        let (head, end) = frame.split_at(frame.len().saturating_sub(1));
        let lines = lines.iter().map(String::as_str);
        let all: Vec<&str> = head.iter().copied().chain(lines).chain(end.iter().copied()).collect();
        with_text(self.message, &self.body, &(all.join("\n") + "\n"))
    }
}

/// What becomes of a notice.
trait Teller: Send {
    fn tell(&mut self, notice: &Notice<'_>) -> Fate;
}

struct Telling<T>(T);

impl<T: Teller> Mischief for Telling<T> {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let told = way == Way::Out
            && message.is_request()
            && message.header(&Name::ContentType).is_some_and(|kind| kind.starts_with(MEDIA_TYPE));
        if !told {
            return Fate::Pass;
        }
        let notice = Notice {
            user: message.to().map(|to| to.uri.to_owned()).unwrap_or_default(),
            device: message.request_uri().unwrap_or_default().to_owned(),
            body: String::from_utf8_lossy(message.body()).into_owned(),
            message,
        };
        self.0.tell(&notice)
    }
}

/// By user, the device that was told first.
#[derive(Default)]
struct TellsOne(HashMap<String, String>);

impl Teller for TellsOne {
    fn tell(&mut self, notice: &Notice<'_>) -> Fate {
        let first = self.0.entry(notice.user.clone()).or_insert_with(|| notice.device.clone());
        if *first == notice.device { Fate::Pass } else { Fate::Answered(answer(notice.message, 200)) }
    }
}

/// By user, all messages that were told of.
#[derive(Default)]
struct TellsAll(HashMap<String, BTreeSet<String>>);

impl Teller for TellsAll {
    fn tell(&mut self, notice: &Notice<'_>) -> Fate {
        let told = self.0.entry(notice.user.clone()).or_default();
        told.extend(notice.lines());
        Fate::altered(notice.with_lines(told))
    }
}

/// By device, how many messages it was told of last.
#[derive(Default)]
struct KeepsQuiet(HashMap<(String, String), usize>);

impl Teller for KeepsQuiet {
    fn tell(&mut self, notice: &Notice<'_>) -> Fate {
        let count = notice.lines().len();
        let before = self.0.insert((notice.user.clone(), notice.device.clone()), count);
        match before.is_some_and(|before| count < before) {
            true => Fate::Answered(answer(notice.message, 200)),
            false => Fate::Pass,
        }
    }
}

/// By user, the device that was told first.
#[derive(Default)]
struct TellsLateOfNothing(HashMap<String, String>);

impl Teller for TellsLateOfNothing {
    fn tell(&mut self, notice: &Notice<'_>) -> Fate {
        let first = self.0.entry(notice.user.clone()).or_insert_with(|| notice.device.clone());
        if *first == notice.device { Fate::Pass } else { Fate::altered(notice.with_lines(&BTreeSet::new())) }
    }
}

struct LeavesOut;

impl Teller for LeavesOut {
    fn tell(&mut self, notice: &Notice<'_>) -> Fate {
        let first = notice.body.lines().find(|line| line.trim_start().starts_with("<message"));
        let mut lines = notice.lines();
        if lines.len() < 2 {
            return Fate::Pass;
        }
        if let Some(first) = first {
            lines.remove(first);
        }
        Fate::altered(notice.with_lines(&lines))
    }
}
