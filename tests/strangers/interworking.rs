//! An interworking function of short messages that nobody here wrote: SMPP of the package smpplib toward a short message service
//! centre of the package smpp. The served reference sends it what CPM does not take, and gets what comes from it. Its programs are
//! in tests/strangers/interworking. Where one of the packages is not installed, that is said and no more.

pub mod short_messages;

use crate::peers::served::{Served, header};
use pretty_assertions::assert_eq;
use short_messages::{Cscf, Function, ServiceCentre, is_installed};

const BOB: &str = "sip:bob@example.com";
const CAROL: &str = "tel:+15550002";
const NUMBER: &str = "15550001";

/// The function, the service centre, and the served reference, whose serving CSCF is this test.
fn all() -> Option<(ServiceCentre, Served, Cscf, Function)> {
    if !is_installed() {
        return None;
    }
    let centre = ServiceCentre::start();
    let port = short_messages::free_port();
    let served = Served::with(&format!("interworking: {{function: \"sip:iwf@127.0.0.1:{port}\"}}\n"));
    let function = Function::start(port, centre.port, served.sip, (BOB, NUMBER));
    centre.bound();
    let cscf = Cscf::at(&served);
    Some((centre, served, cscf, function))
}

#[test]
fn what_cpm_does_not_take_becomes_a_short_message_and_its_sender_hears_so() {
    let Some((centre, served, cscf, function)) = all() else { return };
    cscf.sends(BOB, CAROL, "m-1", "Are you there?");
    // By CPM there is nobody.
    let onward = cscf.request("MESSAGE");
    cscf.answers(&onward, "404 Not Found");
    // The serving CSCF takes its own Route off, and the next one names the interworking function.
    let interworked = cscf.request("MESSAGE");
    for name in ["Conversation-ID", "Contribution-ID"] {
        assert_eq!(header(&interworked, name), header(&onward, name));
    }
    cscf.passes_on(&interworked);
    assert_eq!(centre.submitted(), (NUMBER.to_owned(), "15550002".to_owned(), "Are you there?".to_owned()));
    assert_eq!(cscf.final_answer(), Some(200));
    // The receipt comes back as a notification to the sender.
    let told = cscf.request("MESSAGE");
    assert!(told.contains("<message-id>m-1</message-id>") && told.contains("interworking-notification"), "{told}");
    cscf.answers(&told, "200 OK");
    function.stop();
    served.stop();
}

#[test]
fn a_short_message_reaches_the_user_by_cpm() {
    let Some((mut centre, served, cscf, function)) = all() else { return };
    centre.sends("15550002", NUMBER, "Here I am.");
    let message = cscf.request("MESSAGE");
    assert!(message.ends_with("\r\n\r\nHere I am."), "{message}");
    assert_eq!(header(&message, "P-Asserted-Identity"), Some("<tel:+15550002>"));
    cscf.answers(&message, "200 OK");
    assert_eq!(function.answered(), 200);
    function.stop();
    served.stop();
}
