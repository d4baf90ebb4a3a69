//! Where the preferences of users are, and those that a policy presets without a server.

use super::milliseconds;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

/// The document server of preferences (XCAP, RFC 4825).
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PreferencesAccess {
    /// The XCAP root: `http`, an address, a path.
    pub root: XcapRoot,
    /// The application usage of the documents.
    #[serde(default = "auid")]
    pub auid: String,
    /// The SIP URI at which changes are subscribed to (xcap-diff, RFC 5875); none asks anew for every session.
    #[serde(default)]
    pub server: Option<String>,
    /// How long a session waits for what the server has to say of its user.
    #[serde(default = "patience", rename = "patience_ms", deserialize_with = "milliseconds")]
    pub patience: Duration,
    /// How long a document may be used without asking whether it has changed, where changes are not subscribed to.
    #[serde(default, rename = "fresh_ms", deserialize_with = "milliseconds")]
    pub fresh: Duration,
}

impl PreferencesAccess {
    /// The server at this root, with the defaults.
    pub fn at(root: XcapRoot) -> PreferencesAccess {
        PreferencesAccess { root, auid: auid(), server: None, patience: patience(), fresh: Duration::ZERO }
    }
}

fn auid() -> String {
    "org.openmobilealliance.im-rules".to_owned()
}

fn patience() -> Duration {
    Duration::from_millis(500)
}

/// An XCAP root (RFC 4825 section 6.1).
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(try_from = "String")]
pub struct XcapRoot {
    /// Where the server listens.
    pub address: SocketAddr,
    /// The path, without a slash at its end.
    pub path: String,
}

/// Why a text is no XCAP root.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no XCAP root: expected http://, an IP address, maybe a port, and a path")]
pub struct NoRoot(String);

impl FromStr for XcapRoot {
    type Err = NoRoot;

    fn from_str(text: &str) -> Result<XcapRoot, NoRoot> {
        let fault = || NoRoot(text.to_owned());
        let rest = text.strip_prefix("http://").ok_or_else(fault)?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let bare = |host: &str| host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let address = authority.parse().or_else(|_| bare(authority).map(|host| SocketAddr::new(host, 80)));
        let plain = path.bytes().all(|octet| octet.is_ascii_graphic() && !matches!(octet, b'?' | b'#'));
        match address {
            Ok(address) if plain => Ok(XcapRoot { address, path: path.trim_end_matches('/').to_owned() }),
            _ => Err(fault()),
        }
    }
}

impl TryFrom<String> for XcapRoot {
    type Error = NoRoot;

    fn try_from(text: String) -> Result<XcapRoot, NoRoot> {
        text.parse()
    }
}

/// What users are taken to wish of whom no document is known.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Preset {
    /// Who may not call them. An asterisk at the end stands for any ending.
    pub blocked: Vec<String>,
    /// Callers that do not say who they are are refused.
    pub anonymous_refused: bool,
    /// They are not to be called.
    pub unavailable: bool,
    /// The media that are not had in sessions with them.
    pub barred_media: Vec<Medium>,
    /// Whom they may not call. An asterisk at the end stands for any ending.
    pub barred_callees: Vec<String>,
    /// Those whom they call are not to be told who they are.
    pub hides_identity: bool,
}

/// A medium of a session.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// Messages (MSRP).
    Message,
    /// Sound.
    Audio,
    /// Pictures that move.
    Video,
}

impl Medium {
    /// All there are.
    pub const ALL: [Medium; 3] = [Medium::Message, Medium::Audio, Medium::Video];

    /// The word for it in a session description (RFC 8866 section 5.14), and in a document of preferences.
    pub const fn as_str(self) -> &'static str {
        match self {
            Medium::Message => "message",
            Medium::Audio => "audio",
            Medium::Video => "video",
        }
    }
}

/// Whether a user who has blocked an author is still given what that author had said before.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum BlockedContent {
    /// It is delivered.
    #[default]
    Deliver,
    /// It is dropped.
    Withhold,
}

/// What becomes of the From of a user who is to be hidden.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum HiddenFrom {
    /// It stays as the user's device sent it.
    #[default]
    AsSent,
    /// It names nobody (RFC 3323 section 5.3).
    MadeAnonymous,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use pretty_assertions::assert_eq;

    const LEAST: &str = "domain: example.com\nsip: 127.0.0.1:0\nmsrp: 127.0.0.1:0\nserving_cscf: 127.0.0.1:5060\n";

    #[test]
    fn preferences_come_from_a_server_or_are_preset() {
        let read = |more: &str| Config::from_yaml(&format!("{LEAST}{more}"), "test");
        let access = |root: &str| read(&format!("preferences: {{root: '{root}'}}\n"));
        let plain = access("http://127.0.0.1:8080/xcap-root/").unwrap().preferences.unwrap();
        assert_eq!(plain, PreferencesAccess::at("http://127.0.0.1:8080/xcap-root".parse().unwrap()));
        assert_eq!((plain.root.path.as_str(), plain.root.address.port()), ("/xcap-root", 8080));
        assert_eq!(access("http://[::1]/x").unwrap().preferences.unwrap().root.address, "[::1]:80".parse().unwrap());
        for wrong in ["127.0.0.1:8080/x", "https://127.0.0.1/x", "http://xdms.example/x", "http://127.0.0.1/a b"] {
            assert!(access(wrong).unwrap_err().to_string().contains("XCAP root"), "{wrong}");
        }
        let whole = "preferences: {root: 'http://127.0.0.1/x', auid: rules, server: 'sip:xdms@example.com', \
                     patience_ms: 20, fresh_ms: 30}\nblocked_content: withhold\nhidden_from: made_anonymous\n";
        let whole = read(whole).unwrap();
        assert_eq!((whole.blocked_content, whole.hidden_from), (BlockedContent::Withhold, HiddenFrom::MadeAnonymous));
        let access = whole.preferences.unwrap();
        assert_eq!((access.auid.as_str(), access.patience.as_millis(), access.fresh.as_millis()), ("rules", 20, 30));
        let preset = "policies: {blocked: {preferences: {blocked: ['sip:carol@*'], barred_media: [audio, video]}}}\n\
                      default_policy: blocked\n";
        let preset = read(preset).unwrap().policy("sip:bob@example.com").preferences;
        assert_eq!((preset.blocked.len(), preset.barred_media), (1, vec![Medium::Audio, Medium::Video]));
    }
}
