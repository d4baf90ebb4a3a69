//! Who takes part in a request, whether the caller says so, and how the caller's identity is hidden (RFC 3323, RFC 3325).

use crate::call::served::SessionCase;
use crate::config::HiddenFrom;
use cpm_wire::sip::{Message, Name, NameAddr, identity_key};

/// From where nobody is named (RFC 3323 section 4.1.1.3).
const NOBODY: &str = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";

/// The privacy that keeps the asserted identity within the trust domain (RFC 3325 section 9.3).
const ID: &str = "id";

/// The identities, in their canonical form, of who is on the other side of a request: whom it is for, or who is asserted
/// to have sent it; From counts where nobody is.
pub fn others(request: &Message, case: SessionCase) -> Vec<String> {
    if case == SessionCase::Originating {
        return request.request_uri().map(identity_key).into_iter().collect();
    }
    let asserted: Vec<String> =
        request.asserted_identities().filter_map(Result::ok).map(|asserted| identity_key(asserted.uri)).collect();
    match asserted.is_empty() {
        true => request.from().ok().map(|from| identity_key(from.uri)).into_iter().collect(),
        false => asserted,
    }
}

/// True when the one who is called is not told who calls: it is not known, or not to be said (RFC 5079 section 4).
pub fn is_anonymous(request: &Message) -> bool {
    let asserted = request.asserted_identities().any(|asserted| asserted.is_ok());
    let secret = privacy(request).any(|word| ["id", "header", "user"].iter().any(|own| own.eq_ignore_ascii_case(word)));
    secret || (!asserted && request.from().is_ok_and(|from| names_nobody(&from)))
}

fn names_nobody(from: &NameAddr<'_>) -> bool {
    identity_key(from.uri).to_ascii_lowercase().ends_with("@anonymous.invalid")
}

/// The words of Privacy (RFC 3323 section 4.2), between which stand semicolons.
fn privacy(request: &Message) -> impl Iterator<Item = &str> {
    request.headers(&Name::Privacy).flat_map(|value| value.split([';', ','])).map(str::trim)
}

/// The request by which the one who is called does not learn who calls: the asserted identity stays for those who are
/// trusted, and is not to leave them.
pub fn without_name(request: &Message, hidden_from: HiddenFrom) -> Message {
    let asked = with_privacy(request);
    match asked.from() {
        Ok(from) if hidden_from == HiddenFrom::MadeAnonymous && !names_nobody(&from) => {
            let tag = from.tag().map_or(String::new(), |tag| format!(";tag={tag}"));
            asked.edit().set(Name::From, format!("{NOBODY}{tag}")).finish()
        }
        _ => asked,
    }
}

/// The request with privacy asked for, otherwise as it was.
pub fn with_privacy(request: &Message) -> Message {
    let mut words: Vec<&str> = privacy(request).filter(|word| !word.eq_ignore_ascii_case("none")).collect();
    if words.iter().any(|word| word.eq_ignore_ascii_case(ID)) {
        return request.clone();
    }
    words.insert(0, ID);
    request.edit().set(Name::Privacy, words.join(";")).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpm_wire::sip::{Builder, Method};
    use pretty_assertions::assert_eq;

    fn invite(from: &str, more: &[(Name, &str)]) -> Message {
        let invite = Builder::request(Method::Invite, "sip:Bob@Example.com;user=phone").header(Name::From, from);
        more.iter().fold(invite, |invite, (name, value)| invite.header(name.clone(), value)).build()
    }

    const CAROL: &str = "<sip:carol@remote.example>";

    #[test]
    fn the_other_is_who_is_called_or_who_is_asserted_to_call() {
        let named = invite("<sip:anonymous@anonymous.invalid>;tag=1", &[(Name::PAssertedIdentity, CAROL)]);
        assert_eq!(others(&named, SessionCase::Terminating), ["sip:carol@remote.example"]);
        assert_eq!(others(&named, SessionCase::Originating), ["sip:Bob@example.com"]);
        assert_eq!(others(&invite("<sip:dora@e>;tag=1", &[]), SessionCase::Terminating), ["sip:dora@e"]);
    }

    #[test]
    fn who_calls_is_not_said_or_not_known() {
        let asserted = (Name::PAssertedIdentity, CAROL);
        let nobody = "<sip:anonymous@anonymous.invalid>;tag=1";
        assert!(is_anonymous(&invite(nobody, &[asserted.clone(), (Name::Privacy, "critical;id")])));
        assert!(is_anonymous(&invite(CAROL, &[asserted.clone(), (Name::Privacy, "header")])));
        assert!(is_anonymous(&invite(nobody, &[])));
        assert!(!is_anonymous(&invite(nobody, std::slice::from_ref(&asserted))));
        assert!(!is_anonymous(&invite(CAROL, &[asserted, (Name::Privacy, "none")])));
    }

    #[test]
    fn a_hidden_name_is_in_no_header_that_leaves_the_trusted() {
        let named = invite("\"Bob\" <sip:bob@example.com>;tag=x", &[(Name::PAssertedIdentity, CAROL)]);
        let as_it_was = without_name(&named, HiddenFrom::AsSent);
        assert_eq!(as_it_was.header(&Name::From), named.header(&Name::From));
        assert_eq!(as_it_was.header(&Name::Privacy), Some("id"));
        let hidden = without_name(&named, HiddenFrom::MadeAnonymous);
        assert_eq!(hidden.header(&Name::From), Some("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=x"));
        assert_eq!(hidden.header(&Name::Privacy), Some("id"));
        assert_eq!(hidden.header(&Name::PAssertedIdentity), Some(CAROL));
        let own = "\"?\" <sip:anonymous@anonymous.invalid>;tag=x";
        let as_sent = without_name(&invite(own, &[(Name::Privacy, "none")]), HiddenFrom::MadeAnonymous);
        assert_eq!((as_sent.header(&Name::From), as_sent.header(&Name::Privacy)), (Some(own), Some("id")));
        let more = with_privacy(&invite(own, &[(Name::Privacy, "session; critical")]));
        assert_eq!(more.header(&Name::Privacy), Some("id;session;critical"));
        let already = invite(own, &[(Name::Privacy, "user;id")]);
        assert_eq!(with_privacy(&already), already);
    }
}
