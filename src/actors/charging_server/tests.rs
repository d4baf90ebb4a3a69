//! The server by hand: what it answers to whom.

use super::*;
use crate::actors::outbox::LinkOutput;
use cpm_wire::diameter::command::{ACCOUNTING, CREDIT_CONTROL};
use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::{Builder, application, command};
use pretty_assertions::assert_eq;

const BOB: &str = "sip:bob@example.com";

fn address(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

struct Hall {
    server: ChargingServer,
    links: Links,
    accounts: Accounts,
    connection: ConnectionId,
}

impl Hall {
    fn new(alone: bool) -> Hall {
        let accounts = Accounts::default();
        let identity = Identity::charging("charging.example.com", "example.com", "cpm-conformance");
        let server = ChargingServer::new(address(3868), identity, accounts.clone(), alone);
        let mut hall = Hall { server, links: Links::default(), accounts, connection: ConnectionId::accepted(1) };
        hall.connect(1);
        hall
    }

    fn connect(&mut self, number: u64) {
        self.connection = ConnectionId::accepted(number);
        let accepted = Input::Accepted { connection: self.connection, local: address(3868), remote: address(40_000) };
        assert!(self.server.owns(&accepted));
        self.server.receive(Time::ZERO, accepted, &mut self.links);
        if self.server.owns(&Input::Closed { connection: self.connection, how: Closing::Reset }) {
            let cer = Message::request(command::CAPABILITIES_EXCHANGE, application::COMMON);
            let cer = Identity::charging("pf.example.com", "example.com", "pf").sign(cer);
            let cea = self.answer(cer.avp(&AUTH_APPLICATION_ID, 4u32).avp(&ACCT_APPLICATION_ID, 3u32));
            assert_eq!(cea.result(), Some(2001));
        }
    }

    fn account(&self, account: Account) {
        self.accounts.set(&[BOB.to_owned()], account);
    }

    /// Says it, and gives whom it was about and what came back.
    fn says(&mut self, octets: Bytes) -> (Vec<Told>, Vec<Message>) {
        self.server.receive(Time::ZERO, Input::Received { connection: self.connection, octets }, &mut self.links);
        let mut told = Vec::new();
        while let Some(one) = self.server.next(Time::ZERO, &mut self.links) {
            told.push(one);
        }
        (told, self.came_back())
    }

    fn came_back(&mut self) -> Vec<Message> {
        let mut answers = Vec::new();
        while let Some(output) = self.links.out.next_output() {
            if let LinkOutput::Net(Output::Send { octets, .. }) = output {
                answers.push(Message::parse(octets).unwrap());
            }
        }
        answers
    }

    fn answer(&mut self, request: Builder) -> Message {
        let (_, mut answers) = self.says(request.build().unwrap().octets().clone());
        assert_eq!(answers.len(), 1);
        answers.remove(0)
    }
}

fn request(command: u32, application: u32) -> Builder {
    let request = Message::request(command, application).proxiable().identifiers(7, 8);
    let request = request.avp(&SESSION_ID, "pf.example.com;1;2");
    let request = request.avp(&ORIGIN_HOST, "pf.example.com").avp(&ORIGIN_REALM, "example.com");
    request.avp(&DESTINATION_REALM, "example.com")
}

fn charged(builder: Builder, user: &str) -> Builder {
    builder.group(&SUBSCRIPTION_ID, |group| group.avp(&SUBSCRIPTION_ID_TYPE, 2).avp(&SUBSCRIPTION_ID_DATA, user))
}

fn acr(user: &str) -> Builder {
    let acr = request(ACCOUNTING, application::ACCOUNTING).avp(&ACCOUNTING_RECORD_TYPE, 2);
    charged(acr.avp(&ACCOUNTING_RECORD_NUMBER, 3u32).avp(&ACCT_APPLICATION_ID, 3u32), user)
}

fn ccr(kind: i32) -> Builder {
    let ccr = request(CREDIT_CONTROL, application::CREDIT_CONTROL).avp(&AUTH_APPLICATION_ID, 4u32);
    let ccr = ccr.avp(&SERVICE_CONTEXT_ID, "32260@3gpp.org").avp(&CC_REQUEST_TYPE, kind);
    charged(ccr.avp(&CC_REQUEST_NUMBER, 0u32), BOB)
}

fn time(answer: &Message) -> Option<u32> {
    answer.find(&GRANTED_SERVICE_UNIT)?.group().find(&CC_TIME)?.unsigned32().ok()
}

#[test]
fn nodes_watch_each_other_and_what_nobody_knows_is_refused() {
    let mut hall = Hall::new(false);
    assert_eq!(hall.answer(Message::request(command::DEVICE_WATCHDOG, application::COMMON)).result(), Some(2001));
    assert_eq!(hall.answer(request(command::RE_AUTH, application::CREDIT_CONTROL)).result(), Some(3001));
    assert_eq!(hall.answer(Message::request(command::DISCONNECT_PEER, application::COMMON)).result(), Some(2001));
}

#[test]
fn a_record_is_taken_whatever_the_credit() {
    let mut hall = Hall::new(false);
    hall.account(Account::Refused(4012));
    let aca = hall.answer(acr(BOB));
    assert_eq!((aca.result(), aca.session_id()), (Some(2001), Some("pf.example.com;1;2")));
    assert_eq!(aca.find(&ACCOUNTING_RECORD_NUMBER).unwrap().unsigned32(), Ok(3));
}

#[test]
fn credit_is_granted_as_asked_refused_or_the_last() {
    let mut hall = Hall::new(false);
    assert_eq!(time(&hall.answer(ccr(1))), Some(3600));
    let wanted = ccr(1).group(&REQUESTED_SERVICE_UNIT, |group| group.avp(&CC_TIME, 60u32));
    assert_eq!(time(&hall.answer(wanted)), Some(60));
    hall.account(Account::Last { seconds: 2, action: FinalAction::Terminate });
    let last = hall.answer(ccr(1));
    let action = last.find(&FINAL_UNIT_INDICATION).unwrap().group().find(&FINAL_UNIT_ACTION).unwrap();
    assert_eq!((time(&last), action.integer32()), (Some(2), Ok(0)));
    hall.account(Account::Refused(4012));
    assert_eq!(hall.answer(ccr(1)).result(), Some(4012));
    assert_eq!(hall.answer(ccr(4)).result(), Some(4012));
    // What is over needs none.
    assert_eq!(hall.answer(ccr(3)).result(), Some(2001));
    hall.account(Account::Unlimited);
    let event = hall.answer(ccr(4));
    let units = event.find(&GRANTED_SERVICE_UNIT).unwrap().group().find(&CC_SERVICE_SPECIFIC_UNITS).unwrap();
    assert_eq!((event.result(), units.unsigned64()), (Some(2001), Ok(1)));
}

#[test]
fn each_service_of_a_request_gets_its_own_units() {
    let mut hall = Hall::new(false);
    hall.account(Account::Last { seconds: 5, action: FinalAction::Redirect });
    let service = |builder: Builder, rating: u32| {
        builder.group(&MULTIPLE_SERVICES_CREDIT_CONTROL, |group| {
            group.group(&REQUESTED_SERVICE_UNIT, |group| group).avp(&RATING_GROUP, rating)
        })
    };
    let answer = hall.answer(service(service(ccr(1), 7), 9));
    let services: Vec<_> = answer.avps().filter(|avp| avp.is(&MULTIPLE_SERVICES_CREDIT_CONTROL)).collect();
    let ratings = services.iter().map(|service| service.group().find(&RATING_GROUP).unwrap().unsigned32().unwrap());
    assert_eq!(ratings.collect::<Vec<_>>(), [7, 9]);
    for service in services {
        let units = service.group().find(&GRANTED_SERVICE_UNIT).unwrap().group().find(&CC_TIME).unwrap();
        assert_eq!(units.unsigned32(), Ok(5));
        assert!(service.group().find(&FINAL_UNIT_INDICATION).is_some());
    }
}

#[test]
fn two_messages_in_one_piece_are_two_and_each_says_whose_it_is() {
    let mut hall = Hall::new(false);
    let mut octets = acr(BOB).build().unwrap().octets().to_vec();
    octets.extend_from_slice(acr("sip:eve@example.com").build().unwrap().octets());
    let (told, answers) = hall.says(octets.into());
    assert_eq!((answers.len(), told.len()), (2, 2));
    assert_eq!((&*told[0].users, &*told[1].users), (&[BOB.to_owned()][..], &["sip:eve@example.com".to_owned()][..]));
}

#[test]
fn a_record_that_names_nobody_is_of_whom_its_session_is() {
    let mut hall = Hall::new(false);
    hall.answer(acr(BOB));
    let later = request(ACCOUNTING, application::ACCOUNTING).avp(&ACCOUNTING_RECORD_TYPE, 4);
    let (told, _) = hall.says(later.build().unwrap().octets().clone());
    assert_eq!(told[0].users, [BOB]);
}

#[test]
fn a_server_that_is_down_answers_nothing_or_where_it_is_alone_leaves() {
    for alone in [false, true] {
        let mut hall = Hall::new(alone);
        hall.account(Account::Down);
        let (told, answers) = hall.says(acr(BOB).build().unwrap().octets().clone());
        assert_eq!((told.len(), answers.len()), (1, 0));
        let left = Input::Closed { connection: hall.connection, how: Closing::Reset };
        assert_eq!(hall.server.owns(&left), !alone);
        hall.connect(2);
        let next = Input::Closed { connection: hall.connection, how: Closing::Reset };
        assert_eq!(hall.server.owns(&next), !alone);
    }
}

#[test]
fn a_silent_server_still_says_that_it_lives() {
    let mut hall = Hall::new(true);
    hall.account(Account::Silent);
    let (_, answers) = hall.says(ccr(1).build().unwrap().octets().clone());
    assert!(answers.is_empty());
    assert_eq!(hall.answer(Message::request(command::DEVICE_WATCHDOG, application::COMMON)).result(), Some(2001));
    hall.account(Account::Unlimited);
    assert_eq!(hall.answer(ccr(1)).result(), Some(2001));
}

#[test]
fn what_is_no_diameter_ends_the_connection() {
    let mut hall = Hall::new(false);
    let (told, answers) = hall.says(Bytes::from_static(b"GET / HTTP/1.1\r\n\r\n"));
    assert_eq!((told.len(), answers.len()), (0, 0));
    assert!(!hall.server.owns(&Input::Closed { connection: hall.connection, how: Closing::Reset }));
}
