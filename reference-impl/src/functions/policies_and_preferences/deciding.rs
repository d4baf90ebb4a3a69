//! What rules come to for one request. The provider's word counts before the user's; in one document a rule about
//! somebody counts before one about anybody else or the anonymous, and that before one without either.

use super::barring::Barred;
use super::ruleset::{Availability, Conditions, Handling, Kind, Rule, Ruleset};
use crate::call::served::SessionCase;
use crate::config::Medium;
use crate::functions::multi_device::preference::DevicePreference;

/// A request, as rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who begins, seen from the served user.
    pub case: SessionCase,
    /// What is begun.
    pub kind: Kind,
    /// The identities of the other user, in their canonical form.
    pub others: &'a [String],
    /// The caller does not say who it is.
    pub anonymous: bool,
}

/// The documents about one user; none where there is none.
#[derive(Clone, Copy, Debug)]
pub struct Documents<'a> {
    /// The provider's.
    pub provider: Option<&'a Ruleset>,
    /// The user's own.
    pub user: Option<&'a Ruleset>,
}

/// Who has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The provider.
    Provider,
    /// The user.
    User,
    /// The user, who wants to know who calls.
    AboutAnonymous,
    /// Nobody: what nothing is said about is allowed.
    Nobody,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it goes on.
    pub handling: Handling,
    /// Who says so.
    pub by: By,
    /// Which media are not had.
    pub barred: Barred,
    /// Whether the user is to be reached.
    pub available: bool,
    /// Whether the user's identity is to be hidden.
    pub hidden: bool,
    /// Whether the user wants the history kept; none where nothing is said.
    pub history: Option<bool>,
    /// How the user's devices are to be called.
    pub devices: Option<DevicePreference>,
}

impl Decision {
    /// With which status a session is refused, and why, if it is.
    pub fn refusal(&self) -> Option<(u16, &'static str)> {
        match (self.handling, self.by) {
            (Handling::Reject, By::Provider) => Some((403, "the provider does not allow this")),
            // RFC 5079.
            (Handling::Reject, By::AboutAnonymous) => Some((433, "who does not say who it is is not heard")),
            (Handling::Reject, _) => Some((603, "the user does not allow this")),
            _ => None,
        }
    }

    /// True when nobody is to be called now, and what is said may be kept.
    pub fn defers(&self) -> bool {
        self.handling == Handling::Defer
    }

    /// True when what nobody takes now is for the interworking function before it is kept.
    pub fn interworks(&self) -> bool {
        self.handling == Handling::Interwork
    }

    /// Where there is no interworking function, what would be for it is kept.
    pub fn among(self, interworking: bool) -> Decision {
        let handling = if self.interworks() && !interworking { Handling::Defer } else { self.handling };
        Decision { handling, ..self }
    }
}

impl Documents<'_> {
    /// What becomes of a request.
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let handling = self.handling(request, None);
        let availability = self.strongest(request, None, |rule| rule.actions.availability);
        let hidden = self.strongest(request, None, |rule| rule.actions.privacy.then_some(true));
        let barred = |medium: &Medium| matches!(self.handling(request, Some(*medium)), Some((Handling::Reject, _)));
        let (handling, by) = handling.unwrap_or((Handling::Allow, By::Nobody));
        Decision {
            handling,
            by,
            barred: Barred(Medium::ALL.into_iter().filter(barred).collect()),
            available: availability.is_none_or(|(word, _)| word == Availability::Available),
            hidden: hidden.is_some(),
            history: self.strongest(request, None, |rule| rule.actions.history).map(|(word, _)| word),
            devices: self.devices(request),
        }
    }

    fn handling(&self, request: &Request<'_>, medium: Option<Medium>) -> Option<(Handling, By)> {
        let (handling, by) = self.strongest(request, medium, |rule| rule.actions.handling)?;
        Some((handling, by))
    }

    /// What the strongest rule says that says anything about this, and whose it is.
    fn strongest<T: Ord + Copy>(
        &self,
        request: &Request<'_>,
        medium: Option<Medium>,
        says: impl Fn(&Rule) -> Option<T>,
    ) -> Option<(T, By)> {
        let of = |rules: &Ruleset| {
            let said = rules.holding(request, medium).filter_map(|rule| {
                let strength = rule.conditions.strength();
                Some(((strength, says(rule)?), rule.conditions.anonymous))
            });
            said.max_by_key(|(strength, _)| *strength).map(|((_, word), anonymous)| (word, anonymous))
        };
        let provider = self.provider.and_then(of).map(|(word, _)| (word, By::Provider));
        let user = || {
            let (word, anonymous) = self.user.and_then(of)?;
            Some((word, if anonymous { By::AboutAnonymous } else { By::User }))
        };
        provider.or_else(user)
    }

    fn devices(&self, request: &Request<'_>) -> Option<DevicePreference> {
        let of = |rules: &Ruleset| {
            let saying = rules.holding(request, None).filter(|rule| rule.actions.devices.is_some());
            // Of those that are equally strong the first one counts.
            let strongest = saying
                .reduce(|one, next| if next.conditions.strength() > one.conditions.strength() { next } else { one });
            strongest.and_then(|rule| rule.actions.devices.clone())
        };
        self.provider.and_then(of).or_else(|| self.user.and_then(of))
    }
}

impl Ruleset {
    /// The rules that hold for a request: about one medium of it, or about none.
    fn holding(&self, request: &Request<'_>, medium: Option<Medium>) -> impl Iterator<Item = &Rule> {
        let is_named = self.names(request.others);
        self.rules.iter().filter(move |rule| rule.conditions.media == medium && rule.conditions.hold(request, is_named))
    }

    /// True when an identity condition is about one of these.
    fn names(&self, identities: &[String]) -> bool {
        let conditions = self.rules.iter().filter_map(|rule| rule.conditions.identity.as_ref());
        conditions.flatten().any(|who| identities.iter().any(|identity| who.is(identity)))
    }
}

impl Conditions {
    fn hold(&self, request: &Request<'_>, is_named: bool) -> bool {
        let meant = |all: &Vec<super::ruleset::Who>| {
            all.iter().any(|who| request.others.iter().any(|identity| who.is(identity)))
        };
        !self.unknown
            && self.direction == request.case
            && self.request.is_none_or(|kind| kind == request.kind)
            && self.identity.as_ref().is_none_or(meant)
            && !(self.other_identity && is_named)
            && (!self.anonymous || request.anonymous)
    }

    /// How much a rule is about this one request.
    fn strength(&self) -> u8 {
        match self.identity {
            Some(_) => 2,
            None => u8::from(self.other_identity || self.anonymous),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reading::ruleset;
    use super::*;
    use pretty_assertions::assert_eq;

    const CAROL: &str = "<cr:identity><cr:one id='sip:carol@remote.example'/></cr:identity>";

    /// A document of rules, each with its conditions and its actions.
    fn document(rules: &[(&str, &str)]) -> Ruleset {
        let rule = |(conditions, actions): &(&str, &str)| {
            format!(
                "<cr:rule id='r'><cr:conditions>{conditions}</cr:conditions><cr:actions>{actions}</cr:actions></cr:rule>"
            )
        };
        let rules: String = rules.iter().map(rule).collect();
        let text = format!(
            "<cr:ruleset xmlns:cr='urn:ietf:params:xml:ns:common-policy' xmlns:ocp='urn:oma:xml:xdm:common-policy' \
             xmlns:p='urn:cpm-conformance:preferences'>{rules}</cr:ruleset>"
        );
        ruleset(text.as_bytes()).unwrap()
    }

    fn handled(how: &str) -> String {
        format!("<p:handling>{how}</p:handling>")
    }

    fn asked(
        provider: &[(&str, &str)],
        user: &[(&str, &str)],
        (case, other, anonymous): (SessionCase, &str, bool),
    ) -> Decision {
        let (provider, user) = (document(provider), document(user));
        let others = [format!("sip:{other}@remote.example")];
        let request = Request { case, kind: Kind::Session, others: &others, anonymous };
        Documents { provider: Some(&provider), user: Some(&user) }.decide(&request)
    }

    const BY_CAROL: (SessionCase, &str, bool) = (SessionCase::Terminating, "carol", false);
    const BY_ALICE: (SessionCase, &str, bool) = (SessionCase::Terminating, "alice", false);
    const TO_CAROL: (SessionCase, &str, bool) = (SessionCase::Originating, "carol", false);
    const BY_NOBODY: (SessionCase, &str, bool) = (SessionCase::Terminating, "alice", true);

    fn word(decision: &Decision) -> (Handling, By) {
        (decision.handling, decision.by)
    }

    #[test]
    fn what_nothing_is_said_about_is_allowed() {
        let nothing = Documents { provider: None, user: None };
        let request = Request { case: SessionCase::Terminating, kind: Kind::Session, others: &[], anonymous: true };
        let decision = nothing.decide(&request);
        assert_eq!(word(&decision), (Handling::Allow, By::Nobody));
        assert!(
            decision.available
                && !decision.hidden
                && decision.barred == Barred::default()
                && decision.devices.is_none()
        );
        let reject = handled("reject");
        let message = [("<p:request>message</p:request>", reject.as_str())];
        assert_eq!(word(&asked(&[], &message, BY_CAROL)), (Handling::Allow, By::Nobody));
        let unknown = [("<cr:validity/>", reject.as_str())];
        assert_eq!(word(&asked(&[], &unknown, BY_CAROL)), (Handling::Allow, By::Nobody));
    }

    #[test]
    fn a_block_is_about_one_caller_and_one_direction() {
        let reject = handled("reject");
        let blocks = [(CAROL, reject.as_str())];
        assert_eq!(word(&asked(&[], &blocks, BY_CAROL)), (Handling::Reject, By::User));
        assert_eq!(word(&asked(&[], &blocks, BY_ALICE)), (Handling::Allow, By::Nobody));
        assert_eq!(word(&asked(&[], &blocks, TO_CAROL)), (Handling::Allow, By::Nobody));
        let outward = format!("{CAROL}<p:direction>originating</p:direction>");
        let bars = [(outward.as_str(), reject.as_str())];
        assert_eq!(word(&asked(&[], &bars, TO_CAROL)), (Handling::Reject, By::User));
        assert_eq!(word(&asked(&[], &bars, BY_CAROL)), (Handling::Allow, By::Nobody));
    }

    #[test]
    fn the_provider_counts_before_the_user_where_it_says_anything() {
        let (allow, reject) = (handled("allow"), handled("reject"));
        let (allows, rejects) = ([(CAROL, allow.as_str())], [(CAROL, reject.as_str())]);
        assert_eq!(word(&asked(&allows, &rejects, BY_CAROL)), (Handling::Allow, By::Provider));
        assert_eq!(word(&asked(&rejects, &allows, BY_CAROL)), (Handling::Reject, By::Provider));
        // Weakly said by the provider is still said by the provider.
        assert_eq!(word(&asked(&[("", allow.as_str())], &rejects, BY_CAROL)), (Handling::Allow, By::Provider));
        let hides = [("", "<p:privacy>id</p:privacy>")];
        assert_eq!(word(&asked(&hides, &rejects, BY_CAROL)), (Handling::Reject, By::User));
    }

    #[test]
    fn who_is_named_counts_before_others_and_the_anonymous_and_they_before_all() {
        let words = ["allow", "reject", "defer", "interwork"].map(handled);
        let [allow, reject, defer, interwork] = words.each_ref().map(String::as_str);
        let (other, anonymous) = ("<ocp:other-identity/>", "<ocp:anonymous-request/>");
        let rules = [("", interwork), (other, defer), (CAROL, allow)];
        assert_eq!(asked(&[], &rules, BY_CAROL).handling, Handling::Allow);
        assert_eq!(asked(&[], &rules, BY_ALICE).handling, Handling::Defer);
        let rules = [("", allow), (anonymous, reject)];
        assert_eq!(word(&asked(&[], &rules, BY_NOBODY)), (Handling::Reject, By::AboutAnonymous));
        assert_eq!(word(&asked(&[], &rules, BY_ALICE)), (Handling::Allow, By::User));
        let equal = [("", allow), ("", defer), ("", interwork)];
        assert_eq!(asked(&[], &equal, BY_ALICE).handling, Handling::Interwork);
    }

    #[test]
    fn media_are_barred_one_by_one() {
        let (allow, reject) = (handled("allow"), handled("reject"));
        let audio = [("<p:media>audio</p:media>", reject.as_str())];
        let decision = asked(&[("", allow.as_str())], &audio, BY_ALICE);
        assert_eq!((decision.handling, decision.barred), (Handling::Allow, Barred(vec![Medium::Audio])));
        let allows = [("<p:media>audio</p:media>", allow.as_str())];
        assert_eq!(asked(&allows, &audio, BY_ALICE).barred, Barred::default());
        let by_carol = format!("{CAROL}<p:media>video</p:media>");
        assert_eq!(asked(&[], &[(by_carol.as_str(), reject.as_str())], BY_ALICE).barred, Barred::default());
    }

    #[test]
    fn availability_privacy_and_devices_do_not_depend_on_who_may_call() {
        let allow = handled("allow");
        let unavailable = [("", "<p:availability>unavailable</p:availability>")];
        assert!(!asked(&[(CAROL, allow.as_str())], &unavailable, BY_CAROL).available);
        let but_carol = [unavailable[0], (CAROL, "<p:availability>available</p:availability>")];
        assert!(asked(&[], &but_carol, BY_CAROL).available);
        assert!(!asked(&[], &but_carol, BY_ALICE).available);
        let hides = [("<p:direction>originating</p:direction>", "<p:privacy>id</p:privacy>")];
        assert!(asked(&[], &hides, TO_CAROL).hidden && !asked(&[], &hides, BY_CAROL).hidden);
        let devices = |order: &str| format!("<p:devices order='{order}'/>");
        let (all, sequential) = (devices("all"), devices("sequential"));
        let decision = asked(&[], &[("", all.as_str()), (CAROL, sequential.as_str())], BY_CAROL);
        assert_eq!(decision.devices.unwrap().order, crate::functions::multi_device::preference::Order::Sequential);
    }
}
