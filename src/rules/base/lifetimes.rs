//! How long what was asked for lasts: subscriptions, publications and sessions (RFC 6665, RFC 3903, RFC 4028). Bounded.

use super::bounded::Bounded;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, Side, must, shown};
use super::sip::field::parameter;
use super::sip::names::Name;
use super::sip::presence::{lists, seconds};
use super::sip::view::View;

static GRANT: BaseRule = must(
    "base.sip.granted_lifetime",
    "RFC 6665 section 4.2.1.1, RFC 3903 section 6",
    "A subscription or publication is accepted for the time that was asked for, or a shorter one.",
);
static SESSION: BaseRule = must(
    "base.sip.session_interval",
    "RFC 4028 section 9",
    "The Session-Expires of a 2xx is not above that of its request, and leaves the refresher that the request names.",
);
static RETRY: BaseRule = must(
    "base.sip.session_retry",
    "RFC 4028 sections 7.3 and 7.4",
    "Who was refused with a 422 asks again with a Session-Expires that is not below its Min-SE.",
);

pub(super) static RULES: &[&BaseRule] = &[&GRANT, &SESSION, &RETRY];

/// What a request asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    expires: Option<u32>,
    session: Option<u32>,
    refresher: Option<String>,
    /// It supports or requires reliable provisional responses.
    pub reliable: bool,
}

impl Asked {
    pub fn of(view: &View<'_>) -> Asked {
        let session = view.line(Name::SessionExpires);
        Asked {
            expires: seconds(view, Name::Expires),
            session: seconds(view, Name::SessionExpires),
            refresher: session.and_then(|value| parameter(value, "refresher")).map(str::to_ascii_lowercase),
            reliable: [Name::Supported, Name::Require].into_iter().any(|name| lists(view, name, "100rel")),
        }
    }
}

/// The least session interval that was told with a 422, by who had asked and by Call-ID.
#[derive(Debug)]
pub(super) struct Lifetimes {
    least: Bounded<(Side, String), u32>,
}

impl Lifetimes {
    pub fn new() -> Lifetimes {
        Lifetimes { least: Bounded::new(1024) }
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.least.halve();
    }

    /// Takes a request in.
    pub fn request(&self, sheet: &mut Sheet<'_>, view: &View<'_>) {
        // Mostly nothing was refused for being too short.
        if self.least.len() == 0 {
            return;
        }
        let (Some(lasts), Some(call_id)) = (seconds(view, Name::SessionExpires), view.call_id()) else { return };
        let least = self.least.get(&(sheet.side, call_id.to_owned())).copied();
        if let Some(least) = least.filter(|least| lasts < *least) {
            let expected = format!("at least {least} seconds, as the 422 said");
            sheet.find(&RETRY, view.line(Name::SessionExpires).map(Piece::span), expected, lasts.to_string());
        }
    }

    /// Takes a final response in, and what its request asked for.
    pub fn response(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, asked: &Asked) {
        match (view.status(), view.method()) {
            (Some(422), _) => {
                if let (Some(least), Some(call_id)) = (seconds(view, Name::MinSe), view.call_id()) {
                    self.least.insert((sheet.side.other(), call_id.to_owned()), least);
                }
            }
            (Some(200..300), "SUBSCRIBE" | "PUBLISH") => granted(sheet, view, asked),
            (Some(200..300), "INVITE" | "UPDATE") => interval(sheet, view, asked),
            _ => {}
        }
    }
}

fn granted(sheet: &mut Sheet<'_>, view: &View<'_>, asked: &Asked) {
    let (Some(asked), Some(granted)) = (asked.expires, seconds(view, Name::Expires)) else { return };
    if granted > asked {
        let expected = format!("at most {asked} seconds");
        sheet.find(&GRANT, view.line(Name::Expires).map(Piece::span), expected, granted.to_string());
    }
}

fn interval(sheet: &mut Sheet<'_>, view: &View<'_>, asked: &Asked) {
    let Some(value) = view.line(Name::SessionExpires) else { return };
    if let (Some(most), Some(lasts)) = (asked.session, seconds(view, Name::SessionExpires))
        && lasts > most
    {
        sheet.find(&SESSION, Some(value.span()), format!("at most {most} seconds"), shown(value.text));
    }
    if let (Some(named), Some(said)) = (&asked.refresher, parameter(value, "refresher"))
        && !named.eq_ignore_ascii_case(said)
    {
        sheet.find(&SESSION, Some(value.span()), format!("refresher={named}"), shown(said));
    }
}
