//! Base rules of disposition notifications: the document of RFC 5438 sections 7 and 11.

use roxmltree::Node;

use super::bounded::Bounded;
use super::digest::digest;
use super::grammar::uri;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, habit, must, shown};
use super::xml::{self, children, span};

static ROOT: BaseRule =
    must("base.imdn.root", "RFC 5438 section 11.1", "The document is an imdn element of urn:ietf:params:xml:ns:imdn.");
static MESSAGE_ID: BaseRule =
    must("base.imdn.message_id", "RFC 5438 section 11.1", "message-id names the message, and stands first.");
static SHAPE: BaseRule = must(
    "base.imdn.shape",
    "RFC 5438 section 11.1",
    "After message-id and datetime stands one of delivery-, display- and processing-notification, or an extension.",
);
static STATUS: BaseRule = must(
    "base.imdn.status",
    "RFC 5438 section 11.1",
    "A notification has one status, one that its kind knows, or an extension.",
);
static DATE_TIME: BaseRule =
    habit("base.imdn.date_time", "RFC 5438 section 7.2.1.1", "datetime is the DateTime of the message, RFC 3339.");
static ADDRESSES: BaseRule =
    must("base.imdn.addresses", "RFC 5438 section 11.1", "recipient-uri and original-recipient-uri are URIs.");
static UNASKED: BaseRule = must(
    "base.imdn.unasked",
    "RFC 5438 sections 6.2 and 7.2.1",
    "A message is reported of only as it asked: positive-delivery, negative-delivery, processing, display.",
);
static DATE_TIME_COPIED: BaseRule = habit(
    "base.imdn.date_time_copied",
    "RFC 5438 section 7.2.1",
    "datetime is the DateTime of the message that is reported of.",
);

pub(super) static RULES: &[&BaseRule] =
    &[&ROOT, &MESSAGE_ID, &SHAPE, &STATUS, &DATE_TIME, &ADDRESSES, &UNASKED, &DATE_TIME_COPIED];

const NAMESPACE: &str = "urn:ietf:params:xml:ns:imdn";
/// Each kind of notification, and the status elements that it knows.
const KINDS: [(&str, &[&str]); 3] = [
    ("delivery-notification", &["delivered", "failed", "forbidden", "error"]),
    ("display-notification", &["displayed", "forbidden", "error"]),
    ("processing-notification", &["processed", "stored", "forbidden", "error"]),
];
/// The elements in the order of the schema.
const ORDER: [&str; 5] = ["message-id", "datetime", "recipient-uri", "original-recipient-uri", "subject"];

/// What a message asked to be told (RFC 5438 section 6.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wishes(u8);

impl Wishes {
    const POSITIVE: Wishes = Wishes(1);
    const NEGATIVE: Wishes = Wishes(2);
    const PROCESSING: Wishes = Wishes(4);
    const DISPLAY: Wishes = Wishes(8);
    /// A word that another document defines: what it asks for is unknown.
    const OTHER: Wishes = Wishes(16);

    /// What a list of words asks for.
    pub fn read(list: &str) -> Wishes {
        let words = Piece::new(list, 0).split(',').map(|word| word.before(';').trim());
        words.map(|word| Wishes::of(word.text)).fold(Wishes::default(), Wishes::and)
    }

    fn of(word: &str) -> Wishes {
        match word {
            "positive-delivery" => Wishes::POSITIVE,
            "negative-delivery" => Wishes::NEGATIVE,
            "processing" => Wishes::PROCESSING,
            "display" => Wishes::DISPLAY,
            _ => Wishes::OTHER,
        }
    }

    fn and(self, other: Wishes) -> Wishes {
        Wishes(self.0 | other.0)
    }

    /// Whether something of this was asked for, or may have been.
    fn has(self, wanted: Wishes) -> bool {
        self.0 & (wanted.0 | Wishes::OTHER.0) != 0
    }
}

/// A message that was seen.
#[derive(Clone, Copy, Debug)]
struct Reported {
    wishes: Wishes,
    /// Its DateTime in seconds, none if it was seen with several.
    instant: Option<i64>,
}

/// Remembers what messages asked for, by the print of their Message-ID. Bounded.
#[derive(Debug)]
pub(super) struct Reports {
    messages: Bounded<u64, Reported>,
}

impl Reports {
    pub fn new() -> Reports {
        Reports { messages: Bounded::new(1 << 14) }
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.messages.halve();
    }

    /// A message may be seen several times on its way, and asks for all that was asked.
    fn asked(&mut self, Wish { message, wishes, instant }: Wish) {
        if let Some(known) = self.messages.entry(message, || Reported { wishes, instant }) {
            known.wishes = known.wishes.and(wishes);
            known.instant = known.instant.filter(|known| Some(*known) == instant);
        }
    }

    fn of(&self, message_id: &str) -> Option<Reported> {
        self.messages.get(&digest(message_id.as_bytes())).copied()
    }
}

/// What one message asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// The print of its Message-ID.
    message: u64,
    wishes: Wishes,
    instant: Option<i64>,
}

impl Wish {
    pub fn new(message_id: &str, date_time: &str, wishes: Wishes) -> Wish {
        Wish { message: digest(message_id.as_bytes()), wishes, instant: super::grammar::instant(date_time) }
    }
}

/// What is known while a body is judged.
#[derive(Debug)]
pub(super) enum Memory {
    /// Everything that came before.
    Known(Reports),
    /// Nothing yet: what is asked for is noted until it is its turn.
    Ahead(Vec<Wish>),
    /// Nothing, and there was something to be looked up.
    Missed,
}

impl Memory {
    /// That of a body which is judged before it is its turn.
    pub const fn ahead() -> Memory {
        Memory::Ahead(Vec::new())
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        if let Memory::Known(reports) = self {
            reports.halve();
        }
    }

    /// Takes in what a message asks for.
    pub fn asked(&mut self, wish: Wish) {
        match self {
            Memory::Known(reports) => reports.asked(wish),
            Memory::Ahead(wishes) => wishes.push(wish),
            Memory::Missed => {}
        }
    }
}

/// Checks a disposition notification.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8], memory: &mut Memory) {
    let Memory::Known(reports) = memory else {
        *memory = Memory::Missed;
        return;
    };
    xml::with(sheet, octets, |sheet, root| {
        if !root.has_tag_name((NAMESPACE, "imdn")) {
            return xml::wrong_root(sheet, &ROOT, root, &format!("imdn of {NAMESPACE}"));
        }
        let message = message_id(sheet, root).and_then(|id| reports.of(&id));
        date_time(sheet, root, message.and_then(|message| message.instant));
        shape(sheet, root, message);
    });
}

fn message_id(sheet: &mut Sheet<'_>, root: Node<'_, '_>) -> Option<String> {
    let first = root.children().find(Node::is_element);
    let Some(id) = first.filter(|first| first.has_tag_name((NAMESPACE, "message-id"))) else {
        sheet.find(&MESSAGE_ID, first.and_then(span), "message-id as the first element", "another, or none");
        return None;
    };
    let text = xml::text(id);
    if text.trim().is_empty() {
        sheet.find(&MESSAGE_ID, span(id), "the Message-ID of a message", "nothing");
    }
    Some(text.trim().to_owned())
}

fn date_time(sheet: &mut Sheet<'_>, root: Node<'_, '_>, known: Option<i64>) {
    let time = children(root, NAMESPACE).find(|child| child.tag_name().name() == "datetime");
    let text = time.map(xml::text).unwrap_or_default();
    if !super::grammar::is_date_time(text.trim()) {
        sheet.find(&DATE_TIME, time.and_then(span), "a datetime of RFC 3339", shown(&text));
    } else if known.is_some() && known != super::grammar::instant(text.trim()) {
        sheet.find(&DATE_TIME_COPIED, time.and_then(span), "the DateTime of the message", shown(&text));
    }
}

fn shape(sheet: &mut Sheet<'_>, root: Node<'_, '_>, message: Option<Reported>) {
    let kind = |name: &str| KINDS.iter().find(|(kind, _)| *kind == name);
    let mut place = 0;
    let mut kinds = 0;
    for child in children(root, NAMESPACE) {
        let name = child.tag_name().name();
        if let Some((_, known)) = kind(name) {
            kinds += 1;
            place = ORDER.len();
            status(sheet, child, known, message);
            continue;
        }
        if name.ends_with("recipient-uri") && uri(Piece::new(xml::text(child).trim(), 0)).is_err() {
            sheet.find(&ADDRESSES, span(child), format!("a URI in {name}"), shown(&xml::text(child)));
        }
        match ORDER.iter().position(|known| *known == name) {
            Some(found) if found >= place => place = found + 1,
            _ => {
                sheet.find(&SHAPE, span(child), "the elements of the schema in their order", format!("{name} here"));
                return;
            }
        }
    }
    let extended = root.children().any(|child| child.is_element() && child.tag_name().namespace() != Some(NAMESPACE));
    if kinds > 1 || kinds == 0 && !extended {
        sheet.find(&SHAPE, span(root), "one notification", format!("{kinds} of them"));
    }
}

fn status(sheet: &mut Sheet<'_>, notification: Node<'_, '_>, known: &[&str], message: Option<Reported>) {
    let statuses: Vec<Node<'_, '_>> =
        children(notification, NAMESPACE).filter(|child| child.tag_name().name() == "status").collect();
    let [status] = statuses.as_slice() else {
        sheet.find(&STATUS, span(notification), "one status", format!("{} of them", statuses.len()));
        return;
    };
    let words: Vec<&str> = children(*status, NAMESPACE).map(|word| word.tag_name().name()).collect();
    let extended = status.children().any(|word| word.is_element() && word.tag_name().namespace() != Some(NAMESPACE));
    let right = match words.as_slice() {
        [] => extended,
        [word] => known.contains(word),
        _ => false,
    };
    if !right {
        return sheet.find(&STATUS, span(*status), format!("one of {}", known.join(", ")), shown(&words.join(", ")));
    }
    let asks = match (notification.tag_name().name(), words.as_slice()) {
        (_, []) => Wishes(u8::MAX),
        ("delivery-notification", ["delivered"]) => Wishes::POSITIVE,
        ("delivery-notification", ["failed"]) => Wishes::NEGATIVE,
        ("delivery-notification", _) => Wishes::POSITIVE.and(Wishes::NEGATIVE),
        ("display-notification", _) => Wishes::DISPLAY,
        _ => Wishes::PROCESSING,
    };
    if message.is_some_and(|message| !message.wishes.has(asks)) {
        let expected = "no such notification, for the message did not ask";
        sheet.find(&UNASKED, span(notification), expected, words.join(", "));
    }
}
