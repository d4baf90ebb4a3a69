//! Rules about what the two ends of one connection say to each other: capabilities first, then requests and their
//! answers, paired by the Hop-by-Hop Identifier (RFC 6733 sections 3, 5.3 and 6.2). Bounded.

use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::{CommandFlags, command};

use super::header::FLAGS;
use super::view::View;
use crate::rules::base::bounded::Bounded;
use crate::rules::base::sheet::{BaseRule, Sheet, Side, habit, must, shown};

static CAPABILITIES: BaseRule = must(
    "base.diameter.capabilities_first",
    "RFC 6733 sections 5.3 and 5.6",
    "The first messages on a connection are CER and CEA.",
);
static UNASKED: BaseRule = must(
    "base.diameter.answer_unasked",
    "RFC 6733 sections 3 and 6.2",
    "An answer has the Hop-by-Hop Identifier of a request on its connection, and there is one.",
);
static HOP_BY_HOP: BaseRule = must(
    "base.diameter.hop_by_hop",
    "RFC 6733 section 3",
    "No two requests of one end wait for answers on a connection with the same Hop-by-Hop Identifier.",
);
static COMMAND: BaseRule =
    must("base.diameter.answer_command", "RFC 6733 section 3", "An answer has the command code of its request.");
static APPLICATION: BaseRule =
    habit("base.diameter.answer_application", "RFC 6733 section 3", "An answer is of the application of its request.");
static END_TO_END: BaseRule = must(
    "base.diameter.answer_end_to_end",
    "RFC 6733 section 6.2",
    "An answer has the End-to-End Identifier of its request.",
);
static PROXIABLE: BaseRule =
    must("base.diameter.answer_proxiable", "RFC 6733 section 6.2", "The P bit of an answer is that of its request.");
static SESSION: BaseRule =
    must("base.diameter.answer_session", "RFC 6733 section 6.2", "An answer has the Session-Id of its request.");
static PROXY_INFOS: BaseRule = must(
    "base.diameter.answer_proxy_info",
    "RFC 6733 section 6.2",
    "An answer has every Proxy-Info of its request, in the same order.",
);
static RECORD: BaseRule = habit(
    "base.diameter.answer_record",
    "RFC 6733 section 9.8.3, RFC 8506 section 8.2",
    "An ACA or CCA is about the type and number of record that it was asked about.",
);

pub(super) static RULES: &[&BaseRule] = &[
    &CAPABILITIES,
    &UNASKED,
    &HOP_BY_HOP,
    &COMMAND,
    &APPLICATION,
    &END_TO_END,
    &PROXIABLE,
    &SESSION,
    &PROXY_INFOS,
    &RECORD,
];

/// So many requests of each end are remembered.
const LIMIT: usize = 2048;
const HOP_BY_HOP_AT: (usize, usize) = (12, 16);
const END_TO_END_AT: (usize, usize) = (16, 20);

/// The AVPs by which a record is known; their values come back in the answer.
const RECORD_AVPS: [Definition; 4] =
    [ACCOUNTING_RECORD_TYPE, ACCOUNTING_RECORD_NUMBER, CC_REQUEST_TYPE, CC_REQUEST_NUMBER];

/// What an answer is held against.
#[derive(Debug)]
struct Asked {
    command: u32,
    application: u32,
    end_to_end: u32,
    proxiable: bool,
    session: Option<Box<[u8]>>,
    /// All Proxy-Info, as one value after the other.
    proxies: Box<[u8]>,
    record: [Option<u32>; 4],
    answered: bool,
    /// It came more than once, and each may be answered.
    repeated: bool,
    excused: bool,
}

/// One end of a connection.
#[derive(Debug)]
struct End {
    spoken: bool,
    asked: Bounded<u32, Asked>,
}

impl Default for End {
    fn default() -> End {
        End { spoken: false, asked: Bounded::new(LIMIT) }
    }
}

/// One connection.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    tester: End,
    target: End,
    /// It was seen from its first octet on.
    from_start: bool,
    /// Something of it could not be read, so answers may lack their requests.
    blurred: bool,
}

impl Exchange {
    pub fn from_start() -> Exchange {
        Exchange { from_start: true, ..Exchange::default() }
    }

    /// A message of the connection cannot be read.
    pub fn blur(&mut self) {
        self.blurred = true;
    }

    fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Tester => &mut self.tester,
            Side::Target => &mut self.target,
        }
    }

    /// Takes a message.
    pub fn observe(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, excused: bool) {
        self.opening(sheet, view, excused);
        // Of a message that is not whole, nothing is asked that may stand in the rest.
        let excused = excused || view.fault.is_some();
        if view.is_request() {
            self.request(sheet, view, excused);
        } else {
            self.answer(sheet, view, excused);
        }
    }

    fn opening(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, excused: bool) {
        let from_start = self.from_start && !self.blurred;
        let first = !std::mem::replace(&mut self.end(sheet.side).spoken, true);
        if first && from_start && !excused && view.command != command::CAPABILITIES_EXCHANGE {
            let observed = format!("command {} as the first", view.command);
            sheet.find(&CAPABILITIES, Some((5, 8)), "CER or CEA before everything else", observed);
        }
    }

    fn request(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, excused: bool) {
        let asked = asked(view, excused);
        let Some(before) = self.end(sheet.side).asked.insert(view.hop_by_hop, asked) else { return };
        // The same request once more, after a failure: T, or the same End-to-End Identifier.
        let again = view.has(CommandFlags::RETRANSMITTED) || before.end_to_end == view.end_to_end;
        if let Some(asked) = self.end(sheet.side).asked.get_mut(&view.hop_by_hop) {
            asked.repeated = again;
        }
        // Answers may be missing in what began in the midst of a connection, and be meant for another by the numbers.
        if !before.answered && !again && !excused && !before.excused && self.from_start && !self.blurred {
            let expected = "an identifier for which no answer is awaited";
            sheet.find(&HOP_BY_HOP, Some(HOP_BY_HOP_AT), expected, format!("0x{:08x}", view.hop_by_hop));
        }
    }

    fn answer(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, excused: bool) {
        let known = self.from_start && !self.blurred;
        let end = self.end(sheet.side.other());
        let forgetful = end.asked.has_forgotten();
        let Some(asked) = end.asked.get_mut(&view.hop_by_hop) else {
            if known && !forgetful && !excused {
                let expected = "a request with this Hop-by-Hop Identifier before it";
                sheet.find(&UNASKED, Some(HOP_BY_HOP_AT), expected, format!("0x{:08x}", view.hop_by_hop));
            }
            return;
        };
        let again = std::mem::replace(&mut asked.answered, true);
        if excused || asked.excused {
            return;
        }
        if again && known && !asked.repeated {
            sheet.find(&UNASKED, Some(HOP_BY_HOP_AT), "one answer to a request", "another");
        }
        head(sheet, view, asked);
        body(sheet, view, asked);
    }
}

fn asked(view: &View<'_>, excused: bool) -> Asked {
    Asked {
        command: view.command,
        application: view.application,
        end_to_end: view.end_to_end,
        proxiable: view.has(CommandFlags::PROXIABLE),
        session: view.find(&SESSION_ID).map(|avp| avp.data.into()),
        proxies: proxies(view),
        record: record(view),
        answered: false,
        repeated: false,
        excused,
    }
}

fn proxies(view: &View<'_>) -> Box<[u8]> {
    let mut values = Vec::new();
    view.all(&PROXY_INFO).for_each(|avp| values.extend_from_slice(avp.data));
    values.into()
}

fn record(view: &View<'_>) -> [Option<u32>; 4] {
    RECORD_AVPS.map(|definition| view.find(&definition).and_then(|avp| avp.word()))
}

fn head(sheet: &mut Sheet<'_>, view: &View<'_>, asked: &Asked) {
    if view.command != asked.command {
        sheet.find(&COMMAND, Some((5, 8)), format!("command {}", asked.command), view.command.to_string());
    }
    if view.application != asked.application {
        let expected = format!("application {}", asked.application);
        sheet.find(&APPLICATION, Some((8, 12)), expected, view.application.to_string());
    }
    if view.end_to_end != asked.end_to_end {
        let expected = format!("0x{:08x}, as in the request", asked.end_to_end);
        sheet.find(&END_TO_END, Some(END_TO_END_AT), expected, format!("0x{:08x}", view.end_to_end));
    }
    if view.has(CommandFlags::PROXIABLE) != asked.proxiable {
        let expected = if asked.proxiable { "the P bit, as in the request" } else { "no P bit, as in the request" };
        sheet.find(&PROXIABLE, Some(FLAGS), expected, format!("flags 0x{:02x}", view.flags));
    }
}

fn body(sheet: &mut Sheet<'_>, view: &View<'_>, asked: &Asked) {
    let session = view.find(&SESSION_ID);
    if let Some(wanted) = &asked.session
        && session.is_none_or(|avp| avp.data != &**wanted)
    {
        let observed = session.map_or("none".to_owned(), |avp| shown(&String::from_utf8_lossy(avp.data)));
        let span = session.map_or((0, view.octets.len()), |avp| avp.data_span());
        sheet.find(&SESSION, Some(span), format!("Session-Id {}", shown(&String::from_utf8_lossy(wanted))), observed);
    }
    if !asked.proxies.is_empty() && proxies(view) != asked.proxies {
        let span = view.find(&PROXY_INFO).map_or((0, view.octets.len()), |avp| avp.span());
        sheet.find(&PROXY_INFOS, Some(span), "the Proxy-Info of the request", "none, or others");
    }
    for ((definition, wanted), found) in RECORD_AVPS.iter().zip(asked.record).zip(record(view)) {
        if let (Some(wanted), Some(found)) = (wanted, found)
            && wanted != found
        {
            let span = view.find(definition).map(|avp| avp.data_span());
            sheet.find(&RECORD, span, format!("{} {wanted}", definition.name), found.to_string());
        }
    }
}
