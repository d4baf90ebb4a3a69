//! Asking the one who sets a target up: first where everything is, then, if he likes, each question of the statement. An empty
//! line takes what stands in brackets, `?` shows the help, and an answer that is none is asked for again with the reason.

use std::io::{self, BufRead, Write};

use serde_json::Value;

use super::{Guidance, Known, SetupError, drafted, guidance, read};
use crate::target::Role;
use crate::target::template::{self, Asked};

/// What is asked of whom before the statement: the key, and whether its value is a list of one.
const FIRST: [(&str, bool, &[Role]); 6] = [
    ("name", false, &[Role::ParticipatingFunction, Role::Client]),
    ("vendor", false, &[Role::ParticipatingFunction, Role::Client]),
    ("version", false, &[Role::ParticipatingFunction, Role::Client]),
    ("network.domain", false, &[Role::ParticipatingFunction, Role::Client]),
    ("network.target.sip", true, &[Role::ParticipatingFunction]),
    ("network.actors.serving_cscf.bind", false, &[Role::ParticipatingFunction, Role::Client]),
];

/// Where questions are put and answers come from.
pub struct Asking<R, W> {
    /// The answers, a line each.
    pub input: R,
    /// The questions.
    pub output: W,
}

impl<R: BufRead, W: Write> Asking<R, W> {
    /// One line; none when there are no more.
    fn line(&mut self, prompt: &str) -> io::Result<Option<String>> {
        write!(self.output, "{prompt}")?;
        self.output.flush()?;
        let mut line = String::new();
        let read = self.input.read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim().to_owned()))
    }

    fn tell(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.output, "{line}")
    }
}

/// Asks what is not known yet. What it learns is added to what is known.
///
/// # Errors
/// Nobody could be asked, or what was known before is wrong.
pub fn interview<R: BufRead, W: Write>(
    asking: &mut Asking<R, W>,
    role: Role,
    known: &mut Known,
) -> Result<(), SetupError> {
    // What was given is refused before anybody is asked for more.
    drafted(role, known, &[])?;
    let keys = template::keys();
    asking.tell("Enter takes what stands in brackets, ? shows help.")?;
    for (key, listed, _) in FIRST.iter().filter(|(_, _, roles)| roles.contains(&role)) {
        let Some(own) = keys.iter().find(|own| own.key == *key && !known.has(key)) else { continue };
        let wrap = |text: &str| -> Result<Value, SetupError> {
            let text = Value::from(text);
            Ok(if *listed { Value::from(vec![text]) } else { text })
        };
        if !one(asking, role, known, (key, shown(own), std::slice::from_ref(&own.meaning)), wrap)? {
            return Ok(());
        }
    }
    let wanted =
        asking.line("\nAnswer the questions of the statement now? Else those of the reference stand there. [no] ")?;
    if !wanted.is_some_and(|line| line.starts_with('y')) {
        return Ok(());
    }
    for own in guidance(role)? {
        let key = format!("statement.{}", own.key);
        if !known.has(&key) && !one(asking, role, known, (&key, own.usual.clone(), &help(&own)), read)? {
            return Ok(());
        }
    }
    Ok(())
}

fn help(own: &Guidance) -> Vec<String> {
    std::iter::once(own.asks.clone()).chain(own.lines(0)).collect()
}

/// What stands in the template, as one would type it.
fn shown(own: &Asked) -> String {
    own.value.trim_matches(['[', ']', '"']).to_owned()
}

/// Asks for one key until the answer is one. False when there are no more answers.
fn one<R: BufRead, W: Write>(
    asking: &mut Asking<R, W>,
    role: Role,
    known: &mut Known,
    (key, usual, help): (&str, String, &[String]),
    value: impl Fn(&str) -> Result<Value, SetupError>,
) -> Result<bool, SetupError> {
    if let Some(first) = help.first() {
        asking.tell(&format!("\n{}", first.trim_start_matches("* ")))?;
    }
    loop {
        let Some(line) = asking.line(&format!("{key} [{usual}]: "))? else { return Ok(false) };
        match line.as_str() {
            "" => return Ok(true),
            "?" => {
                for line in help {
                    asking.tell(&format!("  {line}"))?;
                }
            }
            text => {
                let mut trial = known.clone();
                let tried = value(text).and_then(|value| {
                    trial.put(key, value);
                    drafted(role, &trial, &[])
                });
                match tried {
                    Ok(_) => {
                        *known = trial;
                        return Ok(true);
                    }
                    Err(why) => asking.tell(&format!("  {why}"))?,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::super::written;
    use super::*;

    /// Answers these lines, and gives what is known then and what was shown.
    fn asked(role: Role, lines: &str) -> (Known, String) {
        let mut known = Known::default();
        let mut asking = Asking { input: lines.as_bytes(), output: Vec::new() };
        interview(&mut asking, role, &mut known).unwrap();
        (known, String::from_utf8(asking.output).unwrap())
    }

    #[test]
    fn what_is_answered_is_known_and_what_is_not_stays_as_it_is() {
        let lines = "My PF\n\n2.0\nims.example\n192.0.2.7:5060/tcp\n192.0.2.1:5070\nno\n";
        let (known, _) = asked(Role::ParticipatingFunction, lines);
        let mut expected = Known::default();
        for (key, value) in [
            ("name", json!("My PF")),
            ("version", json!("2.0")),
            ("network.domain", json!("ims.example")),
            ("network.target.sip", json!(["192.0.2.7:5060/tcp"])),
            ("network.actors.serving_cscf.bind", json!("192.0.2.1:5070")),
        ] {
            expected.put(key, value);
        }
        assert_eq!(known, expected);
        assert!(written(Role::ParticipatingFunction, &known).unwrap().contains("name: \"My PF\""));
    }

    #[test]
    fn what_is_no_answer_is_asked_again_and_help_is_shown() {
        let (known, shown) =
            asked(Role::ParticipatingFunction, "\n\n\n\nnowhere\n192.0.2.7:5060\n\nyes\n?\nsomebody\neither\n");
        assert!(known.has("network.target.sip") && known.has("statement.storage_locus"));
        assert!(shown.contains("a port is missing, expected host:port"), "{shown}");
        assert!(
            shown.contains("controlling_function: the controlling function, on behalf of the whole group"),
            "{shown}"
        );
        assert!(shown.contains("unknown value `somebody`"), "{shown}");
    }

    #[test]
    fn a_client_is_not_asked_where_it_is() {
        let (_, shown) = asked(Role::Client, "\n\n\n\n\nno\n");
        assert!(!shown.contains("network.target.sip") && shown.contains("network.actors.serving_cscf.bind"), "{shown}");
    }
}
