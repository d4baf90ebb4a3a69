//! Refusing what cannot be read: 400 to a broken request (RFC 3261 sections 8.2 and 18.3), silence for a broken
//! response or ACK, and for what is no SIP at all.

use super::sip::PRODUCT;
use bytes::Bytes;
use cpm_wire::sip::{Malformed, Message, Method};

/// The fields that a response repeats, by long and compact name.
const REPEATED: [(&str, &str); 5] = [("via", "v"), ("from", "f"), ("to", "t"), ("call-id", "i"), ("cseq", "cseq")];

/// The 400 for octets that are not even a message, when there is enough in them to answer.
pub fn refusal(octets: &[u8], tag: &str) -> Option<Message> {
    let text = String::from_utf8_lossy(octets);
    let head = text.split("\r\n\r\n").next()?;
    let mut lines = head.split("\r\n");
    let start = lines.next()?;
    if !start.ends_with(" SIP/2.0") || start.starts_with("ACK ") {
        return None;
    }
    answer(lines, "Bad Request", tag)
}

/// The 400 for a request with a field that cannot be read or is missing.
pub fn refusal_of(request: &Message, fault: &Malformed, tag: &str) -> Option<Message> {
    if request.method() == Method::Ack {
        return None;
    }
    let octets = request.octets().clone();
    let head = octets.get(..request.body_span().start as usize)?;
    let text = String::from_utf8_lossy(head);
    let reason: String = fault.to_string().chars().filter(|c| !c.is_control()).take(80).collect();
    answer(text.split("\r\n").skip(1), &reason, tag)
}

/// Builds the response from the raw lines; none when Via is missing, for then nobody could be answered.
fn answer<'a>(lines: impl Iterator<Item = &'a str>, reason: &str, tag: &str) -> Option<Message> {
    let mut repeated = String::new();
    let mut seen = Vec::new();
    let mut keep = false;
    for line in lines.filter(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            if keep {
                repeated.push_str(&format!("{line}\r\n"));
            }
            continue;
        }
        keep = false;
        let Some((name, value)) = line.split_once(':') else { continue };
        let name = name.trim().to_ascii_lowercase();
        let Some((long, _)) = REPEATED.iter().find(|(long, short)| name == *long || name == *short) else { continue };
        if *long != "via" && seen.contains(long) {
            continue;
        }
        seen.push(*long);
        keep = true;
        let tagged = if *long == "to" && !value.contains(";tag=") { format!(";tag={tag}") } else { String::new() };
        repeated.push_str(&format!("{name}:{value}{tagged}\r\n"));
    }
    if REPEATED.iter().any(|(long, _)| !seen.contains(long)) {
        return None;
    }
    let text = format!("SIP/2.0 400 {reason}\r\n{repeated}Server: {PRODUCT}\r\nContent-Length: 0\r\n\r\n");
    // Without a Via that can be read the response finds nobody.
    Message::parse(Bytes::from(text)).ok().filter(|response| response.via().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const BROKEN: &str = "OPTIONS sip:pf SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nno colon here\r\n\
        From: <sip:a@x>;tag=1\r\nTo: <sip:pf>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n";

    #[test]
    fn a_broken_request_is_answered_400_along_its_via() {
        let refusal = refusal(BROKEN.as_bytes(), "t").unwrap();
        assert_eq!(refusal.status(), Some(400));
        assert_eq!(refusal.via().unwrap().branch(), Some("z9hG4bK1"));
        assert_eq!(refusal.to_tag(), Some("t"));
    }

    #[test]
    fn responses_acks_and_noise_are_dropped() {
        assert!(refusal(BROKEN.replace("OPTIONS sip:pf SIP/2.0", "SIP/2.0 200 OK").as_bytes(), "t").is_none());
        assert!(refusal(BROKEN.replace("OPTIONS sip:pf", "ACK sip:pf").as_bytes(), "t").is_none());
        assert!(refusal(b"\x00\xff\x00 hello", "t").is_none());
    }
}
