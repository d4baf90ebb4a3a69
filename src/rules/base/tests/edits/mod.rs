//! Minimal illegal edits: one place of traffic in which nothing is wrong is changed, and the rule that this breaks must be
//! found there. What else is found must follow from it, by a table.

mod avps;
mod edit;
mod mending;
mod traffic;

use std::collections::BTreeMap;

use super::catalogue;
use crate::actors::ids::Ids;
use crate::evidence::Record;
use crate::rules::base::{Checker, Judged, Side};
use crate::verdict::{Blame, Finding};
use edit::{Edit, Edited, Editor, Table};
use traffic::Recording;

/// So many places are tried with each edit, and so often at least every rule is broken.
const TIMES: usize = 3;
/// The seed by which places are chosen; with this variable in the environment another one.
const SEED: u64 = 20_260_101;
const OTHER_SEED: &str = "EDITS_SEED";
/// A rule may point to the line end beside the change.
const LINE_END: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn every_illegal_edit_is_found_where_it_was_made() {
    let traffic = [traffic::of_a_run().await, traffic::golden()].concat();
    let mut faults: Vec<String> = traffic.iter().filter_map(untouched).collect();
    let table = Table::read();
    let seed = std::env::var(OTHER_SEED).map_or(SEED, |seed| seed.parse().unwrap());
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, edit) in (0..).zip(&table.edits) {
        let editor = table.editor(edit);
        let chosen = choose(&editor, &traffic, seed.wrapping_add(number));
        *times.entry(&edit.rule).or_default() += chosen.len();
        if chosen.is_empty() {
            faults.push(format!("{}: nowhere to be made: {edit:?}", edit.rule));
        }
        for (recording, place, to) in chosen {
            let edited = editor.make(&recording.records, place, to);
            faults.extend(
                unlike(&table, edit, &edited)
                    .map(|why| format!("{} in {}: {why}\n  {to:?} by {edit:?}", edit.rule, recording.name)),
            );
        }
    }
    let seldom = |rule: &&str| times.get(*rule).is_none_or(|times| *times < TIMES);
    faults
        .extend(catalogue().iter().map(|rule| rule.id).filter(seldom).map(|rule| format!("{rule}: broken too seldom")));
    faults.iter().for_each(|fault| println!("{fault}"));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// What is found in a recording that nobody edited.
fn untouched(recording: &Recording) -> Option<String> {
    let found = judge(&recording.records);
    (!found.is_empty()).then(|| format!("{}: {found:#?}", recording.name))
}

fn judge(records: &[Record]) -> Vec<Finding> {
    let mut checker = Checker::new(Judged::Only(Side::Target));
    (1..).zip(records).flat_map(|(frame, record)| checker.observe(frame, record)).collect()
}

/// What accuses nobody is told of captures alone, and there it is told of much that is no edit.
fn noticed(edit: &Edit, records: &[Record]) -> Vec<Finding> {
    let mut checker = Checker::of_capture();
    let found = (1..).zip(records).flat_map(|(frame, record)| checker.observe(frame, record));
    let of_target = found.filter(|finding| finding.blame == Blame::Target);
    of_target.filter(|finding| finding.rule == edit.rule || !is_note(&finding.rule)).collect()
}

fn is_note(rule: &str) -> bool {
    rule.starts_with("base.note.")
}

type Choice<'a> = (&'a Recording, usize, &'a str);

/// Places for an edit in an order of chance, each with a replacement: of as many recordings as there are, and of golden
/// scenes only where the runs have too few.
fn choose<'a>(editor: &Editor<'a>, traffic: &'a [Recording], seed: u64) -> Vec<Choice<'a>> {
    let mut chance = Ids::new("", seed);
    let mut places: Vec<(&Recording, usize)> = Vec::new();
    for golden in [false, true] {
        let mut order: Vec<&Recording> = traffic.iter().filter(|recording| recording.golden == golden).collect();
        order.sort_by_cached_key(|_| chance.bits());
        let mut further = Vec::new();
        for recording in order {
            let mut fitting: Vec<usize> = editor.places(&recording.records).collect();
            fitting.sort_by_cached_key(|_| chance.bits());
            places.extend(fitting.pop().map(|place| (recording, place)));
            further.extend(fitting.into_iter().map(|place| (recording, place)));
            if places.len() == TIMES {
                break;
            }
        }
        places.extend(further);
        places.truncate(TIMES);
    }
    let to = &editor.edit.to;
    let rounds = (0..to.len()).flat_map(|round| {
        places
            .iter()
            .enumerate()
            .map(move |(turn, (recording, place))| (*recording, *place, to[(round + turn) % to.len()].as_str()))
    });
    rounds.take(TIMES.max(to.len())).collect()
}

/// Why what is found in the edited records is not what should be found, if so.
fn unlike(table: &Table, edit: &Edit, edited: &Edited) -> Option<String> {
    let found = if is_note(&edit.rule) { noticed(edit, &edited.records) } else { judge(&edited.records) };
    let (frame, span) = &edited.at;
    let near = |finding: &Finding| {
        let touches =
            finding.octets.is_none_or(|(start, end)| start <= span.end + LINE_END && span.start <= end + LINE_END);
        edit.is_seen_elsewhere() || finding.octets.is_none() || finding.frame == Some(*frame) && touches
    };
    let follows = table.follows.get(&edit.rule).into_iter().flatten();
    let explained: Vec<&String> = follows.chain([&edit.rule]).collect();
    let brief: Vec<String> = found
        .iter()
        .map(|f| format!("{} at {:?} {:?}: {} | {}", f.rule, f.frame, f.octets, f.expected, f.observed))
        .collect();
    let brief = brief.join("\n    ");
    if !found.iter().any(|finding| finding.rule == edit.rule) {
        return Some(format!("frame {frame}, {span:?}: not found, but\n    {brief}"));
    }
    if !found.iter().any(|finding| finding.rule == edit.rule && near(finding)) {
        return Some(format!("frame {frame}, {span:?}: found at another place\n    {brief}"));
    }
    let other = found.iter().any(|finding| !explained.contains(&&finding.rule));
    other.then(|| format!("frame {frame}, {span:?}: not alone\n    {brief}"))
}
