//! The history of conversations, in the words of the statement.

use serde::Deserialize;

/// How the history of a conversation is asked to be kept (statement key `history_request`) [L13].
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum HistoryRequest {
    /// A setting of the user: a document, or the provider's policy.
    RecipientSetting,
    /// The user's device asks by a header of its request.
    SenderHeader,
    /// The user's device names the history service.
    FeatureTag,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use pretty_assertions::assert_eq;

    const LEAST: &str = "domain: example.com\nsip: 127.0.0.1:0\nmsrp: 127.0.0.1:0\nserving_cscf: 127.0.0.1:5060\n";

    #[test]
    fn history_speaks_the_words_of_the_statement() {
        let read = |more: &str| Config::from_yaml(&format!("{LEAST}{more}"), "test").unwrap();
        let usual = read("");
        assert_eq!(usual.history_request, [HistoryRequest::RecipientSetting]);
        assert_eq!(usual.policy("sip:bob@example.com").history, None);
        let other = read(
            "history_request: [sender_header, feature_tag]\npolicies: {on: {history: true}, off: {history: false}}\n\
             users: [{prefix: 'sip:on-', policy: on}, {prefix: 'sip:off-', policy: off}]\n",
        );
        assert_eq!(other.history_request, [HistoryRequest::SenderHeader, HistoryRequest::FeatureTag]);
        let of = |user: &str| other.policy(user).history;
        assert_eq!((of("sip:on-1@e"), of("sip:off-1@e")), (Some(true), Some(false)));
    }
}
