//! What holds for all octets.

use super::streams::frames;
use super::*;
use crate::sip::stream::{Frame, Framer};
use proptest::prelude::*;

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
    fn truncation_and_noise_never_panic(end in 0usize..1200, noise in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..1200) {
        let octets = TORTUOUS.as_bytes();
        let mut mixed = octets[..end.min(octets.len())].to_vec();
        let at = at.min(mixed.len());
        mixed.splice(at..at, noise);
        let mut framer = Framer::default();
        framer.push(&mixed);
        while let Some(Ok(_)) = framer.next() {}
        if let Ok(message) = Message::parse(Bytes::from(mixed)) {
            let _ = (message.check_request(), message.check_response(), message.vias().count(), message.contacts().count());
            let _ = message.edit().remove_first(&Name::Via).finish();
        }
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
