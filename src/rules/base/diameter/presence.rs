//! Rules about the AVPs that a message has, and has not (RFC 6733 sections 5 to 9, RFC 8506 section 3).

use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::{CommandFlags, application, command};

use super::grammar;
use super::header::FLAGS;
use super::types::is_name;
use super::view::{HEADER, View};
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static MANDATORY: BaseRule = must(
    "base.diameter.mandatory_avp",
    "RFC 6733 sections 3.2 and 5 to 9, RFC 8506 section 3",
    "A message has the AVPs that the grammar of its command says it has.",
);
static ONCE: BaseRule = must(
    "base.diameter.avp_once",
    "RFC 6733 sections 3.2 and 5 to 9, RFC 8506 section 3",
    "An AVP for which the grammar of the command has one place stands once.",
);
static RESULT: BaseRule = must(
    "base.diameter.result",
    "RFC 6733 sections 6.2 and 7.6",
    "An answer says in Result-Code or Experimental-Result how the request went.",
);
static ERROR_RESULT: BaseRule = habit(
    "base.diameter.error_result",
    "RFC 6733 sections 7.1.3 and 7.2",
    "The E bit is set where Result-Code is a protocol error (3xxx), and is not where it is a success.",
);
static SESSION_FIRST: BaseRule =
    habit("base.diameter.session_id_first", "RFC 6733 section 8.8", "Session-Id is the first AVP.");
static SESSION_FORM: BaseRule = must(
    "base.diameter.session_id_form",
    "RFC 6733 section 8.8",
    "A Session-Id begins with the DiameterIdentity of who made it, and a semicolon.",
);
static DESTINATION: BaseRule = must(
    "base.diameter.destination_in_answer",
    "RFC 6733 section 6.2",
    "An answer has neither Destination-Host nor Destination-Realm.",
);
static APPLICATION: BaseRule = must(
    "base.diameter.application_avp",
    "RFC 6733 section 3",
    "The application in the header is that of the Application-Id AVP.",
);
static ACCOUNTING: BaseRule = must(
    "base.diameter.accounting_application",
    "RFC 6733 section 9.7.1",
    "An ACR names its application in Acct-Application-Id or Vendor-Specific-Application-Id.",
);

pub(super) static RULES: &[&BaseRule] = &[
    &MANDATORY,
    &ONCE,
    &RESULT,
    &ERROR_RESULT,
    &SESSION_FIRST,
    &SESSION_FORM,
    &DESTINATION,
    &APPLICATION,
    &ACCOUNTING,
];

const HEAD: (usize, usize) = (0, HEADER);

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>) {
    grammar(sheet, view);
    session(sheet, view);
    application(sheet, view);
    if !view.is_request() {
        answer(sheet, view);
    }
}

fn grammar(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let grammar = grammar::of(view);
    let mut seen = 0u64;
    for avp in &view.avps {
        let Some(place) = grammar.once.iter().position(|once| avp.is(once)) else { continue };
        if seen & 1 << place != 0 {
            let name = grammar.once.get(place).map_or("it", |once| once.name);
            sheet.find(&ONCE, Some(avp.span()), format!("{name} once"), "another");
        }
        seen |= 1 << place;
    }
    for needed in grammar.must.iter().filter(|needed| view.find(needed).is_none()) {
        let name = command::name(view.command, view.is_request()).unwrap_or("a message");
        sheet.find(&MANDATORY, Some(HEAD), needed.name, format!("{name} without it"));
    }
}

fn session(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let Some(session) = view.find(&SESSION_ID) else { return };
    if session.at != HEADER {
        sheet.find(&SESSION_FIRST, Some(session.span()), "Session-Id before all other AVPs", "others before it");
    }
    let maker = session.data.split(|octet| *octet == b';').next().unwrap_or_default();
    if maker.len() == session.data.len() || !is_name(maker) {
        let observed = shown(&String::from_utf8_lossy(session.data));
        sheet.find(&SESSION_FORM, Some(session.data_span()), "the name of a node, a semicolon and more", observed);
    }
}

/// CER and CEA list applications; all other messages are of one.
fn application(sheet: &mut Sheet<'_>, view: &View<'_>) {
    if view.command == command::CAPABILITIES_EXCHANGE {
        return;
    }
    for definition in [&AUTH_APPLICATION_ID, &ACCT_APPLICATION_ID] {
        let Some((avp, named)) = view.find(definition).and_then(|avp| Some((avp, avp.word()?))) else { continue };
        if named != view.application && named != application::RELAY {
            let expected = format!("{}, as in the header", view.application);
            sheet.find(&APPLICATION, Some(avp.data_span()), expected, format!("{}: {named}", definition.name));
        }
    }
    let accounting = view.is_request() && view.command == command::ACCOUNTING;
    let names = [&ACCT_APPLICATION_ID, &VENDOR_SPECIFIC_APPLICATION_ID];
    if accounting && names.iter().all(|definition| view.find(definition).is_none()) {
        sheet.find(&ACCOUNTING, Some(HEAD), "Acct-Application-Id, or Vendor-Specific-Application-Id", "neither");
    }
}

fn answer(sheet: &mut Sheet<'_>, view: &View<'_>) {
    for definition in [&DESTINATION_HOST, &DESTINATION_REALM] {
        if let Some(avp) = view.find(definition) {
            sheet.find(&DESTINATION, Some(avp.span()), format!("no {}", definition.name), "an answer with it");
        }
    }
    let result = view.find(&RESULT_CODE);
    if result.is_none() && view.find(&EXPERIMENTAL_RESULT).is_none() {
        sheet.find(&RESULT, Some(HEAD), "Result-Code or Experimental-Result", "an answer without");
    }
    let Some((avp, code)) = result.and_then(|avp| Some((avp, avp.word()?))) else { return };
    match (code, view.has(CommandFlags::ERROR)) {
        (3000..4000, false) => sheet.find(&ERROR_RESULT, Some(avp.data_span()), "the E bit", format!("{code} without")),
        (2000..3000, true) => sheet.find(&ERROR_RESULT, Some(FLAGS), "no E bit", format!("{code} with it")),
        _ => {}
    }
}
