//! Coverage of what is embedded: there is no gap, it is as the baseline has it, what it says of rules
//! is what a run asks, and its pages can be read by anybody. Gaps of each kind are seeded in the unit tests of the module.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use crate::playing::{drawn, none, perform, references, virtually};
use cpm_conformance::coverage::baseline::{Difference, KEPT};
use cpm_conformance::coverage::{self, Coverage, Material, pages};
use cpm_conformance::evidence::{Event, What, pcapng};
use pretty_assertions::assert_eq;

static MATERIAL: LazyLock<Material> = LazyLock::new(|| Material::embedded().unwrap());
static COVERAGE: LazyLock<Coverage> = LazyLock::new(|| coverage::coverage(&MATERIAL));

#[test]
fn there_is_no_gap() {
    let told: Vec<String> =
        COVERAGE.gaps.iter().map(|gap| format!("{}: {}: {}", gap.kind.as_str(), gap.id, gap.why)).collect();
    none(&told, "gaps");
}

#[test]
fn it_is_as_the_baseline_has_it() {
    let kept = serde_json::from_str(KEPT).unwrap();
    let difference = Difference::between(&kept, &serde_json::to_value(&*COVERAGE).unwrap());
    none(&difference.lost, "lost; `coverage --renew` keeps what is meant to be so");
    none(&difference.new, "new; `coverage --renew` keeps it");
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_ask_the_rules_that_coverage_says() {
    let said: BTreeMap<&str, BTreeSet<&str>> =
        COVERAGE.scenarios.iter().map(|own| (own.id.as_str(), own.rules.iter().copied().collect())).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut options = virtually(references(), 12, 16, folder.path());
    let ids: Vec<String> = said.keys().map(|id| (*id).to_owned()).collect();
    options.selection = drawn(ids.iter(), 12, 6);
    let results = perform(options).await;
    let mut compared = 0;
    let mut otherwise = Vec::new();
    for scenario in results.scenarios.iter().filter(|scenario| scenario.outcome.ran()) {
        let asked = asked(&folder.path().join(&scenario.evidence.as_ref().unwrap().pcapng));
        let said = &said[scenario.id.as_str()];
        // A sentence with alternatives may stand for several rules, of which it asks one.
        if asked.is_empty() || !asked.iter().all(|rule| said.contains(rule.as_str())) {
            otherwise.push(format!("{} asks {asked:?}, and is said to ask {said:?}", scenario.id));
        }
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
    none(&otherwise, "rules");
}

/// The rules that were awaited in a scenario.
fn asked(evidence: &Path) -> BTreeSet<String> {
    let (_, records) = pcapng::read(&std::fs::read(evidence).unwrap()).unwrap();
    let awaited = records.into_iter().filter_map(|record| match record.what {
        What::Event(Event::Awaited { rule, .. }) => Some(rule),
        _ => None,
    });
    awaited.collect()
}

/// The pages, by name.
fn written() -> BTreeMap<&'static str, String> {
    pages::files(&MATERIAL, &COVERAGE).into_iter().filter(|(name, _)| name.ends_with(".html")).collect()
}

#[test]
fn pages_are_well_formed_and_need_nothing_from_elsewhere() {
    let pages = written();
    assert_eq!(pages.keys().copied().collect::<Vec<_>>(), ["ets.html", "index.html", "traceability.html"]);
    for (name, html) in &pages {
        let document = html.strip_prefix("<!DOCTYPE html>\n").unwrap();
        let read = roxmltree::Document::parse(document).unwrap_or_else(|why| panic!("{name}: {why}"));
        let elements = || read.descendants().filter(roxmltree::Node::is_element);
        let foreign = ["script", "img", "iframe", "link", "object"];
        let wanted = elements().filter(|own| foreign.contains(&own.tag_name().name())).count();
        assert_eq!(wanted, 0, "{name} needs something else");
        let scripts = elements().flat_map(|own| own.attributes()).filter(|own| own.name().starts_with("on")).count();
        assert_eq!(scripts, 0, "{name} has scripts");
        assert!(!html.contains("url(") && !html.contains("@import"), "{name} has styles from elsewhere");
        assert!(html.len() < 2_500_000, "{name} has {} octets", html.len());
    }
}

#[test]
fn pages_can_be_read_without_seeing_them() {
    for (name, html) in written() {
        let read = roxmltree::Document::parse(html.strip_prefix("<!DOCTYPE html>\n").unwrap()).unwrap();
        let named = |name: &'static str| read.descendants().filter(move |own| own.has_tag_name(name));
        assert_eq!(read.root_element().attribute("lang"), Some("en"), "{name}");
        assert_eq!((named("main").count(), named("h1").count(), named("title").count()), (1, 1, 1), "{name}");
        assert!(named("nav").all(|own| own.attribute("aria-label").is_some()), "{name}");
        assert!(named("th").all(|own| own.attribute("scope").is_some()), "{name}: a heading cell without a scope");
        let captioned = |own: roxmltree::Node<'_, '_>| own.children().any(|child| child.has_tag_name("caption"));
        let outer = |own: &roxmltree::Node<'_, '_>| !own.ancestors().skip(1).any(|other| other.has_tag_name("td"));
        assert!(named("table").filter(outer).all(captioned), "{name}: a table without a caption");
        let mut level = 1;
        for heading in read.descendants().filter(roxmltree::Node::is_element) {
            let Some(own) = heading.tag_name().name().strip_prefix('h').and_then(|own| own.parse::<usize>().ok())
            else {
                continue;
            };
            assert!(own <= level + 1, "{name}: h{own} follows h{level}");
            level = own;
        }
    }
}

#[test]
fn ids_are_unique_and_links_lead_somewhere() {
    let pages = written();
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut links = Vec::new();
    for (name, html) in &pages {
        let read = roxmltree::Document::parse(html.strip_prefix("<!DOCTYPE html>\n").unwrap()).unwrap();
        for element in read.descendants() {
            if let Some(id) = element.attribute("id") {
                assert!(ids.entry(name).or_default().insert(id.to_owned()), "{name}: {id} stands twice");
            }
            links.extend(element.attribute("href").map(|to| (*name, to.to_owned())));
        }
    }
    let files = ["traceability.csv", "coverage.json"];
    let dead = links.iter().filter(|(from, to)| {
        let (page, id) = to.split_once('#').unwrap_or((to.as_str(), ""));
        let page = if page.is_empty() { from } else { page };
        let there = ids.get(page).is_some_and(|ids| id.is_empty() || ids.contains(id));
        !there && !files.contains(&page)
    });
    let told: BTreeSet<String> = dead.map(|(from, to)| format!("{from}: {to}")).collect();
    none(&told.into_iter().collect::<Vec<_>>(), "dead links");
}

fn program(arguments: &[&str], folder: &Path) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_cpm-conformance")).current_dir(folder).args(arguments).output().unwrap()
}

#[test]
fn the_command_writes_its_files_and_ends_with_what_it_found() {
    let folder = tempfile::tempdir().unwrap();
    let output = program(&["coverage", "--output", "out", "--format", "json"], folder.path());
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["schema"], "cpm-coverage/1");
    assert_eq!(output.status.code(), Some(i32::from(told["counts"]["gaps"] != 0)));
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path().join("out")).unwrap().map(|own| own.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["coverage.json", "ets.html", "index.html", "traceability.csv", "traceability.html"]);
    let kept = std::fs::read(folder.path().join("out/coverage.json")).unwrap();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&kept).unwrap(), told);
}

#[test]
fn another_baseline_is_told_and_renewed_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("kept.json"), r#"{"rules": [{"id": "gone.rule"}]}"#).unwrap();
    let output = program(&["coverage", "--baseline", "kept.json"], folder.path());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("- rules gone.rule id: gone.rule") && text.contains("coverage --renew"), "{text}");
    program(&["coverage", "--baseline", "kept.json", "--renew"], folder.path());
    let output = program(&["coverage", "--baseline", "kept.json"], folder.path());
    assert!(String::from_utf8(output.stdout).unwrap().ends_with("as in the baseline\n"));
    assert_eq!(program(&["coverage", "--output", "kept.json/under"], folder.path()).status.code(), Some(4));
}
