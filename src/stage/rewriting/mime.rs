//! MIME headers (RFC 2045), as content has them inside an envelope and in a part of a multipart.

use super::freedoms::{Freedom, Licence};

/// A header: its name, and its value on one line.
pub type Header = (String, String);

/// The headers said otherwise: a line each, with its end.
pub fn headers(licence: &mut Licence<'_>, mut headers: Vec<Header>) -> String {
    licence.shuffle(Freedom::MimeHeaderOrder, &mut headers);
    headers.iter().map(|(name, value)| line(licence, name, value)).collect()
}

fn line(licence: &mut Licence<'_>, name: &str, value: &str) -> String {
    let value = match name.to_ascii_lowercase().as_str() {
        "content-type" => media_type(licence, value, Space::Free),
        _ => value.to_owned(),
    };
    let value = folded(licence, &value);
    format!("{}: {value}\r\n", licence.recase(Freedom::MimeHeaderCase, name))
}

/// A line end before white space that is in no quotes.
fn folded(licence: &mut Licence<'_>, value: &str) -> String {
    if !value.contains(' ') || value.contains('"') || !licence.takes(Freedom::MimeFolding) {
        return value.to_owned();
    }
    licence.note(Freedom::MimeFolding, true);
    value.replacen(' ', "\r\n ", 1)
}

/// Whether there may be white space around the parameters of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// As in MIME.
    Free,
    /// As in MSRP (RFC 4975 section 9, media-type).
    None,
}

/// A media type in another form. One whose quotes hold more than a token stays as it is.
pub fn media_type(licence: &mut Licence<'_>, value: &str, space: Space) -> String {
    let fixed = !licence.freedoms.has(Freedom::MimeTypeForm) || value.contains('\\');
    if fixed || value.split('"').skip(1).step_by(2).any(|quoted| !is_token(quoted)) {
        return value.to_owned();
    }
    let mut parts = value.split(';').map(str::trim);
    let mut other = licence.recase(Freedom::MimeTypeForm, parts.next().unwrap_or_default());
    for parameter in parts {
        let mark = separator(licence, space);
        other.push_str(mark);
        other.push_str(&parameter_form(licence, parameter));
    }
    other
}

fn separator(licence: &mut Licence<'_>, space: Space) -> &'static str {
    match space {
        Space::None => ";",
        Space::Free if licence.takes(Freedom::MimeTypeForm) => {
            licence.note(Freedom::MimeTypeForm, true);
            licence.chance.pick(&[";", " ; ", ";  "]).copied().unwrap_or(";")
        }
        Space::Free => "; ",
    }
}

fn parameter_form(licence: &mut Licence<'_>, parameter: &str) -> String {
    let Some((name, value)) = parameter.split_once('=') else { return parameter.to_owned() };
    let name = licence.recase(Freedom::MimeTypeForm, name);
    if !licence.takes(Freedom::MimeTypeForm) {
        return format!("{name}={value}");
    }
    licence.note(Freedom::MimeTypeForm, true);
    match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(token) => format!("{name}={token}"),
        None => format!("{name}=\"{value}\""),
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_.+!#$%&'*^`{|}~".contains(&octet))
}

#[cfg(test)]
mod tests {
    use super::super::samples::with;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_type_keeps_its_meaning() {
        let mut forms = BTreeSet::new();
        for seed in 0..200 {
            let other = with(Freedom::MimeTypeForm, seed, |licence| {
                media_type(licence, "Multipart/mixed; boundary=aB; x=\"y\"", Space::Free)
            });
            let plain = other.replace(['"', ' '], "");
            let (essence, params) = plain.split_once(';').unwrap();
            assert!(essence.eq_ignore_ascii_case("multipart/mixed"));
            assert!(params.ends_with("=y") && params.contains("=aB;"), "{other}");
            forms.insert(other);
        }
        assert!(forms.len() > 20, "{forms:?}");
    }

    #[test]
    fn quotes_that_hold_more_than_a_token_stay() {
        let said = "text/plain; name=\"a; b\"";
        let other = with(Freedom::MimeTypeForm, 1, |licence| media_type(licence, said, Space::Free));
        assert_eq!(other, said);
    }

    #[test]
    fn in_msrp_there_is_no_white_space() {
        for seed in 0..50 {
            let other = with(Freedom::MimeTypeForm, seed, |licence| {
                media_type(licence, "text/plain;charset=utf-8", Space::None)
            });
            assert!(!other.contains(' '), "{other}");
        }
    }
}
