//! Files that people and other programs write: profiles, and the reports that are verified.

use cpm_conformance::report::manifest::{self, Manifest};
use cpm_conformance::target::Profile;
use cpm_conformance::verification::verify;
use cpm_conformance::yaml;

use super::scratch;

/// A profile: what is wrong with one has a place in it.
pub fn profile(octets: &[u8]) {
    let file = scratch::file("profile.yaml", octets);
    if let Err(error) = Profile::load(&file) {
        // YAML ends lines in more ways than one.
        let ends = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
        let lines = 1 + String::from_utf8_lossy(octets).matches(ends).count();
        assert!(error.line >= 1 && error.line <= lines + 1 && error.column >= 1, "{error}");
        assert!(!error.message.is_empty());
    }
    // Places are found whatever the text is.
    if let Ok(text) = std::str::from_utf8(octets) {
        let path = [yaml::Step::Key("network"), yaml::Step::Key("users"), yaml::Step::Item(1)];
        assert!(yaml::locate(text, &path).0 >= 1);
    }
}

/// A manifest is read as it was written, or not at all.
pub fn manifest(octets: &[u8]) {
    if let Ok(manifest) = Manifest::read(octets) {
        assert_eq!(manifest.text().ok().as_deref().map(str::as_bytes), Some(octets));
    }
}

/// The results of a report, which no evidence bears out: what is said of them is that they differ.
pub fn results(octets: &[u8]) {
    let folder = scratch::folder("report", &[("results.json", octets), (manifest::NAME, b"{}")]);
    if let Ok(verified) = verify(&folder) {
        assert!(!verified.differences.is_empty());
    }
}
