//! The folder of a session (OMA-TS-CPM_MessageStorage): named by its Contribution-ID, within that of its conversation,
//! which is named by the Conversation-ID.

/// The longest name of one folder.
const LONGEST: usize = 200;

/// The folders that have to be there, the outer one first; objects go to the last.
pub(super) fn folders(conversation: &str, contribution: &str, delimiter: Option<char>) -> Vec<String> {
    let (outer, inner) = (word(conversation, delimiter), word(contribution, delimiter));
    match delimiter {
        Some(delimiter) => vec![outer.clone(), format!("{outer}{delimiter}{inner}")],
        // A store without hierarchy (RFC 3501 section 7.2.2: NIL).
        None => vec![format!("{outer}_{inner}")],
    }
}

/// An identifier as the name of one folder: octets that a store would read in a way of its own are replaced (RFC 3501
/// section 5.1: wildcards, the delimiter, `&` of modified UTF-7, `#` of namespaces, and INBOX).
fn word(id: &str, delimiter: Option<char>) -> String {
    let plain = |c: char| (c.is_ascii_alphanumeric() || "-_.@+=:".contains(c)) && Some(c) != delimiter;
    let word: String = id.chars().take(LONGEST).map(|c| if plain(c) { c } else { '_' }).collect();
    match word.as_str() {
        "" | "." | ".." => "_".to_owned(),
        name if name.eq_ignore_ascii_case("inbox") => "_inbox".to_owned(),
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn the_session_lies_within_the_conversation() {
        assert_eq!(folders("conv-1", "c1", Some('/')), ["conv-1", "conv-1/c1"]);
        assert_eq!(folders("a.b@host", "c.1", Some('.')), ["a_b@host", "a_b@host.c_1"]);
        assert_eq!(folders("conv-1", "c1", None), ["conv-1_c1"]);
    }

    #[test]
    fn an_odd_identifier_names_nothing_odd() {
        assert_eq!(folders("../\"%*&\r\n", "INBOX", Some('/')), [".._______", ".._______/_inbox"]);
        assert_eq!(folders("", "..", Some('/')), ["_", "_/_"]);
        assert_eq!(folders(&"x".repeat(999), "é", Some('/'))[1].len(), LONGEST + 2);
    }
}
