use super::super::{KeptApart, LimitKept, NoSecondSession};
use super::script::Who::{Alice, Bob};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::rules::missed_group_content::tests::script::delivered;
use crate::rules::{Judgement, Moment};
use crate::verdict::{Blame, Finding};

fn apart() -> KeptApart {
    KeptApart { person: "Bob".to_owned(), sessions: vec![LUNCH.to_owned(), "Dinner".to_owned()] }
}

fn limit() -> LimitKept {
    LimitKept { person: "Bob".to_owned(), refused: "Dinner".to_owned(), later: "Tea".to_owned() }
}

fn once() -> NoSecondSession {
    NoSecondSession { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn words(id: &'static str) -> Text {
    text(id, "sip:alice@example.com", id)
}

/// Two sessions, and something said in each.
fn two() -> (Talk, [(Line, Line); 2]) {
    let mut talk = Talk::new();
    let lunch = talk.stands(LUNCH, Alice);
    let dinner = talk.stands("Dinner", Bob);
    talk.label(LUNCH, &words("salad"));
    talk.label("Dinner", &words("roast"));
    talk.says(&lunch.0, &lunch.1, &words("salad"));
    (talk, [lunch, dinner])
}

#[test]
fn what_is_said_stays_where_it_was_said() {
    let (mut talk, [lunch, dinner]) = two();
    talk.unseen(&apart(), Blame::Harness);
    talk.says(&dinner.0, &dinner.1, &words("roast"));
    assert_eq!(talk.met(&apart()), (2, vec![]));
    talk.gets(&lunch.0.wire, &delivered("salad", "sip:bob@example.com").cpim(), 200);
    talk.met(&apart());
    talk.gets(&dinner.1.wire, &delivered("salad", "sip:bob@example.com").cpim(), 200);
    assert!(talk.failed(&apart()).observed.contains("Lunch came in Dinner"));
}

#[test]
fn what_strays_or_is_lost_is_broken() {
    let (mut strayed, [lunch, dinner]) = two();
    strayed.sends(&dinner.0.wire, &words("roast").cpim(), 200);
    strayed.undecided(&apart());
    assert!(strayed.failed(&apart()).observed.contains("never came"));
    strayed.gets(&lunch.1.wire, &words("roast").cpim(), 200);
    assert!(strayed.failed(&apart()).observed.contains("Dinner came in Lunch"));
    let mut one = Talk::new();
    let near = one.calls(LUNCH, Alice);
    one.answers(&near, 200);
    one.acknowledges(&near);
    one.failed(&apart());
}

/// Lunch stands; Dinner is refused with this status, or set up; Lunch ends; Tea comes.
fn sessions(refused: u16, tea: bool) -> Talk {
    let mut talk = Talk::new();
    let lunch = talk.stands(LUNCH, Alice);
    if refused == 200 {
        talk.stands("Dinner", Alice);
    } else {
        let dinner = talk.calls("Dinner", Alice);
        if refused > 0 {
            talk.answers(&dinner, refused);
        }
    }
    talk.byes(&lunch.0, Sent, 200);
    talk.byes(&lunch.1, Received, 200);
    if tea {
        talk.stands("Tea", Bob);
    } else {
        let tea = talk.calls("Tea", Bob);
        talk.answers(&tea, 486);
    }
    talk
}

fn under(talk: &Talk, max: u64) -> (Judgement, Vec<Finding>) {
    let assessment = talk.judge_with(&limit(), &stating("max_sessions", max.into()));
    (assessment.judgement, assessment.warnings)
}

#[test]
fn a_limit_is_kept() {
    let comes_to = |talk: &Talk, max| match under(talk, max).0 {
        Judgement::Met { checks } => format!("{checks} checks"),
        Judgement::Broken(finding) => finding.observed,
        other => panic!("{other:?}"),
    };
    for status in [403, 486, 603] {
        assert_eq!(comes_to(&sessions(status, true), 1), "3 checks");
    }
    assert!(comes_to(&sessions(200, true), 1).contains("answered 200"));
    assert!(comes_to(&sessions(0, true), 1).contains("never answered"));
    assert!(comes_to(&sessions(486, false), 1).contains("answered 486"));
    assert!(comes_to(&sessions(486, true), 2).contains("only 1 sessions stood"));
    let unlimited = sessions(486, true).judge_with(&limit(), &stating("max_sessions", "none".into())).judgement;
    assert!(matches!(unlimited, Judgement::Unseen { blame: Blame::Configuration, .. }), "{unlimited:?}");
    let refusals = serde_json::json!({"limit": [503]});
    let declared = stating("max_sessions", 1.into()).with("refusals", refusals).unwrap();
    let warnings = sessions(486, true).judge_with(&limit(), &declared).warnings;
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L19"));
}

#[test]
fn a_limit_is_the_targets_own() {
    let mut talk = Talk::new();
    talk.stands(LUNCH, Alice);
    let dinner = talk.calls("Dinner", Alice);
    let there = talk.reaches("Dinner", Bob);
    talk.answers(&there, 486);
    talk.answers(&dinner, 486);
    talk.stands("Tea", Alice);
    assert!(matches!(under(&talk, 1).0, Judgement::Unseen { blame: Blame::Harness, .. }));
    let mut unended = Talk::new();
    unended.stands(LUNCH, Alice);
    let dinner = unended.calls("Dinner", Alice);
    unended.answers(&dinner, 486);
    unended.stands("Tea", Alice);
    assert!(matches!(under(&unended, 1).0, Judgement::Unseen { blame: Blame::Harness, .. }));
}

/// Lunch stands, and its invitation comes by another way; that is answered so.
fn merged(status: u16) -> (Talk, Line) {
    let mut talk = Talk::new();
    let (near, _) = talk.stands(LUNCH, Alice);
    let again = near.by_another_way();
    talk.again(&again, LUNCH);
    if status > 0 {
        talk.answers(&again, status);
    }
    (talk, again)
}

#[test]
fn an_invitation_that_comes_twice_makes_one_session() {
    for status in [0, 482, 486, 500] {
        let (talk, _) = merged(status);
        talk.undecided(&once());
        assert_eq!(talk.met(&once()), (1, vec![]));
    }
    let mut same = Talk::new();
    let (near, _) = same.stands(LUNCH, Alice);
    same.unseen(&once(), Blame::Harness);
    same.again(&near, LUNCH);
    same.met(&once());
    same.answers(&near, 200);
    same.met(&once());
}

#[test]
fn a_second_session_is_broken() {
    let (mut talk, again) = merged(0);
    talk.answers(&again.tagged("another"), 200);
    assert!(talk.failed(&once()).observed.contains("accepted as another session"));
    let (mut there, _) = merged(482);
    let second = there.reaches(LUNCH, Bob);
    there.met(&once());
    there.answers(&second, 200);
    assert!(there.failed(&once()).observed.contains("on the other side"));
    // A proxy passes it on, and who is called tells that it is the same.
    let (mut passed, _) = merged(482);
    let second = passed.reaches(LUNCH, Bob);
    passed.answers(&second, 482);
    passed.met(&once());
    // A call that is really new is another attempt.
    let (mut anew, _) = merged(482);
    anew.awaits(&once());
    anew.stands(LUNCH, Alice);
    anew.met(&once());
    let open = anew.judge(&once(), Moment::Open).judgement;
    assert_eq!(open, Judgement::Undecided);
    let mut nothing = Talk::new();
    let near = nothing.calls(LUNCH, Alice);
    nothing.answers(&near, 486);
    nothing.failed(&once());
}
