//! How long a message may be kept: as its sender says, by Expires (RFC 3428 section 6) or Message-Expires, in seconds from its
//! arrival or as a date, and as the provider's policy says; the shorter counts. [PF-MSG-04, L26]

use crate::config::ExpiryCarrier;
use cpm_wire::sip::{Message, Name};
use cpm_wire::time::Time;
use std::time::Duration;

/// When a message that came now expires; none when nothing says so.
pub fn expiry(now: Time, request: &Message, carriers: &[ExpiryCarrier], retention: Option<Duration>) -> Option<Time> {
    let of = |carrier: &ExpiryCarrier| match carrier {
        ExpiryCarrier::Expires => stated(now, request.header(&Name::Expires)?),
        ExpiryCarrier::MessageExpires => stated(now, request.header(&Name::MessageExpires)?),
        ExpiryCarrier::Policy => retention.map(|retention| now + retention),
    };
    carriers.iter().filter_map(of).min()
}

/// The time that a header states; none for one that makes no sense, which limits nothing.
fn stated(now: Time, value: &str) -> Option<Time> {
    let value = value.trim();
    match value.split(';').next().unwrap_or_default().trim().parse::<u64>() {
        Ok(seconds) => Some(now + Duration::from_secs(seconds)),
        Err(_) => http_date(value).or_else(|| Time::parse_rfc3339(value).ok()),
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A SIP date: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 3261 section 25.1).
fn http_date(text: &str) -> Option<Time> {
    let (_, date) = text.split_once(", ")?;
    let mut words = date.split_ascii_whitespace();
    let (day, month, year, clock, zone) = (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))? + 1;
    let day: u8 = day.parse().ok()?;
    if zone != "GMT" || words.next().is_some() {
        return None;
    }
    Time::parse_rfc3339(&format!("{year}-{month:02}-{day:02}T{clock}Z")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpm_wire::sip::{Builder, Method};
    use pretty_assertions::assert_eq;

    /// 1994-11-06T08:49:37Z.
    const NOW: Time = Time::from_nanos(784_111_777_000_000_000);
    const ALL: [ExpiryCarrier; 3] = [ExpiryCarrier::Expires, ExpiryCarrier::MessageExpires, ExpiryCarrier::Policy];

    fn seconds(expires: Option<&str>, message_expires: Option<&str>, retention: Option<u64>) -> Option<u64> {
        let mut message = Builder::request(Method::Message, "sip:bob@example.com");
        for (name, value) in [("Expires", expires), ("Message-Expires", message_expires)] {
            message = value.into_iter().fold(message, |message, value| message.header(Name::Other(name.into()), value));
        }
        let retention = retention.map(Duration::from_secs);
        expiry(NOW, &message.build(), &ALL, retention).map(|at| at.since(NOW).as_secs())
    }

    #[test]
    fn the_shortest_of_what_is_stated_counts() {
        assert_eq!(seconds(None, None, None), None);
        assert_eq!(seconds(Some("60"), None, None), Some(60));
        assert_eq!(seconds(Some("60"), Some("20"), Some(30)), Some(20));
        assert_eq!(seconds(Some("60"), None, Some(30)), Some(30));
        assert_eq!(seconds(Some("0"), None, Some(30)), Some(0));
        let message = Builder::request(Method::Message, "sip:bob@example.com").header(Name::Expires, "60").build();
        assert_eq!(expiry(NOW, &message, &[ExpiryCarrier::Policy], None), None);
    }

    #[test]
    fn dates_are_read_and_rubbish_limits_nothing() {
        assert_eq!(seconds(Some("Sun, 06 Nov 1994 08:50:37 GMT"), None, None), Some(60));
        assert_eq!(seconds(None, Some("1994-11-06T08:49:47Z"), None), Some(10));
        // What is over is over at once.
        assert_eq!(seconds(Some("Sun, 06 Nov 1994 08:00:00 GMT"), None, None), Some(0));
        for rubbish in ["soon", "-5", "Sun, 06 Nox 1994 08:50:37 GMT", "", "99999999999999999999999"] {
            assert_eq!(seconds(Some(rubbish), None, Some(7)), Some(7), "{rubbish}");
        }
    }
}
