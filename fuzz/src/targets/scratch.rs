//! Files for what reads files alone, one of a name for each thread.

use std::cell::OnceCell;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

thread_local! {
    static FOLDER: OnceCell<Option<TempDir>> = const { OnceCell::new() };
}

fn own() -> PathBuf {
    let path = |folder: &Option<TempDir>| folder.as_ref().map(|folder| folder.path().to_owned());
    let own = FOLDER.with(|folder| path(folder.get_or_init(|| tempfile::tempdir().ok())));
    assert!(own.is_some(), "a folder can be made");
    own.unwrap_or_default()
}

/// A file that holds these octets.
pub fn file(name: &str, octets: &[u8]) -> PathBuf {
    let path = own().join(name);
    assert!(fs::write(&path, octets).is_ok(), "a file can be written");
    path
}

/// A folder that holds these files.
pub fn folder(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = own().join(name);
    assert!(fs::create_dir_all(&folder).is_ok(), "a folder can be made");
    for (name, octets) in files {
        assert!(fs::write(folder.join(name), octets).is_ok(), "a file can be written");
    }
    folder
}
