//! What was seen of a target that speaks for an answer of its statement, or for another value of its network. It is told beside
//! what the profile says; it changes neither the profile nor any verdict.

use cpm_wire::sip::{Message, Method, Name, identity_key};
use serde::Serialize;
use serde_json::{Value, json};

use super::meaning::{Answer, Charged};
use super::record::Record;
use crate::target::Profile;
use crate::target::neighbours::{DeviceAddressing as Form, RegEvent};

/// An answer that something speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The key of the profile.
    pub key: &'static str,
    /// What the profile says.
    pub declared: String,
    /// What was seen speaks for.
    pub seen: String,
    /// What was seen.
    pub because: String,
    /// The value that the key would have.
    pub value: Value,
}

impl Proposal {
    fn new(key: &'static str, declared: impl ToString, seen: impl ToString, because: impl Into<String>) -> Proposal {
        let seen = seen.to_string();
        let value = match seen.as_str() {
            "true" => json!(true),
            "false" => json!(false),
            text => json!(text),
        };
        Proposal { key, declared: declared.to_string(), seen, because: because.into(), value }
    }

    /// A word that was seen of a list: the value is the list with it.
    fn listed(key: &'static str, list: &[&str], word: &str, because: impl Into<String>) -> Proposal {
        let there = list.contains(&word);
        let declared = if there { word.to_owned() } else { format!("without {word}") };
        let with: Vec<&str> =
            list.iter().copied().filter(|own| *own != "none").chain((!there).then_some(word)).collect();
        Proposal { value: json!(with), ..Proposal::new(key, declared, word, because) }
    }

    /// Whether the profile says what was seen.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.declared == self.seen
    }
}

/// What the target said and did beside what it sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Observed {
    /// Its 2xx to OPTIONS.
    pub options: Option<Message>,
    /// How it charged.
    pub charged: Charged,
    /// It entered the tester's store.
    pub entered_store: bool,
    /// What it answered to a message for somebody who was not there.
    pub to_absent: Option<Answer>,
    /// What it answered to a focus that invited somebody who was not there.
    pub invited_absent: Option<Answer>,
    /// How what was for him came when he was.
    pub comes_when_there: Option<&'static str>,
}

/// What speaks for which answer.
pub(super) fn proposals(profile: &Profile, observed: &Observed, record: &Record) -> Vec<Proposal> {
    let mut found = Vec::new();
    found.extend(product(profile, observed, record));
    found.extend(session_timer(profile, observed, record));
    found.extend(subscriptions(profile, record));
    found.extend(addressing(profile, record));
    found.extend(media_path(profile, record));
    found.extend(absent(profile, observed));
    let statement = profile.statement();
    if observed.charged.capabilities.is_some() {
        let because = "it introduced itself to the charging server";
        found.push(Proposal::new(
            "statement.charging_interface",
            statement.text("charging_interface"),
            "rf_ro",
            because,
        ));
    }
    if observed.entered_store {
        let because = "it logged in to the tester's message store";
        found.push(Proposal::new("statement.history_store", statement.text("history_store"), "imap", because));
    }
    found
}

/// Who it says that it is: Server in an answer, User-Agent in a request (RFC 3261 sections 20.35 and 20.41).
fn product(profile: &Profile, observed: &Observed, record: &Record) -> Option<Proposal> {
    let named = |message: &Message| {
        let name = if message.is_request() { Name::UserAgent } else { Name::Server };
        message.header(&name).map(str::to_owned)
    };
    let said = observed.options.as_ref().and_then(named);
    // What a request carries may be of whoever sent it to the target.
    let said =
        said.or_else(|| record.came.iter().filter(|(own, _)| !own.is_request()).find_map(|(own, _)| named(own)))?;
    let agrees = said.split(|c: char| c.is_whitespace() || "/();,".contains(c)).any(|word| word == profile.version);
    let declared = if agrees { said.clone() } else { profile.version.clone() };
    Some(Proposal::new("version", declared, said, "Server in its answers"))
}

/// Session timers (RFC 4028 sections 3 and 4): by Supported, or by an interval of its own.
fn session_timer(profile: &Profile, observed: &Observed, record: &Record) -> Option<Proposal> {
    let declared = profile.statement().flag("session_timer");
    let of = |seen: bool, because: &str| Some(Proposal::new("statement.session_timer", declared, seen, because));
    let supports =
        |message: &Message| message.values(&Name::Supported).any(|word| word.trim().eq_ignore_ascii_case("timer"));
    if let Some(options) = observed.options.as_ref().filter(|own| own.header(&Name::Supported).is_some()) {
        return of(supports(options), "Supported in its answer to OPTIONS");
    }
    let answers =
        record.came.iter().map(|(own, _)| own).filter(|own| own.method() == Method::Invite && !own.is_request());
    let accepted = answers.into_iter().find(|own| own.status() == Some(200))?;
    let runs = accepted.header(&Name::SessionExpires).is_some();
    // Silence of it says nothing: the tester asked for none.
    if runs || supports(accepted) { of(true, "its answer to an INVITE has them") } else { None }
}

/// What it subscribed to, and what it published.
fn subscriptions(profile: &Profile, record: &Record) -> Vec<Proposal> {
    let statement = profile.statement();
    let asks = |method: &Method, package: &str| {
        let is_it = |message: &Message| message.header(&Name::Event).is_some_and(|event| event.starts_with(package));
        record.asked(method, is_it).is_some()
    };
    let mut found = Vec::new();
    if asks(&Method::Subscribe, "reg") {
        let because = "it subscribed to the state of a registration";
        let list = statement.values("reachability_trigger");
        found.push(Proposal::listed("statement.reachability_trigger", &list, "reg_event", because));
        if profile.network.isc.reg_event == RegEvent::None {
            found.push(Proposal::new("network.isc.reg_event", "none", "optional", because));
        }
    }
    for (key, method) in
        [("statement.presence_source", Method::Publish), ("statement.presence_watcher", Method::Subscribe)]
    {
        if asks(&method, "presence") {
            let declared = statement.flag(key.trim_start_matches("statement."));
            found.push(Proposal::new(key, declared, true, format!("it sent {} for presence", method.as_str())));
        }
    }
    found
}

/// The form in which it addressed a device (RFC 5627, RFC 3841), in a message from another network.
fn addressing(profile: &Profile, record: &Record) -> Option<Proposal> {
    const FORMS: [(Form, &str); 4] =
        [(Form::Gruu, "gruu"), (Form::Instance, "instance"), (Form::Contact, "contact"), (Form::Impu, "impu")];
    let users = profile.pools().values().flatten().flat_map(|user| user.identities());
    let users: Vec<String> = users.map(|own| identity_key(&own)).collect();
    let of_user = |uri: &str| users.contains(&identity_key(uri));
    let from_elsewhere = |message: &Message| {
        let author = message.asserted_identities().filter_map(Result::ok).next();
        author.is_some_and(|author| !of_user(author.uri))
    };
    let to_device = |message: &Message| {
        message.request_uri().is_some_and(|uri| of_user(uri) || uri.starts_with("sip:doctor"))
            && from_elsewhere(message)
    };
    let (message, _) = record.asked(&Method::Message, to_device)?;
    let uri = message.request_uri()?;
    let word = match () {
        () if message.values(&Name::AcceptContact).any(|value| value.contains("+sip.instance")) => "instance",
        () if uri.contains(";gr") => "gruu",
        () if of_user(uri) => "impu",
        () => "contact",
    };
    let list = &profile.network.isc.device_addressing;
    let words: Vec<&str> = FORMS.iter().filter(|(form, _)| list.contains(form)).map(|(_, word)| *word).collect();
    Some(Proposal::listed("network.isc.device_addressing", &words, word, "so it addressed the device of a user"))
}

/// Whether it stays in the path of media: by whether the caller's own path reached the one who was called.
fn media_path(profile: &Profile, record: &Record) -> Option<Proposal> {
    let path = |message: &Message| {
        let text = String::from_utf8_lossy(message.body()).into_owned();
        text.lines().find_map(|line| line.strip_prefix("a=path:")).map(|path| path.trim().to_owned())
    };
    let of_tester: Vec<String> = record.sent.iter().filter_map(path).collect();
    let (came, _) = record.asked(&Method::Invite, |message| path(message).is_some())?;
    let seen = if of_tester.contains(&path(came)?) { "out" } else { "in" };
    let because = match seen {
        "in" => "a=path of a call that came through it is not that of the caller",
        _ => "a=path of a call that came through it is that of the caller",
    };
    Some(Proposal::new("statement.media_path", profile.statement().text("media_path"), seen, because))
}

/// What it did for somebody who was not there.
fn absent(profile: &Profile, observed: &Observed) -> Vec<Proposal> {
    let statement = profile.statement();
    let mut found = Vec::new();
    if let Some(Answer::Final { status, .. }) = observed.invited_absent {
        let seen = match status {
            202 => "accepted_202",
            200..=299 => "stand_in",
            _ => "refuse_then_fetch",
        };
        let because = format!("it answered {status} to a group that invited a user who was not there");
        found.push(Proposal::new("statement.first_answer", statement.text("first_answer"), seen, because));
    }
    if let (Some(way), Some(Answer::Final { status, .. })) = (observed.comes_when_there, &observed.to_absent) {
        let because =
            format!("it answered {status} to a message for a user who was not there, and so it came when he was");
        found.push(Proposal::listed(
            "statement.deferred_delivery",
            &statement.values("deferred_delivery"),
            way,
            because,
        ));
    }
    found
}
