//! Calls that are wrong in one way, or ask for more than anybody has to give (RFC 3261 sections 8.2.2, 12.2.2, 16.3).

use super::{Calls, Occasion};
use crate::actors::serving_cscf::Served;
use crate::actors::session::{feature_tag, offer_body};
use crate::actors::signalling::{Purpose, Signalling};
use crate::evidence::Event;
use bytes::Bytes;
use cpm_wire::sip::{Method, Name};

/// In what way a call is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is within a dialog that does not exist.
    UnknownDialog,
    /// Its session description is none.
    BadDescription,
    /// It names neither conversation nor contribution.
    WithoutIdentifiers,
    /// It requires an extension that nobody knows.
    UnknownExtension,
    /// It requires of every proxy an extension that nobody knows.
    UnknownProxyExtension,
    /// It may be passed on no further.
    NoHopsLeft,
}

impl Wrong {
    /// Every way with its words.
    pub const ALL: [(Wrong, &'static str); 6] = [
        (Wrong::UnknownDialog, "unknown dialog"),
        (Wrong::BadDescription, "bad description"),
        (Wrong::WithoutIdentifiers, "without identifiers"),
        (Wrong::UnknownExtension, "unknown extension"),
        (Wrong::UnknownProxyExtension, "unknown proxy extension"),
        (Wrong::NoHopsLeft, "no hops left"),
    ];

    /// The way of these words.
    #[must_use]
    pub fn parse(words: &str) -> Option<Wrong> {
        Wrong::ALL.iter().find(|(_, own)| *own == words).map(|(wrong, _)| *wrong)
    }

    const fn words(self) -> &'static str {
        match self {
            Wrong::UnknownDialog => "unknown dialog",
            Wrong::BadDescription => "bad description",
            Wrong::WithoutIdentifiers => "without identifiers",
            Wrong::UnknownExtension => "unknown extension",
            Wrong::UnknownProxyExtension => "unknown proxy extension",
            Wrong::NoHopsLeft => "no hops left",
        }
    }

    /// True when the request itself breaks a rule, rather than asking for what is not to be had.
    const fn is_malformed(self) -> bool {
        matches!(self, Wrong::BadDescription | Wrong::WithoutIdentifiers)
    }
}

impl Calls {
    /// Calls somebody for a session in a way that is wrong.
    pub fn invite_wrongly(
        &mut self,
        signalling: &mut Signalling,
        occasion: &Occasion,
        callee: &str,
        served: &Served<'_>,
        wrong: Wrong,
    ) {
        let (path, origin) = (self.media.path(&signalling.ids.token()), signalling.ids.bits());
        let offer = self.manner.offer(&self.media, &path);
        let body = match wrong {
            // Unlike any other body, so that it is known again.
            Wrong::BadDescription => Bytes::from(format!("this is no session description: {path}\r\n")),
            _ => offer_body(&offer, origin),
        };
        if wrong.is_malformed() {
            signalling.declare_malformed(body.clone(), wrong.words());
        }
        let service = occasion.service.identifier();
        let cscf = signalling.cscf.clone();
        let (from, to) = (signalling.ids.token(), signalling.ids.token());
        let host = self.host();
        let request = cscf
            .initial(&mut signalling.ids, Method::Invite, callee, served, &host)
            .header(Name::From, format!("<{}>;tag={from}", self.identity))
            .header(Name::Contact, self.contact_value(occasion.service))
            .header(Name::PAssertedIdentity, format!("<{}>", self.identity))
            .header(Name::PAssertedService, service)
            .header(Name::AcceptContact, format!("*;{}", feature_tag(service)))
            .header(Name::Subject, occasion.name.clone())
            .header(Name::Allow, super::calling::ALLOW);
        let request = match wrong {
            Wrong::UnknownDialog => request.header(Name::To, format!("<{callee}>;tag={to}")),
            _ => request.header(Name::To, format!("<{callee}>")),
        };
        let request = match wrong {
            Wrong::WithoutIdentifiers => request,
            _ => request
                .header(Name::ConversationId, occasion.conversation.clone())
                .header(Name::ContributionId, occasion.contribution.clone()),
        };
        let request = match wrong {
            Wrong::UnknownExtension => request.header(Name::Require, "x-of-nobody"),
            Wrong::UnknownProxyExtension => request.header(Name::ProxyRequire, "x-of-nobody"),
            _ => request,
        };
        let request = request.body("application/sdp", body).build();
        let request = match wrong {
            Wrong::NoHopsLeft => request.edit().set(Name::MaxForwards, 0).finish(),
            _ => request,
        };
        signalling.links.out.event(Event::WrongCall {
            session: occasion.name.clone(),
            what: wrong.words().to_owned(),
            call_id: request.call_id().unwrap_or_default().to_owned(),
        });
        let mut call = super::Call::new(&occasion.name, from, origin);
        call.local = Some(offer);
        let number = self.add(call);
        let purpose = Purpose::Call { party: self.party.clone(), call: number };
        let client = signalling.request(request.clone(), purpose);
        if let Some(call) = self.held.get_mut(&number) {
            call.invite = Some((client, request));
        }
    }
}
