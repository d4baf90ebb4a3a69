//! Both ends of a conference subscription (RFC 4575 is the package, RFC 6665 the rules), in virtual time.

use super::*;
use crate::sip::Method;
use crate::time::Time;
use crate::transaction::Timers;
use bytes::Bytes;
use std::time::Duration;

const XML: &str = "application/conference-info+xml";

fn at(ms: u64) -> Time {
    Time::from_nanos(1_700_000_000_000_000_000) + Duration::from_millis(ms)
}

fn wanted(expires: u32) -> Wanted {
    Wanted {
        target: "sip:chat@focus.example.com".into(),
        routes: vec!["<sip:scscf.example.com;lr>".into()],
        local_uri: "sip:bob@example.com".into(),
        remote_uri: "sip:chat@focus.example.com".into(),
        local_tag: "sub".into(),
        call_id: "call".into(),
        event: "conference;id=7".into(),
        expires,
    }
}

fn subscriber(expires: u32) -> Subscriber {
    Subscriber::new(wanted(expires), &Timers::default())
}

/// As the owner sends it.
fn send(builder: Builder, who: &str) -> Message {
    let contact = format!("<sip:{who}@192.0.2.1>");
    builder.header(Name::Via, "SIP/2.0/UDP h;branch=z9hG4bK1").header(Name::Contact, contact).build()
}

fn accepted(subscribe: &Message, expires: u32) -> Message {
    send(Builder::response(subscribe, 200, "OK").to_tag("not").header(Name::Expires, expires), "focus")
}

fn refusal(subscribe: &Message, status: u16) -> Message {
    Builder::response(subscribe, status, reason_phrase(status)).to_tag("not").build()
}

fn text<'a>(message: &'a Message, name: &Name) -> &'a str {
    message.header(name).unwrap()
}

/// Both ends after SUBSCRIBE, 200 and the first NOTIFY, at time 0.
fn established(expires: u32) -> (Subscriber, Notifier) {
    let mut subscriber = subscriber(expires);
    let subscribe = send(subscriber.subscribe(at(0)), "bob");
    let (mut notifier, granted) = Notifier::accept(at(0), &subscribe, "not", 60, 3600).unwrap();
    assert_eq!(subscriber.response(at(0), &accepted(&subscribe, granted)), None);
    let notify = send(notifier.notify(at(0), Some((XML, Bytes::from("<x/>")))), "focus");
    subscriber.notified(at(0), &notify).unwrap();
    (subscriber, notifier)
}

#[test]
fn the_first_subscribe_says_what_is_wanted() {
    let subscribe = subscriber(600).subscribe(at(0)).build();
    assert_eq!(
        subscribe.octets(),
        "SUBSCRIBE sip:chat@focus.example.com SIP/2.0\r\n\
         Max-Forwards: 70\r\n\
         Route: <sip:scscf.example.com;lr>\r\n\
         From: <sip:bob@example.com>;tag=sub\r\n\
         To: <sip:chat@focus.example.com>\r\n\
         Call-ID: call\r\n\
         CSeq: 1 SUBSCRIBE\r\n\
         Event: conference;id=7\r\n\
         Expires: 600\r\n\
         Content-Length: 0\r\n\r\n"
    );
}

#[test]
fn a_notify_carries_event_state_and_body_within_the_dialog() {
    let subscribe = send(subscriber(600).subscribe(at(0)), "bob");
    let (mut notifier, granted) = Notifier::accept(at(0), &subscribe, "not", 60, 3600).unwrap();
    assert_eq!(granted, 600);
    let notify = send(notifier.notify(at(1500), Some((XML, Bytes::from("<x/>")))), "focus");
    assert_eq!(notify.method(), Method::Notify);
    assert_eq!(notify.request_uri(), Some("sip:bob@192.0.2.1"));
    assert_eq!(
        (text(&notify, &Name::Event), text(&notify, &Name::SubscriptionState)),
        ("conference;id=7", "active;expires=599")
    );
    assert_eq!((text(&notify, &Name::ContentType), notify.body()), (XML, b"<x/>".as_slice()));
    assert_eq!((notify.from_tag(), notify.to_tag()), (Some("not"), Some("sub")));
    notifier.state = SubscriptionState::Pending;
    assert_eq!(text(&notifier.notify(at(2000), None).build(), &Name::SubscriptionState), "pending;expires=598");
}

#[test]
fn the_granted_duration_is_bounded() {
    let grant = |expires: Option<u32>| {
        let mut subscribe = send(subscriber(1).subscribe(at(0)), "bob").edit().remove(&Name::Expires);
        if let Some(expires) = expires {
            subscribe = subscribe.append(Name::Expires, expires);
        }
        Notifier::accept(at(0), &subscribe.finish(), "not", 7200, 9000).map(|(_, granted)| granted)
    };
    assert_eq!(grant(Some(8000)), Ok(8000));
    assert_eq!(grant(Some(100_000)), Ok(9000), "shortened");
    assert_eq!(grant(None), Ok(9000), "the package's default");
    assert_eq!(grant(Some(3599)), Err(Refusal::with(423, Name::MinExpires, 7200)));
    assert_eq!(grant(Some(3600)), Ok(3600), "an hour is never too brief");
    assert_eq!(grant(Some(0)), Ok(0), "a fetch");
}

#[test]
fn what_makes_no_subscription_is_refused() {
    let good = send(subscriber(600).subscribe(at(0)), "bob");
    let status = |message: Message| Notifier::accept(at(0), &message, "not", 60, 3600).unwrap_err().status;
    assert_eq!(status(good.edit().remove(&Name::Event).finish()), 489);
    assert_eq!(status(good.edit().remove(&Name::Contact).finish()), 400);
    let brief = good.edit().set(Name::Expires, 5).finish();
    let refusal = Notifier::accept(at(0), &brief, "not", 60, 3600).unwrap_err().response(&brief).build();
    assert_eq!((refusal.status(), refusal.header(&Name::MinExpires)), (Some(423), Some("60")));
}

#[test]
fn a_fetch_is_one_notify_that_ends_it() {
    let mut subscriber = subscriber(0);
    let subscribe = send(subscriber.subscribe(at(0)), "bob");
    let (mut notifier, _) = Notifier::accept(at(0), &subscribe, "not", 60, 3600).unwrap();
    let notify = send(notifier.notify(at(0), Some((XML, Bytes::from("<x/>")))), "focus");
    assert_eq!(text(&notify, &Name::SubscriptionState), "terminated;reason=timeout");
    assert_eq!(notifier.poll_timeout(), None);
    let said = subscriber.notified(at(0), &notify).unwrap();
    assert_eq!((said.state, said.body), (SubscriptionState::Terminated, Bytes::from("<x/>")));
    assert_eq!(subscriber.response(at(0), &accepted(&subscribe, 0)), None);
    assert_eq!(subscriber.poll_timeout(), None, "nothing goes on after the end");
}

#[test]
fn an_unrefreshed_subscription_ends_with_timeout_at_its_instant() {
    let (mut subscriber, mut notifier) = established(600);
    assert_eq!(notifier.poll_timeout(), Some(at(600_000)));
    assert!(!notifier.is_over(at(599_999)));
    assert!(
        text(&notifier.notify(at(599_999), None).build(), &Name::SubscriptionState).starts_with("active;expires=1")
    );
    let last = send(notifier.notify(at(600_000), None), "focus");
    assert_eq!(text(&last, &Name::SubscriptionState), "terminated;reason=timeout");
    let said = subscriber.notified(at(600_000), &last).unwrap();
    assert_eq!((said.reason, subscriber.poll_timeout()), (Some(Reason::Timeout), None));
    assert_eq!(subscriber.notified(at(600_001), &last).unwrap_err().status, 481);
}

#[test]
fn a_refresh_is_due_32_s_before_the_end_and_prolongs_both_ends() {
    let (mut subscriber, mut notifier) = established(600);
    assert_eq!(subscriber.poll_timeout(), Some(at(568_000)));
    assert_eq!(subscriber.handle_timeout(at(567_999)), None);
    assert_eq!(subscriber.handle_timeout(at(568_000)), Some(SubscriberEvent::Subscribe));
    assert_eq!(subscriber.handle_timeout(at(568_000)), None);
    let refresh = send(subscriber.subscribe(at(568_000)), "bob");
    assert_eq!((text(&refresh, &Name::CSeq), refresh.to_tag()), ("2 SUBSCRIBE", Some("not")));
    assert_eq!(refresh.request_uri(), Some("sip:focus@192.0.2.1"));
    assert_eq!(notifier.resubscribe(at(568_000), &refresh), Ok(600));
    assert_eq!(notifier.poll_timeout(), Some(at(1_168_000)));
    subscriber.response(at(568_000), &accepted(&refresh, 600));
    let notify = send(notifier.notify(at(568_000), None), "focus");
    subscriber.notified(at(568_000), &notify).unwrap();
    assert_eq!(subscriber.poll_timeout(), Some(at(1_136_000)));
}

#[test]
fn a_short_subscription_is_refreshed_at_its_half() {
    let (subscriber, _) = established(60);
    assert_eq!(subscriber.poll_timeout(), Some(at(30_000)));
}

#[test]
fn a_subscription_that_nobody_refreshes_expires_at_the_subscriber_too() {
    let (mut subscriber, _) = established(60);
    assert_eq!(subscriber.handle_timeout(at(30_000)), Some(SubscriberEvent::Subscribe));
    assert_eq!(subscriber.poll_timeout(), Some(at(60_000)));
    assert_eq!(subscriber.handle_timeout(at(60_000)), Some(SubscriberEvent::Expired));
    assert_eq!((subscriber.state(), subscriber.poll_timeout()), (Some(SubscriptionState::Terminated), None));
}

#[test]
fn timer_n_ends_a_subscription_without_notify_after_64_t1() {
    let mut subscriber = subscriber(600);
    let subscribe = send(subscriber.subscribe(at(100)), "bob");
    subscriber.response(at(200), &accepted(&subscribe, 600));
    assert_eq!(subscriber.poll_timeout(), Some(at(32_100)));
    assert_eq!(subscriber.handle_timeout(at(32_100)), Some(SubscriberEvent::Unnotified));
    assert_eq!((subscriber.state(), subscriber.poll_timeout()), (Some(SubscriptionState::Terminated), None));
}

#[test]
fn a_notify_may_overtake_the_2xx() {
    let mut subscriber = subscriber(600);
    let subscribe = send(subscriber.subscribe(at(0)), "bob");
    let (mut notifier, _) = Notifier::accept(at(0), &subscribe, "not", 60, 300).unwrap();
    subscriber.notified(at(0), &send(notifier.notify(at(0), None), "focus")).unwrap();
    assert_eq!(subscriber.dialog().unwrap().id.remote_tag, "not");
    assert_eq!(subscriber.poll_timeout(), Some(at(268_000)));
    subscriber.response(at(50_000), &accepted(&subscribe, 300));
    assert_eq!(subscriber.poll_timeout(), Some(at(268_000)), "the NOTIFY has told the duration");
}

#[test]
fn the_2xx_tells_the_duration_when_the_notify_does_not() {
    let mut subscriber = subscriber(600);
    let subscribe = send(subscriber.subscribe(at(0)), "bob");
    let (mut notifier, _) = Notifier::accept(at(0), &subscribe, "not", 60, 3600).unwrap();
    let notify = send(notifier.notify(at(0), None), "focus").edit().set(Name::SubscriptionState, "active").finish();
    assert_eq!(subscriber.notified(at(0), &notify).unwrap().expires, None);
    assert_eq!(subscriber.poll_timeout(), None);
    subscriber.response(at(0), &accepted(&subscribe, 300));
    assert_eq!(subscriber.poll_timeout(), Some(at(268_000)));
}

#[test]
fn an_unsubscribe_is_followed_by_the_last_notify() {
    let (mut subscriber, mut notifier) = established(600);
    let goodbye = send(subscriber.unsubscribe(at(1000)), "bob");
    assert_eq!(text(&goodbye, &Name::Expires), "0");
    assert_eq!(notifier.resubscribe(at(1000), &goodbye), Ok(0));
    subscriber.response(at(1000), &accepted(&goodbye, 0));
    let last = send(notifier.notify(at(1000), None), "focus");
    assert_eq!(text(&last, &Name::SubscriptionState), "terminated;reason=timeout");
    subscriber.notified(at(1000), &last).unwrap();
    assert_eq!(subscriber.poll_timeout(), None);
    assert_eq!(notifier.resubscribe(at(1001), &goodbye).unwrap_err().status, 481);
}

#[test]
fn each_reason_is_told_and_says_whether_to_come_again() {
    for (reason, word, again) in [
        (Reason::Deactivated, "deactivated", true),
        (Reason::Probation, "probation", true),
        (Reason::Rejected, "rejected", false),
        (Reason::Timeout, "timeout", true),
        (Reason::Giveup, "giveup", true),
        (Reason::Noresource, "noresource", false),
        (Reason::Invariant, "invariant", false),
        (Reason::Other("x-upgrade".into()), "x-upgrade", true),
    ] {
        let (mut subscriber, mut notifier) = established(600);
        let last = send(notifier.terminate(&reason), "focus");
        assert_eq!(text(&last, &Name::SubscriptionState), format!("terminated;reason={word}"));
        assert_eq!(notifier.poll_timeout(), None);
        let said = subscriber.notified(at(1), &last).unwrap();
        assert_eq!((said.reason.as_ref(), reason.allows_another()), (Some(&reason), again));
        assert_eq!(subscriber.poll_timeout(), None);
    }
}

#[test]
fn the_time_after_which_to_come_again_is_read() {
    let (mut subscriber, mut notifier) = established(600);
    let last = send(notifier.terminate(&Reason::Probation), "focus");
    let last = last.edit().set(Name::SubscriptionState, "Terminated; Reason=Probation ;retry-after=90").finish();
    let said = subscriber.notified(at(1), &last).unwrap();
    assert_eq!(
        (said.state, said.reason, said.retry_after),
        (SubscriptionState::Terminated, Some(Reason::Probation), Some(90))
    );
}

#[test]
fn a_notify_of_another_event_dialog_or_fork_is_refused_with_481() {
    let (mut subscriber, mut notifier) = established(600);
    let good = send(notifier.notify(at(1), None), "focus");
    for bad in [
        good.edit().set(Name::Event, "conference").finish(),
        good.edit().set(Name::Event, "conference;id=8").finish(),
        good.edit().set(Name::Event, "presence;id=7").finish(),
        good.edit().set(Name::CallId, "other").finish(),
        good.edit().set(Name::To, "<sip:bob@example.com>;tag=other").finish(),
        good.edit().set(Name::From, "<sip:chat@focus.example.com>;tag=fork").finish(),
    ] {
        assert_eq!(subscriber.notified(at(1), &bad).unwrap_err().status, 481);
    }
    subscriber.notified(at(1), &good).unwrap();
}

#[test]
fn a_notify_that_is_late_or_says_no_state_is_refused() {
    let (mut subscriber, mut notifier) = established(600);
    let one = send(notifier.notify(at(1), None), "focus");
    let two = send(notifier.notify(at(2), None), "focus");
    subscriber.notified(at(3), &two).unwrap();
    assert_eq!(subscriber.notified(at(4), &one).unwrap_err().status, 500, "CSeq goes back");
    let mute = send(notifier.notify(at(5), None), "focus").edit().remove(&Name::SubscriptionState).finish();
    assert_eq!(subscriber.notified(at(5), &mute).unwrap_err().status, 400);
}

#[test]
fn a_notify_before_any_subscribe_is_refused() {
    let (_, mut notifier) = established(600);
    let notify = send(notifier.notify(at(1), None), "focus");
    assert_eq!(subscriber(600).notified(at(1), &notify).unwrap_err().status, 481);
}

#[test]
fn too_brief_is_answered_by_a_longer_subscribe_once() {
    let mut subscriber = subscriber(10);
    let subscribe = send(subscriber.subscribe(at(0)), "bob");
    let brief = refusal(&subscribe, 423).edit().append(Name::MinExpires, 90).finish();
    assert_eq!(subscriber.response(at(0), &brief), Some(SubscriberEvent::Subscribe));
    let again = subscriber.subscribe(at(0)).build();
    assert_eq!((text(&again, &Name::Expires), text(&again, &Name::CSeq)), ("90", "2 SUBSCRIBE"));
    assert_eq!(subscriber.response(at(0), &brief), Some(SubscriberEvent::Refused { status: 423 }), "no loop");
}

#[test]
fn a_refused_first_subscribe_ends_it_and_a_provisional_response_does_not() {
    let mut subscriber = subscriber(600);
    let subscribe = send(subscriber.subscribe(at(0)), "bob");
    assert_eq!(subscriber.response(at(0), &refusal(&subscribe, 100)), None);
    assert_eq!(subscriber.response(at(0), &refusal(&subscribe, 403)), Some(SubscriberEvent::Refused { status: 403 }));
    assert_eq!(subscriber.poll_timeout(), None);
}

#[test]
fn only_some_refusals_of_a_refresh_end_the_subscription() {
    for (status, ends) in [(481, true), (404, true), (489, true), (604, true), (403, false), (500, false), (503, false)]
    {
        let (mut subscriber, _) = established(600);
        let refresh = send(subscriber.subscribe(at(568_000)), "bob");
        let told = subscriber.response(at(568_000), &refusal(&refresh, status));
        assert_eq!(told.is_some(), ends, "{status}");
        assert_eq!(subscriber.poll_timeout(), (!ends).then(|| at(600_000)), "{status}");
    }
}

#[test]
fn an_unanswered_notify_or_481_ends_the_subscription_at_the_notifier() {
    let (_, notifier) = established(600);
    let mut one = notifier.clone();
    let notify = send(one.notify(at(1), None), "focus");
    assert!(one.answered(Some(&refusal(&notify, 200))));
    assert!(one.answered(Some(&refusal(&notify, 503))), "the next one may get through");
    assert!(!one.answered(Some(&refusal(&notify, 481))));
    assert_eq!(one.poll_timeout(), None);
    let mut two = notifier;
    assert!(!two.answered(None), "timer F");
}

#[test]
fn a_resubscribe_that_goes_back_or_names_another_event_is_refused() {
    let (mut subscriber, mut notifier) = established(600);
    let one = send(subscriber.subscribe(at(1)), "bob");
    let two = send(subscriber.subscribe(at(2)), "bob");
    let other = two.edit().set(Name::Event, "conference;id=9").finish();
    assert_eq!(notifier.resubscribe(at(2), &other).unwrap_err().status, 481);
    assert_eq!(notifier.resubscribe(at(2), &two), Ok(600));
    assert_eq!(notifier.resubscribe(at(2), &one).unwrap_err().status, 500);
    let brief = send(subscriber.subscribe(at(3)), "bob").edit().set(Name::Expires, 5).finish();
    assert_eq!(notifier.resubscribe(at(3), &brief).unwrap_err().status, 423);
    assert_eq!(notifier.poll_timeout(), Some(at(600_002)), "a refusal changes nothing");
}
