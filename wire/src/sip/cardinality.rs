//! Which header fields are lists, and which stand once (RFC 3261 section 7.3.1 and table 2, and the documents that
//! define the others).

use super::name::Name;

/// Names, a bit for each number: asked for often, and a jump by name would be guessed wrong.
struct Names(u128);

impl Names {
    const fn of(mut names: &[Name]) -> Names {
        let mut bits = 0;
        while let [name, rest @ ..] = names {
            bits |= 1 << name.number();
            names = rest;
        }
        Names(bits)
    }

    const fn has(&self, name: &Name) -> bool {
        self.0 >> name.number() & 1 == 1
    }
}

const LISTS: Names = Names::of(&[
    Name::Accept,
    Name::AcceptContact,
    Name::AcceptEncoding,
    Name::AcceptLanguage,
    Name::AcceptResourcePriority,
    Name::AdditionalIdentity,
    Name::AlertInfo,
    Name::Allow,
    Name::AllowEvents,
    Name::CallInfo,
    Name::CellularNetworkInfo,
    Name::Contact,
    Name::ContentEncoding,
    Name::ContentLanguage,
    Name::ErrorInfo,
    Name::FeatureCaps,
    Name::Geolocation,
    Name::HistoryInfo,
    Name::InReplyTo,
    Name::PAccessNetworkInfo,
    Name::PAssertedIdentity,
    Name::PAssertedService,
    Name::PAssociatedUri,
    Name::PChargingFunctionAddresses,
    Name::PEarlyMedia,
    Name::PMediaAuthorization,
    Name::PPreferredIdentity,
    Name::PPreferredService,
    Name::PVisitedNetworkId,
    Name::Path,
    Name::PermissionMissing,
    Name::PolicyContact,
    Name::ProxyRequire,
    Name::Reason,
    Name::RecordRoute,
    Name::RecvInfo,
    Name::RejectContact,
    Name::RequestDisposition,
    Name::Require,
    Name::ResourcePriority,
    Name::Route,
    Name::SecurityClient,
    Name::SecurityServer,
    Name::SecurityVerify,
    Name::ServiceRoute,
    Name::Supported,
    Name::TriggerConsent,
    Name::Unsupported,
    Name::UserToUser,
    Name::Via,
    Name::Warning,
]);

const SINGLES: Names = Names::of(&[
    Name::CallId,
    Name::ContentDisposition,
    Name::ContentLength,
    Name::ContentType,
    Name::ContributionId,
    Name::ConversationId,
    Name::CSeq,
    Name::Date,
    Name::Event,
    Name::Expires,
    Name::From,
    Name::InReplyToContributionId,
    Name::MaxForwards,
    Name::MimeVersion,
    Name::MinExpires,
    Name::MinSe,
    Name::PChargingVector,
    Name::PServedUser,
    Name::RAck,
    Name::RSeq,
    Name::ReferTo,
    Name::ReferredBy,
    Name::Replaces,
    Name::RetryAfter,
    Name::SessionExpires,
    Name::SipEtag,
    Name::SipIfMatch,
    Name::SubscriptionState,
    Name::To,
]);

impl Name {
    /// True for fields whose value is a comma list, which may be split over several fields (RFC 3261 section 7.3.1). A
    /// name without a word here counts as a list: most extensions are.
    pub const fn is_list(&self) -> bool {
        matches!(self, Name::Other(_)) || LISTS.has(self)
    }

    /// True for fields that stand at most once, because a second one would contradict the first (RFC 3261 sections
    /// 7.3.1 and 20, and the documents of each).
    pub const fn is_single(&self) -> bool {
        SINGLES.has(self)
    }
}
