//! Findings for programs: `cpm-validate/1`.

use serde_json::{Map, Value, json};

use super::{Found, Validated};

/// Everything about some files.
#[must_use]
pub fn json(files: &[Validated]) -> Value {
    let files: Vec<Value> = files.iter().map(file).collect();
    json!({"schema": "cpm-validate/1", "files": files})
}

/// Findings as they are made, each an object on a line of its own.
#[must_use]
pub fn lines(findings: &[Found]) -> String {
    findings.iter().map(|found| format!("{}\n", json!(found))).collect()
}

/// The line that follows the last finding: what `json` says of the file, but for its findings.
#[must_use]
pub fn last_line(validated: &Validated) -> String {
    let mut file = file(validated);
    if let Some(file) = file.as_object_mut() {
        file.shift_remove("findings");
        file.shift_insert(0, "schema".to_owned(), json!("cpm-validate/1"));
    }
    format!("{file}\n")
}

fn file(file: &Validated) -> Value {
    json!({
        "file": file.file,
        "messages": file.count(),
        "protocols": file.messages,
        "findings": file.findings,
        "more": file.more.iter().map(|(rule, (_, times))| (rule.clone(), json!(times))).collect::<Map<_, _>>(),
        "requirement_rules_met": file.met(),
        "notes": file.notes,
        "error": file.error,
    })
}
