//! Secrets that a profile names: its texts name environment variables, `${NAME}`, and what these hold appears nowhere but where
//! it is used.

use std::env;

use serde_json::Value;

/// What stands in the place of a secret.
pub(crate) const HIDDEN: &str = "***";
/// What is shorter is found in anything, and is no secret that anybody keeps.
const SHORTEST: usize = 4;
/// So much is told of what went wrong.
const MOST_TOLD: usize = 2000;
/// Variables that every shell has, and that hold no secrets.
const PLAIN: [&str; 9] = ["HOME", "PATH", "PWD", "USER", "LOGNAME", "SHELL", "LANG", "TMPDIR", "HOSTNAME"];

/// The names of the variables in a text: `${NAME}`, and `$NAME` as a shell has it too.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
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
pub fn filled(text: &str) -> Result<String, String> {
    names(text).try_fold(text.to_owned(), |filled, name| {
        let place = format!("${{{name}}}");
        if !filled.contains(&place) {
            return Ok(filled);
        }
        let value = env::var(name).map_err(|_| format!("the environment variable {name} is not set"))?;
        Ok(filled.replace(&place, &value))
    })
}

/// What the variables hold that a profile names, in every form in which it may come back.
#[derive(Clone, Default)]
pub struct Secrets {
    forms: Vec<String>,
}

/// Secrets are shown to nobody.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("forms", &self.forms.len()).finish()
    }
}

impl Secrets {
    /// What these variables hold, as far as they are set.
    pub fn of<'a>(names: impl Iterator<Item = &'a str>) -> Secrets {
        let values = names.filter(|name| !PLAIN.contains(name)).filter_map(|name| env::var(name).ok());
        Secrets::holding(values)
    }

    /// These values themselves.
    pub fn holding(values: impl Iterator<Item = String>) -> Secrets {
        let mut forms: Vec<String> =
            values.filter(|value| value.len() >= SHORTEST).flat_map(|value| forms(&value)).collect();
        // What holds another goes first.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Secrets { forms }
    }

    /// What is told, without them.
    #[must_use]
    pub fn hidden(&self, told: &str) -> String {
        self.forms.iter().fold(told.to_owned(), |told, form| told.replace(form, HIDDEN))
    }

    /// What went wrong, without them, and no longer than anybody reads.
    #[must_use]
    pub fn told(&self, why: &str) -> String {
        let mut told = self.hidden(why);
        if let Some((end, _)) = told.char_indices().nth(MOST_TOLD) {
            told.truncate(end);
            told.push_str("...");
        }
        told
    }

    /// A document of JSON without them.
    #[must_use]
    pub fn hidden_in(&self, told: &Value) -> Value {
        match told {
            Value::String(text) => Value::String(self.hidden(text)),
            Value::Array(items) => items.iter().map(|item| self.hidden_in(item)).collect(),
            Value::Object(map) => map.iter().map(|(key, value)| (self.hidden(key), self.hidden_in(value))).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => told.clone(),
        }
    }
}

/// A secret as it is, escaped for a URI (RFC 3986 section 2.1) and for JSON, and in base64 (RFC 4648) wherever it stands there.
fn forms(value: &str) -> Vec<String> {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    let escaped = value.bytes().map(|o| if plain(o) { char::from(o).to_string() } else { format!("%{o:02X}") });
    let json = Value::from(value).to_string();
    let json = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&json);
    let mut forms = vec![value.to_owned(), escaped.collect(), json.to_owned()];
    // Of a short one there is so little in base64 that it is found in anything.
    forms.extend(
        [0, 1, 2].map(|shift| within_base64(value.as_bytes(), shift)).into_iter().filter(|form| form.len() > 6),
    );
    forms
}

/// Those characters of base64 that octets come to, `shift` octets after the beginning of a group, whatever stands around them.
fn within_base64(octets: &[u8], shift: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = octets.len() * 8;
    // Each character is six bits; the first that is wholly of the octets begins at a multiple of six.
    let first = (shift * 8).div_ceil(6) * 6 - shift * 8;
    let bit = |at: usize| octets.get(at / 8).map_or(0, |octet| octet >> (7 - at % 8) & 1);
    let character = |at: usize| {
        let index = (at..at + 6).fold(0, |index, at| index << 1 | usize::from(bit(at)));
        ALPHABET.get(index).copied().map_or('=', char::from)
    };
    (first..).step_by(6).take_while(|at| at + 6 <= bits).map(character).collect()
}

/// A text of a profile for whoever reads what went wrong: without who logs in at an address, without what is asked of it, and
/// without credentials of HTTP that stand in it.
#[must_use]
pub fn without_credentials(text: &str) -> String {
    let mut shown = String::new();
    let mut hide = false;
    for word in text.split_inclusive(' ') {
        let bare = word.trim_matches(|c: char| c == ' ' || c == '"' || c == '\'');
        match hide {
            true => shown.push_str(&word.replace(bare, HIDDEN)),
            false => shown.push_str(&without_user(word)),
        }
        hide = ["basic", "bearer"].iter().any(|scheme| bare.eq_ignore_ascii_case(scheme));
    }
    shown
}

/// An address without its userinfo (RFC 3986 section 3.2.1) and its query.
fn without_user(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).unwrap_or(rest.len());
    let (address, after) = rest.split_at(end);
    let (address, query) = address.split_once('?').map_or((address, ""), |(address, _)| (address, "?***"));
    let (authority, path) = address.find('/').map_or((address, ""), |at| address.split_at(at));
    let host = authority.rsplit_once('@').map_or(authority.to_owned(), |(_, host)| format!("{HIDDEN}@{host}"));
    format!("{scheme}://{host}{path}{query}{after}")
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    fn secrets(value: &str) -> Secrets {
        Secrets::holding(std::iter::once(value.to_owned()))
    }

    #[test]
    fn a_secret_is_filled_in_and_hidden_again() {
        // A variable that every test has.
        let value = env::var("CARGO_MANIFEST_DIR").unwrap();
        let text = "http://lab/${CARGO_MANIFEST_DIR}/act?user={user}";
        assert_eq!(filled(text).unwrap(), format!("http://lab/{value}/act?user={{user}}"));
        let told = format!("401 for {value}");
        assert_eq!(Secrets::of(names(text)).hidden(&told), "401 for ***");
        assert_eq!(Secrets::of(names("cat $CARGO_MANIFEST_DIR")).hidden(&told), "401 for ***");
        assert_eq!(Secrets::of(names("no variable")).hidden(&told), told);
        assert_eq!(Secrets::of(names("cd $HOME")).hidden("/root"), "/root");
        assert!(filled("${NO_SUCH_VARIABLE_HERE}").unwrap_err().contains("NO_SUCH_VARIABLE_HERE is not set"));
    }

    #[test]
    fn it_is_found_in_every_form() {
        let hunter = secrets("hunter2 &\"x\"");
        for told in ["hunter2 &\"x\"", "hunter2%20%26%22x%22", r#"hunter2 &\"x\""#] {
            assert_eq!(hunter.hidden(told), "***");
        }
        // base64 of `bob:swordfish!`, `bo:swordfish!` and `b:swordfish!`.
        for told in ["Ym9iOnN3b3JkZmlzaCE=", "Ym86c3dvcmRmaXNoIQ==", "Yjpzd29yZGZpc2gh"] {
            let shown = secrets("swordfish").hidden(told);
            assert!(
                shown.contains("***") && !shown.contains("3dvc") && !shown.contains("N3b3") && !shown.contains("d29y")
            );
        }
        let told = json!({"why": ["no swordfish"], "swordfish": 1, "n": null});
        assert_eq!(secrets("swordfish").hidden_in(&told), json!({"why": ["no ***"], "***": 1, "n": null}));
        assert_eq!(format!("{:?}", secrets("swordfish")).find("swordfish"), None);
    }

    #[test]
    fn what_is_found_in_anything_is_no_secret() {
        assert_eq!(secrets("abc").hidden("abcdef"), "abcdef");
    }

    #[test]
    fn credentials_in_a_command_or_address_are_not_told() {
        let table = [
            ("http://bob:pw@lab:80/act?token=1 says no", "http://***@lab:80/act?*** says no"),
            ("curl -H 'Authorization: Bearer abc' http://lab", "curl -H 'Authorization: Bearer ***' http://lab"),
            ("clear {user}", "clear {user}"),
        ];
        for (text, shown) in table {
            assert_eq!(without_credentials(text), shown);
        }
    }
}
