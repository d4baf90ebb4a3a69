//! What holds for all octets.

use super::streams::frames;
use super::*;
use crate::sip::stream::{Frame, Framer};
use pretty_assertions::assert_eq;
use proptest::prelude::*;

/// Reads octets in every way that there is.
fn read_all(octets: &[u8]) {
    let mut framer = Framer::default();
    framer.push(octets);
    while let Some(Ok(_)) = framer.next() {}
    let Ok(message) = Message::parse(Bytes::copy_from_slice(octets)) else { return };
    let _ = (message.check_request(), message.check_response(), message.method(), message.reason());
    let _ = (message.via(), message.from(), message.to(), message.cseq(), message.content_type(), message.event());
    let _ = (message.vias().count(), message.contacts().count(), message.routes().count(), message.from_tag());
    let _ = (message.max_forwards(), message.expires(), message.content_length(), message.charging_vector());
    for field in message.fields() {
        let span = message.span_of(message.text(field.value)).unwrap();
        assert!(span == field.value || span.start == span.end);
        message.tokenized(&field.name).for_each(|value| {
            let _ = (value.params.iter().count(), value.params.get("x"));
        });
    }
    let kept = message.edit().finish();
    assert_eq!(kept.edit().finish(), kept);
    let _ = message.edit().remove_first(&Name::Via).no_body().finish();
    let _ = Builder::response(&message, 200, "OK").to_tag("x").build();
}

#[test]
fn truncation_at_every_length_is_read_without_a_panic() {
    for text in [INVITE, TORTUOUS] {
        for end in 0..=text.len() {
            read_all(&text.as_bytes()[..end]);
            assert!(end == text.len() || Message::parse(Bytes::copy_from_slice(&text.as_bytes()[..end])).is_err());
        }
    }
}

/// True when a parameter stands there twice: then the URI is not even equal to itself, for the first is the one compared.
fn has_twins(params: &str) -> bool {
    let mut names: Vec<&str> = params.split(';').filter_map(|param| param.split('=').next()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

proptest! {
    #[test]
    fn any_segmentation_of_a_stream_gives_the_same_messages(cuts in prop::collection::vec(0usize..2000, 0..12)) {
        let stream = format!("{INVITE}{TORTUOUS}{INVITE}");
        let octets = stream.as_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % octets.len()).collect();
        cuts.extend([0, octets.len()]);
        cuts.sort_unstable();
        let segments: Vec<&[u8]> = cuts.windows(2).map(|pair| &octets[pair[0]..pair[1]]).collect();
        let messages: Vec<_> = frames(&segments).into_iter().filter(|frame| matches!(frame, Frame::Message(_))).collect();
        prop_assert_eq!(messages, [INVITE, TORTUOUS, INVITE].map(|text| Frame::Message(parse(text))).to_vec());
    }

    #[test]
    fn keep_alives_are_counted_alike_however_they_are_cut(lines in 0usize..9, cuts in prop::collection::vec(0usize..18, 0..6)) {
        let stream = "\r\n".repeat(lines) + INVITE;
        let mut cuts: Vec<usize> = cuts.into_iter().chain([0, stream.len()]).collect();
        cuts.sort_unstable();
        let segments: Vec<&[u8]> = cuts.windows(2).map(|pair| &stream.as_bytes()[pair[0]..pair[1]]).collect();
        let found = frames(&segments);
        let keep_alives = found.iter().filter(|frame| matches!(frame, Frame::KeepAlive)).count();
        prop_assert_eq!(keep_alives, lines / 2);
        prop_assert_eq!(found.last(), Some(&Frame::Message(parse(INVITE))));
    }

    #[test]
    fn any_octets_are_read_without_a_panic(text in "(INVITE sip:a SIP/2.0\r\n)?([A-Za-z]{1,8}|Via|To|From|Contact|CSeq|Route|Call-ID|l|c)?( ?: ?)?[ -~\r\n\t\"<>;,=%@:]{0,80}(\r\n\r\n)?", noise in prop::collection::vec(any::<u8>(), 0..40)) {
        read_all(&text.clone().into_bytes());
        read_all(&[text.as_bytes(), &noise].concat());
        read_all(&[INVITE.split_at(34).0.as_bytes(), text.as_bytes(), b"\r\n\r\n", &noise].concat());
        let _ = (Uri::parse(&text), NameAddr::parse(&text), Via::parse(&text), CSeq::parse(&text), identity_key(&text));
        let _ = (MediaType::parse(&text).map(|kind| kind.essence()), split_list(&text).count());
        let _ = Tokenized::parse(&text).params.iter().count();
    }

    #[test]
    fn uris_equal_themselves_whatever_the_case_of_their_host(user in "[a-z%4A]{1,6}", host in "[a-z]{1,8}(\\.[a-z]{1,4})?", param in "(;[a-z]{1,4}(=[a-z]{1,3})?){0,3}") {
        let text = format!("sip:{user}@{host}{param}");
        let other = format!("SIP:{user}@{}{param}", host.to_uppercase());
        if let (Ok(uri), Ok(same)) = (Uri::parse(&text), Uri::parse(&other)) {
            prop_assert!(uri.equals(&uri) || has_twins(&param));
            prop_assert_eq!(uri.equals(&same), same.equals(&uri));
            prop_assert_eq!(identity_key(&text), identity_key(&other));
        }
    }

    #[test]
    fn an_edit_of_one_field_leaves_all_others_alone(index in 0usize..9, value in "[a-zA-Z0-9]{1,20}") {
        let message = parse(TORTUOUS);
        let name = message.fields()[index].name.clone();
        let edited = message.edit().set(name.clone(), &value).finish();
        prop_assert_eq!(&Message::parse(edited.octets().clone()).unwrap(), &edited);
        let others = |message: &Message| -> Vec<String> {
            let all = message.fields().iter().filter(|field| field.name != name && field.name != Name::ContentLength);
            all.map(|field| format!("{}|{}", message.text(field.name_span), message.text(field.value))).collect()
        };
        prop_assert_eq!(others(&edited), others(&message));
    }

    #[test]
    fn truncation_and_noise_never_panic(end in 0usize..1200, noise in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..1200) {
        let octets = TORTUOUS.as_bytes();
        let mut mixed = octets[..end.min(octets.len())].to_vec();
        let at = at.min(mixed.len());
        mixed.splice(at..at, noise);
        read_all(&mixed);
    }

    /// The first parameter is found in one look where it is plainly written; what is found is what any look finds.
    #[test]
    fn a_parameter_is_the_same_wherever_it_stands(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "tag", "tag=", "tag=a=b", "TAG=b", "tag = c ", "tag=\"x;y\"", "tag=\"open", "t%61g=d", "tagx=e", " tag=f", "ta", " ", "",
        ]), 0..4),
    ) {
        let text: String = pieces.iter().map(|piece| format!(";{piece}")).collect();
        let behind = format!(";x{text}");
        let raw = |text| Params::new(text).raw("tag");
        prop_assert_eq!(raw(&text), raw(&behind), "{}", text);
    }

    #[test]
    fn what_is_built_reads_back(user in "[a-z0-9.]{1,20}", subject in "[ -~]{0,40}", body in prop::collection::vec(any::<u8>(), 0..300)) {
        let built = Builder::request(Method::Message, &format!("sip:{user}@example.com"))
            .header(Name::Subject, &subject)
            .body("application/octet-stream", body.clone())
            .build();
        let read = Message::parse(built.octets().clone()).unwrap();
        prop_assert_eq!(&read, &built);
        prop_assert_eq!(read.body(), body);
        prop_assert_eq!(read.header(&Name::Subject).unwrap(), subject.trim());
    }
}
