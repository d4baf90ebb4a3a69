use super::*;
use pretty_assertions::assert_eq;

fn at(seconds: u64) -> Time {
    Time::ZERO + Duration::from_secs(seconds)
}

fn publisher() -> Publisher {
    let wanted = Wanted {
        target: "sip:bob@example.com".to_owned(),
        routes: vec!["<sip:scscf.example.com;lr>".to_owned()],
        identity: "sip:bob@example.com".to_owned(),
        local_tag: "pub".to_owned(),
        call_id: "call".to_owned(),
        event: "presence".to_owned(),
        expires: 3600,
    };
    Publisher::new(wanted, &Timers::default())
}

fn content(text: &str) -> Content {
    Content { media_type: "application/pidf+xml".to_owned(), body: Bytes::copy_from_slice(text.as_bytes()) }
}

/// The request that is due, as it would go out.
fn next(publisher: &mut Publisher) -> Message {
    publisher
        .poll_request()
        .expect("a request is due")
        .header(Name::Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1")
        .build()
}

/// Tag, Expires and body of the request that is due.
fn said(publisher: &mut Publisher) -> (Option<String>, u32, String) {
    let request = next(publisher);
    let tag = request.header(&Name::SipIfMatch).map(str::to_owned);
    (tag, request.expires().unwrap(), String::from_utf8_lossy(request.body()).into_owned())
}

fn expected(tag: &str, expires: u32, body: &str) -> (Option<String>, u32, String) {
    (Some(tag.to_owned()).filter(|tag| !tag.is_empty()), expires, body.to_owned())
}

/// Answers what is under way.
fn answer(publisher: &mut Publisher, now: Time, status: u16, headers: &[(Name, &str)]) {
    let request = Builder::request(Method::Publish, "sip:bob@example.com").build();
    let response = Builder::response(&request, status, "Said");
    let response = headers.iter().fold(response, |response, (name, value)| response.header(name.clone(), value));
    publisher.answered(now, Some(&response.build()));
}

fn accept(publisher: &mut Publisher, now: Time, tag: &str) {
    answer(publisher, now, 200, &[(Name::SipEtag, tag), (Name::Expires, "3600")]);
}

/// A publication that stands since time 0, with the tag `t1`.
fn published() -> Publisher {
    let mut publisher = publisher();
    publisher.publish(content("<open/>"), true);
    next(&mut publisher);
    accept(&mut publisher, at(0), "t1");
    publisher
}

#[test]
fn the_first_publish_says_the_whole_state_and_no_tag() {
    let mut publisher = publisher();
    assert!(publisher.poll_request().is_none() && publisher.is_idle());
    publisher.publish(content("<open/>"), true);
    assert_eq!(
        publisher.poll_request().unwrap().build().octets(),
        "PUBLISH sip:bob@example.com SIP/2.0\r\n\
         Max-Forwards: 70\r\n\
         Route: <sip:scscf.example.com;lr>\r\n\
         From: <sip:bob@example.com>;tag=pub\r\n\
         To: <sip:bob@example.com>\r\n\
         Call-ID: call\r\n\
         CSeq: 1 PUBLISH\r\n\
         Event: presence\r\n\
         Expires: 3600\r\n\
         Content-Type: application/pidf+xml\r\n\
         Content-Length: 7\r\n\r\n<open/>"
    );
    assert!(publisher.poll_request().is_none() && !publisher.is_idle());
}

#[test]
fn a_refresh_has_the_tag_and_no_body() {
    let mut publisher = published();
    assert_eq!(publisher.poll_timeout(), Some(at(3600 - 32)));
    publisher.handle_timeout(at(3568));
    assert_eq!(said(&mut publisher), expected("t1", 3600, ""));
    accept(&mut publisher, at(3568), "t2");
    publisher.handle_timeout(at(7136));
    assert_eq!(said(&mut publisher), expected("t2", 3600, ""));
    assert_eq!(publisher.cseq, 3);
}

#[test]
fn a_change_has_the_last_tag_and_the_body() {
    let mut publisher = published();
    publisher.publish(content("<closed/>"), true);
    assert_eq!(said(&mut publisher), expected("t1", 3600, "<closed/>"));
    accept(&mut publisher, at(5), "t2");
    publisher.publish(content("<open/>"), true);
    assert_eq!(said(&mut publisher), expected("t2", 3600, "<open/>"));
}

#[test]
fn what_changes_meanwhile_is_said_once_the_answer_is_there() {
    let mut publisher = publisher();
    publisher.publish(content("<a/>"), true);
    next(&mut publisher);
    publisher.publish(content("<b/>"), true);
    publisher.publish(content("<c/>"), true);
    assert!(publisher.poll_request().is_none());
    accept(&mut publisher, at(1), "t1");
    assert_eq!(said(&mut publisher), expected("t1", 3600, "<c/>"));
    accept(&mut publisher, at(2), "t2");
    assert!(publisher.poll_request().is_none());
}

#[test]
fn a_removal_has_the_tag_no_body_and_no_time() {
    let mut publisher = published();
    publisher.remove();
    assert_eq!(said(&mut publisher), expected("t1", 0, ""));
    answer(&mut publisher, at(1), 200, &[(Name::SipEtag, "t2"), (Name::Expires, "0")]);
    assert!(publisher.is_idle() && publisher.poll_timeout().is_none());
    publisher.publish(content("<open/>"), true);
    assert_eq!(said(&mut publisher), expected("", 3600, "<open/>"));
}

#[test]
fn what_was_never_published_is_not_removed() {
    let mut publisher = publisher();
    publisher.remove();
    assert!(publisher.poll_request().is_none() && publisher.is_idle());
    publisher.publish(content("<open/>"), true);
    next(&mut publisher);
    publisher.remove();
    accept(&mut publisher, at(0), "t1");
    assert_eq!(said(&mut publisher), expected("t1", 0, ""));
}

#[test]
fn after_412_all_is_said_anew_without_a_tag() {
    let mut publisher = published();
    publisher.handle_timeout(at(3568));
    next(&mut publisher);
    answer(&mut publisher, at(3568), 412, &[]);
    assert_eq!(said(&mut publisher), expected("", 3600, "<open/>"));
    accept(&mut publisher, at(3569), "u1");
    publisher.publish(content("<closed/>"), true);
    assert_eq!(said(&mut publisher), expected("u1", 3600, "<closed/>"));
    answer(&mut publisher, at(3570), 412, &[]);
    assert_eq!(said(&mut publisher), expected("", 3600, "<closed/>"));
    // Who names no tag cannot be helped.
    answer(&mut publisher, at(3571), 412, &[]);
    assert!(publisher.poll_request().is_none());
    let mut gone = published();
    gone.remove();
    next(&mut gone);
    answer(&mut gone, at(1), 412, &[]);
    assert!(gone.poll_request().is_none() && gone.is_idle());
}

#[test]
fn after_423_a_longer_time_is_asked_for_once() {
    let mut publisher = publisher();
    publisher.publish(content("<open/>"), true);
    next(&mut publisher);
    answer(&mut publisher, at(0), 423, &[(Name::MinExpires, "7200")]);
    assert_eq!(said(&mut publisher), expected("", 7200, "<open/>"));
    answer(&mut publisher, at(0), 423, &[(Name::MinExpires, "7201")]);
    assert!(publisher.poll_request().is_none());
    for useless in ["3600", "never", ""] {
        let mut publisher = self::publisher();
        publisher.publish(content("<open/>"), true);
        next(&mut publisher);
        answer(&mut publisher, at(0), 423, &[(Name::MinExpires, useless)]);
        assert!(publisher.poll_request().is_none());
    }
}

#[test]
fn who_is_refused_or_not_answered_waits_for_another_state() {
    for status in [403, 489, 503] {
        let mut publisher = published();
        publisher.publish(content("<closed/>"), true);
        next(&mut publisher);
        answer(&mut publisher, at(1), status, &[]);
        assert!(publisher.poll_request().is_none());
        publisher.publish(content("<open/>"), true);
        assert_eq!(said(&mut publisher), expected("t1", 3600, "<open/>"), "what stands there still has its tag");
        publisher.answered(at(2), None);
        assert!(publisher.poll_request().is_none());
        assert!(!publisher.is_idle());
        publisher.handle_timeout(at(3600));
        assert!(publisher.is_idle());
        publisher.publish(content("<open/>"), true);
        assert_eq!(said(&mut publisher), expected("", 3600, "<open/>"), "it has run out");
    }
}

#[test]
fn what_is_not_to_last_runs_out() {
    let mut publisher = published();
    publisher.publish(content("<closed/>"), false);
    next(&mut publisher);
    accept(&mut publisher, at(10), "t2");
    assert_eq!(publisher.poll_timeout(), Some(at(3610)));
    publisher.handle_timeout(at(3610));
    assert!(publisher.poll_request().is_none() && publisher.is_idle());
}

#[test]
fn an_acceptance_without_a_tag_gives_nothing_to_go_on_with() {
    for headers in [vec![], vec![(Name::SipEtag, " ")]] {
        let mut publisher = published();
        publisher.publish(content("<a/>"), true);
        next(&mut publisher);
        answer(&mut publisher, at(1), 200, &headers);
        assert!(publisher.is_idle() && publisher.poll_timeout().is_none());
        publisher.publish(content("<b/>"), true);
        assert_eq!(said(&mut publisher), expected("", 3600, "<b/>"));
    }
}

#[test]
fn a_short_publication_is_refreshed_at_its_half() {
    let mut publisher = publisher();
    publisher.publish(content("<open/>"), true);
    next(&mut publisher);
    answer(&mut publisher, at(0), 200, &[(Name::SipEtag, "t"), (Name::Expires, "10")]);
    assert_eq!(publisher.poll_timeout(), Some(at(5)));
    publisher.handle_timeout(at(5));
    next(&mut publisher);
    // An answer that nobody waits for changes nothing.
    accept(&mut publisher, at(5), "t2");
    accept(&mut publisher, at(6), "t3");
    publisher.publish(content("<a/>"), true);
    assert_eq!(said(&mut publisher), expected("t2", 3600, "<a/>"));
}
