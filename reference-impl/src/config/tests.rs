//! What a configuration says, in the words of the statement, and what is refused.

use super::*;
use pretty_assertions::assert_eq;

const LEAST: &str = "domain: example.com\nsip: 127.0.0.1:0\nmsrp: 127.0.0.1:0\nserving_cscf: 127.0.0.1:5060\n";

#[test]
fn what_is_not_said_has_the_values_of_the_rfcs() {
    let config = Config::from_yaml(LEAST, "test").unwrap();
    assert_eq!(config.t1, Duration::from_millis(500));
    assert_eq!(config.msrp_response, Duration::from_secs(30));
    assert!(config.policy("sip:bob@example.com").store);
}

#[test]
fn a_policy_holds_for_the_users_it_is_given_to() {
    let text = format!(
        "{LEAST}retention_ms: 5000\npolicies: {{store_off: {{store: false}}, small: {{quota: 2, quota_conduct: drop_oldest, retention_ms: 9}}}}\n\
         users: [{{prefix: 'sip:store_off-', policy: store_off}}, {{prefix: 'sip:small-', policy: small}}]\n"
    );
    let config = Config::from_yaml(&text, "test").unwrap();
    assert!(!config.policy("sip:store_off-1@example.com").store);
    assert_eq!(config.policy("sip:small-1@example.com").quota, Some(2));
    assert_eq!(config.policy("sip:small-1@example.com").quota_conduct, QuotaConduct::DropOldest);
    assert_eq!(config.policy("sip:small-1@example.com").retention, Some(Duration::from_millis(9)));
    assert_eq!(config.policy("sip:bob@example.com").retention, Some(Duration::from_millis(5000)));
}

#[test]
fn devices_are_called_as_the_policy_says_or_as_the_delivery_does() {
    let text = format!(
        "{LEAST}delivery: {{devices: first, device_mode: [s_cscf_forks, sequential], reports: per_device}}\n\
         policies: {{all: {{device_mode: all_joined}}}}\nusers: [{{prefix: 'sip:all-', policy: all}}]\n"
    );
    let config = Config::from_yaml(&text, "test").unwrap();
    assert_eq!((config.delivery.devices, config.delivery.reports), (DrainDevices::First, Reports::PerDevice));
    assert_eq!(config.policy("sip:all-1@example.com").device_mode, Some(DeviceMode::AllJoined));
    assert_eq!(config.policy("sip:bob@example.com").device_mode, Some(DeviceMode::SCscfForks));
}

#[test]
fn delivery_speaks_the_words_of_the_statement() {
    let text = format!(
        "{LEAST}delivery: {{shape_live: store_and_notify, shape_ended: client_rejoin_leg, order: datetime, \
         invite_list: final, identity: rcse_standfw, final_list: [carrier_drain_invite, carrier_msrp], \
         intermediate: [], notifications: [stored_notification_session]}}\n"
    );
    let delivery = Config::from_yaml(&text, "test").unwrap().delivery;
    assert_eq!((delivery.shape_live, delivery.shape_ended), (Shape::StoreAndNotify, Shape::ClientRejoinLeg));
    assert_eq!((delivery.order, delivery.invite_list), (Order::Datetime, InviteList::Final));
    assert_eq!(delivery.identity, Identity::RcseStandfw);
    assert_eq!(delivery.final_list, [FinalList::CarrierDrainInvite, FinalList::CarrierMsrp]);
    assert_eq!(delivery.intermediate, []);
    assert_eq!(delivery.notifications, [NotificationPath::StoredNotificationSession]);
    assert_eq!(delivery.devices, DrainDevices::Each);
}

#[test]
fn media_speak_the_words_of_the_statement() {
    let text = format!("{LEAST}media: {{path: out, continuous: true, control: [bfcp, msrp_floor, talk_burst]}}\n");
    let media = Config::from_yaml(&text, "test").unwrap().media;
    assert_eq!((media.path, media.continuous), (MediaPath::Out, true));
    assert_eq!(media.control, [MediaControl::Bfcp, MediaControl::MsrpFloor, MediaControl::TalkBurst]);
    assert_eq!(Config::from_yaml(LEAST, "test").unwrap().media, MediaConduct::default());
}

#[test]
fn sessions_are_as_the_statement_says() {
    let read = |more: &str| Config::from_yaml(&format!("{LEAST}{more}"), "test").unwrap();
    let plain = read("");
    assert_eq!((plain.session_timer, plain.max_sessions_per_user, plain.control), (true, None, None));
    assert_eq!(plain.missing_ids, MissingIds::Refuse);
    let other = read("session_timer: false\nmax_sessions_per_user: 2\nmissing_ids: pass_on\ncontrol: 127.0.0.1:0\n");
    assert_eq!((other.session_timer, other.max_sessions_per_user), (false, Some(2)));
    assert_eq!((other.missing_ids, other.control.map(|at| at.port())), (MissingIds::PassOn, Some(0)));
    for (word, meant) in [("refuse_4xx", MissingIds::Refuse), ("insert", MissingIds::Insert)] {
        assert_eq!(read(&format!("missing_ids: {word}\nmax_sessions_per_user: null\n")).missing_ids, meant);
    }
}

#[test]
fn devices_speak_the_words_of_the_statement() {
    let read = |more: &str| Config::from_yaml(&format!("{LEAST}{more}"), "test").unwrap();
    let usual = read("");
    assert_eq!(usual.six_xx, SixXx::EndsAll);
    assert_eq!(usual.continuity, [Continuity::Replaces, Continuity::SameContribution]);
    let other = read("six_xx: ignored\ncontinuity: [refer, internal_switch]\n");
    assert_eq!(other.six_xx, SixXx::Ignored);
    assert_eq!(other.continuity, [Continuity::Refer, Continuity::InternalSwitch]);
    assert_eq!(read("continuity: []\n").continuity, []);
}

#[test]
fn standing_in_speaks_the_words_of_the_statement_and_needs_the_policy() {
    let text = format!(
        "{LEAST}stand_in_on: [offline, no_answer, focus_cancel, busy_486, unavailable_480, timeout_408]\n\
         policies: {{off: {{store: false}}}}\nusers: [{{prefix: 'sip:off-', policy: off}}]\n"
    );
    let config = Config::from_yaml(&text, "test").unwrap();
    let told: Vec<_> = [404, 487, 486, 480, 408].into_iter().filter_map(Absence::told_by).collect();
    assert_eq!(told, [Absence::Offline, Absence::NoAnswer, Absence::Busy, Absence::Unavailable, Absence::Timeout]);
    assert_eq!(Absence::told_by(603), None);
    assert!(config.stands_in(&config.policy("sip:bob@example.com"), Absence::Busy));
    assert!(!config.stands_in(&config.policy("sip:off-1@example.com"), Absence::Busy));
    let usual = Config::from_yaml(LEAST, "test").unwrap();
    assert!(!usual.stands_in(&usual.policy("sip:bob@example.com"), Absence::Busy));
}

#[test]
fn messages_speak_the_words_of_the_statement() {
    let read = |more: &str| Config::from_yaml(&format!("{LEAST}{more}"), "test").unwrap();
    let usual = read("");
    assert_eq!((usual.max_pager_octets, usual.over_pager_limit), (Some(1300), OverPagerLimit::Refuse));
    assert_eq!((usual.exploder, usual.deferral_request), (None, vec![DeferralRequest::RecipientSetting]));
    let other = read(
        "max_pager_octets: null\nover_pager_limit: large_mode\nexploder: 'sip:exploder@example.com'\n\
         max_messages: 7\ndeferral_request: [sender_header, feature_tag, fetch]\n",
    );
    assert_eq!((other.max_pager_octets, other.over_pager_limit), (None, OverPagerLimit::LargeMode));
    assert_eq!((other.exploder.as_deref(), other.max_messages), (Some("sip:exploder@example.com"), 7));
    let asked = [DeferralRequest::SenderHeader, DeferralRequest::FeatureTag, DeferralRequest::Fetch];
    assert_eq!(other.deferral_request, asked);
}

#[test]
fn an_unknown_key_is_refused_with_its_place() {
    let error = Config::from_yaml(&format!("{LEAST}no_answer: 3\n"), "pf.yaml").unwrap_err().to_string();
    assert!(error.starts_with("pf.yaml:5:1:"), "{error}");
    assert!(error.contains("no_answer"), "{error}");
}

#[test]
fn an_unknown_policy_is_refused() {
    let error = Config::from_yaml(&format!("{LEAST}default_policy: gold\n"), "pf.yaml").unwrap_err();
    assert!(error.to_string().contains("gold"));
}
