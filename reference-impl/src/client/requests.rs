//! What the client sends outside dialogs, and how it answers: the way through its proxy, its identities, its product.

use super::core::{Core, Purpose};
use cpm_wire::sip::{Builder, Message, Method, Name, NameAddr, SipUri, Uri, reason_phrase};
use cpm_wire::transaction::{ClientId, ServerId};

impl Core {
    pub(super) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Sends a request that has no Via yet.
    pub(super) fn send(&mut self, request: Message, purpose: Purpose) -> ClientId {
        let client = self.sip.request(self.now, request);
        self.purposes.insert(client, purpose);
        client
    }

    /// An initial request of an account: its way, its identities, its product.
    pub(super) fn initial(&mut self, at: usize, method: Method, uri: &str) -> Option<Builder> {
        let (call_id, tag) = (self.tokens.token(), self.tokens.tag());
        let account = self.accounts.get(at)?;
        let request = Builder::request(method.clone(), uri).header(Name::MaxForwards, 70);
        let request = self.way(at).iter().fold(request, |request, route| request.header(Name::Route, route));
        let identity = &account.user.identity;
        Some(
            request
                .header(Name::From, format!("<{identity}>;tag={tag}"))
                .header(Name::To, format!("<{uri}>"))
                .header(Name::CallId, call_id)
                .header(Name::CSeq, format!("1 {}", method.as_str()))
                .header(Name::PPreferredIdentity, format!("<{identity}>"))
                .header(Name::UserAgent, crate::call::sip::PRODUCT),
        )
    }

    /// The route of an account's initial requests (TS 24.229 section 5.1.2A.1.1): the proxy, then what the registrar told.
    pub(super) fn way(&self, at: usize) -> Vec<String> {
        let proxy = self.config.outbound_proxy.to_string();
        let told = self.accounts.get(at).map(|account| account.service_route.clone()).unwrap_or_default();
        let leads_there = |route: &String| {
            let uri = NameAddr::parse(route).map(|route| Uri::parse(route.uri));
            matches!(uri, Ok(Ok(Uri::Sip(SipUri { host, port, .. }))) if format!("{host}:{}", port.unwrap_or(5060)) == proxy)
        };
        match told.first().is_some_and(leads_there) {
            true => told,
            false => std::iter::once(format!("<sip:{proxy};lr>")).chain(told).collect(),
        }
    }

    pub(super) fn contact(&self, at: usize) -> String {
        self.accounts.get(at).map(|account| account.contact(self.sip.local())).unwrap_or_default()
    }

    pub(super) fn refuse(&mut self, server: ServerId, request: &Message, status: u16) {
        self.reply(server, request, status, |response| response);
    }

    pub(super) fn reply(
        &mut self,
        server: ServerId,
        request: &Message,
        status: u16,
        more: impl FnOnce(Builder) -> Builder,
    ) {
        let mut response = Builder::response(request, status, reason_phrase(status));
        if request.to_tag().is_none() && status > 100 {
            response = response.to_tag(&self.tokens.tag());
        }
        self.sip.respond(self.now, server, more(response).build());
    }
}
