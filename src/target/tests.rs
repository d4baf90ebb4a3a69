use pretty_assertions::assert_eq;

use super::template::TEMPLATE;
use super::*;

/// A profile that is complete and no longer than needed, with one line replaced.
fn external_with(old: &str, new: &str) -> Result<Profile, Fault> {
    let text = sample();
    assert!(text.contains(old), "{old}");
    Profile::external(&text.replacen(old, new, 1), Path::new("lab/pf.yaml"))
}

fn sample() -> String {
    let statement = REFERENCE.split_once("\nstatement:\n").unwrap().1.split_once("\n\n").unwrap().0;
    format!(
        "name: PF\nvendor: Example\nversion: 1.2\nrole: participating-function\nnetwork:\n  domain: example.com\n  \
         target:\n    sip: [\"192.0.2.1:5060\"]\n  psi:\n    factory: sip:factory@example.com\n  users:\n    - \
         {{impu: [sip:bob@example.com]}}\n  devices:\n    - {{user: sip:bob@example.com, instance: \
         'urn:uuid:1'}}\n  answer_ms: 700\nstatement:\n{statement}\n"
    )
}

#[test]
fn the_reference_answers_every_question_and_has_users_of_every_class() {
    let profile = Profile::reference();
    for (class, word) in Class::ALL {
        assert_eq!(profile.users(class).len(), 500, "{word}");
    }
    for question in questions::QUESTIONS {
        let text = serde_json::to_value(&profile.statement).unwrap();
        assert!(text.get(question.key).is_some(), "{}", question.key);
    }
    assert_eq!(profile.statement.text("drain_order"), "completion");
    assert!(profile.statement.has("final_list_carrier", "carrier_notify"));
    assert!(!profile.statement.has("final_list_carrier", "carrier_store"));
    assert_eq!(profile.statement.number("drain_retries"), Some(3));
    assert_eq!(profile.statement.number("max_sessions"), Some(4));
    assert!(profile.statement.flag("session_timer"));
    assert_eq!(profile.statement.store_policy().unwrap().quota, Some(3));
    assert_eq!(profile.statement.codes("iwf_codes"), None);
}

#[test]
fn a_statement_survives_its_way_through_the_evidence() {
    let statement = Profile::reference().statement;
    let refusals = serde_json::json!({"block": [403, 603], "limit": "silent"});
    let statement = statement.with("refusals", refusals).unwrap().with("iwf_codes", vec![404, 480].into()).unwrap();
    let json = serde_json::to_string(&statement).unwrap();
    assert_eq!(serde_json::from_str::<Statement>(&json).unwrap(), statement);
    assert_eq!(statement.refusal(RefusedCase::Limit), Some(&Refusal::Silent));
    assert_eq!(statement.codes("iwf_codes"), Some([404, 480].as_slice()));
    assert!(statement.clone().with("drain_order", "free".into()).is_err());
    assert!(statement.with("drain_odour", "free".into()).is_err());
}

#[test]
fn a_complete_profile_of_an_external_target_is_taken_with_the_defaults_of_the_rest() {
    let profile = external_with("name: PF", "name: PF").unwrap();
    assert_eq!(profile.topology, Topology::IscDirect);
    assert_eq!(profile.timers().answer.as_millis(), 700);
    assert_eq!(profile.timers().msrp_response.as_secs(), 30);
    assert_eq!(profile.users(Class::Plain)[0].devices[0].tags, ["chat", "messages"]);
    assert!(profile.sources()[0].holds("192.0.2.1".parse().unwrap()));
    assert_eq!(profile.network.actor(network::ActorName::ServingCscf).bind.to_string(), "127.0.0.1:0");
    assert_eq!(profile.sha256.len(), 64);
}

#[test]
fn every_fault_of_a_profile_has_its_place_and_what_is_allowed() {
    let table = [
        ("name: PF", "nam: PF", (1, 1), "unknown key `nam`", "name, vendor, version, role, topology"),
        (
            "role: participating-function",
            "role: server",
            (4, 7),
            "role: unknown value `server`",
            "participating-function, client",
        ),
        (
            "role: participating-function",
            "role: [client]",
            (4, 7),
            "role: invalid type: sequence",
            "participating-function, client",
        ),
        ("vendor: Example\n", "", (1, 1), "missing key `vendor`", ""),
        (
            "answer_ms: 700",
            "answer_ms: soon",
            (15, 14),
            "network.answer_ms: invalid type: string \"soon\", expected a whole number",
            "",
        ),
        ("answer_ms: 700", "answer_ms: 0", (15, 14), "network.answer_ms: has to be 1 or more", ""),
        ("answer_ms: 700", "session_expires_s: 60", (15, 22), "RFC 4028", ""),
        (
            "answer_ms: 700",
            "actors: {server: {}}",
            (15, 12),
            "network.actors: unknown value `server`",
            "client, serving_cscf",
        ),
        (
            "answer_ms: 700",
            "actors: {client: {bind: here}}",
            (15, 27),
            "network.actors.client.bind: invalid socket address",
            "",
        ),
        (
            "answer_ms: 700",
            "actors: {client: {tls: true}}",
            (15, 20),
            "network.actors.client: tls and transport contradict",
            "",
        ),
        (
            "answer_ms: 700",
            "isc: {reg_event: perhaps}",
            (15, 20),
            "network.isc.reg_event: unknown value `perhaps`",
            "required, optional, none",
        ),
        (
            "answer_ms: 700",
            "isc: {device_addressing: [gruu, gru]}",
            (15, 35),
            "unknown value `gru`",
            "gruu, instance, contact, impu",
        ),
        ("answer_ms: 700", "tls: {ca: no-such.pem}", (15, 13), "no-such.pem does not exist", ""),
        ("answer_ms: 700", "captures: [no-such.pcap]", (15, 14), "no-such.pcap does not exist", ""),
        ("sip: [\"192.0.2.1:5060\"]", "transport: udp", (8, 5), "network.target: missing key `sip`", ""),
        ("\"192.0.2.1:5060\"", "\"192.0.2.1\"", (8, 11), "a port is missing, expected host:port", ""),
        ("\"192.0.2.1:5060\"", "\"192.0.2.1:5060/sctp\"", (8, 11), "sctp is no transport", ""),
        ("factory: sip:factory@example.com", "factory: factory", (10, 14), "factory is no URI", ""),
        ("factory:", "iwf:", (10, 5), "network.psi: missing key `factory`", ""),
        (
            "{impu: [sip:bob@example.com]}",
            "{impu: [sip:al@example.com]}",
            (14, 14),
            "sip:bob@example.com is no user",
            "",
        ),
        ("{impu: [sip:bob@example.com]}", "{impu: []}", (12, 14), "at least one identity", ""),
        (
            "impu: [sip:bob@example.com]",
            "impu: [sip:bob@example.com], class: vip",
            (12, 44),
            "unknown value `vip`",
            "plain, blocked, store_off",
        ),
        (
            "impu: [sip:bob@example.com]",
            "impu: [sip:bob@example.com], class: blocked",
            (12, 5),
            "at least one user of the class plain",
            "",
        ),
        ("    - {user: sip:bob@example.com, instance: 'urn:uuid:1'}", "    []", (12, 7), "no device of this user", ""),
        (
            "drain_order: completion",
            "drain_order: free",
            (29, 16),
            "statement.drain_order: unknown value `free`",
            "completion, datetime",
        ),
        ("drain_order: completion", "drain_order: [completion]", (29, 16), "expected one of completion, datetime", ""),
        (
            "final_list_carrier: [carrier_notify]",
            "final_list_carrier: carrier_notify",
            (34, 23),
            "expected none, or a list of carrier_notify",
            "",
        ),
        (
            "final_list_carrier: [carrier_notify]",
            "final_list_carrier: []",
            (34, 23),
            "expected none, or a list of carrier_notify",
            "",
        ),
        ("drain_retries: 3", "drain_retries: often", (33, 18), "expected a whole number", ""),
        (
            "drain_order: completion",
            "drain_odour: completion",
            (29, 3),
            "statement: unknown key `drain_odour`",
            "storage_locus, first_answer",
        ),
        ("  drain_order: completion\n", "", (17, 3), "statement: missing key `drain_order`", ""),
        ("refusals: any_final", "refusals: {block: [200]}", (56, 21), "200 is no status code of a refusal", ""),
        (
            "refusals: any_final",
            "refusals: {blok: [403]}",
            (56, 14),
            "unknown value `blok`",
            "block, anonymous, unavailable",
        ),
        ("quota: 3", "quota: few", (42, 25), "expected a whole number, or none", ""),
        ("statement:", "provisioning: exec\nstatement:", (16, 15), "missing key `command` for this mode", ""),
        (
            "statement:",
            "provisioning: {mode: magic}\nstatement:",
            (16, 22),
            "unknown value `magic`",
            "none, preset, xcap",
        ),
        (
            "statement:",
            "control: {reset: {exec: 'clear {usr}'}}\nstatement:",
            (16, 25),
            "filled in for {usr}",
            "{user}, {device}, {scenario}",
        ),
        ("statement:", "control: {reset: clear}\nstatement:", (16, 18), "a map with one key: exec or http", ""),
        ("statement:", "control: {rest: null}\nstatement:", (16, 11), "control: unknown key `rest`", "reset, restart"),
    ];
    for (old, new, place, message, allowed) in table {
        let fault = external_with(old, new).map(|_| ()).expect_err(new);
        assert!(fault.message.contains(message), "{new}: {fault:?}");
        assert_eq!((fault.line, fault.column), place, "{new}: {fault:?}");
        assert!(fault.allowed.join(", ").starts_with(allowed), "{new}: {fault:?}");
        assert_eq!(fault.allowed.is_empty(), allowed.is_empty(), "{new}: {fault:?}");
    }
}

#[test]
fn a_profile_that_is_not_there_is_told_with_its_name() {
    let error = Profile::load(Path::new("no/such.yaml")).map(|_| ()).unwrap_err();
    assert!(error.to_string().starts_with("no/such.yaml:1:1: the profile cannot be read"), "{error}");
}

#[test]
fn the_template_is_a_whole_profile_and_shows_every_key() {
    let profile = Profile::external(TEMPLATE, Path::new("fixtures/targets/template.yaml")).unwrap();
    // The reference has a limit of sessions, and hears more than one way to ask, so that they can be tried.
    let mut usual = Profile::reference().statement.with("max_sessions", "none".into()).unwrap();
    for key in ["deferral_request", "history_request"] {
        usual = usual.with(key, serde_json::json!(["recipient_setting"])).unwrap();
    }
    // Presence is a MAY, as is interception, which wants certificates first.
    for key in ["presence_source", "presence_watcher"] {
        usual = usual.with(key, false.into()).unwrap();
    }
    let triggers = ["third_party_register", "reregister_with_tag", "rejoin_invite"];
    usual = usual.with("reachability_trigger", serde_json::json!(triggers)).unwrap();
    usual = usual.with("li_form", "none".into()).unwrap();
    assert_eq!(profile.statement, usual);
    let document: serde_json::Value = yaml::read(TEMPLATE).unwrap();
    let keys: [(&str, &[&str]); 20] = [
        ("", &["name", "vendor", "version", "role", "topology", "network", "statement", "control", "provisioning"]),
        ("/network/target", &["sip", "msrp", "diameter", "x1", "sources", "nodes", "transport"]),
        ("/network/actors/serving_cscf", &["bind", "advertise", "transport", "tls", "domain"]),
        (
            "/network/isc",
            &[
                "route",
                "odi_param",
                "served_user",
                "third_party_register",
                "reg_event",
                "reinvoke_on_pf_originated",
                "device_addressing",
            ],
        ),
        ("/network/isc/third_party_register", &["request", "response", "service_info"]),
        ("/network/tls", &["ca", "certificate", "server_name", "key_env", "verify"]),
        ("/network/dns", &["mode", "zone"]),
        ("/network/psi", &["factory", "exploder", "deferred", "history", "iwf", "standfw"]),
        ("/network/users/0", &["impu", "tel", "impi", "credentials_env", "class"]),
        ("/network/devices/0", &["user", "instance", "tags", "gruu"]),
        ("/network/charging", &["peer_host", "realm", "transport", "vsa"]),
        ("/network/message_store", &["mode", "url", "user", "password_env"]),
        ("/network/presence", &["mode"]),
        ("/network/xcap", &["mode"]),
        ("/network/li", &["mode"]),
        ("/network/msrp", &["relay", "advertise"]),
        ("/network/limits", &["registrations"]),
        (
            "/network",
            &[
                "domain",
                "home_subscriber_server",
                "captures",
                "answer_ms",
                "rtt_allowance_ms",
                "drain_ms",
                "notify_spacing_ms",
                "no_answer_ms",
                "expiry_ms",
                "retry_ms",
                "msrp_response_ms",
                "session_expires_s",
                "quiet_ms",
            ],
        ),
        (
            "/control",
            &[
                "reset",
                "restart",
                "admin_release",
                "probe_store",
                "charging_records",
                "li_delivery",
                "client",
                "observe_client",
                "command_timeout_ms",
            ],
        ),
        ("/provisioning", &["mode", "url", "command", "blocked", "settle_ms"]),
    ];
    for (place, names) in keys {
        let map = document.pointer(place).unwrap().as_object().unwrap();
        for name in names {
            assert!(map.contains_key(*name), "{place}/{name}");
        }
    }
}

#[test]
fn the_defaults_that_the_template_shows_are_those_of_a_profile_without_these_keys() {
    let shown = Profile::external(TEMPLATE, Path::new("template.yaml")).unwrap();
    let bare = external_with("answer_ms: 700", "answer_ms: 5000").unwrap();
    assert_eq!(shown.timers(), bare.timers());
    let both = [&shown, &bare].map(|profile| {
        let network = &profile.network;
        let others = (&network.isc, &network.tls, &network.dns, &network.charging, &network.message_store);
        let own =
            (&network.presence, &network.msrp, &network.limits, network.home_subscriber_server, &network.captures);
        format!("{others:?} {own:?} {:?}", profile.control)
    });
    assert_eq!(both[0], both[1]);
}

#[test]
fn the_served_reference_claims_what_the_embedded_one_does() {
    let text = include_str!("../../fixtures/targets/served.yaml");
    let served = Profile::external(text, Path::new("fixtures/targets/served.yaml")).unwrap();
    let embedded = Profile::reference();
    // Nobody has given it certificates, without which nobody orders interception.
    assert_eq!(served.statement, embedded.statement.clone().with("li_form", "none".into()).unwrap());
    assert_eq!(served.timers(), embedded.timers());
    assert_eq!(served.serving_cscf_bind().to_string(), "127.0.0.1:5070");
    assert_eq!(served.charging_server_bind().unwrap().to_string(), "127.0.0.1:3868");
    assert_eq!(served.target_address().unwrap().to_string(), "127.0.0.1:5080");
}

#[test]
fn the_charging_server_is_called_as_the_profile_says() {
    let mut profile = Profile::reference();
    let own = profile.charging_identity();
    assert_eq!((own.host.as_str(), own.realm.as_str()), ("charging.example.com", "example.com"));
    profile.network.charging.peer_host = Some("ocs.lab.example".to_owned());
    profile.network.charging.realm = Some("lab.example".to_owned());
    let own = profile.charging_identity();
    assert_eq!((own.host.as_str(), own.realm.as_str()), ("ocs.lab.example", "lab.example"));
    assert!(profile.charging_server_bind().is_some());
    profile.statement = profile.statement.with("charging_interface", "nchf".into()).unwrap();
    assert_eq!(profile.charging_server_bind(), None);
    assert_eq!(Profile::reference_client().charging_server_bind(), None);
}
