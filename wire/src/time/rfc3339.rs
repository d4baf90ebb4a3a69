//! RFC 3339 date-times (section 5.6): `1985-04-12T23:20:50.52Z`, `1996-12-19T16:39:57-08:00`.

use super::Time;

pub(super) const SECONDS_A_DAY: i64 = 86_400;
pub(super) const NANOS: u64 = 1_000_000_000;

/// Why a text is not a time that [`Time`] can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The text departs from the grammar of RFC 3339 section 5.6.
    #[error("not an RFC 3339 date-time: {expected} expected at octet {at}")]
    Syntax {
        /// Octets from the start of the text.
        at: usize,
        /// What the grammar asks for there.
        expected: &'static str,
    },
    /// The grammar is met, but there is no such day, hour, minute, second or offset (RFC 3339 section 5.7).
    #[error("no such {field}: {value}")]
    NoSuch {
        /// The part of the date-time.
        field: &'static str,
        /// The number that stood there.
        value: u32,
    },
    /// A real date that lies before 1970 or after 2554, which nothing on these interfaces does.
    #[error("before 1970 or after 2554")]
    OutOfRange,
}

impl Time {
    /// RFC 3339 in UTC with milliseconds, `2026-01-31T09:05:07.250Z`; finer digits are cut off.
    pub fn to_rfc3339(self) -> String {
        let seconds = self.as_nanos() / NANOS;
        let milliseconds = self.as_nanos() % NANOS / 1_000_000;
        let (year, month, day) = civil(seconds / SECONDS_A_DAY as u64);
        let of_day = seconds % SECONDS_A_DAY as u64;
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
    }

    /// Reads an RFC 3339 date-time with any offset and any number of fraction digits (those beyond nanoseconds are
    /// cut off). A leap second counts as the second after it, as in POSIX.
    pub fn parse_rfc3339(text: &str) -> Result<Time, TimeError> {
        let mut at = Cursor { rest: text.as_bytes(), at: 0 };
        let (year, month, day) = (at.number(4)?, at.after(b"-", "'-'", 2)?, at.after(b"-", "'-'", 2)?);
        let (hour, minute, second) = (at.after(b"Tt", "'T'", 2)?, at.after(b":", "':'", 2)?, at.after(b":", "':'", 2)?);
        let nanoseconds = at.fraction()?;
        let offset = at.offset()?;
        at.end()?;
        check("month", month, (1..=12).contains(&month))?;
        check("day", day, (1..=days_in(year, month)).contains(&day))?;
        check("hour", hour, hour < 24)?;
        check("minute", minute, minute < 60)?;
        let clock = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        let since_epoch = days_since_epoch(year, month, day) * SECONDS_A_DAY + clock - offset;
        check("second", second, second < 60 || second == 60 && ends_a_month(since_epoch))?;
        let seconds = u64::try_from(since_epoch).map_err(|_| TimeError::OutOfRange)?;
        let total = seconds.checked_mul(NANOS).and_then(|whole| whole.checked_add(nanoseconds));
        total.map(Time::from_nanos).ok_or(TimeError::OutOfRange)
    }
}

/// Leap seconds are inserted at the end of a month in UTC (RFC 3339 appendix D); `60` elsewhere is no time.
fn ends_a_month(second_after: i64) -> bool {
    second_after.rem_euclid(SECONDS_A_DAY) == 0
        && u64::try_from(second_after / SECONDS_A_DAY).is_ok_and(|day| civil(day).2 == 1)
}

fn check(field: &'static str, value: u32, holds: bool) -> Result<(), TimeError> {
    if holds { Ok(()) } else { Err(TimeError::NoSuch { field, value }) }
}

fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the leap day ends them.
fn days_since_epoch(year: u32, month: u32, day: u32) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let march_year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    march_year * 365 + march_year.div_euclid(4) - march_year.div_euclid(100) + march_year.div_euclid(400) + day_of_year
        - 719_468
}

/// Year, month and day of the `days`th day after 1970-01-01: the inverse of [`days_since_epoch`].
pub(super) fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn next_if(&mut self, wanted: impl Fn(u8) -> bool) -> Option<u8> {
        let (&octet, rest) = self.rest.split_first()?;
        wanted(octet).then(|| {
            self.rest = rest;
            self.at += 1;
            octet
        })
    }

    fn digit(&mut self) -> Option<u32> {
        self.next_if(|octet| octet.is_ascii_digit()).map(|octet| u32::from(octet - b'0'))
    }

    fn number(&mut self, digits: usize) -> Result<u32, TimeError> {
        (0..digits).try_fold(0, |number, _| {
            let digit = self.digit().ok_or(TimeError::Syntax { at: self.at, expected: "a digit" })?;
            Ok(number * 10 + digit)
        })
    }

    fn after(&mut self, mark: &[u8], expected: &'static str, digits: usize) -> Result<u32, TimeError> {
        self.next_if(|octet| mark.contains(&octet)).ok_or(TimeError::Syntax { at: self.at, expected })?;
        self.number(digits)
    }

    fn fraction(&mut self) -> Result<u64, TimeError> {
        if self.next_if(|octet| octet == b'.').is_none() {
            return Ok(0);
        }
        let mut nanoseconds = u64::from(self.number(1)?) * NANOS / 10;
        let mut place = NANOS / 100;
        while let Some(digit) = self.digit() {
            nanoseconds += u64::from(digit) * place;
            place /= 10;
        }
        Ok(nanoseconds)
    }

    /// Seconds by which the written clock is ahead of UTC.
    fn offset(&mut self) -> Result<i64, TimeError> {
        if self.next_if(|octet| octet.eq_ignore_ascii_case(&b'Z')).is_some() {
            return Ok(0);
        }
        let sign = self.next_if(|octet| octet == b'+' || octet == b'-');
        let sign = sign.ok_or(TimeError::Syntax { at: self.at, expected: "'Z', '+' or '-'" })?;
        let (hours, minutes) = (self.number(2)?, self.after(b":", "':'", 2)?);
        check("offset hour", hours, hours < 24)?;
        check("offset minute", minutes, minutes < 60)?;
        let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
        Ok(if sign == b'-' { -seconds } else { seconds })
    }

    fn end(&self) -> Result<(), TimeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(TimeError::Syntax { at: self.at, expected: "the end" }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nanos(text: &str) -> u64 {
        Time::parse_rfc3339(text).unwrap().as_nanos()
    }

    #[test]
    fn reads_the_examples_of_rfc_3339_section_5_8() {
        assert_eq!(nanos("1985-04-12T23:20:50.52Z"), 482_196_050_520_000_000);
        assert_eq!(nanos("1996-12-19T16:39:57-08:00"), nanos("1996-12-20T00:39:57Z"));
        assert_eq!(nanos("1990-12-31T23:59:60Z"), nanos("1991-01-01T00:00:00Z"));
        assert_eq!(nanos("1990-12-31T15:59:60-08:00"), nanos("1990-12-31T23:59:60Z"));
        assert_eq!(nanos("1937-01-01T12:00:27.87+00:20".replace("1937", "1987").as_str()) % NANOS, 870_000_000);
        assert_eq!(Time::parse_rfc3339("1937-01-01T12:00:27.87+00:20"), Err(TimeError::OutOfRange));
    }

    #[test]
    fn reads_the_date_time_of_rfc_3862() {
        assert_eq!(nanos("2000-12-13T13:40:00-08:00"), 976_743_600 * NANOS);
    }

    #[test]
    fn accepts_lower_case_long_fractions_and_unknown_offset() {
        assert_eq!(nanos("1970-01-01t00:00:01.123456789987z"), 1_123_456_789);
        assert_eq!(nanos("1970-01-01T00:00:00-00:00"), 0);
        assert_eq!(nanos("2000-02-29T00:00:00Z"), 951_782_400 * NANOS);
    }

    #[test]
    fn refuses_what_the_grammar_or_the_calendar_refuses() {
        let wrong = [
            "",
            "2026",
            "2026-01-01",
            "2026-01-01T00:00Z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-1-01T00:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+0100",
            "2026-01-01T00:00:00Z ",
            " 2026-01-01T00:00:00Z",
            "20260101T000000Z",
            "+2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00,5Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:61Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+00:60",
            "9999-12-31T23:59:59Z",
            "1969-12-31T23:59:59Z",
            "２026-01-01T00:00:00Z",
        ];
        for text in wrong {
            assert!(Time::parse_rfc3339(text).is_err(), "{text}");
        }
    }

    #[test]
    fn says_where_and_what_is_wrong() {
        let error = Time::parse_rfc3339("2026-01-01 00:00:00Z").unwrap_err();
        assert_eq!(error, TimeError::Syntax { at: 10, expected: "'T'" });
        assert_eq!(error.to_string(), "not an RFC 3339 date-time: 'T' expected at octet 10");
    }

    #[test]
    fn writes_milliseconds_and_z() {
        assert_eq!(Time::ZERO.to_rfc3339(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Time::from_nanos(1_769_850_307_250_999_999).to_rfc3339(), "2026-01-31T09:05:07.250Z");
        assert_eq!(Time::from_nanos(u64::MAX).to_rfc3339(), "2554-07-21T23:34:33.709Z");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(milliseconds in 0..u64::MAX / 1_000_000) {
            let time = Time::from_nanos(milliseconds * 1_000_000);
            prop_assert_eq!(Time::parse_rfc3339(&time.to_rfc3339()), Ok(time));
        }

        #[test]
        fn an_offset_moves_the_clock_not_the_time(seconds in 200_000u64..10_000_000_000, minutes in -1439i64..1440) {
            let local = Time::from_nanos((seconds as i64 + minutes * 60) as u64 * NANOS).to_rfc3339();
            let sign = if minutes < 0 { '-' } else { '+' };
            let text = format!("{}{sign}{:02}:{:02}", &local[..19], minutes.abs() / 60, minutes.abs() % 60);
            prop_assert_eq!(Time::parse_rfc3339(&text), Ok(Time::from_nanos(seconds * NANOS)));
        }

        #[test]
        fn no_text_panics(text in "\\PC*", near in "[0-9TZtz:.+ -]{0,40}") {
            let _ = Time::parse_rfc3339(&text);
            let _ = Time::parse_rfc3339(&near);
        }
    }
}
