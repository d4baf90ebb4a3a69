//! The date of a SIP message (RFC 3261 section 25.1): `Sun, 06 Nov 1994 08:49:37 GMT`.

use super::Time;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Time {
    /// Reads the value of a Date; none for a text that is no date.
    pub fn parse_sip_date(text: &str) -> Option<Time> {
        let (_, date) = text.split_once(", ")?;
        let words: Vec<&str> = date.split_ascii_whitespace().collect();
        let [day, month, year, clock, "GMT"] = words.as_slice() else { return None };
        let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))? + 1;
        Time::parse_rfc3339(&format!("{year}-{month:02}-{:02}T{clock}Z", day.parse::<u8>().ok()?)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_an_instant_or_none() {
        let read = |text: &str| Time::parse_sip_date(text).map(|own| own.as_nanos() / 1_000_000_000);
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        for text in ["", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Foo 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
