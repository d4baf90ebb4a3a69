//! What was observed, held against what was expected, word by word: what stands in one and not in the other is marked. Where the
//! two have too little in common to be held against each other, nothing is: all of it differs.

use super::page::escaped;
use super::style::{cut, one_line};

/// So many words of each are looked at; what follows is shown as it is.
const WORDS: usize = 120;

/// Expected and observed as HTML, in this order, each of at most so many characters.
#[must_use]
pub fn contrasted(expected: &str, observed: &str, most: usize) -> [String; 2] {
    let [expected, observed] = [expected, observed].map(|text| cut(&one_line(text), most));
    let (own, other): (Vec<&str>, Vec<&str>) = (expected.split(' ').collect(), observed.split(' ').collect());
    let (common, others) = common(head(&own), head(&other));
    let shared = common.iter().filter(|shared| **shared).count();
    // Of sentences of which less than half is shared, the rest is no field that differs.
    let comparable = shared * 2 >= own.len().min(other.len()).min(WORDS) && shared > 0;
    if comparable { [marked(&own, &common), marked(&other, &others)] } else { [escaped(&expected), escaped(&observed)] }
}

fn head<'a, 'b>(words: &'b [&'a str]) -> &'b [&'a str] {
    words.get(..words.len().min(WORDS)).unwrap_or(words)
}

/// Which words of each are in the longest common subsequence.
fn common(own: &[&str], other: &[&str]) -> (Vec<bool>, Vec<bool>) {
    let bare = |word: &str| word.trim_matches(|c: char| c.is_ascii_punctuation()).to_lowercase();
    let (one, two): (Vec<String>, Vec<String>) =
        (own.iter().map(|word| bare(word)).collect(), other.iter().map(|word| bare(word)).collect());
    let width = two.len() + 1;
    // The length of the longest common subsequence of what follows each pair of places.
    let mut longest = vec![0_usize; (one.len() + 1) * width];
    let at = |row: usize, column: usize| row * width + column;
    let read = |longest: &[usize], place: usize| longest.get(place).copied().unwrap_or(0);
    for (row, word) in one.iter().enumerate().rev() {
        for (column, other) in two.iter().enumerate().rev() {
            let value = if word == other {
                read(&longest, at(row + 1, column + 1)) + 1
            } else {
                read(&longest, at(row + 1, column)).max(read(&longest, at(row, column + 1)))
            };
            if let Some(place) = longest.get_mut(at(row, column)) {
                *place = value;
            }
        }
    }
    let (mut of_one, mut of_two) = (vec![false; one.len()], vec![false; two.len()]);
    let (mut row, mut column) = (0, 0);
    while let (Some(word), Some(other)) = (one.get(row), two.get(column)) {
        if word == other {
            of_one.iter_mut().skip(row).take(1).for_each(|shared| *shared = true);
            of_two.iter_mut().skip(column).take(1).for_each(|shared| *shared = true);
            (row, column) = (row + 1, column + 1);
        } else if read(&longest, at(row + 1, column)) >= read(&longest, at(row, column + 1)) {
            row += 1;
        } else {
            column += 1;
        }
    }
    (of_one, of_two)
}

/// Words in a line, those that are not shared marked, neighbours together.
fn marked(words: &[&str], shared: &[bool]) -> String {
    let mut html = String::new();
    let mut open = false;
    for (place, word) in words.iter().enumerate() {
        let differs = !shared.get(place).copied().unwrap_or(true);
        if open && !differs {
            html.push_str("</mark>");
        }
        if place > 0 {
            html.push(' ');
        }
        if differs && !open {
            html.push_str("<mark>");
        }
        html.push_str(&escaped(word));
        open = differs;
    }
    if open {
        html.push_str("</mark>");
    }
    html
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn what_differs_is_marked_and_nothing_else() {
        let told = contrasted("m1, m2 and m3 in this order", "m1, m3 and m2 in this order", 200);
        assert_eq!(told, ["m1, <mark>m2 and</mark> m3 in this order", "m1, m3 <mark>and m2</mark> in this order"]);
        let told = contrasted("CSeq 2 INVITE", "CSeq 7 INVITE", 200);
        assert_eq!(told, ["CSeq <mark>2</mark> INVITE", "CSeq <mark>7</mark> INVITE"]);
    }

    #[test]
    fn sentences_with_little_in_common_are_left_as_they_are() {
        let told = contrasted("each message comes once", "Bob's phone saw nothing", 200);
        assert_eq!(told, ["each message comes once", "Bob's phone saw nothing"]);
        assert_eq!(contrasted("", "", 10), ["", ""]);
    }

    #[test]
    fn nothing_is_markup_and_nothing_is_long() {
        let [expected, observed] = contrasted("a <b> c", &format!("a <i> c {}", "x ".repeat(100_000)), 100);
        assert_eq!(expected, "a <mark>&lt;b&gt;</mark> c");
        assert!(observed.starts_with("a <mark>&lt;i&gt;</mark> c") && observed.len() < 300, "{observed}");
        assert!(observed.contains("characters cut"));
    }
}
