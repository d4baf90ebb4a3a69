//! Session descriptions (RFC 8866), and the message session in one (RFC 4975).

use cpm_wire::sdp::{MsrpMedia, Session, lines};

/// A description: its lines stand within it and in order, and the message session that it offers survives being written.
pub fn description(octets: &[u8]) {
    if let Ok(text) = std::str::from_utf8(octets) {
        let mut end = 0;
        for line in lines(text) {
            assert!(end <= line.octets().start && line.octets().end <= text.len());
            end = line.octets().end;
        }
    }
    match Session::parse(octets) {
        Ok(session) => read(&session),
        Err(error) => assert!(error.octets.start <= error.octets.end && error.octets.end <= octets.len()),
    }
}

fn read(session: &Session<'_>) {
    let attributes: usize = session.media().map(|media| media.attributes().count()).sum();
    let counted = session.lines().filter(|line| line.letter() == b'a').count();
    assert_eq!(session.attributes().count() + attributes, counted);
    assert_eq!(session.media().count(), session.lines().filter(|line| line.letter() == b'm').count());
    for media in session.media() {
        let _ = (session.connection_of(&media), session.attribute_of(&media, "path"));
    }
    let Ok(mut media) = MsrpMedia::from_session(session) else { return };
    // A description without any c= is read, and none is written.
    if media.address.is_empty() {
        media.address = "0.0.0.0".into();
    }
    let (offer, answer) = (media.to_sdp(&session.origin()), media.to_answer_sdp(&session.origin(), session));
    let again = Session::parse(offer.as_bytes()).map(|offer| MsrpMedia::from_session(&offer));
    assert_eq!(again, Ok(Ok(media)), "{offer}");
    let count = Session::parse(answer.as_bytes()).map(|answer| answer.media().count());
    assert_eq!(count, Ok(session.media().count()), "{answer}");
}
