//! Dialogs that were seen to begin with an INVITE: where their requests go, what overlaps, and what comes after their end
//! (RFC 3261 sections 12, 14 and 15, RFC 3311). Bounded.

use cpm_wire::search::{cut, find};

use super::bounded::Bounded;
use super::digest::digest;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, Side, habit, must, shown};
use super::sip::names::Name;
use super::sip::view::{Start, View};

// Between two hops a request may be on its way that crosses a new target, and proxies may rewrite: warnings.
static TARGET: BaseRule = habit(
    "base.sip.remote_target",
    "RFC 3261 sections 12.2.1.1 and 12.2.1.2",
    "A request within a dialog goes to the Contact that the other side gave, in its Request-URI or last Route.",
);
static ROUTES: BaseRule = habit(
    "base.sip.route_set",
    "RFC 3261 sections 12.1 and 12.2.1.1",
    "A request within a dialog has the Routes that were recorded, in their order, those passed left out.",
);
static AFTER_BYE: BaseRule = habit(
    "base.sip.after_bye",
    "RFC 3261 sections 15.1.1 and 15.1.2",
    "Who ended a session, or let it be ended, sends no more requests within it.",
);
static OVERLAP: BaseRule = must(
    "base.sip.overlap",
    "RFC 3261 section 14.1, RFC 3311 section 5.1",
    "Nobody asks to change a session anew before the change asked for last was answered.",
);

pub(super) static RULES: &[&BaseRule] = &[&TARGET, &ROUTES, &AFTER_BYE, &OVERLAP];

/// So many targets of one side, and routes of one direction, are remembered.
const FEW: usize = 8;

/// What is known of one side of a dialog.
#[derive(Debug, Default)]
struct End {
    /// The Contacts that it gave, one after the other.
    targets: Vec<String>,
    /// The Routes of its requests, as the dialog began.
    routes: Vec<String>,
    /// It said, or confirmed, that it is over.
    over: bool,
    /// Method and number of the change that it waits for.
    pending: Option<(String, u32)>,
}

#[derive(Debug, Default)]
struct Session {
    target: End,
    tester: End,
}

impl Session {
    fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Target => &mut self.target,
            Side::Tester => &mut self.tester,
        }
    }
}

/// A digest of Call-ID and both tags, in their order as texts.
type Key = u64;

#[derive(Debug)]
pub(super) struct Sessions {
    sessions: Bounded<Key, Session>,
    /// What an INVITE without a tag in To tells of its sender, until it is answered: by Call-ID and tag.
    begun: Bounded<u64, Begun>,
}

/// The Record-Routes and the Contact of an INVITE that begins a session.
pub(super) type Begun = (Vec<String>, Option<String>);

/// What an INVITE without a tag in To tells of its sender.
pub(super) fn begun(view: &View<'_>) -> Option<Begun> {
    let begins = view.is_request() && view.method() == "INVITE" && key(view).is_none();
    begins.then(|| (uris(view, Name::RecordRoute), contact(view)))
}

impl Sessions {
    pub fn new() -> Sessions {
        Sessions { sessions: Bounded::new(2048), begun: Bounded::new(2048) }
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.sessions.halve();
        self.begun.halve();
    }

    /// Takes a request in that was not seen before, and what it tells if it begins a session.
    pub fn request(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, begun: Option<Begun>) {
        if let Some(begun) = begun {
            self.begun.insert(digest((view.call_id(), view.tag_from())), begun);
        }
        let Some(key) = key(view) else { return };
        let Some(session) = self.sessions.get_mut(&key) else { return };
        let own = session.end(sheet.side);
        let changing = matches!(view.method(), "INVITE" | "UPDATE" | "INFO" | "MESSAGE" | "REFER" | "PRACK");
        if own.over && changing {
            let span = view.line(Name::CSeq).map(Piece::span);
            sheet.find(&AFTER_BYE, span, "no request after the end of the session", shown(view.method()));
        }
        overlap(sheet, view, own);
        own.over |= view.method() == "BYE";
        own.learn(view);
        routed(sheet, view, &own.routes);
        directed(sheet, view, &session.end(sheet.side.other()).targets);
    }

    /// Takes a response in.
    pub fn response(&mut self, sheet: &Sheet<'_>, view: &View<'_>) {
        let Some(key) = key(view) else { return };
        if view.method() == "INVITE" && !view.is_refusal() {
            self.begins(key, sheet.side, view);
        }
        let Some(session) = self.sessions.get_mut(&key) else { return };
        let answered = view.status().is_some_and(|code| code >= 200);
        let asker = session.end(sheet.side.other());
        let number = view.cseq().map(|(number, _)| number);
        if answered && asker.pending.as_ref().is_some_and(|(_, pending)| Some(*pending) == number) {
            asker.pending = None;
        }
        let own = session.end(sheet.side);
        own.over |= view.method() == "BYE" && view.is_success();
        if !view.is_refusal() {
            own.learn(view);
        }
    }

    /// The first response with a tag makes the dialog.
    fn begins(&mut self, key: Key, side: Side, view: &View<'_>) {
        if self.sessions.get(&key).is_some() {
            return;
        }
        let begun = digest((view.call_id(), view.tag_from()));
        let Some((recorded, asker)) = self.begun.get(&begun) else { return };
        let mut session = Session::default();
        session.end(side).routes = recorded.clone();
        let asking = session.end(side.other());
        asking.targets.extend(asker.clone());
        asking.routes = uris(view, Name::RecordRoute);
        asking.routes.reverse();
        self.sessions.insert(key, session);
    }
}

impl End {
    /// A Contact is where the side is reached from now on.
    fn learn(&mut self, view: &View<'_>) {
        if let Some(contact) = contact(view).filter(|contact| !self.targets.contains(contact)) {
            if self.targets.len() == FEW {
                self.targets.remove(0);
            }
            self.targets.push(contact);
        }
    }
}

/// Call-ID and tags, where there are both.
fn key(view: &View<'_>) -> Option<Key> {
    let (from, to) = (view.tag_from()?, view.tag_to()?);
    let (first, second) = if from <= to { (from, to) } else { (to, from) };
    Some(digest((view.call_id()?, first, second)))
}

/// The URIs of addresses, in small letters, for what has case there is told apart by nothing else.
fn uris(view: &View<'_>, name: Name) -> Vec<String> {
    view.values(name).take(FEW).map(|value| bare(value.text)).collect()
}

fn contact(view: &View<'_>) -> Option<String> {
    view.values(Name::Contact).next().map(|value| bare(value.text))
}

/// The URI of an address.
fn bare(address: &str) -> String {
    let display = super::grammar::quoted_string(address).unwrap_or_default();
    let rest = address.get(display..).unwrap_or_default();
    // An angle bracket behind a semicolon stands in the value of a parameter.
    let bracketed = find([b'<', b';'], rest.as_bytes()).and_then(|place| rest.get(place..)?.strip_prefix('<'));
    let uri = match bracketed {
        Some(inside) => cut(inside, b'>').map_or(inside, |(uri, _)| uri),
        None => cut(rest, b';').map_or(rest, |(uri, _)| uri),
    };
    uri.trim().to_ascii_lowercase()
}

/// A new INVITE, or an UPDATE with an offer, before the last one of its kind was answered.
fn overlap(sheet: &mut Sheet<'_>, view: &View<'_>, own: &mut End) {
    let Some((number, method)) = view.cseq() else { return };
    let changes = method == "INVITE" || method == "UPDATE" && !view.body.is_empty();
    if !changes {
        // An ACK has seen the answer, and a BYE asks for no more.
        if matches!(method, "ACK" | "BYE") {
            own.pending = None;
        }
        return;
    }
    if let Some((pending, last)) = own.pending.as_ref().filter(|(pending, last)| *pending == method && *last < number) {
        let expected = format!("an answer to the {pending} with the CSeq {last} first");
        sheet.find(&OVERLAP, view.line(Name::CSeq).map(Piece::span), expected, format!("a new {method}"));
    }
    own.pending = Some((method.to_owned(), number));
}

fn routed(sheet: &mut Sheet<'_>, view: &View<'_>, recorded: &[String]) {
    // CANCEL and the ACK of a refusal have the Routes of their INVITE, which made no dialog or an early one.
    if matches!(view.method(), "CANCEL" | "ACK") {
        return;
    }
    let Some(first) = view.line(Name::Route).filter(|_| !recorded.is_empty() && recorded.len() < FEW) else { return };
    let routes = uris(view, Name::Route);
    if !recorded.ends_with(&routes) {
        sheet.find(&ROUTES, Some(first.span()), shown(&recorded.join(", ")), shown(&routes.join(", ")));
    }
}

fn directed(sheet: &mut Sheet<'_>, view: &View<'_>, targets: &[String]) {
    let Start::Request { uri, .. } = view.start else { return };
    let known = |uri: &String| targets.contains(uri);
    // Behind a strict router the target is the last Route, and CANCEL and ACK of refusals go where their INVITE went.
    let strict = uris(view, Name::Route).last().is_some_and(known);
    let within = !matches!(view.method(), "CANCEL" | "ACK");
    if within && !targets.is_empty() && !known(&uri.text.to_ascii_lowercase()) && !strict {
        let expected = format!("the Contact {}", shown(&targets.join(", ")));
        sheet.find(&TARGET, Some(uri.span()), expected, shown(uri.text));
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn the_uri_of_an_address_is_found_with_and_without_brackets() {
        for (address, uri) in [
            ("<sip:Bob@192.0.2.4;lr>;x=y", "sip:bob@192.0.2.4;lr"),
            ("\"Bob <b>\" <sip:bob@192.0.2.4>", "sip:bob@192.0.2.4"),
            ("Bob <sip:bob@192.0.2.4>", "sip:bob@192.0.2.4"),
            ("sip:bob@192.0.2.4;+sip.instance=\"<urn:uuid:1>\"", "sip:bob@192.0.2.4"),
            ("sip:bob@192.0.2.4", "sip:bob@192.0.2.4"),
        ] {
            assert_eq!(bare(address), uri, "{address}");
        }
    }
}
