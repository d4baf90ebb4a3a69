//! The lists that a device was told one after the other, and where each stands among the rosters that the focus held
//! (L23): by the notifications of a subscription, by documents in a session, or by objects in the message store.

use super::Chat;
use super::lists::{session_rosters, subscriptions};
use super::roster::{Presences, between, differences, differs, presences};
use super::store::{group_states, of_state};
use crate::evidence::Member;
use crate::story::told::{Telling, Told};
use crate::target::statement::Statement;

/// What brings intermediate lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Notifications.
    Chain,
    /// Documents in the session, by themselves or with each message.
    Session,
    /// Objects in the message store.
    Store,
}

impl Form {
    /// Every form.
    pub const ALL: [Form; 3] = [Form::Chain, Form::Session, Form::Store];

    /// All of them, those that the statement declares first.
    pub fn in_order(statement: &Statement) -> Vec<Form> {
        let mut forms = Form::ALL.to_vec();
        forms.sort_by_key(|form| !form.is_declared(statement));
        forms
    }

    /// Whether the statement declares it.
    pub fn is_declared(self, statement: &Statement) -> bool {
        self.words().iter().any(|word| statement.has("intermediate", word))
    }

    /// Its words in the statement, the most general first.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Form::Chain => &["notify_chain"],
            Form::Session => &["msrp_documents", "per_message_list"],
            Form::Store => &["group_state_objects"],
        }
    }
}

/// One list in a stream.
#[derive(Debug)]
pub(super) struct Place {
    /// When it came.
    pub frame: u64,
    /// The rosters of the focus that it shows, by their number. None when it shows what never was.
    pub rosters: Vec<usize>,
    /// The first difference to the last roster.
    pub difference: String,
    /// The first difference to the roster that it is most like.
    pub nearest: String,
}

/// The lists of one subscription, of one session, or of the message store.
#[derive(Debug)]
pub(super) struct Stream<'a> {
    /// To which device.
    pub device: Option<&'a str>,
    /// The lists, in order.
    pub places: Vec<Place>,
}

/// The rosters that the focus held, and from which frame on.
pub(super) fn rosters<'a>(chat: &Chat<'a>) -> &'a [(u64, Vec<Member>)] {
    chat.story.cast().group(chat.group).map(|group| group.rosters.as_slice()).unwrap_or_default()
}

/// The number of the roster that was in force in a frame.
pub(super) fn in_force(chat: &Chat<'_>, frame: u64) -> usize {
    rosters(chat).iter().rposition(|(since, _)| *since <= frame).unwrap_or_default()
}

/// Every stream of this form, in order.
pub(super) fn streams<'a>(chat: &Chat<'a>, form: Form) -> Vec<Stream<'a>> {
    match form {
        Form::Chain => subscriptions(chat).map(|known| stream(chat, known.device.as_deref(), &known.told)).collect(),
        Form::Session => session_rosters(chat).map(|held| stream(chat, held.device.as_deref(), &held.told)).collect(),
        Form::Store => {
            let places = group_states(chat).filter(|state| state.fault.is_none());
            let places = places.map(|state| place(chat, state.frame, &[of_state(chat, state)])).collect();
            vec![Stream { device: None, places }]
        }
    }
    .into_iter()
    .filter(|stream: &Stream<'_>| !stream.places.is_empty())
    .collect()
}

fn stream<'a>(chat: &Chat<'a>, device: Option<&'a str>, told: &Told) -> Stream<'a> {
    let counted = told.documents.iter().filter(|document| !document.stale && document.gap.is_none());
    let both =
        |document: &Telling| [presences(chat, &document.held.by_schema), presences(chat, &document.held.by_habit)];
    Stream { device, places: counted.map(|document| place(chat, document.frame, &both(document))).collect() }
}

fn place(chat: &Chat<'_>, frame: u64, readings: &[Presences]) -> Place {
    let mut shown = matching(chat, readings);
    if shown.is_empty() {
        let pairs = rosters(chat).windows(2).enumerate();
        let on_its_way = pairs.filter(|(_, pair)| match pair {
            [(_, left), (_, right)] => readings.iter().any(|reading| between(chat, left, right, reading)),
            _ => false,
        });
        shown = on_its_way.map(|(at, _)| at).collect();
    }
    let last = rosters(chat).last().map(|(_, members)| members.as_slice()).unwrap_or_default();
    let difference = readings.first().and_then(|reading| differs(chat, last, reading)).unwrap_or_default();
    let nearest = readings
        .iter()
        .flat_map(|reading| rosters(chat).iter().rev().map(|(_, members)| differences(chat, members, reading)));
    let nearest = nearest.min_by_key(Vec::len).and_then(|differences| differences.into_iter().next());
    Place { frame, rosters: shown, difference, nearest: nearest.unwrap_or_default() }
}

/// The rosters that any reading of a list shows.
pub(super) fn matching(chat: &Chat<'_>, readings: &[Presences]) -> Vec<usize> {
    let shows = |members: &[Member]| readings.iter().any(|reading| differs(chat, members, reading).is_none());
    let all = rosters(chat).iter().enumerate();
    all.filter(|(_, (_, members))| shows(members)).map(|(at, _)| at).collect()
}
