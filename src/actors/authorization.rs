//! How a device proves to a real core who its user is: digest access authentication as SIP has it (RFC 3261 section 22.4,
//! RFC 7616 section 3.4, RFC 8760).

use cpm_wire::sip::{Message, Name};
use md5::Md5;
use sha2::{Digest, Sha256};

/// Who a user is to the core, and what only the user knows.
#[derive(Clone)]
pub struct Credentials {
    /// The private identity.
    pub username: String,
    /// The secret. It goes nowhere but into a digest.
    pub secret: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials of {}", self.username)
    }
}

/// The algorithms of RFC 8760 that are known here, the better one last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Md5,
    Sha256,
}

impl Algorithm {
    fn parse(word: Option<&str>) -> Option<Algorithm> {
        match word {
            None => Some(Algorithm::Md5),
            Some(word) if word.eq_ignore_ascii_case("MD5") => Some(Algorithm::Md5),
            Some(word) if word.eq_ignore_ascii_case("SHA-256") => Some(Algorithm::Sha256),
            Some(_) => None,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA-256",
        }
    }

    fn hash(self, text: &str) -> String {
        let hexadecimal = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect();
        match self {
            Algorithm::Md5 => hexadecimal(&Md5::digest(text)),
            Algorithm::Sha256 => hexadecimal(&Sha256::digest(text)),
        }
    }
}

/// A challenge that can be met.
#[derive(Debug, PartialEq, Eq)]
struct Challenge {
    algorithm: Algorithm,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// Whether the quality of protection `auth` is offered; else that of RFC 2069 is meant.
    auth: bool,
}

impl Challenge {
    fn parse(value: &str) -> Option<Challenge> {
        let (scheme, rest) = value.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let pairs = parameters(rest);
        let get = |name: &str| pairs.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| &**value);
        let offered: Vec<&str> = get("qop").unwrap_or_default().split(',').map(str::trim).collect();
        let auth = offered.contains(&"auth");
        if !auth && get("qop").is_some() {
            return None;
        }
        Some(Challenge {
            algorithm: Algorithm::parse(get("algorithm"))?,
            realm: get("realm")?.to_owned(),
            nonce: get("nonce")?.to_owned(),
            opaque: get("opaque").map(str::to_owned),
            auth,
        })
    }
}

/// Names and values of a list, quotes taken off.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut quoted = false;
    let parts = text.split(|c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    let pairs = parts.filter_map(|part| part.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches('"').to_owned())).collect()
}

/// The best challenge of a 401 or 407 that can be met, as header and value of the request that meets it. `cnonce` is a token of
/// one's own. None where no challenge is one of the known kinds.
fn answer(refusal: &Message, request: &Message, with: &Credentials, cnonce: &str) -> Option<(Name, String)> {
    let (asked, given) = match refusal.status() {
        Some(401) => (Name::WwwAuthenticate, Name::Authorization),
        Some(407) => (Name::ProxyAuthenticate, Name::ProxyAuthorization),
        _ => return None,
    };
    let challenge = refusal.headers(&asked).filter_map(Challenge::parse).max_by_key(|challenge| challenge.algorithm)?;
    let uri = request.request_uri()?;
    Some((given, value(&challenge, request.method().as_str(), uri, with, cnonce)))
}

/// The request once more with what its challenge asks for; none where nothing is asked that can be met.
pub fn proved(refusal: &Message, request: &Message, with: &Credentials, via: String, cnonce: &str) -> Option<Message> {
    let (name, value) = answer(refusal, request, with, cnonce)?;
    let number = request.cseq().ok()?.number.saturating_add(1);
    let cseq = format!("{number} {}", request.method().as_str());
    let edit = request.edit().remove_first(&Name::Via).prepend(Name::Via, via);
    Some(edit.set(Name::CSeq, cseq).set(name, value).finish())
}

/// The value of Authorization (RFC 7616 section 3.4).
fn value(challenge: &Challenge, method: &str, uri: &str, with: &Credentials, cnonce: &str) -> String {
    let Challenge { algorithm, realm, nonce, .. } = challenge;
    let user = algorithm.hash(&format!("{}:{realm}:{}", with.username, with.secret));
    let act = algorithm.hash(&format!("{method}:{uri}"));
    let (response, quality) = if challenge.auth {
        let response = algorithm.hash(&format!("{user}:{nonce}:00000001:{cnonce}:auth:{act}"));
        (response, format!(", qop=auth, cnonce=\"{cnonce}\", nc=00000001"))
    } else {
        (algorithm.hash(&format!("{user}:{nonce}:{act}")), String::new())
    };
    let opaque = challenge.opaque.iter().map(|opaque| format!(", opaque=\"{opaque}\"")).collect::<String>();
    format!(
        "Digest username=\"{}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", \
         algorithm={}{quality}{opaque}",
        with.username,
        algorithm.as_str()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    /// The example of RFC 7616 section 3.9.1.
    #[test]
    fn the_examples_of_the_rfc_come_out() {
        let with = Credentials { username: "Mufasa".to_owned(), secret: "Circle of Life".to_owned() };
        let table = [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ];
        for (algorithm, response) in table {
            let asked = format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            );
            let challenge = Challenge::parse(&asked).unwrap();
            let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
            let value = value(&challenge, "GET", "/dir/index.html", &with, cnonce);
            assert!(value.contains(&format!("response=\"{response}\"")), "{value}");
            assert!(!value.contains("Circle"), "{value}");
        }
        assert!(!format!("{with:?}").contains("Circle"));
    }

    #[test]
    fn what_is_not_known_is_not_answered() {
        for other in [
            "Basic realm=\"x\"",
            "Digest realm=\"x\", nonce=\"y\", algorithm=AKAv1-MD5",
            "Digest realm=\"x\", nonce=\"y\", qop=\"auth-int\"",
            "Digest nonce=\"y\"",
        ] {
            assert_eq!(Challenge::parse(other), None, "{other}");
        }
    }
}
