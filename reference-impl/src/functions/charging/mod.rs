//! Charging of sessions and messages, offline and online [PF-SES-04]: TS 32.260 over Rf and Ro. Each leg of the function
//! charges its served user: who sends for what leaves, who receives for what comes.
//!
//! | file | decides |
//! |---|---|
//! | `facts` | whom a request is charged to, and what is told of it |
//! | `offline` | what is recorded |
//! | `online` | whether there is credit, how long it lasts |
//! | `units` | what credit is counted in |

mod facts;
mod offline;
mod online;
mod units;

use crate::call::schedule::Schedule;
use crate::call::served::ServedUser;
use crate::call::{Mechanics, Metered};
use crate::functions::policies_and_preferences::{Arrived, Beginning, Decision};
use crate::neighbours::charging::Told;
use crate::store::Write;
use cpm_wire::diameter::{self, command, result};
use cpm_wire::sip::Message;
use cpm_wire::time::Time;
use cpm_wire::transaction::ServerId;
use facts::Facts;
use offline::{Account, Kind};
use online::{Credit, Outcome};
use std::collections::{HashMap, VecDeque};

/// The credit of a session is used up (RFC 3326).
pub const SPENT: &str = "SIP;cause=402;text=\"Credit used up\"";

/// A service that is charged, as it is about to go on.
#[derive(Debug)]
pub enum Service {
    /// A session is to begin.
    Session(Box<Beginning>, Decision),
    /// A message is to go on.
    Message(Box<Arrived>, Decision),
}

impl Service {
    fn server(&self) -> ServerId {
        match self {
            Service::Session(beginning, _) => beginning.server,
            Service::Message(arrived, _) => arrived.server,
        }
    }

    fn request(&self) -> (&ServedUser, &Message) {
        match self {
            Service::Session(beginning, _) => (&beginning.served, &beginning.invite),
            Service::Message(arrived, _) => (&arrived.served, &arrived.request),
        }
    }

    fn request_mut(&mut self) -> &mut Message {
        match self {
            Service::Session(beginning, _) => &mut beginning.invite,
            Service::Message(arrived, _) => &mut arrived.request,
        }
    }
}

/// A request that is charged, and the session that it made.
struct Charged {
    facts: Facts,
    /// The service that waits for credit.
    waiting: Option<Service>,
    account: Option<Account>,
    credit: Option<Credit>,
    /// When the running session is recorded next by time alone.
    interim: Option<Time>,
}

impl Charged {
    fn due(&self) -> Option<Time> {
        let credit = self.credit.as_ref().and_then(Credit::due);
        credit.into_iter().chain(self.interim).min()
    }

    fn record(&mut self, m: &mut Mechanics, kind: Kind, cause: Option<i32>) {
        if let Some(account) = &mut self.account {
            account.record(m, &self.facts, kind, cause);
        }
    }
}

/// All that is charged.
#[derive(Default)]
pub struct Charging {
    charged: HashMap<ServerId, Box<Charged>>,
    /// The questions that are open, by their names.
    open: HashMap<u64, ServerId>,
    due: Schedule<ServerId>,
    waiting: usize,
    granted: VecDeque<Service>,
}

impl Charging {
    /// A service is about to go on. [`Charging::poll_granted`] gives it back when it may; else it is refused, and answered.
    pub fn wait(&mut self, m: &mut Mechanics, mut service: Service) {
        if m.config.charging.is_none() {
            return self.granted.push_back(service);
        }
        facts::identify(m, service.request_mut());
        let (served, request) = service.request();
        let how = m.config.policy(&served.identity).charging;
        if !how.is_offline() && !how.is_online() {
            return self.granted.push_back(service);
        }
        let facts = Facts::of(m.now, served, request);
        let server = service.server();
        m.meter(server);
        let account = how.is_offline().then(|| Account::new(m));
        let credit = how.is_online().then(|| Credit::begin(m, &facts));
        let waiting = match &credit {
            Some(_) => {
                self.waiting += 1;
                Some(service)
            }
            None => {
                self.granted.push_back(service);
                None
            }
        };
        self.charged.insert(server, Box::new(Charged { facts, waiting, account, credit, interim: None }));
        self.note(server);
    }

    /// The next service that may go on.
    pub fn poll_granted(&mut self) -> Option<Service> {
        self.granted.pop_front()
    }

    /// How many services wait for credit.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// An INVITE that waits is withdrawn: it is given back, to be answered.
    pub fn withdrawn(&mut self, server: ServerId) -> Option<Message> {
        let service = self.release(server)?;
        Some(service.request().1.clone())
    }

    fn release(&mut self, server: ServerId) -> Option<Service> {
        let service = self.charged.get_mut(&server)?.waiting.take()?;
        self.waiting -= 1;
        Some(service)
    }

    /// Notes the question that is open for a request, and when it wants to be looked after.
    fn note(&mut self, server: ServerId) {
        let charged = self.charged.get(&server);
        let open = charged.and_then(|charged| charged.credit.as_ref()?.open());
        self.open.extend(open.map(|name| (name, server)));
        self.due.set(server, charged.and_then(|charged| charged.due()));
    }

    /// Something happened to what is charged.
    pub fn metered(&mut self, m: &mut Mechanics, news: Metered) {
        let (Metered::Answered(server, _) | Metered::Changed(server) | Metered::Used(server) | Metered::Over(server)) =
            news;
        let Some(mut charged) = self.charged.remove(&server) else { return };
        let stays = match news {
            Metered::Answered(_, status) => charged.answered(m, server, status),
            Metered::Changed(_) => charged.changed(m),
            Metered::Used(_) => charged.used(m, server, true),
            Metered::Over(_) => charged.over(m),
        };
        if stays {
            self.charged.insert(server, charged);
        }
        self.note(server);
    }

    /// The server has said something.
    pub fn told(&mut self, m: &mut Mechanics, told: Told) {
        match told {
            Told::Done(record) => m.write(vec![Write::ForgetCharging(record)]),
            Told::Answer(name, answer) => self.credit_answered(m, name, answer.as_ref()),
            Told::Asked(request) => self.asked(m, &request),
        }
    }

    fn credit_answered(&mut self, m: &mut Mechanics, name: u64, answer: Option<&diameter::Message>) {
        let Some(server) = self.open.remove(&name) else { return };
        let Some(charged) = self.charged.get_mut(&server) else { return };
        let Charged { facts, credit: Some(credit), .. } = &mut **charged else { return };
        if credit.open() != Some(name) {
            return;
        }
        match credit.answered(m, facts, answer) {
            Outcome::Go => {
                let service = self.release(server);
                self.granted.extend(service);
            }
            Outcome::Refuse => self.refuse(m, server, 402),
            Outcome::Fail => self.refuse(m, server, 480),
            Outcome::End => m.spend(server),
            Outcome::Nothing if charged_is_over(charged) => {
                self.charged.remove(&server);
            }
            Outcome::Nothing => {}
        }
        self.note(server);
    }

    /// A service does not go on for want of credit, and is not charged otherwise either.
    fn refuse(&mut self, m: &mut Mechanics, server: ServerId, status: u16) {
        let service = self.release(server);
        self.charged.remove(&server);
        if let Some(service) = service {
            m.refuse(server, service.request().1, status);
        }
    }

    /// The server wants to hear of a session, or to end it (RFC 8506 section 5.5, RFC 6733 section 8.5).
    fn asked(&mut self, m: &mut Mechanics, request: &diameter::Message) {
        let session = request.session_id().unwrap_or_default();
        let is_it = |charged: &Charged| charged.credit.as_ref().is_some_and(|credit| credit.is_of(session));
        let server = self.charged.iter().find(|(_, charged)| is_it(charged)).map(|(server, _)| *server);
        let code = if server.is_some() { result::SUCCESS } else { result::UNKNOWN_SESSION_ID };
        if let Ok(answer) = m.charging.reply(request, code).build() {
            m.charging.answer(&answer);
        }
        let Some(server) = server else { return };
        match request.header().command {
            command::ABORT_SESSION => m.spend(server),
            _ => {
                if let Some(charged) = self.charged.get_mut(&server)
                    && let Charged { facts, credit: Some(credit), .. } = &mut **charged
                {
                    credit.update(m, facts);
                }
            }
        }
        self.note(server);
    }

    /// When [`Charging::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.due.next()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        for server in self.due.due(m.now) {
            if let Some(charged) = self.charged.get_mut(&server) {
                charged.handle_timeout(m, server);
            }
            self.note(server);
        }
    }
}

/// Nothing of it goes on but the last answer that was awaited.
fn charged_is_over(charged: &Charged) -> bool {
    charged.credit.as_ref().is_some_and(Credit::is_over)
}

impl Charged {
    /// The request has its final answer. True while there is something to be charged.
    fn answered(&mut self, m: &mut Mechanics, server: ServerId, status: u16) -> bool {
        self.facts.answered(m.now);
        match m.metered_leg(server).filter(|_| status < 300 && !self.facts.is_event()) {
            Some((_, owner)) => {
                self.record(m, Kind::Start, None);
                self.interim = next_interim(m);
                if let Some(credit) = &mut self.credit {
                    credit.start(m, owner);
                }
                true
            }
            None => {
                let failed = (status >= 300).then(|| i32::from(status));
                self.record(m, Kind::Event, failed);
                self.settle(m, failed.is_some())
            }
        }
    }

    /// There is no session. True while an answer about its credit is awaited.
    fn settle(&mut self, m: &mut Mechanics, failed: bool) -> bool {
        let Some(credit) = &mut self.credit else { return false };
        if !self.facts.is_event() {
            return credit.end(m, &self.facts);
        }
        if failed {
            credit.refund(m, &self.facts);
        }
        false
    }

    fn changed(&mut self, m: &mut Mechanics) -> bool {
        self.record(m, Kind::Interim, None);
        self.interim = next_interim(m);
        if let Some(credit) = &mut self.credit {
            credit.update(m, &self.facts);
        }
        true
    }

    /// What is granted is used up, or its time has come.
    fn used(&mut self, m: &mut Mechanics, server: ServerId, all: bool) -> bool {
        let outcome = self.credit.as_mut().map(|credit| credit.used_up(m, &self.facts, all));
        if outcome == Some(Outcome::End) {
            m.spend(server);
        }
        true
    }

    fn over(&mut self, m: &mut Mechanics) -> bool {
        self.record(m, Kind::Stop, None);
        self.interim = None;
        if let Some(credit) = &mut self.credit {
            credit.end(m, &self.facts);
        }
        false
    }

    fn handle_timeout(&mut self, m: &mut Mechanics, server: ServerId) {
        if self.interim.take_if(|due| *due <= m.now).is_some() {
            self.record(m, Kind::Interim, None);
            self.interim = next_interim(m);
        }
        if self.credit.as_ref().and_then(Credit::due).is_some_and(|due| due <= m.now) {
            self.used(m, server, false);
        }
    }
}

fn next_interim(m: &Mechanics) -> Option<Time> {
    Some(m.now + m.config.charging.as_ref()?.interim?)
}
