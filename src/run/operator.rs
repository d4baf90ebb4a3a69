//! The operator of a target, who is asked at the terminal to do by hand what nothing else does.

use crate::verdict::Blame;
use crate::world::Stop;
use std::io::{BufRead, IsTerminal, Write};
use tokio::sync::Mutex;

/// One question at a time.
static ASKING: Mutex<()> = Mutex::const_new(());

/// Asks the operator to do something, and waits for the answer.
///
/// # Errors
/// Inconclusive when nobody is there, or it was not done.
pub async fn ask(what: String) -> Result<(), Stop> {
    let unseen = |why: &str| Stop::Unseen { why: format!("provisioning by hand: {why}"), blame: Blame::Configuration };
    if !std::io::stdin().is_terminal() {
        return Err(unseen("nobody is at the terminal"));
    }
    let _turn = ASKING.lock().await;
    let answer = tokio::task::spawn_blocking(move || put(&what, std::io::stdin().lock(), std::io::stderr().lock()));
    match answer.await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(unseen("the operator has not done it")),
        Ok(Err(error)) => Err(unseen(&error.to_string())),
        Err(error) => Err(Stop::Harness(error.to_string())),
    }
}

/// Puts a question; an empty line says that it was done.
fn put(what: &str, mut input: impl BufRead, mut output: impl Write) -> std::io::Result<bool> {
    writeln!(output, "{what}\nPress Enter when it is done, or write why it cannot be:")?;
    output.flush()?;
    let mut answer = String::new();
    // Nothing at all, not even an empty line, is no answer.
    Ok(input.read_line(&mut answer)? > 0 && answer.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_says_that_it_was_done() {
        for (answer, done) in [("\n", true), ("no such user\n", false), ("", false)] {
            let mut shown = Vec::new();
            assert_eq!(put("Block Carol for Bob.", answer.as_bytes(), &mut shown).unwrap(), done, "{answer:?}");
            assert!(String::from_utf8(shown).unwrap().starts_with("Block Carol for Bob.\n"));
        }
    }
}
