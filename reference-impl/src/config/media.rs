//! Where media go, and which media besides message sessions are had, in the words of the statement.

use serde::Deserialize;

/// The conduct with media of sessions between two.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct MediaConduct {
    /// Whether messages go through the function (statement key `media_path`).
    pub path: MediaPath,
    /// Whether sessions may have audio and video, which go end to end (statement key `continuous_media`).
    pub continuous: bool,
    /// Control streams that sessions may have, end to end (statement key `media_control`).
    pub control: Vec<MediaControl>,
}

/// Where the messages of a session go.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum MediaPath {
    /// Through the function, which is an end of a session on either side.
    #[default]
    In,
    /// End to end: descriptions pass untouched.
    Out,
}

/// A control stream.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum MediaControl {
    /// The Binary Floor Control Protocol (RFC 8855, RFC 8856).
    Bfcp,
    /// Floor control over an MSRP session of its own.
    MsrpFloor,
    /// The Talk Burst Control Protocol of push to talk.
    TalkBurst,
}
