//! What the stage does and knows: the words that stand beside the octets, so that a rule can tell who is who, when a
//! device was reachable and what the focus held true, without asking anybody. Each is a JSON frame in the pcapng.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ChargingRecord, Intercepted, StoredItem};
use crate::verdict::Blame;

/// How a member stands in the roster of a focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// In the chat.
    Connected,
    /// Invited, and not in the chat yet.
    Invited,
    /// Left by itself.
    Departed,
    /// Removed by another member or by the focus.
    Removed,
}

/// One member in the roster of a focus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The public identity of the member.
    pub entity: String,
    /// How it stands.
    pub status: MemberStatus,
}

/// What sort of chat it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// A group that anybody may be added to.
    #[default]
    Open,
    /// A group whose members were fixed as it was made.
    Closed,
    /// A chat of two.
    OneToOne,
}

/// A chat as a client shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownChat {
    /// Its Contribution-ID.
    pub contribution: String,
    /// The URI of the focus that the client would call.
    #[serde(default)]
    pub focus: String,
    /// Who takes part, as far as the client knows.
    #[serde(default)]
    pub members: Vec<ShownMember>,
    /// The messages, in the order shown.
    #[serde(default)]
    pub messages: Vec<ShownMessage>,
    /// Who came and went, in the order shown.
    #[serde(default)]
    pub changes: Vec<ShownChange>,
}

/// A member as a client shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownMember {
    /// The public identity.
    pub entity: String,
    /// `connected`, `invited`, `departed`.
    pub status: String,
}

/// A message as a client shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownMessage {
    /// imdn.Message-ID.
    pub message_id: String,
    /// Who wrote it.
    #[serde(default)]
    pub author: String,
    /// The text.
    #[serde(default)]
    pub text: String,
    /// Of the user's own messages: `sent`, `delivered`, `displayed`, `failed`; of others: `received`.
    #[serde(default)]
    pub state: String,
}

/// A change of the members as a client shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownChange {
    /// The public identity.
    pub entity: String,
    /// `joined`, `left`.
    pub what: String,
    /// How many messages stand before it.
    pub after_messages: usize,
}

/// Why a scenario does not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// The rule that was awaited last is broken. Its finding is never written down: whoever reads judges again.
    Broken,
    /// The rule that was awaited last could not be judged. Why, it says to whoever judges again.
    Unmet,
    /// What was to be judged could not be seen.
    Unseen {
        /// Why not.
        why: String,
        /// Who is to be asked.
        blame: Blame,
    },
    /// It was seen, and by an entry of the ledger nobody can say whether it is right.
    Undecided {
        /// What was seen.
        why: String,
        /// The entry.
        ledger: String,
    },
    /// The suite itself is at fault.
    Harness(String),
}

/// Something that the stage did or knows. Persons, devices and groups go by the names that the feature gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A step of the scenario begins.
    Step {
        /// Its place in the scenario, from 1.
        index: u32,
        /// `Given`, `When`, `Then`.
        keyword: String,
        /// The sentence.
        text: String,
        /// Its line in the feature.
        line: u32,
    },
    /// A step is over.
    StepEnded {
        /// Its place in the scenario.
        index: u32,
    },
    /// A person takes part.
    Person {
        /// The name in the feature.
        name: String,
        /// Whether the target serves this person.
        served: bool,
        /// Public identities, `sip:` and `tel:`.
        identities: Vec<String>,
        /// The class of users of the profile that the person was drawn from.
        class: Option<String>,
    },
    /// Where the interworking function is, which takes what CPM does not reach.
    InterworkingFunction {
        /// Its service identity.
        identity: String,
    },
    /// A real core stands between the tester and the target: what the tester sees of SIP has passed it.
    Core {
        /// Where the tester sends its requests.
        entry: String,
        /// The addresses of the target, of its signalling and of its media, by which it is told from the core.
        target: Vec<String>,
    },
    /// A device of a person.
    Device {
        /// Whose.
        person: String,
        /// Its name in the feature.
        device: String,
        /// The value of `+sip.instance`.
        instance: String,
        /// Its contact URI.
        contact: String,
        /// Its feature tags.
        tags: Vec<String>,
    },
    /// A group chat at the tester's focus.
    Group {
        /// The name in the feature.
        group: String,
        /// Contribution-ID.
        contribution: String,
        /// Conversation-ID.
        conversation: String,
        /// The URI of the group session identity; in a chat of two, the identity of the other.
        focus: String,
        /// The subject.
        subject: String,
        /// What sort of chat it is. A second event of the same group is the same chat at a new focus.
        #[serde(default)]
        kind: ChatKind,
    },
    /// The focus is about to invite this served user; the INVITE follows on the wire.
    Invited {
        /// To which chat.
        group: String,
        /// Who.
        person: String,
    },
    /// What the focus holds true from here on.
    Roster {
        /// Of which chat.
        group: String,
        /// Everybody, also those who have left.
        members: Vec<Member>,
    },
    /// The focus has ended the chat.
    GroupEnded {
        /// Which.
        group: String,
    },
    /// The label of a message for findings, before the first SEND of it.
    Message {
        /// In which chat; none for a message outside chats.
        group: Option<String>,
        /// `m1`, or the first words of the text.
        label: String,
        /// imdn.Message-ID.
        message_id: String,
        /// Who wrote it.
        author: String,
        /// For whom alone it is, a public identity; none for everybody.
        #[serde(default)]
        private_to: Option<String>,
    },
    /// A standalone message is about to be sent; its request follows on the wire.
    Standalone {
        /// How the scenario calls it.
        label: String,
        /// imdn.Message-ID; none where it has no envelope.
        message_id: Option<String>,
        /// Contribution-ID.
        contribution: String,
        /// Conversation-ID.
        conversation: String,
        /// Who sends it, by name.
        author: String,
        /// Whom it is for, by name: more than one for a list.
        to: Vec<String>,
    },
    /// What a served user wishes, or the provider orders about the user, from here on.
    Preferred {
        /// The served user.
        person: String,
        /// Whose word it is: `index`, the user's, or `provider`.
        owner: String,
        /// The document; none where nothing is wished any more.
        document: Option<String>,
    },
    /// How the tester's charging server answers for a served user from here on.
    Account {
        /// The served user.
        person: String,
        /// The public identities for which this holds.
        identities: Vec<String>,
        /// `unlimited`, `refused` with a code, `last` with seconds and what follows, `silent`, `down`.
        account: String,
    },
    /// The interception of a served user is about to be ordered, or its end; the order follows on this connection.
    Interception {
        /// The served user.
        person: String,
        /// The identity of the task, a UUID.
        task: String,
        /// Whether it is the order to end the task.
        ends: bool,
        /// Whether who orders it may do so.
        authorised: bool,
        /// The connection of the administration; none where a hook of the profile was told, which has obeyed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connection: Option<u64>,
    },
    /// What the target has stored for a user, as a hook of the profile lists it.
    Stored {
        /// The served user.
        person: String,
        /// Everything that is listed.
        items: Vec<StoredItem>,
    },
    /// What the target has charged to a user, as a hook of the profile hands it over: all of it so far.
    Charged {
        /// The served user who was asked about.
        person: String,
        /// Every record.
        records: Vec<ChargingRecord>,
    },
    /// What was intercepted of a user, as a hook of the profile hands it over: all of it so far.
    HandedOver {
        /// The served user who was asked about.
        person: String,
        /// The task under which it was intercepted; that of nobody where none was ordered.
        task: String,
        /// Everything that was intercepted.
        items: Vec<Intercepted>,
    },
    /// An end is about to call for a session in a way that is wrong; the INVITE follows on the wire.
    WrongCall {
        /// The session.
        session: String,
        /// In what way: `unknown dialog`, `bad description`, `without identifiers`, `unknown extension`, `unknown proxy
        /// extension`, `no hops left`.
        what: String,
        /// The Call-ID of the INVITE.
        call_id: String,
    },
    /// The author of a message gives it up before it is whole.
    Aborted {
        /// imdn.Message-ID.
        message_id: String,
    },
    /// A member hides who it is.
    Hidden {
        /// In which chat.
        group: String,
        /// The public identity that nobody may learn.
        identity: String,
        /// The URI by which the others know the member.
        alias: String,
    },
    /// The target is a client, and serves this person.
    ClientUnderTest {
        /// Who.
        person: String,
        /// The name of the device in the feature.
        device: String,
    },
    /// The tester told the client under test what its user does.
    Acted {
        /// Whose client.
        person: String,
        /// Which device.
        device: String,
        /// What: `open`, `restart`...
        act: String,
        /// In which chat, by its Contribution-ID.
        chat: Option<String>,
    },
    /// What the client under test shows its user, as an observer told.
    Shown {
        /// Whose client.
        person: String,
        /// Which device.
        device: String,
        /// Every chat that it shows.
        chats: Vec<ShownChat>,
    },
    /// The tester gives, or withdraws, a trigger by which the target learns of reachability.
    Reachable {
        /// Whose.
        person: String,
        /// Which device.
        device: String,
        /// Whether it is reachable from here on.
        yes: bool,
        /// By what means the target is told.
        trigger: String,
    },
    /// The tester breaks the connection of a device, or makes it deaf.
    Lost {
        /// Whose.
        person: String,
        /// Which device.
        device: String,
        /// In what manner.
        how: String,
    },
    /// A quiet window begins: from here on nothing of a kind may be seen.
    Quiet {
        /// How long, in milliseconds.
        for_ms: u64,
    },
    /// The quiet window is over.
    QuietEnded,
    /// A rule is awaited.
    Awaited {
        /// Which, as `missed_group_content.complete`.
        rule: String,
        /// About which persons, groups and messages.
        arguments: Value,
        /// For how many milliseconds at most.
        ms: u64,
    },
    /// The rule that was awaited last is not awaited any longer: here it is judged.
    Decided {
        /// Whether the time was over, so that nothing more could come.
        closed: bool,
        /// Whether the tester's own timers were late meanwhile: then an absence or a deadline proves nothing.
        lagged: bool,
    },
    /// The scenario is over. Always the last event: evidence without it is not whole.
    Over {
        /// Why it did not go on to its end, if it did not.
        stop: Option<Stop>,
    },
    /// A timer of the tester itself was late.
    Lag {
        /// By how many milliseconds.
        ms: u64,
    },
    /// The kernel dropped datagrams to the tester's sockets.
    Dropped {
        /// How many.
        datagrams: u64,
    },
    /// The network lost datagrams between tester and target. Only a network that the tester plays itself tells.
    NetworkLost {
        /// How many.
        datagrams: u64,
    },
    /// The tester did something to the target itself.
    Target {
        /// `killed`, `restarted`.
        what: String,
    },
    /// Anything else worth reading.
    Note {
        /// In words.
        text: String,
    },
}
