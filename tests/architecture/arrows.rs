//! Who may know whom.

use std::collections::BTreeSet;

use regex::Regex;

use crate::tree::{Source, none, product, rust};

/// Each module of `src/` and the modules that it may name. A new arrow is written here on purpose, or not drawn.
///
/// features -> steps -> stage -> actors -> wire; evidence -> story -> rules -> verdict -> report.
const ARROWS: [(&str, &[&str]); 27] = [
    // Plain requests and offers are written by the libraries of the second readers.
    ("actors", &["evidence", "second_reader", "secrets"]),
    // Knows the wire alone, and nothing of rules.
    ("capture", &[]),
    // The composition root of a command.
    (
        "cli",
        &[
            "coverage",
            "doctor",
            "interpretations",
            "qualify",
            "report",
            "requirements",
            "rules",
            "run",
            "setup",
            "stage",
            "steps",
            "target",
            "validate",
            "verdict",
            "verification",
        ],
    ),
    // What hangs together between all rooms, told without a target.
    (
        "coverage",
        &["interpretations", "report", "requirements", "rules", "run", "stage", "steps", "target", "verdict", "yaml"],
    ),
    // Before a run: what the actors send is what they send in a run, and they show the same certificates.
    ("doctor", &["actors", "evidence", "stage", "target"]),
    // Findings are packet comments.
    ("evidence", &["verdict"]),
    ("interpretations", &["yaml"]),
    // Judging evidence, for a run and for whoever reads it later.
    ("judging", &["evidence", "report", "rules", "second_reader", "story", "target", "verdict"]),
    ("lib", &[]),
    ("main", &[]),
    // Runs of the suite against what it must see.
    ("qualify", &["report", "requirements", "run", "stage", "target", "verdict"]),
    // Pages tell which entries of the ledger a verdict depends on.
    ("report", &["evidence", "interpretations", "requirements", "target", "verdict", "yaml"]),
    ("requirements", &["target", "verdict", "yaml"]),
    ("rules", &["evidence", "story", "target", "verdict"]),
    // The composition root of a run.
    (
        "run",
        &[
            "actors",
            "evidence",
            "judging",
            "report",
            "requirements",
            "rules",
            "secrets",
            "stage",
            "steps",
            "story",
            "target",
            "validate",
            "verdict",
            "world",
        ],
    ),
    ("second_reader", &[]),
    // What no file of a run shows, wherever it comes from.
    ("secrets", &[]),
    // A profile explains what each of its answers means and switches.
    ("setup", &["interpretations", "requirements", "run", "target", "yaml"]),
    ("stage", &["actors", "evidence", "rules", "secrets", "story", "target"]),
    ("steps", &["actors", "evidence", "rules", "story", "verdict", "world"]),
    ("story", &["evidence"]),
    ("target", &["secrets", "yaml"]),
    // The same rules over what others recorded.
    ("validate", &["capture", "evidence", "judging", "report", "rules", "story", "target", "verdict"]),
    ("verdict", &[]),
    // A report against its evidence.
    ("verification", &["evidence", "judging", "report", "requirements", "run"]),
    // cucumber makes the world by itself; the context of the run is what it is filled from.
    ("world", &["evidence", "rules", "run", "stage", "verdict"]),
    ("yaml", &[]),
];

/// These tests name what they look for.
const OWN: &str = "tests/architecture/";

/// A word of the code that may stand in these places alone.
fn stands_only(pattern: &str, sources: &[Source], allowed: impl Fn(&str) -> bool) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let offends = |source: &&Source| !allowed(&source.path) && pattern.is_match(&source.product());
    sources.iter().filter(offends).map(|source| source.path.clone()).collect()
}

fn under(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

#[test]
fn arrows_between_modules_never_turn_round() {
    let name = Regex::new(r"\bcrate::(?:\{([^;]*)\}|(\w+))").unwrap();
    let word = Regex::new(r"(?:^|,)\s*(\w+)").unwrap();
    let mut violations = BTreeSet::new();
    for source in product() {
        let Some(module) = source.module() else { continue };
        let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == module) else {
            violations.insert(format!("src/{module} has no arrows in tests/architecture/arrows.rs"));
            continue;
        };
        let code = source.product();
        for found in name.captures_iter(&code) {
            let several = found.get(1).map_or("", |several| several.as_str());
            let named = word.captures_iter(several).map(|word| word.get(1).unwrap().as_str());
            for other in named.chain(found.get(2).map(|one| one.as_str())) {
                let is_module = ARROWS.iter().any(|(module, _)| *module == other);
                if is_module && other != module && !allowed.contains(&other) {
                    violations.insert(format!("{} names {other}", source.path));
                }
            }
        }
    }
    none("arrows that architecture does not have", &violations.into_iter().collect::<Vec<_>>());
}

#[test]
fn no_module_is_listed_that_is_not_there() {
    let there: BTreeSet<String> = product().iter().filter_map(|source| Some(source.module()?.to_owned())).collect();
    let gone: Vec<String> =
        ARROWS.iter().map(|(module, _)| (*module).to_owned()).filter(|module| !there.contains(module)).collect();
    none("modules that are gone", &gone);
}

#[test]
fn packages_know_what_is_below_them_alone() {
    let all = rust();
    let wire: Vec<String> = all
        .iter()
        .filter(|source| source.path.starts_with("wire/"))
        .filter(|source| source.code().contains("cpm_reference") || source.code().contains("cpm_conformance"))
        .map(|source| source.path.clone())
        .collect();
    none("wire knows no role of CPM", &wire);
    let reference: Vec<String> = all
        .iter()
        .filter(|source| source.path.starts_with("reference-impl/") && source.code().contains("cpm_conformance"))
        .map(|source| source.path.clone())
        .collect();
    none("the reference knows nothing of the suite", &reference);
}

#[test]
fn the_suite_names_the_reference_in_few_places() {
    // Where a core stands in for a process, where it is served, and where a run makes the configuration for the former:
    // the third place, besides the two that the virtual link and `serve` are, because the configuration is made once for
    // a run and given to each scenario's link. A trial names the faults that a reference can have, and what is no target
    // stands where a reference stands.
    let places = [
        "src/stage/hosted.rs",
        "src/stage/virtual_link.rs",
        "src/stage/trial.rs",
        "src/cli/serve.rs",
        "src/run/context.rs",
    ];
    let suite: Vec<Source> = product().into_iter().filter(|source| source.module().is_some()).collect();
    let none_at_all = |path: &str| under(path, &["src/stage/null_targets/"]);
    let named = stands_only(r"\bcpm_reference\b", &suite, |path| places.contains(&path) || none_at_all(path));
    none("the reference is named", &named);
}

#[test]
fn clocks_are_read_at_the_edges_alone() {
    let edges = [
        "wire/src/net/",
        "src/stage/",
        "src/run/",
        "src/cli/",
        "reference-impl/src/node.rs",
        "reference-impl/src/client/node.rs",
    ];
    let pattern = r"\b(Instant|SystemTime)::now\b";
    none("clocks are read", &stands_only(pattern, &product(), |path| under(path, &edges)));
    // Virtual time is a number of ours. A runtime's paused clock jumps whenever all its tasks wait.
    let everywhere: Vec<Source> = rust().into_iter().filter(|source| !source.path.starts_with(OWN)).collect();
    none("the runtime's clock is paused", &stands_only(r"\btime::pause\b|start_paused", &everywhere, |_| false));
}

#[test]
fn machines_and_judges_have_no_input_and_no_output() {
    let outside =
        r"\b(tokio|socket2|UdpSocket|TcpStream|TcpListener|Instant|SystemTime)\b|\bstd::(fs|env|process|thread)\b";
    let pure = [
        "src/rules/",
        "src/judging/",
        "src/story/",
        "src/actors/",
        "src/second_reader",
        "wire/src/",
        "reference-impl/src/",
    ];
    let edges = [
        "wire/src/net/",
        "reference-impl/src/node.rs",
        "reference-impl/src/node/",
        "reference-impl/src/main.rs",
        // Its own thread writes; a configuration is a file.
        "reference-impl/src/store/sqlite",
        "reference-impl/src/config.rs",
        "reference-impl/src/client/node.rs",
        "reference-impl/src/http.rs",
        "reference-impl/src/client/config.rs",
    ];
    let judges: Vec<Source> = product().into_iter().filter(|source| under(&source.path, &pure)).collect();
    assert!(judges.len() > 80, "{}", judges.len());
    none("input or output", &stands_only(outside, &judges, |path| under(path, &edges)));
    let words: Vec<Source> = product()
        .into_iter()
        .filter(|source| {
            ["verdict", "interpretations", "requirements", "evidence"].map(Some).contains(&source.module())
        })
        .collect();
    none("input or output", &stands_only(outside, &words, |_| false));
}

#[test]
fn cucumber_stands_on_one_side_of_the_house() {
    let side = ["src/steps/", "src/run/", "src/world.rs"];
    let suite: Vec<Source> = product().into_iter().filter(|source| source.module().is_some()).collect();
    none("cucumber is named", &stands_only(r"\b(cucumber|gherkin)\b", &suite, |path| under(path, &side)));
}

#[test]
fn steps_and_actors_never_judge() {
    let judging = r"\b(Judgement|Assessment|Finding|FindingVerdict|Verdict|Outcome)\b|\.decide\(";
    let acting: Vec<Source> =
        product().into_iter().filter(|source| under(&source.path, &["src/steps/", "src/actors/"])).collect();
    none("a judgement", &stands_only(judging, &acting, |_| false));
    // A Then names the rule that it awaits; no other sentence knows one.
    let rules =
        stands_only(r"\brules::", &acting, |path| path.starts_with("src/steps/") && path.ends_with("outcomes.rs"));
    none("rules are named", &rules);
}

#[test]
fn reports_never_compute_a_verdict() {
    // Requirements and run get theirs in report/results.rs, once; a reporter reads what stands there.
    let reports: Vec<Source> = product().into_iter().filter(|source| source.module() == Some("report")).collect();
    let computing = r"\bVerdict::\w+|\.worst\(|\bclaim\(";
    none("a verdict is computed", &stands_only(computing, &reports, |path| path == "src/report/results.rs"));
}

#[test]
fn libraries_that_others_wrap_are_named_in_one_place() {
    let all = product();
    let yaml = ["src/yaml.rs", "reference-impl/src/config.rs", "reference-impl/src/client/config.rs"];
    none("the YAML library is named", &stands_only(r"\bserde_yaml\b", &all, |path| yaml.contains(&path)));
    let second = stands_only(r"\b(rsip|sdp_rs|use diameter)\b", &all, |path| path.starts_with("src/second_reader"));
    none("the second readers' libraries are named", &second);
    // Base rules re-read octets by themselves, never what the stack made of them; and so does each side with the documents
    // of preferences and of what waits, whose form no stack knows.
    let readers = [
        "wire/src/xml",
        "src/rules/base/",
        "src/actors/preference_server/",
        "src/story/deferred.rs",
        "reference-impl/src/functions/deferred_messages/notices.rs",
        "reference-impl/src/functions/policies_and_preferences/",
        "reference-impl/src/faults/policies_and_preferences/",
    ];
    none("XML is read", &stands_only(r"\b(roxmltree|quick_xml)\b", &all, |path| under(path, &readers)));
    none("IMAP is spoken", &stands_only(r"\bimap_codec\b", &all, |path| path.starts_with("wire/src/imap/")));
    none("SQL is spoken", &stands_only(r"\brusqlite\b", &all, |path| path.starts_with("reference-impl/src/store/")));
}

#[test]
fn nothing_is_left_to_be_done() {
    let left = r"\b(todo|unimplemented|dbg)!|\bunsafe\s*(\{|fn|impl|extern)";
    let pattern = Regex::new(left).unwrap();
    let found: Vec<String> = rust()
        .iter()
        .filter(|source| !source.path.starts_with(OWN) && pattern.is_match(&source.code()))
        .map(|source| source.path.clone())
        .collect();
    none("left to be done, or unsafe", &found);
}
