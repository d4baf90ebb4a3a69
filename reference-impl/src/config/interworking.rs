//! The interworking function, in the words of the statement.

use serde::Deserialize;

/// What the interworking function is for [L20].
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Interworking {
    /// Its SIP URI.
    pub function: String,
    /// The final codes upon which a request goes to it (statement key `iwf_codes`).
    #[serde(default = "codes")]
    pub codes: Vec<u16>,
}

impl Interworking {
    /// The function at this URI, with the usual codes.
    pub fn at(function: &str) -> Interworking {
        Interworking { function: function.to_owned(), codes: codes() }
    }
}

fn codes() -> Vec<u16> {
    vec![404, 405, 410, 414, 415, 416, 480, 488, 606]
}

/// What is tried first for a recipient who is offline (statement key `offline_precedence`) [L12].
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum OfflinePrecedence {
    /// What the recipient's document says; deferral where it says nothing.
    #[default]
    Preference,
    /// Deferral.
    Deferral,
    /// Interworking.
    Interworking,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use pretty_assertions::assert_eq;

    const LEAST: &str = "domain: example.com\nsip: 127.0.0.1:0\nmsrp: 127.0.0.1:0\nserving_cscf: 127.0.0.1:5060\n";

    #[test]
    fn interworking_speaks_the_words_of_the_statement() {
        let read = |more: &str| Config::from_yaml(&format!("{LEAST}{more}"), "test").unwrap();
        let usual = read("");
        assert_eq!((usual.interworking, usual.offline_precedence), (None, OfflinePrecedence::Preference));
        let other = read("interworking: {function: 'sip:iwf@example.com'}\noffline_precedence: deferral\n");
        assert_eq!(other.offline_precedence, OfflinePrecedence::Deferral);
        assert_eq!(other.interworking, Some(Interworking::at("sip:iwf@example.com")));
        let listed = read("interworking: {function: 'sip:iwf@e', codes: [501]}\noffline_precedence: interworking\n");
        assert_eq!(listed.interworking.unwrap().codes, [501]);
        assert_eq!(listed.offline_precedence, OfflinePrecedence::Interworking);
    }
}
