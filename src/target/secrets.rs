//! Secrets of a profile: its texts name environment variables, `${NAME}`, and what these hold appears nowhere but where it is used.

use std::env;

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

/// The names of the variables in a text: `${NAME}`, and `$NAME` as a shell has it too.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end =
            rest.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')).unwrap_or(rest.len());
        rest.get(..end).filter(|name| !name.is_empty())
    })
}

/// The text with what the variables `${NAME}` hold in their place.
///
/// # Errors
/// The name of one that is not set.
pub(super) fn filled(text: &str) -> Result<String, String> {
    names(text).try_fold(text.to_owned(), |filled, name| {
        let place = format!("${{{name}}}");
        if !filled.contains(&place) {
            return Ok(filled);
        }
        let value = env::var(name).map_err(|_| format!("the environment variable {name} is not set"))?;
        Ok(filled.replace(&place, &value))
    })
}

/// What is told, without what the variables hold that a text of the profile names.
pub(super) fn hidden(text: &str, told: &str) -> String {
    let values = names(text).filter_map(|name| env::var(name).ok()).filter(|value| !value.is_empty());
    values.fold(told.to_owned(), |told, value| told.replace(&value, HIDDEN))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn a_secret_is_filled_in_and_hidden_again() {
        // A variable that every test has.
        let value = env::var("CARGO_MANIFEST_DIR").unwrap();
        let text = "http://lab/${CARGO_MANIFEST_DIR}/act?user={user}";
        assert_eq!(filled(text).unwrap(), format!("http://lab/{value}/act?user={{user}}"));
        let told = format!("401 for {value}");
        assert_eq!(hidden(text, &told), "401 for ***");
        assert_eq!(hidden("cat $CARGO_MANIFEST_DIR", &told), "401 for ***");
        assert_eq!(hidden("no variable", &told), told);
        assert!(filled("${NO_SUCH_VARIABLE_HERE}").unwrap_err().contains("NO_SUCH_VARIABLE_HERE is not set"));
    }
}
