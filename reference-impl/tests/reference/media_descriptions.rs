//! Session descriptions as they pass from leg to leg, in virtual time.

use crate::scene::calls::{described, of_caller, path_of};
use crate::scene::messages::CONTACT;
use crate::scene::{Scene, media};
use cpm_reference::config::{MediaControl, MediaPath};
use cpm_wire::msrp::Message as Msrp;
use cpm_wire::sdp::{Direction, Session, Setup};
use cpm_wire::sip::{Message, Method};
use pretty_assertions::assert_eq;

const ACTPASS: &str = "a=setup:actpass\r\n";
const PASSIVE: &str = "a=setup:passive\r\n";
const AUDIO: &str = "m=audio 40000 RTP/AVP 0 8\r\nc=IN IP4 192.0.2.50\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n";
const BFCP: &str = "m=application 41000 TCP/BFCP *\r\nc=IN IP4 192.0.2.51\r\na=setup:active\r\na=floorctrl:c-only\r\n";
const TALK: &str = "m=application 42000 udp TBCP\r\na=fmtp:TBCP queuing=1\r\n";
const FLOOR: &str =
    "m=message 43000 TCP/MSRP *\r\na=accept-types:*\r\na=path:msrp://192.0.2.50:43000/f;tcp\r\na=floorid:1\r\n";

fn sdp(message: &Message) -> String {
    String::from_utf8(message.body().to_vec()).unwrap()
}

/// Kind and port of each of the media.
fn ports(message: &Message) -> Vec<(String, u16)> {
    let text = sdp(message);
    Session::parse(text.as_bytes()).unwrap().media().map(|media| (media.kind.to_owned(), media.port)).collect()
}

fn message_at(port: u16) -> (String, u16) {
    ("message".to_owned(), port)
}

fn refused_with(scene: &mut Scene, offer: &str, status: u16) {
    scene.register("reg-1");
    scene.calls(offer);
    scene.none(Method::Invite);
    scene.response(Method::Invite, status);
}

/// One message each way.
fn messages_flow(scene: &mut Scene) {
    for (from, to) in [("caller", "callee"), ("callee", "caller")] {
        let text = crate::scene::messages::message(from, "m", "hello");
        scene.say(from, &format!("from-{from}"), &text);
        assert_eq!(scene.heard(to).last(), Some(&text), "{from} to {to}");
        assert_eq!(scene.status_of(from, &format!("from-{from}")), Some(200));
    }
}

#[test]
fn what_is_not_of_the_hop_is_carried_to_the_other_side() {
    let carried = "a=accept-wrapped-types:text/plain *\r\na=max-size:7000\r\na=file-selector:name:\"a picture.jpg\" type:image/jpeg size:5\r\n\
        a=file-transfer-id:Q6LMoGymJdh0IKIgD6wD0jkcfgva4xvE\r\na=file-disposition:render\r\na=file-date:creation:\"Mon, 15 May 2006 15:01:31 +0300\"\r\n\
        a=file-icon:cid:icon@example.com\r\na=file-range:1-5\r\na=chatroom:nickname private-messages\r\n\
        a=fingerprint:SHA-256 00:11\r\na=x-unknown:anything at all\r\na=sendonly\r\n";
    let offer =
        described("caller", &format!("i=a title\r\nb=AS:64\r\n{carried}a=setup:actpass\r\na=connection:new\r\n"))
            .replace("a=accept-wrapped-types:*\r\n", "");
    let offer = offer.replacen("i=a title\r\nb=AS:64\r\n", "", 1).replacen(
        "TCP/MSRP *\r\n",
        "TCP/MSRP *\r\ni=a title\r\nb=AS:64\r\n",
        1,
    );
    let answer = described("callee", "a=setup:passive\r\na=max-size:9\r\na=y-unknown\r\na=recvonly\r\n");
    let mut scene = Scene::new();
    let call = scene.between(&offer, &answer);
    let (onward, back) = (sdp(&call.onward), sdp(&call.ok));
    for line in carried.lines() {
        assert!(onward.contains(&format!("{line}\r\n")), "{line} in\n{onward}");
    }
    assert!(onward.contains("TCP/MSRP *\r\ni=a title\r\nc=IN IP4 127.0.0.1\r\nb=AS:64\r\n"), "{onward}");
    assert!(!onward.contains("a=connection"), "{onward}");
    for line in ["a=accept-types:message/cpim", "a=max-size:9", "a=y-unknown", "a=recvonly"] {
        assert!(back.contains(&format!("{line}\r\n")), "{line} in\n{back}");
    }
    for (one, name) in [(&call.onward, "caller"), (&call.ok, "callee")] {
        let own = media(one);
        assert_eq!((own.port, own.path.len()), (7001, 1));
        assert!(own.path[0].starts_with("msrp://127.0.0.1:7001/"), "{own:?}");
        assert!(!sdp(one).contains(&format!("/{name};tcp")), "{}", sdp(one));
    }
    assert_ne!(path_of(&call.onward), path_of(&call.ok));
    assert_eq!((media(&call.onward).setup, media(&call.ok).setup), (Some(Setup::Actpass), Some(Setup::Active)));
}

#[test]
fn data_flow_whoever_connects_on_either_leg() {
    // What the caller offers, what it is answered, and whether it then connects.
    let offers = [
        ("", None, true),
        (ACTPASS, Some(Setup::Active), false),
        ("a=setup:active\r\n", Some(Setup::Passive), true),
        (PASSIVE, Some(Setup::Active), false),
    ];
    // What the callee answers, and whether it then connects.
    let answers = [("", false), ("a=setup:active\r\n", true), (PASSIVE, false)];
    for ((offered, setup, caller_connects), (answered, callee_connects), cema) in offers
        .into_iter()
        .flat_map(|offer| answers.map(|answer| (offer, answer)))
        .flat_map(|(offer, answer)| ["", "a=msrp-cema\r\n"].map(|cema| (offer, answer, cema)))
    {
        let mut scene = Scene::new();
        let offer = described("caller", &format!("{offered}{cema}"));
        let call = scene.between(&offer, &described("callee", &format!("{answered}{cema}")));
        assert_eq!((media(&call.ok).setup, media(&call.ok).cema), (setup, !cema.is_empty()), "{offered} {cema}");
        assert_eq!(media(&call.onward).cema, !cema.is_empty());
        scene.start("caller", &call.ok, caller_connects);
        scene.start("callee", &call.onward, callee_connects);
        messages_flow(&mut scene);
    }
}

#[test]
fn with_cema_the_address_line_tells_whom_to_connect_to_and_without_it_no_stranger_is_connected_to() {
    let elsewhere = |more: &str| described("caller", more).replace("msrp://127.0.0.1:9000", "msrp://192.0.2.66:2222");
    let mut scene = Scene::new();
    let call = scene.between(&elsewhere("a=setup:passive\r\na=msrp-cema\r\n"), &described("callee", PASSIVE));
    assert_eq!(media(&call.ok).setup, Some(Setup::Active));
    scene.by_hand("caller", &call.ok, false);
    let bind = scene.one("caller");
    assert_eq!(bind.to_path(), ["msrp://192.0.2.66:2222/caller;tcp"]);

    let mut scene = Scene::new();
    let call = scene.between(&elsewhere(ACTPASS), &described("callee", PASSIVE));
    assert_eq!(media(&call.ok).setup, Some(Setup::Passive), "whoever it is may come");
    refused_with(&mut Scene::new(), &elsewhere(PASSIVE), 488);
}

#[test]
fn a_held_connection_comes_with_the_next_offer() {
    let mut scene = Scene::new();
    let holdconn = "a=setup:holdconn\r\n";
    let call = scene.between(&described("caller", holdconn), &described("callee", holdconn));
    assert_eq!((media(&call.onward).setup, media(&call.ok).setup), (Some(Setup::Holdconn), Some(Setup::Holdconn)));
    scene.send(&of_caller(&call, Method::Update, 2).body("application/sdp", described("caller", ACTPASS)).build());
    let onward = scene.request(Method::Update);
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(described("callee", PASSIVE)));
    let ok = scene.response(Method::Update, 200);
    scene.start("caller", &ok, false);
    scene.start("callee", &onward, false);
    messages_flow(&mut scene);
}

#[test]
fn what_is_not_had_is_refused_line_by_line_and_the_rest_is_usable() {
    let second = "m=message 9100 TCP/MSRP *\r\na=accept-types:*\r\na=path:msrp://127.0.0.1:9100/second;tcp\r\n";
    let secure = "m=message 9200 TCP/TLS/MSRP *\r\na=accept-types:*\r\na=path:msrps://127.0.0.1:9200/secure;tcp\r\n";
    let offer = described("caller", &format!("{ACTPASS}{second}{AUDIO}{BFCP}{TALK}{FLOOR}{secure}"));
    let refused = |message: &Message| {
        let all = ports(message);
        assert_eq!(all.len(), 7);
        assert_eq!(all[0], message_at(7001));
        assert!(all[1..].iter().all(|(_, port)| *port == 0), "{all:?}");
    };
    let mut scene = Scene::new();
    // The callee answers as if it had seen one medium alone, as some do.
    let call = scene.between(&offer, &described("callee", PASSIVE));
    refused(&call.onward);
    refused(&call.ok);
    scene.start("caller", &call.ok, false);
    scene.start("callee", &call.onward, false);
    messages_flow(&mut scene);
}

#[test]
fn claimed_media_go_end_to_end() {
    let claimed = |config: &mut cpm_reference::config::Config| {
        config.media.continuous = true;
        config.media.control = vec![MediaControl::Bfcp, MediaControl::MsrpFloor, MediaControl::TalkBurst];
    };
    let mut scene = Scene::with(claimed);
    let offer = described("caller", &format!("{ACTPASS}{AUDIO}{BFCP}{TALK}{FLOOR}"));
    let answer = described("callee", &format!("{PASSIVE}{AUDIO}m=application 0 TCP/BFCP *\r\n{TALK}{FLOOR}"));
    let call = scene.between(&offer, &answer);
    assert!(sdp(&call.onward).ends_with(&format!("{AUDIO}{BFCP}{TALK}{FLOOR}")), "{}", sdp(&call.onward));
    assert!(sdp(&call.ok).ends_with(&format!("{AUDIO}m=application 0 TCP/BFCP *\r\n{TALK}{FLOOR}")));
    assert_eq!(ports(&call.ok)[0], message_at(7001));
    scene.start("caller", &call.ok, false);
    scene.start("callee", &call.onward, false);
    messages_flow(&mut scene);

    // Audio alone, with no message session at all.
    let audio = format!("v=0\r\no=- 1 1 IN IP4 192.0.2.50\r\ns=-\r\nc=IN IP4 192.0.2.50\r\nt=0 0\r\n{AUDIO}");
    let call = Scene::with(claimed).between(&audio, &audio);
    assert!(sdp(&call.onward).ends_with(&format!("c=IN IP4 192.0.2.50\r\nt=0 0\r\n{AUDIO}")), "{}", sdp(&call.onward));
    assert!(sdp(&call.ok).ends_with(AUDIO));
    refused_with(&mut Scene::new(), &audio, 488);
}

#[test]
fn a_callee_that_wants_no_messages_leaves_the_audio() {
    let mut scene = Scene::with(|config| config.media.continuous = true);
    let answer = described("callee", AUDIO).replace("m=message 9000", "m=message 0");
    let call = scene.between(&described("caller", &format!("{ACTPASS}{AUDIO}")), &answer);
    assert_eq!(ports(&call.ok), [message_at(0), ("audio".to_owned(), 40000)]);
}

#[test]
fn an_offer_of_which_nothing_can_be_had_is_refused() {
    let secure = described("caller", ACTPASS).replace("TCP/MSRP", "TCP/TLS/MSRP").replace("msrp://", "msrps://");
    let unknown = described("caller", ACTPASS).replace("message/cpim", "application/x-unheard-of");
    let no_path = described("caller", ACTPASS).replace("a=path", "a=no-path");
    for offer in [secure.as_str(), unknown.as_str(), no_path.as_str(), "v=0\r\nnonsense", ""] {
        refused_with(&mut Scene::new(), offer, 488);
    }
    // The type of a file may be any.
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene.calls(
        &described("caller", "a=setup:actpass\r\na=file-selector:type:image/jpeg\r\n")
            .replace("message/cpim", "image/jpeg"),
    );
    scene.request(Method::Invite);
}

#[test]
fn an_answer_that_shares_no_type_comes_to_nothing() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene.calls(&described("caller", ACTPASS));
    let onward = scene.request(Method::Invite);
    let answer = described("callee", PASSIVE).replace("message/cpim", "application/x-unheard-of");
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(answer));
    scene.request(Method::Ack);
    scene.request(Method::Bye);
    scene.response(Method::Invite, 488);
}

#[test]
fn a_change_that_keeps_the_paths_keeps_the_connections() {
    let mut scene = Scene::new();
    let call = scene.relayed("");
    for (cseq, direction, answered) in [(2, Direction::SendOnly, "recvonly"), (3, Direction::SendRecv, "sendrecv")] {
        let offer = described("caller", &format!("{ACTPASS}a={}\r\n", direction.as_str()));
        scene.send(&of_caller(&call, Method::Update, cseq).body("application/sdp", offer).build());
        let onward = scene.request(Method::Update);
        assert_eq!((media(&onward).direction, path_of(&onward)), (direction, path_of(&call.onward)));
        let version = Session::parse(sdp(&onward).as_bytes()).unwrap().origin().version;
        assert_eq!(version, u64::from(cseq), "it says something new");
        let answer = described("callee", &format!("{PASSIVE}a={answered}\r\n"));
        scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(answer));
        let ok = scene.response(Method::Update, 200);
        assert_eq!((media(&ok).direction.as_str(), path_of(&ok)), (answered, path_of(&call.ok)));
        assert!(!scene.ends["caller"].closed && !scene.ends["callee"].closed);
    }
    scene.chunk("caller", "tx-still", "m1", "1-5/5", "", ("still", '$'));
    assert_eq!(scene.told("callee").iter().map(Msrp::message_id).collect::<Vec<_>>(), [Some("m1")]);
}

#[test]
fn who_opened_the_connection_stays_the_active_side() {
    let mut scene = Scene::new();
    let call = scene.between(&described("caller", "a=setup:active\r\n"), &described("callee", PASSIVE));
    assert_eq!(media(&call.ok).setup, Some(Setup::Passive));
    scene.start("caller", &call.ok, true);
    scene.start("callee", &call.onward, false);
    scene.send(&of_caller(&call, Method::Update, 2).body("application/sdp", described("caller", ACTPASS)).build());
    let onward = scene.request(Method::Update);
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(described("callee", PASSIVE)));
    assert_eq!(media(&scene.response(Method::Update, 200)).setup, Some(Setup::Passive));
    messages_flow(&mut scene);
}

#[test]
fn a_change_that_is_refused_leaves_everything_as_it_was() {
    let mut scene = Scene::new();
    let call = scene.relayed("");
    scene.chunk("caller", "tx-one1", "m1", "1-4/8", "", ("one,", '+'));
    scene.told("callee");
    let offer = described("moved", ACTPASS);
    scene.send(&of_caller(&call, Method::Update, 2).body("application/sdp", offer).build());
    let onward = scene.request(Method::Update);
    scene.answer(&onward, 488, "", None);
    scene.response(Method::Update, 488);
    scene.chunk("caller", "tx-one2", "m1", "5-8/8", "", ("two.", '$'));
    assert_eq!(scene.one("callee").transaction, "tx-one2");
}

#[test]
fn out_of_the_path_descriptions_pass_untouched() {
    let mut scene = Scene::with(|config| {
        config.media.path = MediaPath::Out;
        config.media.continuous = true;
    });
    let secure = "m=message 9200 TCP/TLS/MSRP *\r\na=accept-types:*\r\na=path:msrps://127.0.0.1:9200/secure;tcp\r\n";
    let offer = described("caller", &format!("{ACTPASS}{AUDIO}{secure}"));
    let answer = described("callee", &format!("{PASSIVE}m=audio 0 RTP/AVP 0 8\r\nm=message 0 TCP/TLS/MSRP *\r\n"));
    let call = scene.between(&offer, &answer);
    assert_eq!((sdp(&call.onward), sdp(&call.ok)), (offer, answer));
    let hold = described("moved", "a=sendonly\r\n");
    scene.send(&of_caller(&call, Method::Update, 2).body("application/sdp", hold.clone()).build());
    let onward = scene.request(Method::Update);
    assert_eq!(sdp(&onward), hold);
    let answer = described("callee", "a=recvonly\r\n");
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(answer.clone()));
    assert_eq!(sdp(&scene.response(Method::Update, 200)), answer);
    let opening = "MSRP tx-lost SEND\r\nTo-Path: msrp://127.0.0.1:7001/caller;tcp\r\nFrom-Path: msrp://127.0.0.1:9000/x;tcp\r\n\
        Message-ID: 1\r\nByte-Range: 1-0/0\r\n-------tx-lost$\r\n";
    assert!(scene.media_noise(&[opening.as_bytes()]).starts_with("MSRP tx-lost 481"), "no media end here");
}

#[test]
fn out_of_the_path_what_is_not_had_is_refused_all_the_same() {
    let mut scene = Scene::with(|config| config.media.path = MediaPath::Out);
    let call = scene.between(
        &described("caller", &format!("{ACTPASS}{AUDIO}")),
        &described("callee", &format!("{PASSIVE}m=audio 0 RTP/AVP 0 8\r\n")),
    );
    assert_eq!(ports(&call.onward), [message_at(9000), ("audio".to_owned(), 0)]);
    assert!(sdp(&call.onward).contains("a=path:msrp://127.0.0.1:9000/caller;tcp"), "the path is the caller's own");
    let sound = described("caller", "").split("m=").next().unwrap().to_owned() + AUDIO;
    refused_with(&mut Scene::with(|config| config.media.path = MediaPath::Out), &sound, 488);
}
