//! What is asked of everything that reads octets of others: that it comes back, and something that holds for all input.
//!
//! Plain functions: libFuzzer calls them through `main.rs`, and `tests/fuzz.rs` with the seeds and with every input that
//! was once found, on any compiler.

pub mod captures;
mod cutting;
pub mod diameter;
pub mod documents;
pub mod envelopes;
pub mod files;
pub mod imap;
pub mod interception;
pub mod judged;
pub mod msrp;
mod scratch;
pub mod sdp;
pub mod sip;

/// A function that takes any octets, and panics where something does not hold.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its folders of seeds and finds.
pub const TARGETS: [(&str, Target); 32] = [
    ("sip_message", sip::message),
    ("sip_stream", sip::stream),
    ("sip_value", sip::value),
    ("sdp", sdp::description),
    ("msrp_stream", msrp::stream),
    ("msrp_session", msrp::session),
    ("cpim", envelopes::cpim),
    ("multipart", envelopes::multipart),
    ("imdn", documents::imdn),
    ("conference_info", documents::conference_info),
    ("resource_lists", documents::resource_lists),
    ("reginfo", documents::reginfo),
    ("pidf", documents::pidf),
    ("group_state", documents::group_state),
    ("diameter_stream", diameter::stream),
    ("diameter_message", diameter::message),
    ("imap_commands", imap::commands),
    ("imap_responses", imap::responses),
    ("x1_document", interception::document),
    ("x1_http", interception::http),
    ("x2x3_stream", interception::stream),
    ("capture_file", captures::file),
    ("capture_packets", captures::packets),
    ("tls", captures::tls),
    ("evidence", captures::evidence),
    ("judged_conversation", judged::conversation),
    ("judged_body", judged::body),
    ("judged_header", judged::header),
    ("validate", judged::lone_file),
    ("profile", files::profile),
    ("manifest", files::manifest),
    ("results", files::results),
];
