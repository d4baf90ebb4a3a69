//! The questions of the statement: each option that the papers leave open, the words in which it may be answered, and
//! nothing of what an answer does (that stands in the ledger, `fixtures/interpretations.yaml`) or of what is asked (that
//! stands in the template).

use std::fmt;

/// One question of the statement.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The key in the profile.
    pub key: &'static str,
    /// What an answer looks like.
    pub form: Form,
}

/// What an answer looks like.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of these words.
    Words(&'static [&'static str]),
    /// A list of these words, or the bare word `none`.
    WordsOrNone(&'static [&'static str]),
    /// A whole number.
    Number,
    /// A whole number, or the bare word `none`.
    NumberOrNone,
    /// `true` or `false`.
    Flag,
    /// What the provider's policy keeps: a map.
    StorePolicy,
    /// With which codes which case is refused: a map, or the bare word `any_final`.
    Refusals,
    /// A list of status codes, or the bare word `default_list`.
    Codes,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Form::Word(words) => write!(f, "one of {}", words.join(", ")),
            Form::Words(words) => write!(f, "a list of {}", words.join(", ")),
            Form::WordsOrNone(words) => write!(f, "none, or a list of {}", words.join(", ")),
            Form::NumberOrNone => f.write_str("a whole number, or none"),
            Form::Refusals => f.write_str("any_final, or a map from a case to a list of status codes or silent"),
            Form::Codes => f.write_str("default_list, or a list of status codes"),
            Form::Number => f.write_str("a whole number"),
            Form::Flag => f.write_str("true or false"),
            Form::StorePolicy => f.write_str("a map with quota, quota_conduct, retention and refused_types"),
        }
    }
}

const fn word(key: &'static str, words: &'static [&'static str]) -> Question {
    Question { key, form: Form::Word(words) }
}

const fn words(key: &'static str, words: &'static [&'static str]) -> Question {
    Question { key, form: Form::Words(words) }
}

const fn words_or_none(key: &'static str, words: &'static [&'static str]) -> Question {
    Question { key, form: Form::WordsOrNone(words) }
}

const fn other(key: &'static str, form: Form) -> Question {
    Question { key, form }
}

const INTEREST: &[&str] = &["nothing", "stored"];
const SHAPES: &[&str] = &["sendonly_then_rejoin", "sendrecv", "client_rejoin_leg", "store_and_notify"];
const REQUESTS: &[&str] = &["sender_header", "recipient_setting", "feature_tag", "fetch"];

/// Every question, in the order in which the template asks them.
pub const QUESTIONS: &[Question] = &[
    word("storage_locus", &["participating_function", "controlling_function", "either"]),
    word("first_answer", &["stand_in", "accepted_202", "refuse_then_fetch"]),
    words("stand_in_on", &["offline", "no_answer", "focus_cancel", "busy_486", "unavailable_480", "timeout_408"]),
    words("missed_from", &["invitation", "establishment", "loss"]),
    words_or_none("associated_notifications", &["on_sent", "on_missed", "requests_kept"]),
    word("after_decline", INTEREST),
    word("after_leave", INTEREST),
    word("after_removal", INTEREST),
    word("after_drain_refused", INTEREST),
    words_or_none(
        "reachability_trigger",
        &["third_party_register", "reg_event", "reregister_with_tag", "presence", "any_request", "rejoin_invite"],
    ),
    word("drain_shape_live", SHAPES),
    word("drain_shape_ended", SHAPES),
    word("drain_order", &["completion", "datetime"]),
    word("drain_invite_list", &["initial", "final", "none"]),
    word("drain_identity", &["inviter", "focus", "rcse_standfw"]),
    word("drain_devices", &["each", "first"]),
    other("drain_retries", Form::Number),
    words_or_none("final_list_carrier", &["carrier_notify", "carrier_drain_invite", "carrier_store", "carrier_msrp"]),
    word("final_list_moment", &["at_drain_end", "at_teardown"]),
    word("final_list_departed", &["departed_listed", "departed_left_out"]),
    word("final_list_self", &["self_in", "self_out"]),
    words_or_none("intermediate", &["notify_chain", "msrp_documents", "per_message_list", "group_state_objects"]),
    word("stand_in_look", &["connected", "disconnected", "dialing_out", "dialing_in"]),
    word("duplicates", &["at_least_once", "exactly_once"]),
    words("notification_path", &["drain_leg", "message", "stored_notification_session"]),
    other("store_policy", Form::StorePolicy),
    word("missing_ids", &["refuse_4xx", "insert", "pass_on"]),
    other("session_timer", Form::Flag),
    word("media_path", &["in", "out"]),
    words_or_none("media_control", &["bfcp", "msrp_floor", "talk_burst"]),
    other("continuous_media", Form::Flag),
    other("max_sessions", Form::NumberOrNone),
    other("max_pager_octets", Form::NumberOrNone),
    word("over_pager_limit", &["refuse", "large_mode"]),
    words("expiry_carrier", &["expires", "message_expires", "policy"]),
    words("deferred_delivery", &["push", "notify_subscribed", "notify_unsolicited", "notify_message", "fetch"]),
    words("deferral_request", REQUESTS),
    words("history_request", REQUESTS),
    word("offline_precedence", &["preference", "deferral", "interworking"]),
    other("refusals", Form::Refusals),
    other("iwf_codes", Form::Codes),
    words("device_mode", &["pf_forks", "s_cscf_forks", "sequential", "all_joined"]),
    word("six_xx", &["ends_all", "ignored"]),
    word("multi_device_reports", &["one", "per_device"]),
    words("continuity", &["replaces", "refer", "same_contribution", "internal_switch"]),
    word("charging_interface", &["rf_ro", "nchf", "files", "none"]),
    word("charging_failure", &["continue", "terminate", "retry_and_terminate"]),
    word("final_unit", &["terminate", "redirect", "restrict"]),
    word("history_store", &["imap", "rest", "other"]),
    word("li_form", &["etsi_x", "other", "none"]),
    other("presence_source", Form::Flag),
    other("presence_watcher", Form::Flag),
    other("client_stored_notifications", Form::Flag),
    word("client_drain_answer", &["recvonly", "sendrecv", "mirror"]),
];

/// The questions that a client answers; the others are asked of a participating function alone.
pub const OF_CLIENTS: [&str; 4] =
    ["intermediate", "notification_path", "client_stored_notifications", "client_drain_answer"];

/// The question of a key.
#[must_use]
pub fn question(key: &str) -> Option<&'static Question> {
    QUESTIONS.iter().find(|question| question.key == key)
}
