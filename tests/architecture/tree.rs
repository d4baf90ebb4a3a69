//! The files of the project, and what of a Rust file is code of the product.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file of the project.
pub struct Source {
    /// Its path from the root, with `/`.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl Source {
    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it is there for tests or benches alone.
    pub fn is_test(&self) -> bool {
        let folders = ["tests/", "benches/"];
        folders.iter().any(|folder| self.path.starts_with(folder) || self.path.contains(&format!("/{folder}")))
            || self.path.ends_with("/tests.rs")
    }

    /// The code without comments.
    pub fn code(&self) -> String {
        let lines = self.text.lines().map(|line| match line.find("//") {
            Some(at) if line[..at].trim().is_empty() || line[..at].ends_with(' ') => &line[..at],
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The code without comments and without the tests that stand in the same file.
    pub fn product(&self) -> String {
        let code = self.code();
        let end = code.find("#[cfg(test)]\nmod tests {").unwrap_or(code.len());
        code[..end].to_owned()
    }

    /// The module of `src/` that it belongs to: `rules` for `src/rules/base/sdp.rs`.
    pub fn module(&self) -> Option<&str> {
        let inner = self.path.strip_prefix("src/")?;
        Some(inner.split('/').next()?.trim_end_matches(".rs"))
    }
}

/// Where the project stands.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file of the project, in a fixed order.
pub fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    walk(root(), &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let text = String::from_utf8(fs::read(&path).unwrap()).ok()?;
        let path = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        Some(Source { path, text })
    };
    paths.into_iter().filter_map(read).collect()
}

/// Every Rust file.
pub fn rust() -> Vec<Source> {
    let rust: Vec<Source> = sources().into_iter().filter(Source::is_rust).collect();
    assert!(rust.len() > 100, "only {} files were found", rust.len());
    rust
}

/// Every Rust file of the product.
pub fn product() -> Vec<Source> {
    rust().into_iter().filter(|source| !source.is_test()).collect()
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    let made = [".git", "reports", "target"].map(|name| root().join(name));
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        // cargo marks what it builds into, wherever that is.
        if made.contains(&entry) || entry.join("CACHEDIR.TAG").exists() {
            continue;
        }
        if entry.is_dir() {
            walk(&entry, paths);
        } else {
            paths.push(entry);
        }
    }
}

/// Fails with every violation at once.
#[track_caller]
pub fn none(what: &str, violations: &[String]) {
    assert!(violations.is_empty(), "{what}:\n  {}", violations.join("\n  "));
}
