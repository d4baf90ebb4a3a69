//! What is asked of the documents, and what is answered (RFC 4825 sections 7 and 8).

use super::document::MEDIA_TYPE;
use super::documents::{Documents, Place, ROOT, USAGE, Version, decoded};
use super::http::{Request, Response};
use cpm_wire::xml::{XmlError, harmless};

const ERROR_TYPE: &str = "application/xcap-error+xml";

/// What the server can do, as its own application usage says (section 12).
const CAPABILITIES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <xcap-caps xmlns=\"urn:ietf:params:xml:ns:xcap-caps\">\n  <auids>\n    <auid>xcap-caps</auid>\n    \
    <auid>org.openmobilealliance.im-rules</auid>\n  </auids>\n  <extensions/>\n  <namespaces>\n    \
    <namespace>urn:ietf:params:xml:ns:xcap-caps</namespace>\n    <namespace>urn:ietf:params:xml:ns:xcap-error</namespace>\n    \
    <namespace>urn:ietf:params:xml:ns:common-policy</namespace>\n  </namespaces>\n</xcap-caps>\n";

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Resource {
    Capabilities,
    Document(Place),
    /// A part of a document, which this server leaves to the reader.
    Node,
    Nothing,
}

impl Resource {
    fn of(target: &str) -> Resource {
        // In absolute form the target has scheme and authority (RFC 9112 section 3.2.2).
        let path = target.strip_prefix("http://").and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)));
        let path = path.unwrap_or(target).split('?').next().unwrap_or_default();
        let Some(below) = path.strip_prefix(ROOT) else { return Resource::Nothing };
        let segments: Vec<&str> = below.split('/').skip(1).collect();
        match segments.as_slice() {
            ["xcap-caps", "global", "index"] => Resource::Capabilities,
            [_, _, _, _, "~~", ..] => Resource::Node,
            [usage, "users", user, document] if *usage == USAGE => match decoded(user) {
                Some(user) => Resource::Document(Place::new(&user, document)),
                None => Resource::Nothing,
            },
            _ => Resource::Nothing,
        }
    }
}

/// Which user's documents a request is about.
pub fn user_of(request: &Request) -> Option<String> {
    match Resource::of(&request.target) {
        Resource::Document(place) => Some(place.user().to_owned()),
        Resource::Capabilities | Resource::Node | Resource::Nothing => None,
    }
}

/// Answers a request.
pub fn answer(request: &Request, documents: &Documents) -> Response {
    match (Resource::of(&request.target), request.method.as_str()) {
        (Resource::Nothing, _) => Response::bare(404),
        (Resource::Node, _) => Response::bare(501),
        (Resource::Capabilities, "GET" | "HEAD") => Response { body: CAPABILITIES.into(), ..Response::bare(200) }
            .with("Content-Type", "application/xcap-caps+xml"),
        (Resource::Capabilities, _) => Response::bare(405).with("Allow", "GET, HEAD"),
        (Resource::Document(place), method) => {
            let there = documents.get(&place);
            match method {
                "GET" | "HEAD" => read(request, there),
                "PUT" => replaced(request, documents, &place, there),
                "DELETE" => removed(request, documents, &place, there),
                _ => Response::bare(405).with("Allow", "GET, HEAD, PUT, DELETE"),
            }
        }
    }
}

/// Whether the conditions of a request name a version (RFC 9110 section 13.1).
fn names(condition: &str, there: Option<&Version>) -> bool {
    let Some(there) = there else { return false };
    let tags = condition.split(',').map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'));
    condition.trim() == "*" || tags.into_iter().any(|tag| tag == there.tag)
}

/// Whether a change may be made to what is there.
fn may_change(request: &Request, there: Option<&Version>) -> bool {
    let as_expected = request.field("If-Match").is_none_or(|tags| names(&tags, there));
    let not_there = request.field("If-None-Match").is_none_or(|tags| !names(&tags, there));
    as_expected && not_there
}

fn tagged(response: Response, tag: &str) -> Response {
    response.with("ETag", format!("\"{tag}\""))
}

fn read(request: &Request, there: Option<Version>) -> Response {
    if request.field("If-Match").is_some_and(|tags| !names(&tags, there.as_ref())) {
        return Response::bare(412);
    }
    let Some(version) = there else { return Response::bare(404) };
    if request.field("If-None-Match").is_some_and(|tags| names(&tags, Some(&version))) {
        return tagged(Response::bare(304), &version.tag);
    }
    let found = Response { body: version.octets, ..Response::bare(200) };
    tagged(found.with("Content-Type", MEDIA_TYPE), &version.tag)
}

fn replaced(request: &Request, documents: &Documents, place: &Place, there: Option<Version>) -> Response {
    let kind = request.field("Content-Type").unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(MEDIA_TYPE) {
        return Response::bare(415);
    }
    if !may_change(request, there.as_ref()) {
        return Response::bare(412);
    }
    if let Some(wrong) = wrong(&request.body) {
        return conflict(wrong);
    }
    match documents.set(place, Some(request.body.clone())).and_then(|changed| changed.since) {
        Some(tag) => tagged(Response::bare(if there.is_some() { 200 } else { 201 }), &tag),
        None => Response::bare(507),
    }
}

fn removed(request: &Request, documents: &Documents, place: &Place, there: Option<Version>) -> Response {
    if there.is_none() {
        return Response::bare(404);
    }
    if !may_change(request, there.as_ref()) {
        return Response::bare(412);
    }
    documents.set(place, None);
    Response::bare(200)
}

/// What is wrong with a document: the element of the error document that says so (section 11).
fn wrong(octets: &[u8]) -> Option<&'static str> {
    let text = match harmless(octets) {
        Ok(text) => text,
        Err(XmlError::NotUtf8 { .. }) => return Some("not-utf-8"),
        Err(_) => return Some("not-well-formed"),
    };
    let Ok(read) = roxmltree::Document::parse(text) else { return Some("not-well-formed") };
    let root = read.root_element().tag_name();
    let is_ruleset = root.name() == "ruleset" && root.namespace() == Some("urn:ietf:params:xml:ns:common-policy");
    (!is_ruleset).then_some("schema-validation-error")
}

fn conflict(element: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xcap-error xmlns=\"urn:ietf:params:xml:ns:xcap-error\"><{element}/></xcap-error>\n"
    );
    Response { body: body.into(), ..Response::bare(409) }.with("Content-Type", ERROR_TYPE)
}
