//! A signed report: whatever octet of it is another one, and whoever else signs, `report verify --public-key` ends with 1. The
//! signature is one that openssl takes and makes. Without openssl a test says that it is skipped.

use super::{copy, reseal};
use crate::playing::{none, references, reported, virtually};
use cpm_conformance::report::manifest::{self, Manifest};
use cpm_conformance::report::{Selection, signature};
use pretty_assertions::assert_eq;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The key of RFC 8410 section 10.3, and its public half of section 10.1.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
/// Another one, of RFC 8032 section 7.1, test 1.
const OTHER: &str = "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";
/// So many octets of each file are tried.
const FLIPS: usize = 7;

struct Place {
    /// Removed when it is dropped.
    _folder: tempfile::TempDir,
    report: PathBuf,
    key: PathBuf,
    public: PathBuf,
    other: PathBuf,
}

/// A report of few scenarios, signed by way of the environment.
async fn signed() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (report, key, public, other) = (at("report"), at("lab.pem"), at("lab.pub"), at("other.pub"));
    for (path, text) in [(&key, KEY), (&public, PUBLIC), (&other, OTHER)] {
        fs::write(path, text).unwrap();
    }
    let mut options = virtually(references(), 5, 16, &report);
    options.selection.name = Some("^TP-CPM-CONV-058d-0[12]\\.".parse().unwrap());
    options.info.selection = Selection::Partial;
    reported(options).await;
    let output = program(&["sign", "--key-env", "LAB_KEY"], &report, &key);
    assert!(output.status.success(), "{output:?}");
    Place { _folder: folder, report, key, public, other }
}

/// `report` with these words, about a folder.
fn program(words: &[&str], folder: &Path, key: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"));
    program.arg("report").args(words).arg(folder).env("LAB_KEY", key).output().unwrap()
}

fn verified(folder: &Path, key: &Path) -> (Option<i32>, String) {
    let output = program(&["verify", "--public-key", key.to_str().unwrap()], folder, key);
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_octet_anywhere_is_1() {
    let place = signed().await;
    let (code, told) = verified(&place.report, &place.public);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("note: signed by key SHA-256 "), "{told}");
    let mut names: Vec<String> = manifest::files(&place.report).unwrap().into_keys().collect();
    names.extend([manifest::NAME, signature::NAME].map(str::to_owned));
    assert!(names.len() >= 8, "{names:?}");
    // xorshift64 (Marsaglia): the same places in every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(bound).unwrap()).unwrap()
    };
    let mut unseen = Vec::new();
    for name in &names {
        let path = place.report.join(name);
        let whole = fs::read(&path).unwrap();
        for _ in 0..FLIPS {
            let (at, bit) = (below(whole.len()), 1u8 << below(8));
            let mut octets = whole.clone();
            octets[at] ^= bit;
            fs::write(&path, octets).unwrap();
            let (code, told) = verified(&place.report, &place.public);
            if code != Some(1) {
                unseen.push(format!("{name} octet {at} bit {bit}: {code:?} {told}"));
            }
        }
        fs::write(&path, whole).unwrap();
    }
    none(&unseen, "octets that nobody misses");
    assert_eq!(verified(&place.report, &place.public).0, Some(0));
}

type Edit = (&'static str, fn(&Path));

/// What somebody may do who makes all hashes fit again; a signature does not.
const EDITS: [Edit; 5] = [
    ("an empty file more", |folder| fs::write(folder.join("evidence/more.txt"), "").unwrap()),
    ("a file less", |folder| fs::remove_file(folder.join("summary.md")).unwrap()),
    ("another name", |folder| fs::rename(folder.join("junit.xml"), folder.join("junit-1.xml")).unwrap()),
    ("a word of the summary", |folder| {
        let text = fs::read_to_string(folder.join("summary.md")).unwrap();
        fs::write(folder.join("summary.md"), text.replacen("partial pass", "conformant", 1)).unwrap();
    }),
    ("another run before", |folder| {
        let sealed = Manifest::read(&fs::read(folder.join(manifest::NAME)).unwrap()).unwrap();
        let manifest = Manifest { program: None, ..sealed };
        fs::write(folder.join(manifest::NAME), manifest.text().unwrap()).unwrap();
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_anew_is_not_signed_anew() {
    let place = signed().await;
    let sign = |to: &Path| fs::copy(place.report.join(signature::NAME), to.join(signature::NAME)).unwrap();
    for (number, (what, edit)) in EDITS.into_iter().enumerate() {
        for sealed in [false, true] {
            let folder = copy(&place.report, &place.report.with_file_name(format!("{number}-{sealed}")));
            sign(&folder);
            edit(&folder);
            if sealed {
                reseal(&folder);
            }
            let (code, told) = verified(&folder, &place.public);
            assert_eq!(code, Some(1), "{what}: {told}");
            assert!(!sealed || told.contains("manifest.sig: expected a signature"), "{what}: {told}");
        }
    }
    #[cfg(unix)]
    {
        let folder = copy(&place.report, &place.report.with_file_name("linked"));
        sign(&folder);
        std::os::unix::fs::symlink("../lab.pub", folder.join("evidence/link")).unwrap();
        assert_eq!(verified(&folder, &place.public).0, Some(1), "a link more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_does_not_fit_or_is_none_is_said() {
    let place = signed().await;
    let (code, told) = verified(&place.report, &place.other);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("; there is one of another text, or by another key"), "{told}");
    // Without a key the report is intact, and the signature is only said to be there.
    let plain = program(&["verify"], &place.report, &place.key);
    let text = String::from_utf8(plain.stdout).unwrap();
    assert!(plain.status.success() && text.contains("note: manifest.sig was not checked"), "{text}");

    let complaint = |output: Output| (output.status.code(), String::from_utf8(output.stderr).unwrap());
    let sign = |words: &[&str], key: &Path| complaint(program(&[&["sign"], words].concat(), &place.report, key));
    let lost = place.report.with_file_name("lost.pem");
    for (told, cure) in [
        (sign(&["--key-env", "NO_SUCH_VARIABLE"], &lost), "no variable NO_SUCH_VARIABLE"),
        (sign(&["--key-env", "LAB_KEY"], &lost), "lost.pem"),
        (sign(&["--key", place.public.to_str().unwrap()], &lost), "openssl genpkey -algorithm ed25519"),
        (sign(&[], &lost), "--key-env"),
        (complaint(program(&["verify", "--public-key", place.key.to_str().unwrap()], &place.report, &lost)), "-pubout"),
        (complaint(program(&["sign", "--key-env", "LAB_KEY"], &lost, &place.key)), "not a report"),
    ] {
        assert_eq!(told.0, Some(4), "{told:?}");
        assert!(told.1.contains(cure), "{cure}: {told:?}");
    }
    // A key is no part of what is given away, and nothing of it is written.
    let inside = place.report.join("lab.pem");
    fs::write(&inside, KEY).unwrap();
    let told = sign(&["--key", inside.to_str().unwrap()], &lost);
    assert!(told.0 == Some(4) && told.1.contains("keep it elsewhere"), "{told:?}");
    let told = sign(&["--key-env", "LAB_KEY"], &place.key);
    assert!(told.0 == Some(1) && told.1.contains("What is not intact is not signed"), "{told:?}");
    fs::remove_file(inside).unwrap();
    let secret = KEY.lines().nth(1).unwrap();
    for name in manifest::files(&place.report).unwrap().keys().map(String::as_str).chain([manifest::NAME]) {
        let text = String::from_utf8_lossy(&fs::read(place.report.join(name)).unwrap()).into_owned();
        assert!(!text.contains(secret) && !text.contains("lab.pem"), "{name}");
    }
}

fn openssl(arguments: &[&str], files: &[(&str, &Path)]) -> Output {
    let files = files.iter().flat_map(|(option, path)| [Path::new(*option), *path]);
    Command::new("openssl").args(arguments).args(files).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_takes_our_signature_and_makes_one_that_we_take() {
    if !Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: openssl is not installed");
        return;
    }
    let place = signed().await;
    let (text, sig) = (place.report.join(manifest::NAME), place.report.join(signature::NAME));
    let files = [("-inkey", place.public.as_path()), ("-sigfile", &sig), ("-in", &text)];
    let taken = openssl(&["pkeyutl", "-verify", "-pubin", "-rawin"], &files);
    assert!(taken.status.success(), "{taken:?}");

    // A key of its own making, and its signature in the place of ours.
    let (key, public) = (place.report.with_file_name("own.pem"), place.report.with_file_name("own.pub"));
    for output in [
        openssl(&["genpkey", "-algorithm", "ed25519"], &[("-out", &key)]),
        openssl(&["pkey", "-pubout"], &[("-in", &key), ("-out", &public)]),
        openssl(&["pkeyutl", "-sign", "-rawin"], &[("-inkey", &key), ("-in", &text), ("-out", &sig)]),
    ] {
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(verified(&place.report, &public).0, Some(0));
    assert_eq!(verified(&place.report, &place.public).0, Some(1));
    let again = program(&["sign", "--key", key.to_str().unwrap()], &place.report, &place.key);
    assert!(again.status.success(), "{again:?}");
    assert_eq!(verified(&place.report, &public).0, Some(0));
}
