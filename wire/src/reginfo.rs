//! Registration information, `application/reginfo+xml` (RFC 3680 section 5), with the GRUUs of RFC 5628.

use crate::xml::{self, Element, Writer};
use std::fmt;

pub use crate::xml::XmlError;

#[cfg(test)]
mod tests;

/// The media type of the document.
pub const MEDIA_TYPE: &str = "application/reginfo+xml";
const NAMESPACE: &str = "urn:ietf:params:xml:ns:reginfo";
const GRUU_NAMESPACE: &str = "urn:ietf:params:xml:ns:gruuinfo";

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $what:literal { $($(#[$case_doc:meta])* $case:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$case_doc])* $case,)+ }

        impl $name {
            /// The word of the schema.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$case => $word,)+ }
            }

            fn read(element: Element<'_, '_>, attribute: &'static str) -> Result<$name, XmlError> {
                element.value(attribute, element.required(attribute)?, $what)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<$name, ()> {
                match text { $($word => Ok($name::$case),)+ _ => Err(()) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// Whether a document tells all or what changed (RFC 3680 section 5).
    State: "full or partial" {
        /// Every registration that is watched.
        Full = "full",
        /// Only registrations that changed.
        Partial = "partial",
    }
}

words! {
    /// The state of a registration (RFC 3680 section 5).
    RegistrationState: "init, active or terminated" {
        /// No contact was ever registered.
        Init = "init",
        /// At least one contact is registered.
        Active = "active",
        /// The last contact is gone.
        Terminated = "terminated",
    }
}

words! {
    /// The state of a contact (RFC 3680 section 5).
    ContactState: "active or terminated" {
        /// Registered.
        Active = "active",
        /// No longer registered.
        Terminated = "terminated",
    }
}

words! {
    /// What brought a contact into its state (RFC 3680 section 5).
    ContactEvent: "an event of RFC 3680" {
        /// It was registered.
        Registered = "registered",
        /// The network created it.
        Created = "created",
        /// Its registration was refreshed.
        Refreshed = "refreshed",
        /// The network shortened its registration; the client is to register anew soon.
        Shortened = "shortened",
        /// Its registration ran out.
        Expired = "expired",
        /// The network removed it; the client is to register anew at once.
        Deactivated = "deactivated",
        /// The network removed it for a while.
        Probation = "probation",
        /// The client removed it.
        Unregistered = "unregistered",
        /// The network does not let it register.
        Rejected = "rejected",
    }
}

/// A temporary GRUU (RFC 5628).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TempGruu {
    /// The GRUU.
    pub uri: String,
    /// CSeq of the REGISTER that made the oldest temporary GRUU that is still valid.
    pub first_cseq: Option<u32>,
}

/// A contact of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Names the contact in all documents of a subscription.
    pub id: String,
    /// Its state.
    pub state: ContactState,
    /// What brought it there.
    pub event: ContactEvent,
    /// The contact URI.
    pub uri: String,
    /// The name to show.
    pub display_name: Option<String>,
    /// Seconds that it has been registered.
    pub duration_registered: Option<u64>,
    /// Seconds until the registration runs out.
    pub expires: Option<u64>,
    /// Seconds after which a contact on probation may try again.
    pub retry_after: Option<u64>,
    /// Preference among contacts, `0` to `1`.
    pub q: Option<String>,
    /// Call-ID of the last REGISTER.
    pub call_id: Option<String>,
    /// CSeq of the last REGISTER.
    pub cseq: Option<u32>,
    /// Contact parameters without elements of their own, such as `+sip.instance`, in order.
    pub unknown_params: Vec<(String, String)>,
    /// The public GRUU.
    pub pub_gruu: Option<String>,
    /// The temporary GRUU.
    pub temp_gruu: Option<TempGruu>,
}

impl Contact {
    /// A contact of which no more is told than the schema requires.
    pub fn new(id: &str, uri: &str, state: ContactState, event: ContactEvent) -> Contact {
        Contact {
            id: id.to_owned(),
            state,
            event,
            uri: uri.to_owned(),
            display_name: None,
            duration_registered: None,
            expires: None,
            retry_after: None,
            q: None,
            call_id: None,
            cseq: None,
            unknown_params: Vec::new(),
            pub_gruu: None,
            temp_gruu: None,
        }
    }

    /// The value of a contact parameter that RFC 3680 does not know; its name is case-insensitive as in SIP.
    pub fn unknown_param(&self, name: &str) -> Option<&str> {
        let mut params = self.unknown_params.iter();
        params.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The instance of the device, `+sip.instance`, without quotes and angle brackets around it.
    pub fn instance(&self) -> Option<&str> {
        let quotes: &[char] = &['"', '<', '>', ' '];
        self.unknown_param("+sip.instance").map(|value| value.trim_matches(quotes))
    }

    fn read(contact: Element<'_, '_>) -> Result<Contact, XmlError> {
        let gruu = contact.seen_in(GRUU_NAMESPACE);
        let param = |param: Element<'_, '_>| Ok((param.required("name")?.to_owned(), param.token()));
        Ok(Contact {
            id: contact.required("id")?.to_owned(),
            state: ContactState::read(contact, "state")?,
            event: ContactEvent::read(contact, "event")?,
            uri: contact.child_token("uri").ok_or_else(|| contact.missing("uri"))?,
            display_name: contact.child_text("display-name"),
            duration_registered: contact.attribute_value("duration-registered", "seconds")?,
            expires: contact.attribute_value("expires", "seconds")?,
            retry_after: contact.attribute_value("retry-after", "seconds")?,
            q: contact.attribute("q").map(str::to_owned),
            call_id: contact.attribute("callid").map(str::to_owned),
            cseq: contact.attribute_value("cseq", "a number")?,
            unknown_params: contact.children("unknown-param").map(param).collect::<Result<_, XmlError>>()?,
            pub_gruu: gruu.child("pub-gruu").map(|gruu| gruu.required("uri").map(str::to_owned)).transpose()?,
            temp_gruu: gruu.child("temp-gruu").map(TempGruu::read).transpose()?,
        })
    }

    fn write(&self, registration: &mut Writer) {
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let (registered, expires) = (number(self.duration_registered), number(self.expires));
        let (retry_after, cseq) = (number(self.retry_after), number(self.cseq.map(u64::from)));
        let attributes = [
            ("id", Some(self.id.as_str())),
            ("state", Some(self.state.as_str())),
            ("event", Some(self.event.as_str())),
            ("duration-registered", registered.as_deref()),
            ("expires", expires.as_deref()),
            ("retry-after", retry_after.as_deref()),
            ("q", self.q.as_deref()),
            ("callid", self.call_id.as_deref()),
            ("cseq", cseq.as_deref()),
        ];
        registration.element("contact", &attributes, |contact| {
            contact.leaf("uri", &[], &self.uri);
            contact.optional("display-name", self.display_name.as_deref());
            for (name, value) in &self.unknown_params {
                contact.leaf("unknown-param", &[("name", Some(name))], value);
            }
            if let Some(uri) = &self.pub_gruu {
                contact.element("gr:pub-gruu", &[("uri", Some(uri))], |_| {});
            }
            if let Some(gruu) = &self.temp_gruu {
                let first_cseq = gruu.first_cseq.map(|number| number.to_string());
                let attributes = [("uri", Some(gruu.uri.as_str())), ("first-cseq", first_cseq.as_deref())];
                contact.element("gr:temp-gruu", &attributes, |_| {});
            }
        });
    }
}

impl TempGruu {
    fn read(gruu: Element<'_, '_>) -> Result<TempGruu, XmlError> {
        let first_cseq = gruu.attribute_value("first-cseq", "a number")?;
        Ok(TempGruu { uri: gruu.required("uri")?.to_owned(), first_cseq })
    }
}

/// What is bound to one address of record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The address of record.
    pub aor: String,
    /// Names the registration in all documents of a subscription.
    pub id: String,
    /// Its state.
    pub state: RegistrationState,
    /// Its contacts; in a partial document those that changed.
    pub contacts: Vec<Contact>,
}

impl Registration {
    fn read(registration: Element<'_, '_>) -> Result<Registration, XmlError> {
        Ok(Registration {
            aor: registration.required("aor")?.trim().to_owned(),
            id: registration.required("id")?.to_owned(),
            state: RegistrationState::read(registration, "state")?,
            contacts: registration.children("contact").map(Contact::read).collect::<Result<_, _>>()?,
        })
    }

    fn write(&self, reginfo: &mut Writer) {
        let (aor, id) = (Some(self.aor.as_str()), Some(self.id.as_str()));
        let attributes = [("aor", aor), ("id", id), ("state", Some(self.state.as_str()))];
        reginfo.element("registration", &attributes, |registration| {
            self.contacts.iter().for_each(|contact| contact.write(registration));
        });
    }
}

/// A registration information document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// One more in each document of a subscription, from 0.
    pub version: u32,
    /// All, or what changed.
    pub state: State,
    /// The registrations.
    pub registrations: Vec<Registration>,
}

impl Document {
    /// Reads a body; elements of extensions other than GRUU are passed over.
    pub fn parse(octets: &[u8]) -> Result<Document, XmlError> {
        xml::read(octets, NAMESPACE, "reginfo", |root| {
            let version = root.attribute_value("version", "a number")?;
            Ok(Document {
                version: version.ok_or_else(|| root.missing("version"))?,
                state: State::read(root, "state")?,
                registrations: root.children("registration").map(Registration::read).collect::<Result<_, _>>()?,
            })
        })
    }

    /// Writes the body in the element order of the schema.
    pub fn to_xml(&self) -> String {
        let version = self.version.to_string();
        let gruu = |contact: &Contact| contact.pub_gruu.is_some() || contact.temp_gruu.is_some();
        let any_gruu = self.registrations.iter().flat_map(|registration| &registration.contacts).any(gruu);
        let attributes = [
            ("xmlns", Some(NAMESPACE)),
            ("xmlns:gr", any_gruu.then_some(GRUU_NAMESPACE)),
            ("version", Some(version.as_str())),
            ("state", Some(self.state.as_str())),
        ];
        Writer::document("reginfo", &attributes, |reginfo| {
            self.registrations.iter().for_each(|registration| registration.write(reginfo));
        })
    }
}
