//! The date-time of a mail object (RFC 5322 section 3.3): `Sat, 31 Jan 2026 09:05:07 +0000`.

use super::Time;
use super::rfc3339::{NANOS, SECONDS_A_DAY, civil};

/// The Unix epoch was a Thursday.
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Time {
    /// RFC 5322 in UTC; what is finer than a second is cut off.
    pub fn to_rfc5322(self) -> String {
        let seconds = self.as_nanos() / NANOS;
        let (days, of_day) = (seconds / SECONDS_A_DAY as u64, seconds % SECONDS_A_DAY as u64);
        let (year, month, day) = civil(days);
        let named =
            |names: &[&'static str], at: u64| names.iter().zip(0..).find(|(_, n)| *n == at).map_or("", |one| one.0);
        let (weekday, month) = (named(&DAYS, days % 7), named(&MONTHS, month - 1));
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        format!("{weekday}, {day} {month} {year:04} {hour:02}:{minute:02}:{second:02} +0000")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants_have_their_names() {
        assert_eq!(Time::ZERO.to_rfc5322(), "Thu, 1 Jan 1970 00:00:00 +0000");
        let told = |text: &str| Time::parse_rfc3339(text).unwrap().to_rfc5322();
        assert_eq!(told("1997-11-21T09:55:06-06:00"), "Fri, 21 Nov 1997 15:55:06 +0000");
        assert_eq!(told("2024-02-29T23:59:59.999Z"), "Thu, 29 Feb 2024 23:59:59 +0000");
        assert_eq!(told("2026-12-31T00:00:00Z"), "Thu, 31 Dec 2026 00:00:00 +0000");
    }
}
