//! Dates: `SIP-date` of RFC 3261 section 25.1, and `date-time` of RFC 3339.

use super::is_digits;

/// `SIP-date`, which is `rfc1123-date`: `Sat, 13 Nov 2010 23:29:00 GMT`.
pub(in crate::rules::base) fn is_sip_date(text: &str) -> bool {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let digits = |text: &str, length: usize| text.len() == length && is_digits(text);
    let below = |text: &str, limit: u32| digits(text, 2) && text.parse::<u32>().is_ok_and(|number| number < limit);
    let words: Vec<&str> = text.split(' ').collect();
    let [weekday, day, month, year, time, zone] = words.as_slice() else { return false };
    let clock: Vec<&str> = time.split(':').collect();
    let known = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    weekday.strip_suffix(',').is_some_and(|weekday| known(&DAYS, weekday))
        && below(day, 32)
        && known(&MONTHS, month)
        && digits(year, 4)
        && matches!(clock.as_slice(), [hour, minute, second] if below(hour, 24) && below(minute, 60) && below(second, 61))
        && zone.eq_ignore_ascii_case("GMT")
}

/// `date-time` of RFC 3339 section 5.6, to the digit.
pub(in crate::rules::base) fn is_date_time(text: &str) -> bool {
    let octets = text.as_bytes();
    let Some((date, rest)) = octets.split_at_checked(19) else {
        return false;
    };
    let number = |from: usize, to: usize| -> Option<u32> { date.get(from..to).and_then(number) };
    let marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    let marked = marks.iter().all(|(place, mark)| date.get(*place) == Some(mark));
    let joined = matches!(date.get(10), Some(b'T' | b't'));
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else {
        return false;
    };
    let (Some(hour), Some(minute), Some(second)) = (number(11, 13), number(14, 16), number(17, 19)) else {
        return false;
    };
    let in_range = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
    marked && joined && in_range && hour < 24 && minute < 60 && second <= 60 && is_offset(fraction(rest))
}

/// The second of a date-time, counted in UTC; what is wrong with the text is not asked. A fraction is left out, for the same
/// time is written with and without.
pub(in crate::rules::base) fn instant(text: &str) -> Option<i64> {
    let octets = text.as_bytes();
    let field = |from: usize, to: usize| octets.get(from..to).and_then(number).map(i64::from);
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let clock = (field(11, 13)? * 60 + field(14, 16)?) * 60 + field(17, 19)?;
    // Years that begin in March end with the leap day, and a day more in every fourth, but not in every hundredth.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day;
    Some(days * 86_400 + clock - offset(fraction(octets.get(19..)?)))
}

/// The seconds by which the clock of an offset is ahead of UTC.
fn offset(rest: &[u8]) -> i64 {
    let [sign @ (b'+' | b'-'), hour_1, hour_2, _, minute_1, minute_2] = rest else { return 0 };
    let field = |digits: &[u8]| number(digits).map_or(0, i64::from);
    let ahead = (field(&[*hour_1, *hour_2]) * 60 + field(&[*minute_1, *minute_2])) * 60;
    if *sign == b'-' { -ahead } else { ahead }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// What follows the fraction of a second, if there is one; a dot without digits stays and is no offset.
fn fraction(rest: &[u8]) -> &[u8] {
    match rest.split_first() {
        Some((b'.', digits)) => {
            let count = digits.iter().take_while(|octet| octet.is_ascii_digit()).count();
            if count == 0 { rest } else { digits.get(count..).unwrap_or_default() }
        }
        _ => rest,
    }
}

fn is_offset(rest: &[u8]) -> bool {
    match rest {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', hour_1, hour_2, b':', minute_1, minute_2] => {
            number(&[*hour_1, *hour_2]).is_some_and(|hour| hour < 24)
                && number(&[*minute_1, *minute_2]).is_some_and(|minute| minute < 60)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_times_are_read_to_the_digit() {
        for right in ["2006-04-04T12:16:49-05:00", "2026-02-28T23:59:60Z", "2024-02-29T00:00:00.123456789z"] {
            assert!(is_date_time(right), "{right}");
        }
        for wrong in [
            "2006-04-04 12:16:49Z",
            "2006-04-04T12:16:49",
            "2006-13-04T12:16:49Z",
            "2025-02-29T12:16:49Z",
            "2006-04-04T24:00:00Z",
            "2006-04-04T12:16:49.Z",
            "2006-04-04T12:16:49+0500",
            "2006-4-04T12:16:49Z",
            "é2006-04-04T12:16:4Z",
        ] {
            assert!(!is_date_time(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_instant_has_many_names() {
        let same = ["2026-03-01T00:30:00Z", "2026-02-28T23:30:00.25-01:00", "2026-03-01T02:00:00+01:30"];
        assert_eq!(same.map(instant), [instant(same[0]); 3]);
        let day = |text| instant(text).unwrap() / 86_400;
        assert_eq!(day("2024-03-01T00:00:00Z") - day("2024-02-28T00:00:00Z"), 2);
        assert_eq!(day("2026-01-01T00:00:00Z") - day("2025-12-31T00:00:00Z"), 1);
        assert_eq!(instant("now"), None);
    }

    #[test]
    fn dates_of_sip_are_in_gmt() {
        assert!(is_sip_date("Sat, 13 Nov 2010 23:29:00 GMT"));
        for wrong in ["Sat, 13 Nov 2010 23:29:00 EST", "13 Nov 2010 23:29:00 GMT", "Sat, 13 Nov 2010 24:29:00 GMT"] {
            assert!(!is_sip_date(wrong), "{wrong}");
        }
    }
}
