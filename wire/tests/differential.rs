//! This stack beside three others: the same octets to each, and what they make of them compared. Every class of difference
//! stands in `docs/differences.md`, with who is right and by which section of which RFC. A difference that no row explains
//! is an error, and so is a row for which there is no difference any more.

#![allow(clippy::unwrap_used)]

#[path = "differential/inputs.rs"]
mod inputs;
#[path = "differential/of_descriptions.rs"]
mod of_descriptions;
#[path = "differential/of_messages.rs"]
mod of_messages;
#[path = "differential/of_rfc_4475.rs"]
mod of_rfc_4475;
#[path = "differential/readers.rs"]
mod readers;
#[path = "differential/table.rs"]
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use inputs::{AS_IT_SHOULD_BE, DESCRIPTIONS, Edit, OF_DESCRIPTIONS, OF_MESSAGES};
use readers::{Reader, Values, WHOLE};
use table::Seen;

/// A difference: the class of the input, who reads otherwise, and what.
type Differences = BTreeMap<(String, &'static str, &'static str), Seen>;

/// Where two readers differ: in a value, or in whether there is anything to read.
fn between(ours: &Values, theirs: &Values) -> Vec<(&'static str, Seen)> {
    let read = |values: &Values| if values.is_some() { "read" } else { "refused" }.to_owned();
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            let other = ours.iter().filter(|(what, value)| theirs.get(*what) != Some(value));
            other.map(|(what, ours)| (*what, Seen { ours: ours.clone(), theirs: theirs[what].clone() })).collect()
        }
        (None, None) => Vec::new(),
        _ => vec![(WHOLE, Seen { ours: read(ours), theirs: read(theirs) })],
    }
}

/// Adds what differs in one input to all.
fn compare(all: &mut Differences, class: &str, octets: &[u8], ours: Reader, others: &[(&'static str, Reader)]) {
    let read = ours(octets);
    for (name, other) in others {
        for (what, seen) in between(&read, &other(octets)) {
            all.entry((class.to_owned(), name, what)).or_insert(seen);
        }
    }
}

fn edited<'a>(edits: &'a [Edit], texts: &'a [String]) -> impl Iterator<Item = (&'static str, String)> + 'a {
    let changed = |edit: &Edit, text: &String| {
        let edited = (edit.apply)(text);
        (edited != *text || edit.class == AS_IT_SHOULD_BE).then_some((edit.class, edited))
    };
    edits.iter().flat_map(move |edit| texts.iter().filter_map(move |text| changed(edit, text)))
}

fn own_differences() -> (Differences, Differences) {
    let (mut sip, mut sdp) = (Differences::new(), Differences::new());
    for (class, text) in edited(OF_MESSAGES, &inputs::messages()) {
        compare(&mut sip, class, &inputs::octets(&text), readers::ours, &readers::SIP);
    }
    for (class, text) in edited(OF_DESCRIPTIONS, &DESCRIPTIONS.map(str::to_owned)) {
        compare(&mut sdp, class, &inputs::octets(&text), readers::our_sdp, &readers::SDP);
    }
    (sip, sdp)
}

/// The messages of RFC 4475; none where their folder is not named.
fn of_rfc_4475() -> Option<Differences> {
    let Some(folder) = std::env::var_os("CPM_RFC4475") else {
        println!("skipped: CPM_RFC4475 names no folder with the messages of RFC 4475");
        return None;
    };
    let mut all = Differences::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "dat") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            compare(&mut all, &name, &fs::read(&path).unwrap(), readers::ours, &readers::SIP);
        }
    }
    Some(all)
}

#[test]
fn every_difference_is_explained_and_every_explanation_true() {
    let (sip, sdp) = own_differences();
    table::explained(&sip, of_messages::ROWS);
    table::explained(&sdp, of_descriptions::ROWS);
    if let Some(torture) = of_rfc_4475() {
        table::explained(&torture, of_rfc_4475::ROWS);
    }
}

#[test]
fn every_change_fits_a_message() {
    for (edits, texts) in
        [(OF_MESSAGES, inputs::messages()), (OF_DESCRIPTIONS, DESCRIPTIONS.map(str::to_owned).to_vec())]
    {
        let fits: BTreeSet<&str> = edited(edits, &texts).map(|(class, _)| class).collect();
        let idle: Vec<&str> = edits.iter().map(|edit| edit.class).filter(|class| !fits.contains(class)).collect();
        assert!(idle.is_empty(), "these change nothing: {idle:?}");
    }
}

/// A small generator (splitmix64): the same pairs in every run.
fn pairs(mut seed: u64, below: usize) -> impl Iterator<Item = [usize; 2]> {
    let mut next = move || {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % below
    };
    std::iter::from_fn(move || Some([next(), next()]))
}

#[test]
fn of_two_changes_one_explains_each_difference() {
    let mut unexplained = BTreeSet::new();
    for pair in pairs(1, OF_MESSAGES.len()).take(3000) {
        let [first, second] = pair.map(|index| &OF_MESSAGES[index]);
        for text in inputs::messages() {
            let octets = inputs::octets(&(second.apply)(&(first.apply)(&text)));
            let mut found = Differences::new();
            compare(&mut found, "", &octets, readers::ours, &readers::SIP);
            found.retain(|(_, reader, what), _| !table::is_of([first.class, second.class], reader, what));
            let told = |((_, reader, what), seen): (&(String, &str, &str), &Seen)| {
                format!("{}, {}; {reader}, {what}: {:?}, {:?}", first.class, second.class, seen.ours, seen.theirs)
            };
            unexplained.extend(found.iter().map(told));
        }
    }
    assert!(unexplained.is_empty(), "{unexplained:#?}");
}

#[test]
fn the_page_says_what_differs() {
    let (sip, sdp) = own_differences();
    let page = table::page(&sip, &sdp);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/differences.md");
    if std::env::var_os("WRITE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), page, "WRITE_DOCS=1 writes it anew");
}
