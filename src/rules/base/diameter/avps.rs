//! Rules about AVPs by themselves, at the top and inside groups (RFC 6733 section 4).

use cpm_wire::diameter::dictionary::{self, Definition, FAILED_AVP, Kind, Mandatory};
use cpm_wire::diameter::{AvpFlags, application};

use super::groups;
use super::types;
use super::view::{Fault, Lack, Seen, View};
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static LENGTH: BaseRule = must(
    "base.diameter.avp_length",
    "RFC 6733 sections 4 and 4.1",
    "The length of an AVP covers its header and value, and with its padding fits into what holds it.",
);
static PADDING: BaseRule =
    must("base.diameter.avp_padding", "RFC 6733 section 4", "The octets that pad a value to four are zero.");
static RESERVED: BaseRule =
    must("base.diameter.avp_reserved_bits", "RFC 6733 section 4.1", "The reserved bits of the AVP flags are zero.");
static PROTECTED: BaseRule =
    habit("base.diameter.avp_protected_bit", "RFC 6733 section 4.1", "The P bit of an AVP is zero.");
static VENDOR: BaseRule = must(
    "base.diameter.avp_vendor",
    "RFC 6733 section 4.1",
    "A Vendor-ID is not zero: AVPs of the IETF have no V bit.",
);
static MANDATORY: BaseRule = must(
    "base.diameter.avp_mandatory_bit",
    "RFC 6733 sections 4.1 and 4.5, RFC 8506 section 8",
    "The M bit of an AVP of the IETF is as the document says that defines it.",
);
static MANDATORY_3GPP: BaseRule = habit(
    "base.diameter.avp_mandatory_bit_3gpp",
    "RFC 6733 section 4.1, of AVPs of TS 32.299 section 7.2",
    "The M bit of an AVP of 3GPP for charging is set.",
);

pub(super) static RULES: &[&BaseRule] =
    &[&LENGTH, &PADDING, &RESERVED, &PROTECTED, &VENDOR, &MANDATORY, &MANDATORY_3GPP];

/// Groups are looked into so deep; those of charging have five levels.
const DEEPEST: usize = 12;

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>) {
    for avp in &view.avps {
        one(sheet, view, avp, DEEPEST);
    }
    if let Some(fault) = view.fault {
        wrong_length(sheet, fault);
    }
}

fn wrong_length(sheet: &mut Sheet<'_>, fault: Fault) {
    let observed = match fault.observed {
        Lack::Header(octets) => format!("{octets} octets that hold no header"),
        Lack::Length(said, there) => format!("a length of {said} where {there} octets are left"),
        Lack::Padding(octets) => format!("{octets} octets of padding that are not there"),
    };
    sheet.find(&LENGTH, Some(fault.span), "an AVP that is whole", observed);
}

fn one(sheet: &mut Sheet<'_>, view: &View<'_>, avp: &Seen<'_>, depth: usize) {
    let Some(definition) = dictionary::lookup(avp.vendor, avp.code) else {
        return frame(sheet, view, avp, None);
    };
    frame(sheet, view, avp, Some(definition));
    if let Some((rule, expected)) = types::fault(definition, avp.data) {
        let observed = format!("{}: {}", definition.name, shown(&String::from_utf8_lossy(avp.data)));
        sheet.find(rule, Some(avp.data_span()), expected, observed);
    }
    // What was refused is quoted as it came (section 7.5).
    if definition.kind == Kind::Grouped && !avp.is(&FAILED_AVP) && depth > 0 {
        inside(sheet, view, avp, definition, depth - 1);
    }
}

fn inside(sheet: &mut Sheet<'_>, view: &View<'_>, group: &Seen<'_>, definition: &Definition, depth: usize) {
    let mut members = groups::Members::of(definition);
    let mut at = group.data_at;
    while at < group.end {
        match Seen::read(view.octets, at, group.end) {
            Ok(avp) => {
                one(sheet, view, &avp, depth);
                members.seen(&avp);
                at = avp.next;
            }
            Err(fault) => return wrong_length(sheet, fault),
        }
    }
    members.check(sheet, group);
}

/// What holds for every AVP, known or not.
fn frame(sheet: &mut Sheet<'_>, view: &View<'_>, avp: &Seen<'_>, definition: Option<&Definition>) {
    let name = definition.map_or("an AVP", |definition| definition.name);
    let mut flag = |rule, expected: &str| {
        sheet.find(rule, Some(avp.flags_span()), expected, format!("{name} with flags 0x{:02x}", avp.flags));
    };
    if avp.flags & AvpFlags::RESERVED != 0 {
        flag(&RESERVED, "five reserved bits that are zero");
    }
    if avp.flags & AvpFlags::PROTECTED != 0 {
        flag(&PROTECTED, "no P bit");
    }
    let mandatory = avp.flags & AvpFlags::MANDATORY != 0;
    // An application that takes AVPs over may treat the M bit as it likes.
    let own = matches!(view.application, application::COMMON | application::ACCOUNTING | application::CREDIT_CONTROL);
    if let Some(definition) = definition.filter(|_| own) {
        let rule = if definition.vendor.is_none() { &MANDATORY } else { &MANDATORY_3GPP };
        match definition.mandatory {
            Mandatory::Must if !mandatory => flag(rule, "the M bit"),
            Mandatory::MustNot if mandatory => flag(rule, "no M bit"),
            _ => {}
        }
    }
    if avp.vendor == Some(0) {
        sheet.find(&VENDOR, Some((avp.at + 8, avp.at + 12)), "a vendor, or no V bit", "vendor 0");
    }
    if view.octets.get(avp.end..avp.next).is_some_and(|padding| padding.iter().any(|octet| *octet != 0)) {
        sheet.find(&PADDING, Some((avp.end, avp.next)), "padding of zeros", format!("other octets after {name}"));
    }
}
