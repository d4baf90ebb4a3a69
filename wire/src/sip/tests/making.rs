//! Messages edited and built.

use super::*;
use pretty_assertions::assert_eq;

#[test]
fn an_edit_leaves_the_other_octets_alone() {
    let message = parse(TORTUOUS);
    let edited = message.edit().prepend(Name::Via, "SIP/2.0/UDP a.example;branch=z9hG4bKx").finish();
    let text = String::from_utf8(edited.octets().to_vec()).unwrap();
    let added = "Via: SIP/2.0/UDP a.example;branch=z9hG4bKx\r\n";
    assert_eq!(text.replacen(added, "", 1), TORTUOUS);
    let back = edited.edit().remove_first(&Name::Via).finish();
    assert_eq!(back.octets(), message.octets());
    let listed = parse(&INVITE.replace("Max-Forwards", "Route: <sip:a;lr>, <sip:b;lr>\r\nMax-Forwards"));
    let popped = listed.edit().remove_first(&Name::Route).finish();
    assert_eq!(popped.routes().map(|route| route.unwrap().uri.to_owned()).collect::<Vec<_>>(), ["sip:b;lr"]);
    let bodiless = message.edit().body("text/plain", Bytes::from_static(b"hello")).finish();
    assert_eq!((bodiless.body(), bodiless.content_length().unwrap().unwrap()), (&b"hello"[..], 5));
    assert_eq!(bodiless.edit().no_body().finish().content_length().unwrap().unwrap(), 0);
}

#[test]
fn a_response_copies_what_it_must() {
    let request = parse(&INVITE.replace("Max-Forwards", "Record-Route: <sip:p1;lr>\r\nMax-Forwards"));
    let response =
        Builder::response(&request, 200, "OK").to_tag("a6c85cf").header(Name::Contact, "<sip:bob@b>").build();
    assert_eq!(response.status(), Some(200));
    assert_eq!(response.to_tag(), Some("a6c85cf"));
    assert_eq!(response.header(&Name::RecordRoute), Some("<sip:p1;lr>"));
    assert_eq!(response.method(), Method::Invite);
    response.check_response().unwrap();
    assert!(Builder::response(&request, 486, "Busy Here").build().header(&Name::RecordRoute).is_none());
    assert_eq!(Builder::response(&response, 200, "OK").to_tag("other").build().to_tag(), Some("a6c85cf"));
}

#[test]
fn what_is_set_stands_where_the_first_stood() {
    let text = INVITE
        .replace("Max-Forwards", "Route: <sip:a;lr>\r\nMax-Forwards")
        .replace("Call-ID", "Route: <sip:b>\r\nCall-ID");
    let edited = parse(&text).edit().set_request_uri("sip:c").set(Name::Route, "<sip:d;lr>").finish();
    let expected = text
        .replace("INVITE sip:bob@biloxi.com ", "INVITE sip:c ")
        .replace("Route: <sip:a;lr>", "Route: <sip:d;lr>")
        .replace("Route: <sip:b>\r\n", "");
    assert_eq!(std::str::from_utf8(edited.octets()).unwrap(), expected);
    assert_eq!(edited, parse(&expected));
    let first = edited.edit().remove(&Name::Route).prepend(Name::Route, "<sip:e>").finish();
    assert_eq!(first.fields().iter().map(|field| &field.name).take(2).collect::<Vec<_>>(), [&Name::Via, &Name::Route]);
}

#[test]
fn a_line_end_in_a_value_does_not_end_the_field() {
    let built = Builder::request(Method::Options, "sip:a\r\nb").header(Name::Subject, "b\r\nEvil: c").build();
    assert_eq!((built.header(&Name::Subject), built.fields().len()), (Some("bEvil: c"), 2));
    let edited = built.edit().set(Name::Subject, "d\n\nEvil").finish();
    assert_eq!((edited.header(&Name::Subject), edited.body()), (Some("dEvil"), &b""[..]));
    assert_eq!(Message::parse(edited.octets().clone()).unwrap(), edited);
}

#[test]
fn folded_values_are_copied_into_one_line() {
    let response = Builder::response(&parse(TORTUOUS), 200, "OK").build();
    response.check_response().unwrap();
    assert!(!response.octets().windows(3).any(|window| window == b"\r\n "));
    assert_eq!((response.vias().count(), response.to_tag()), (3, Some("1918181833n")));
}
