use super::super::{MediumBarred, MediumHad};
use crate::rules::sessions::tests::script::Who::{Alice, Bob};
use crate::rules::sessions::tests::script::*;
use crate::verdict::Blame;
use pretty_assertions::assert_eq;

const SOUND: &str = "m=audio 4000 RTP/AVP 0\r\n";
const NO_SOUND: &str = "m=audio 0 RTP/AVP 0\r\n";

fn barred() -> MediumBarred {
    MediumBarred { session: LUNCH.to_owned(), person: "Bob".to_owned(), medium: "audio".to_owned() }
}

/// A call with these lines beside messages, and what the target makes of them towards the device and in its answer.
fn called(offered: &str, onward: Option<&str>, answer: Result<&str, u16>) -> Talk {
    let mut talk = Talk::new().registered();
    let near = talk.calls_as(LUNCH, Alice, |invite| format!("{invite}{offered}"));
    if let Some(lines) = onward {
        let far = talk.reaches_as(LUNCH, Bob, |invite| format!("{invite}{lines}"));
        talk.answers(&far, if answer.is_ok() { 200 } else { 487 });
    }
    match answer {
        Ok(lines) => talk.answers_describing(&near, 200, "", lines),
        Err(status) => talk.answers(&near, status),
    };
    talk
}

#[test]
fn a_line_that_is_taken_out_refused_or_refused_with_the_whole_is_barred() {
    called(SOUND, Some(""), Ok(NO_SOUND)).met(&barred());
    called(SOUND, Some(NO_SOUND), Ok(NO_SOUND)).met(&barred());
    for status in [488, 606, 403] {
        called(SOUND, None, Err(status)).met(&barred());
    }
}

#[test]
fn a_medium_that_goes_on_or_is_accepted_is_not_barred() {
    let finding = called(SOUND, Some(SOUND), Ok(SOUND)).failed(&barred());
    assert!(finding.observed.starts_with("audio was offered"), "{}", finding.observed);
    let finding = called(SOUND, Some(NO_SOUND), Ok(SOUND)).failed(&barred());
    assert!(finding.observed.starts_with("audio was accepted"), "{}", finding.observed);
    called(SOUND, Some(SOUND), Err(488)).failed(&barred());
}

#[test]
fn what_else_is_offered_has_to_go_on() {
    let mut talk = Talk::new();
    let near = talk.calls_as(LUNCH, Alice, |invite| format!("{invite}{SOUND}"));
    let refuse_messages =
        |invite: String| invite.replace("m=message 8000", "m=message 0").replace("m=message 2855", "m=message 0");
    let far = talk.reaches_as(LUNCH, Bob, |invite| format!("{}{NO_SOUND}", refuse_messages(invite)));
    talk.answers(&far, 200);
    talk.answers_describing(&near, 200, "", NO_SOUND);
    assert_eq!(talk.failed(&barred()).observed, "nothing else was offered to the other side");
}

#[test]
fn where_nothing_else_is_offered_a_session_of_nothing_is_none() {
    let rule = MediumBarred { medium: "message".to_owned(), ..barred() };
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    talk.answers(&near, 488);
    talk.met(&rule);
    let mut stands = Talk::new();
    stands.stands(LUNCH, Alice);
    stands.failed(&rule);
}

#[test]
fn a_medium_is_had_when_it_goes_on_and_is_accepted() {
    let had = MediumHad { session: LUNCH.to_owned(), person: "Bob".to_owned(), medium: "audio".to_owned() };
    let talk = |onward: &str, taken: &str, back: &str| {
        let mut talk = Talk::new();
        let near = talk.calls_as(LUNCH, Alice, |invite| format!("{invite}{SOUND}"));
        let far = talk.reaches_as(LUNCH, Bob, |invite| format!("{invite}{onward}"));
        talk.answers_describing(&far, 200, "", taken);
        talk.answers_describing(&near, 200, "", back);
        talk
    };
    talk(SOUND, SOUND, SOUND).met(&had);
    talk(NO_SOUND, NO_SOUND, NO_SOUND).outside(&had, "L29");
    talk(SOUND, SOUND, NO_SOUND).outside(&had, "L29");
    talk(SOUND, NO_SOUND, NO_SOUND).unseen(&had, Blame::Harness);
    called(SOUND, None, Err(488)).failed(&had);
}

#[test]
fn what_was_never_put_to_the_test_is_not_judged() {
    called("", Some(""), Ok("")).unseen(&barred(), Blame::Harness);
    called(NO_SOUND, Some(NO_SOUND), Ok(NO_SOUND)).unseen(&barred(), Blame::Harness);
    called(SOUND, Some(""), Err(486)).unseen(&barred(), Blame::Harness);
    called(SOUND, None, Ok(NO_SOUND)).outside(&barred(), "L19");
    let mut silent = Talk::new().registered();
    silent.calls_as(LUNCH, Alice, |invite| format!("{invite}{SOUND}"));
    silent.unanswered(&barred());
}

#[test]
fn another_code_than_the_declared_ones_is_a_warning() {
    let declared = stating("refusals", serde_json::json!({"media": [488]}));
    for (status, warned) in [(488, 0), (606, 1)] {
        assert_eq!(
            called(SOUND, None, Err(status)).judge_with(&barred(), &declared).warnings.len(),
            warned,
            "{status}"
        );
    }
}
