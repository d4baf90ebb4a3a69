//! Findings for programs: `cpm-validate/1`.

use serde_json::{Map, Value, json};

use super::Validated;

/// Everything about some files.
#[must_use]
pub fn json(files: &[Validated]) -> Value {
    let files: Vec<Value> = files.iter().map(file).collect();
    json!({"schema": "cpm-validate/1", "files": files})
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
