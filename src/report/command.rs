//! Commands for a reader to copy: options and their values, in words that a POSIX shell takes as they are.

use super::event::RunInfo;

/// `cpm-conformance run` with these options.
pub fn line<'a>(options: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let words = options.into_iter().map(|(option, value)| format!(" {option} {}", word(value)));
    format!("cpm-conformance run{}", words.collect::<String>())
}

/// The command that makes a run again.
#[must_use]
pub fn of_run(run: &RunInfo) -> String {
    let asked = &run.invocation;
    let (seed, jobs) = (run.seed.to_string(), run.jobs.to_string());
    let mut options: Vec<(&str, &str)> = Vec::new();
    options.extend(asked.target.as_deref().map(|target| ("--target", target)));
    options.extend(asked.requirements.iter().map(|id| ("--requirement", id.as_str())));
    options.extend(asked.tags.as_deref().map(|tags| ("--tags", tags)));
    options.extend(asked.name.as_deref().map(|name| ("--name", name)));
    options.extend(asked.waivers.as_deref().map(|file| ("--waivers", file)));
    options.extend([("--seed", seed.as_str()), ("--jobs", jobs.as_str())]);
    if run.shard != "1/1" && run.parts.is_empty() {
        options.push(("--shard", &run.shard));
    }
    let line = line(options);
    if asked.fail_fast { format!("{line} --fail-fast") } else { line }
}

/// A word of a shell: as it is where nothing in it means anything, else in quotation marks (POSIX.1-2024, XCU 2.2.2).
fn word(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=@%+,".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::report::event::{Invocation, Selection};
    use crate::report::samples;

    #[test]
    fn a_run_is_made_again_with_what_the_command_said() {
        let run = samples::run_of(Selection::Full);
        assert_eq!(of_run(&run), "cpm-conformance run --seed 42 --jobs 2");
        let invocation = Invocation {
            target: Some("my lab/pf.yaml".to_owned()),
            requirements: vec!["CPM-CONV-058".to_owned(), "CPM-CONV-058a".to_owned()],
            tags: Some("@SHALL and not @slow".to_owned()),
            name: Some("it's".to_owned()),
            waivers: Some("waivers.yaml".to_owned()),
            fail_fast: true,
            host: None,
        };
        let run = RunInfo { invocation: Box::new(invocation), shard: "2/3".to_owned(), ..run };
        let expected = "cpm-conformance run --target 'my lab/pf.yaml' --requirement CPM-CONV-058 --requirement CPM-CONV-058a \
                        --tags '@SHALL and not @slow' --name 'it'\\''s' --waivers waivers.yaml --seed 42 --jobs 2 --shard 2/3 --fail-fast";
        assert_eq!(of_run(&run), expected);
    }

    #[test]
    fn nothing_of_a_value_is_obeyed_by_a_shell() {
        for value in ["$(reboot)", "a;b", "`x`", "a\nb", "", "*", "~", "#x", "a b", "'"] {
            let output = std::process::Command::new("sh").args(["-c", &format!("printf %s {}", word(value))]).output();
            assert_eq!(String::from_utf8(output.unwrap().stdout).unwrap(), value);
        }
    }
}
