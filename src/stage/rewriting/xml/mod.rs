//! XML bodies said otherwise (XML 1.0, Namespaces in XML 1.0), within the schema of their type.

mod meaning;
mod names;
mod spelling;
#[cfg(test)]
mod tests;
mod tree;

use super::freedoms::{Freedom, Licence};
use bytes::Bytes;
use tree::Document;

/// The types of document whose schema is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `message/imdn+xml`.
    Notification,
    /// `application/conference-info+xml`.
    Roster,
    /// `application/resource-lists+xml`.
    List,
}

/// The document said otherwise; as it was, when it is of an unusual build.
pub fn rewrite(licence: &mut Licence<'_>, kind: Kind, octets: &Bytes) -> Bytes {
    let text = std::str::from_utf8(octets).ok();
    let Some(mut document) = text.and_then(Document::read) else { return octets.clone() };
    let own = document.root.prefix().to_owned();
    meaning::order(licence, kind, &own, &mut document.root);
    meaning::extensions(licence, kind, &own, &mut document.root);
    spelling::white_space(licence, &own, &mut document.root);
    spelling::comments(licence, &own, &mut document.root);
    names::prefixes(licence, &mut document.root);
    spelling::tags(licence, &mut document.root);
    spelling::text(licence, &mut document.root);
    declaration(licence, &mut document);
    document.write().into()
}

fn declaration(licence: &mut Licence<'_>, document: &mut Document) {
    if !licence.takes(Freedom::XmlDeclaration) {
        return;
    }
    let forms = ["<?xml version='1.0'?>", "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n", ""];
    let form = licence.chance.pick(&forms).copied().unwrap_or_default();
    let rest = match document.prolog.strip_prefix("<?xml ").and_then(|prolog| prolog.split_once("?>")) {
        Some((_, rest)) => rest.trim_start(),
        None => document.prolog.trim_start(),
    };
    let prolog = format!("{form}{rest}");
    licence.note(Freedom::XmlDeclaration, prolog != document.prolog);
    document.prolog = prolog;
}
