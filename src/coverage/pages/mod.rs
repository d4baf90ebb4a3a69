//! The files that `coverage` writes: pages for people that need no script and no network, and a table for programs.

mod cases;
mod csv;
mod ets;
mod index;
mod traced;

use super::{Coverage, Material};
use crate::report::page::{CLOSED, escaped, opened, page};

pub use csv::table;

/// The pages, by address and name, for the menu of each.
const MENU: [(&str, &str); 4] = [
    ("index.html", "Coverage"),
    ("ets.html", "Test specification"),
    ("traceability.html", "Traceability"),
    ("coverage.json", "For programs"),
];

/// Each file: its name and what stands in it.
#[must_use]
pub fn files(material: &Material, coverage: &Coverage) -> Vec<(&'static str, String)> {
    vec![
        ("index.html", page("Coverage of the requirements", &MENU, &index::body(coverage))),
        (
            "ets.html",
            page("Test specification of the CPM participating function and client", &MENU, &ets::body(material)),
        ),
        ("traceability.html", page("Traceability of the source documents", &MENU, &traced::body(material, coverage))),
        ("traceability.csv", table(coverage)),
    ]
}

/// A link to something with an id.
fn link(page: &str, id: &str) -> String {
    let id = escaped(id);
    format!("<a href=\"{page}#{id}\">{id}</a>")
}

/// Links to several things.
fn links<'a>(page: &str, ids: impl IntoIterator<Item = &'a str>) -> String {
    ids.into_iter().map(|id| link(page, id)).collect::<Vec<_>>().join(" ")
}

/// Something that may be missing, in words.
fn or_none(text: String, why: Option<&String>) -> String {
    match (text.is_empty(), why) {
        (true, Some(why)) => format!("none: {}", escaped(why)),
        (true, None) => "none".to_owned(),
        (false, _) => text,
    }
}
