//! The frame of every page that this program writes: one stylesheet, a way past the menu, landmarks, no script, no network.

use std::fmt::Write;

use super::style::{cut, one_line};

/// The one stylesheet.
pub const STYLE: &str = include_str!("page.css");

/// A page: its title, its menu of addresses and words, and what stands in it, which is HTML already.
#[must_use]
pub fn page(title: &str, menu: &[(&str, &str)], body: &str) -> String {
    let mut links = String::new();
    for (address, words) in menu {
        let _ = write!(links, "<li><a href=\"{}\">{}</a></li>", escaped(address), escaped(words));
    }
    let title = escaped(title);
    let menu =
        if links.is_empty() { String::new() } else { format!("<nav aria-label=\"Pages\"><ul>{links}</ul></nav>\n") };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/><title>{title}</title>\n\
         <style>\n{STYLE}</style></head>\n<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n\
         <header>{menu}</header>\n<main id=\"main\">\n<h1>{title}</h1>\n{body}</main>\n</body></html>\n"
    )
}

/// A text in which nothing is markup.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A text of somebody else: on one line, of which nothing is markup or obeyed, and at most so many characters of it.
#[must_use]
pub fn shown(text: &str, most: usize) -> String {
    escaped(&cut(&one_line(text), most))
}

/// The beginning of a table of texts: its caption and the headings of its columns.
#[must_use]
pub fn opened(caption: &str, columns: &[&str]) -> String {
    let heads: String = columns.iter().map(|name| format!("<th scope=\"col\">{}</th>", escaped(name))).collect();
    let caption = escaped(caption);
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table class=\"text\">\n\
         <caption>{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
    )
}

/// The end of a table.
pub const CLOSED: &str = "</tbody></table></div>\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_text_is_shown_so_much_and_said_how_much_not() {
        assert_eq!(shown("a\r\n<b>\u{1b}", 20), "a &lt;b&gt;\\u{1b}");
        let long = "<".repeat(1_000_000);
        assert_eq!(shown(&long, 2), "&lt;&lt;\u{2026} (999998 characters cut)");
        assert_eq!(shown("abc", 3), "abc");
    }

    #[test]
    fn nothing_of_a_title_is_markup() {
        let page = page("<b>\"a\" & b", &[("x.html", "<i>")], "<p>body</p>\n");
        assert!(page.contains("<h1>&lt;b&gt;&quot;a&quot; &amp; b</h1>"), "{page}");
        assert!(page.contains("<a href=\"x.html\">&lt;i&gt;</a>") && page.contains("<p>body</p>"), "{page}");
    }
}
