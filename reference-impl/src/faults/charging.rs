//! Faults with what is charged. [PF-SES-04]

mod credit;
mod records;
mod servers;

use super::Fault;
use super::passage::Way;
use super::scene::Scene;
use super::tampering::{Fate, Mischief};
use crate::config::Config;
use bytes::Bytes;
use cpm_wire::diameter::dictionary::{
    ACCOUNTING_RECORD_NUMBER, ACCOUNTING_RECORD_TYPE, AUTH_APPLICATION_ID, CC_REQUEST_NUMBER, CC_REQUEST_TYPE,
    Definition, ORIGIN_HOST, ORIGIN_REALM, RESULT_CODE,
};
use cpm_wire::diameter::{Avp, Builder, Message, command, result};

pub(super) const FAULTS: &[&[Fault]] = &[records::FAULTS, credit::FAULTS, servers::FAULTS];

/// What becomes of requests of the function to the charging server.
struct Requests(fn(&Scene, &Message) -> Fate);

impl Mischief for Requests {
    fn diameter(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        if way == Way::Out && message.is_request() { (self.0)(scene, message) } else { Fate::Pass }
    }
}

/// What becomes of answers about credit.
struct Answers(fn(&Message) -> Fate);

impl Mischief for Answers {
    fn diameter(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let answers = !message.is_request() && message.header().command == command::CREDIT_CONTROL;
        if way == Way::In && answers { (self.0)(message) } else { Fate::Pass }
    }
}

/// The function is told to do something else.
struct Configured(fn(&mut Config));

impl Mischief for Configured {
    fn configure(&self, config: &mut Config) {
        (self.0)(config);
    }
}

/// The type of a record: EVENT 1, START 2, INTERIM 3, STOP 4; none for what is no record.
fn record_type(message: &Message) -> Option<u32> {
    of_type(message, command::ACCOUNTING, &ACCOUNTING_RECORD_TYPE)
}

/// The type of a question about credit, or of its answer: INITIAL 1, UPDATE 2, TERMINATION 3, EVENT 4.
fn credit_type(message: &Message) -> Option<u32> {
    of_type(message, command::CREDIT_CONTROL, &CC_REQUEST_TYPE)
}

fn of_type(message: &Message, command: u32, definition: &Definition) -> Option<u32> {
    message.find(definition).filter(|_| message.header().command == command)?.unsigned32().ok()
}

/// The answer of a server that has nothing against it.
fn success(request: &Message) -> Bytes {
    let copied =
        [ACCOUNTING_RECORD_TYPE, ACCOUNTING_RECORD_NUMBER, AUTH_APPLICATION_ID, CC_REQUEST_TYPE, CC_REQUEST_NUMBER];
    let answer = request.answer().avp(&RESULT_CODE, result::SUCCESS);
    let answer = answer.avp(&ORIGIN_HOST, "ocs.invalid").avp(&ORIGIN_REALM, "invalid");
    let avps = request.avps().filter(|avp| copied.iter().any(|definition| avp.is(definition)));
    avps.fold(answer, |answer, avp| kept(answer, &avp))
        .build()
        .map(|answer| answer.octets().clone())
        .unwrap_or_default()
}

/// The request is never sent, and the function believes that it was answered.
fn swallowed(request: &Message) -> Fate {
    Fate::Answered(success(request))
}

fn kept(to: Builder, avp: &Avp<'_>) -> Builder {
    to.raw(avp.code, avp.flags, avp.vendor, avp.data)
}

/// The same message with other AVPs: `each` adds what stands for one.
fn remade(message: &Message, each: impl Fn(Builder, &Avp<'_>) -> Builder) -> Bytes {
    let header = message.header();
    let like = Message::request(header.command, header.application).identifiers(header.hop_by_hop, header.end_to_end);
    let made = message.avps().fold(like, |to, avp| each(to, &avp)).build();
    let mut octets = made.map(|made| made.octets().to_vec()).unwrap_or_default();
    // The command flags.
    if let Some(flags) = octets.get_mut(4) {
        *flags = header.flags.0;
    }
    octets.into()
}

/// The message without AVPs of these kinds, as such.
fn without(message: &Message, left_out: &[Definition]) -> Fate {
    let altered = remade(message, |to, avp| match left_out.iter().any(|definition| avp.is(definition)) {
        true => to,
        false => kept(to, avp),
    });
    Fate::altered(altered)
}

/// The answer with another result.
fn with_result(message: &Message, code: u32) -> Fate {
    let altered = remade(message, |to, avp| match avp.is(&RESULT_CODE) {
        true => to.avp(&RESULT_CODE, code),
        false => kept(to, avp),
    });
    Fate::altered(altered)
}
