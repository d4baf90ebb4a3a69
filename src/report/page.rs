//! The frame of every page that this program writes: one stylesheet, a way past the menu, landmarks, no script, no network.

use std::fmt::Write;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_title_is_markup() {
        let page = page("<b>\"a\" & b", &[("x.html", "<i>")], "<p>body</p>\n");
        assert!(page.contains("<h1>&lt;b&gt;&quot;a&quot; &amp; b</h1>"), "{page}");
        assert!(page.contains("<a href=\"x.html\">&lt;i&gt;</a>") && page.contains("<p>body</p>"), "{page}");
    }
}
