//! What holds for all octets.

use super::*;
use pretty_assertions::assert_eq;
use proptest::collection::vec;
use proptest::prelude::*;

/// An AVP as it is made, with others inside or none.
#[derive(Clone, Debug)]
struct Made {
    code: u32,
    flags: AvpFlags,
    vendor: Option<u32>,
    data: Vec<u8>,
}

prop_compose! {
    fn made()(
        code: u32,
        flags in 0u8..0x80,
        vendor: Option<u32>,
        data in vec(any::<u8>(), 0..40),
    ) -> Made {
        let vendor_bit = if vendor.is_some() { AvpFlags::VENDOR } else { 0 };
        Made { code, flags: AvpFlags(flags | vendor_bit), vendor, data }
    }
}

/// Reads octets in every way that there is.
fn read_all(octets: &[u8]) {
    let mut framer = Framer::default();
    framer.push(Bytes::copy_from_slice(octets));
    while let Some(Ok(_)) = framer.next() {}
    let Ok(message) = Message::parse(Bytes::copy_from_slice(octets)) else { return };
    let _ = (message.session_id(), message.result(), message.is_request());
    for avp in message.avps() {
        let _ = (avp.unsigned32(), avp.unsigned64(), avp.integer32(), avp.integer64());
        let _ = (avp.text(), avp.address(), avp.time(), avp.definition(), avp.group().check());
    }
    assert!(message.answer().build().is_ok());
}

proptest! {
    /// What was made is read, and made again from what was read is the same.
    #[test]
    fn messages_come_back(
        command in 0u32..0x0100_0000,
        application: u32,
        identifiers: (u32, u32),
        avps in vec(made(), 0..12),
    ) {
        let build = |avps: &[Made]| {
            let builder = Message::request(command, application).identifiers(identifiers.0, identifiers.1);
            avps.iter().fold(builder, |builder, avp| builder.raw(avp.code, avp.flags, avp.vendor, &avp.data))
        };
        let message = build(&avps).build().unwrap();
        let header = message.header();
        prop_assert_eq!((header.command, header.application), (command, application));
        prop_assert_eq!((header.hop_by_hop, header.end_to_end), identifiers);
        prop_assert_eq!(header.length as usize, message.octets().len());
        let read: Vec<Made> = message
            .avps()
            .map(|avp| Made { code: avp.code, flags: avp.flags, vendor: avp.vendor, data: avp.data.to_vec() })
            .collect();
        prop_assert_eq!(build(&read).build().unwrap(), message);
        prop_assert_eq!(read.len(), avps.len());
    }

    /// Numbers, texts and times come back as they went.
    #[test]
    fn values_come_back(number: u64, signed: i64, text: String, seconds in 0u64..4_000_000_000, address: IpAddr) {
        let time = Time::ZERO + Duration::from_secs(seconds);
        let message = Message::request(1, 1)
            .avp(&RATING_GROUP, number as u32)
            .avp(&CC_TOTAL_OCTETS, number)
            .avp(&EXPONENT, signed as i32)
            .avp(&VALUE_DIGITS, signed)
            .avp(&USER_NAME, text.as_str())
            .avp(&EVENT_TIMESTAMP, time)
            .avp(&HOST_IP_ADDRESS, address)
            .build()
            .unwrap();
        let of = |definition| message.find(definition).unwrap();
        prop_assert_eq!(of(&RATING_GROUP).unsigned32(), Ok(number as u32));
        prop_assert_eq!(of(&CC_TOTAL_OCTETS).unsigned64(), Ok(number));
        prop_assert_eq!(of(&EXPONENT).integer32(), Ok(signed as i32));
        prop_assert_eq!(of(&VALUE_DIGITS).integer64(), Ok(signed));
        prop_assert_eq!(of(&USER_NAME).text(), Ok(text.as_str()));
        prop_assert_eq!(of(&EVENT_TIMESTAMP).time(), Ok(time));
        prop_assert_eq!(of(&HOST_IP_ADDRESS).address(), Ok(Address::Ip(address)));
    }

    #[test]
    fn any_octets_are_read_without_a_panic(octets in vec(any::<u8>(), 0..200)) {
        read_all(&octets);
    }

    /// Octets that look like a message for longer.
    #[test]
    fn damaged_messages_are_read_without_a_panic(edits in vec((0usize..400, any::<u8>()), 1..6)) {
        let mut octets = charging().octets().to_vec();
        for (at, octet) in edits {
            let place = at % octets.len();
            octets[place] = octet;
        }
        read_all(&octets);
    }
}

#[test]
fn truncation_at_every_length_is_read_without_a_panic() {
    let whole = charging();
    for end in 0..=whole.octets().len() {
        read_all(&whole.octets()[..end]);
        assert_eq!(Message::parse(whole.octets().slice(..end)).is_ok(), end == whole.octets().len());
    }
}
