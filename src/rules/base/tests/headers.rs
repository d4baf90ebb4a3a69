//! Golden values of header fields: in an INVITE each is right, and wrong after one change.

use super::sip::{answered, asked, exchange, invite, paged, paged_ok};
use super::{Case, Turn, case, judge};

/// A conversation of which the last message may have this header, and has it.
fn having(name: &str, value: &str) -> Vec<Turn> {
    let mut scene = carrier(name);
    if let Some(last) = scene.pop() {
        scene.push(last.with("Content-Length", &format!("{name}: {value}\nContent-Length")));
    }
    scene
}

fn carrier(name: &str) -> Vec<Turn> {
    let request = |method, more| exchange(method, more).into_iter().take(1).collect();
    match name {
        "SIP-If-Match" => request("PUBLISH", "Event: presence\n"),
        "RAck" => request("PRACK", ""),
        "Refer-To" => request("REFER", "Contact: <sip:a@home.example>\n"),
        "RSeq" => vec![
            asked().with("Content-Length", "Supported: 100rel\nContent-Length"),
            answered().with("200 OK\n", "183 Progress\nRequire: 100rel\n"),
        ],
        "Min-Expires" => vec![paged(), paged_ok().with("200 OK", "423 Too Brief")],
        "Retry-After" | "WWW-Authenticate" | "Proxy-Authenticate" | "Authentication-Info" => vec![paged(), paged_ok()],
        "Service-Route" | "P-Associated-URI" => exchange("REGISTER", "").into(),
        _ => vec![invite()],
    }
}

/// Rule, header, a value that is right, and one that is wrong.
const VALUES: &[(&str, &str, &str, &str)] = &[
    ("base.sip.token_list", "Allow", "INVITE, ACK,BYE", "INVITE ACK"),
    ("base.sip.token_list", "Supported", "100rel , timer", "100rel,,timer"),
    ("base.sip.token_list", "Require", "timer", "<timer>"),
    ("base.sip.token_list", "Proxy-Require", "sec-agree", "sec agree"),
    ("base.sip.token_list", "Content-Encoding", "gzip", "g/zip"),
    ("base.sip.token_list", "Priority", "non-urgent", "non urgent"),
    ("base.sip.token_list", "Request-Disposition", "no-fork, parallel", "no-fork; parallel"),
    ("base.sip.token_list", "SIP-If-Match", "dx200xyz", "\"dx200xyz\""),
    ("base.sip.token_list", "Resource-Priority", "wps.3, dsn.flash", "wps.3 dsn.flash"),
    ("base.sip.coded_value", "Reason", "SIP ;cause=200 ;text=\"elsewhere\"", "SIP cause=200"),
    ("base.sip.coded_value", "Content-Disposition", "session;handling=optional", "session;=optional"),
    ("base.sip.coded_value", "Accept-Encoding", "gzip;q=1.0, *;q=0", "gzip q=1.0"),
    ("base.sip.coded_value", "P-Early-Media", "supported", "supported/"),
    (
        "base.sip.coded_value",
        "P-Access-Network-Info",
        "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=4600000112",
        "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=46000 00112",
    ),
    ("base.sip.coded_value", "Security-Client", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1", "ipsec 3gpp"),
    ("base.sip.media_range", "Accept", "text/*, */*;q=0.1 , application/sdp", "*/plain"),
    ("base.sip.media_range", "Accept", "application/sdp", "application"),
    ("base.sip.language", "Accept-Language", "da, en-gb;q=0.8, *", "da, en_gb"),
    ("base.sip.language", "Content-Language", "fr", "francophone"),
    ("base.sip.info_uri", "Alert-Info", "<http://www.example.com/sounds/moo.wav>", "http://www.example.com/moo.wav"),
    ("base.sip.info_uri", "Call-Info", "<http://home.example/a,b.jpg> ;purpose=icon", "<home.example/a.jpg>"),
    ("base.sip.product", "User-Agent", "CPM-client/OMA2.0 (a (b) \\)) x / 1", "CPM-client/OMA2.0 (a"),
    ("base.sip.product", "Server", "IM-serv/OMA1.0 Acme-Server/v1.01", "IM-serv/ (OMA)"),
    ("base.sip.warning", "Warning", "399 pf.home.example:5060 \"a, b\", 370 x \"c\"", "3999 pf.home.example \"a\""),
    ("base.sip.warning", "Warning", "399 pf.home.example \"a\"", "399 pf.home.example a"),
    ("base.sip.caller_preference", "Accept-Contact", "*;+g.oma.sip-im;require;explicit", "<sip:a@b.c>;require"),
    ("base.sip.caller_preference", "Feature-Caps", "*;+g.3gpp.srvcc", "+g.3gpp.srvcc"),
    ("base.sip.number", "Max-Breadth", "60", "-1"),
    ("base.sip.expires", "Min-Expires", "60", "60 s"),
    ("base.sip.expires", "Retry-After", "120 (I'm in a meeting);duration=5", "120 meeting"),
    ("base.sip.mime_version", "MIME-Version", "1.0", "1"),
    ("base.sip.reliable_number", "RSeq", "988789", "0"),
    ("base.sip.reliable_number", "RAck", "776656 1 INVITE", "776656 INVITE"),
    ("base.sip.session_seconds", "Session-Expires", "4000;refresher=uac", "80;refresher=uac"),
    ("base.sip.session_seconds", "Session-Expires", "4000;refresher=uac", "4000;refresher=me"),
    ("base.sip.session_seconds", "Min-SE", "90", "ninety"),
    ("base.sip.timestamp", "Timestamp", "54.3 .5", "54:3"),
    ("base.sip.in_reply_to", "In-Reply-To", "70710@saturn.example, 17320@saturn.example", "70 710"),
    (
        "base.sip.dialog_reference",
        "Replaces",
        "98732@sip.example;from-tag=r33th4x0r;to-tag=ff87ff",
        "98732;to-tag=ff87ff",
    ),
    (
        "base.sip.dialog_reference",
        "Target-Dialog",
        "fa77as7dad8-sd98ajzz@host.example;local-tag=kkaz-;remote-tag=6544",
        "fa77as7dad8-sd98ajzz@host.example;local-tag=kkaz-;local-tag=6544",
    ),
    ("base.sip.challenge", "WWW-Authenticate", "Digest realm=\"a, b\", nonce=\"\", stale=FALSE", "Digest realm=\"a\""),
    ("base.sip.challenge", "Proxy-Authenticate", "Own thing=here", "Own thing here"),
    (
        "base.sip.credentials",
        "Authorization",
        "Digest username=\"bob\", realm=\"x\", nonce=\"\", uri=\"sip:home.example\", response=\"\"",
        "Digest username=\"bob\", realm=\"x\", nonce=\"\", uri=\"sip:home.example\"",
    ),
    (
        "base.sip.credentials",
        "Proxy-Authorization",
        "Digest username=\"b\",realm=\"x\",nonce=\"n\",uri=\"sip:x\",response=\"6629\",qop=auth,nc=00000001,cnonce=\"0a\"",
        "Digest username=\"b\",realm=\"x\",nonce=\"n\",uri=\"sip:x\",response=\"6629\",qop=auth,nc=1,cnonce=\"0a\"",
    ),
    ("base.sip.authentication_info", "Authentication-Info", "nextnonce=\"47364c\", qop=auth", "nextnonce"),
    (
        "base.sip.charging_vector",
        "P-Charging-Vector",
        "icid-value=1234bc;orig-ioi=home.example",
        "orig-ioi=home.example",
    ),
    (
        "base.sip.charging_vector",
        "P-Charging-Vector",
        "icid-value=1234bc;orig-ioi=home.example",
        "icid-value;orig-ioi=home.example",
    ),
    ("base.sip.charging_functions", "P-Charging-Function-Addresses", "ccf=192.0.2.1; ecf=\"aaa://a\"", "ccf"),
    ("base.sip.service_urn", "P-Asserted-Service", "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg", "urn:service:sos"),
    ("base.sip.service_urn", "P-Preferred-Service", "urn:urn-7:3gpp-service.ims.icsi.mmtel", "urn:urn-7:3gpp..ims"),
    (
        "base.sip.served_user",
        "P-Served-User",
        "<sip:bob@home.example>;sescase=term;regstate=unreg",
        "<sip:bob@home.example>;sescase=both",
    ),
    ("base.sip.visited_network", "P-Visited-Network-ID", "\"Visited network 1\", other.net", "Visited network 1"),
    ("base.sip.privacy", "Privacy", "id;critical", "id,critical"),
    ("base.sip.privacy", "Privacy", "user ;header", "none;header"),
    ("base.sip.privacy", "Privacy", "user;header", "user;USER"),
    (
        "base.sip.history_index",
        "History-Info",
        "<sip:b@h.example>;index=1, <sip:c@h.example>;index=1.1",
        "<sip:b@h.example>",
    ),
    (
        "base.sip.session_id",
        "Session-ID",
        "ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000",
        "AB30317F1A784DC48FF824D0D3715D86",
    ),
    ("base.sip.address", "Refer-To", "<sip:bob@home.example?Replaces=1%40x>", "<sip:bob@home.example?Replaces=1%4>"),
    ("base.sip.address", "P-Called-Party-ID", "<sip:bob@home.example>", "<bob@home.example>"),
    ("base.sip.route", "Service-Route", "<sip:orig@scscf.home.example;lr>", "sip:orig@scscf.home.example"),
    ("base.sip.control_character", "Subject", "a tab\tand \"\\\u{1}\"", "a bell\u{7}"),
    ("base.sip.control_character", "X-Own", "ünïcödë", "\u{7f}"),
    ("base.sip.feature_value", "Accept-Contact", "*;+g.gsma.rcs.botversion=\"#=1,#>=2\"", "*;+g.gsma.rcs.botversion=1"),
    ("base.sip.feature_value", "Accept-Contact", "*;+sip.src=\"<a: b>\";+g.x=\"!a%20,TRUE\"", "*;+sip.src=\"<a\""),
    (
        "base.sip.service_feature",
        "Accept-Contact",
        "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\"",
        "*;+g.3gpp.icsi-ref=\"3gpp-service.ims.icsi.oma.cpm.session\"",
    ),
    (
        "base.sip.feature_value",
        "Feature-Caps",
        "*;+g.3gpp.iari-ref=\"urn%3Aurn-7%3Aa\"",
        "*;+g.3gpp.iari-ref=\"urn:urn-7:a\"",
    ),
    ("base.sip.preference_flag", "Accept-Contact", "*;audio;require", "*;audio;require=yes"),
    ("base.sip.cpm_identifier", "Conversation-ID", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "two words"),
    ("base.sip.cpm_identifier", "Contribution-ID", "abcdef@host.example", "abc, def"),
];

pub(super) fn cases() -> Vec<Case> {
    let one = |(rule, name, right, wrong): &(&'static str, &str, &str, &str)| {
        case(rule, having(name, right), &format!("{name}: {right}\n"), &format!("{name}: {wrong}\n"))
    };
    VALUES.iter().map(one).collect()
}

#[test]
fn headers_that_may_be_empty_are() {
    for name in
        ["Allow", "Supported", "Accept", "Accept-Encoding", "Subject", "Organization", "P-Associated-URI", "X-Own"]
    {
        assert_eq!(judge(&having(name, "")), [], "{name}");
    }
}

#[test]
fn a_fault_is_pointed_at_where_it_stands() {
    for (_, name, _, wrong) in VALUES {
        let scene = having(name, wrong);
        let octets = scene.last().unwrap().octets();
        let text = std::str::from_utf8(&octets).unwrap();
        let at = text.find(&format!("{name}: {wrong}\r\n")).unwrap() + name.len() + 2;
        let found = judge(&scene);
        let (start, end) = found[0].octets.unwrap();
        assert!(at <= start && end <= at + wrong.len(), "{name}: {start} to {end} of {at}: {found:?}");
    }
}
