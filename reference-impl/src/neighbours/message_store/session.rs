//! One connection to the store: greeting, login, then one command after the other (RFC 3501 sections 3 and 6).

use super::folder::folders;
use bytes::Bytes;
use cpm_wire::imap::types::command::{Command, CommandBody};
use cpm_wire::imap::types::core::{Literal, LiteralMode};
use cpm_wire::imap::types::extensions::binary::LiteralOrLiteral8;
use cpm_wire::imap::types::mailbox::Mailbox;
use cpm_wire::imap::types::response::{Capability, Data, GreetingKind, Response, Status, StatusKind, Tagged};
use cpm_wire::imap::{self, Fragment, FromServer, Responses};
use std::collections::{HashSet, VecDeque};

/// The longest response that is read: the function asks for nothing large.
const LONGEST_RESPONSE: u32 = 64 * 1024;
/// How many folders are remembered as made.
const MOST_FOLDERS: usize = 1024;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The object is stored.
    Stored,
    /// It is not.
    Refused {
        /// Asking again would be in vain.
        for_ever: bool,
    },
    /// The user is not let in.
    LockedOut,
    /// Nothing can be had of this connection any more.
    Broken,
}

#[derive(Clone, Debug)]
enum Step {
    Capability,
    LogIn,
    Hierarchy,
    /// The folders of this conversation and session, then the object.
    Object {
        conversation: String,
        contribution: String,
        object: Bytes,
    },
    Create(String),
    Append {
        folder: String,
        object: Bytes,
    },
    LogOut,
}

/// What was sent and is not answered yet.
struct InFlight {
    tag: String,
    step: Step,
    /// What waits for the server's `+`.
    rest: VecDeque<Fragment>,
}

pub(super) struct Session {
    user: String,
    password: String,
    responses: Responses,
    greeted: bool,
    steps: VecDeque<Step>,
    in_flight: Option<InFlight>,
    tags: u64,
    login_disabled: bool,
    literal_plus: bool,
    delimiter: Option<char>,
    made: HashSet<String>,
    octets: VecDeque<Bytes>,
    outcomes: VecDeque<Outcome>,
}

impl Session {
    pub(super) fn new(user: String, password: String) -> Session {
        Session {
            user,
            password,
            responses: Responses::new(LONGEST_RESPONSE),
            greeted: false,
            steps: VecDeque::new(),
            in_flight: None,
            tags: 0,
            login_disabled: false,
            literal_plus: false,
            delimiter: None,
            made: HashSet::new(),
            octets: VecDeque::new(),
            outcomes: VecDeque::new(),
        }
    }

    /// True once the store has let us in and nothing is asked of it.
    pub(super) fn is_idle(&self) -> bool {
        self.greeted && self.in_flight.is_none() && self.steps.is_empty()
    }

    /// Stores an object in the folder of a session.
    pub(super) fn store(&mut self, conversation: &str, contribution: &str, object: Bytes) {
        self.steps.push_back(Step::Object {
            conversation: conversation.to_owned(),
            contribution: contribution.to_owned(),
            object,
        });
        self.proceed();
    }

    /// Says good-bye; the server closes the connection.
    pub(super) fn log_out(&mut self) {
        self.steps.push_back(Step::LogOut);
        self.proceed();
    }

    pub(super) fn receive(&mut self, octets: &[u8]) {
        self.responses.push(octets);
        while let Some(told) = self.responses.poll() {
            match told {
                FromServer::Greeting(greeting) => self.greeting(greeting.kind),
                FromServer::Response(response) => self.response(*response),
                FromServer::Unknown => {}
                FromServer::Malformed => self.broken(),
            }
        }
        self.proceed();
    }

    pub(super) fn poll_octets(&mut self) -> Option<Bytes> {
        self.octets.pop_front()
    }

    pub(super) fn poll_outcome(&mut self) -> Option<Outcome> {
        self.outcomes.pop_front()
    }

    fn greeting(&mut self, kind: GreetingKind) {
        self.greeted = true;
        self.steps.push_back(Step::Capability);
        match kind {
            GreetingKind::Ok => self.steps.push_back(Step::LogIn),
            GreetingKind::PreAuth => {}
            GreetingKind::Bye => return self.broken(),
        }
        self.steps.push_back(Step::Hierarchy);
    }

    fn response(&mut self, response: Response<'_>) {
        match response {
            Response::Data(Data::Capability(capabilities)) => {
                let has = |wanted: &Capability<'_>| capabilities.as_ref().contains(wanted);
                self.login_disabled = has(&Capability::LoginDisabled);
                self.literal_plus = has(&Capability::LiteralPlus);
            }
            Response::Data(Data::List { delimiter, .. }) => {
                self.delimiter = delimiter.map(|delimiter| delimiter.inner());
            }
            Response::CommandContinuationRequest(_) => self.go_on(),
            Response::Status(Status::Tagged(Tagged { tag, body })) => self.tagged(tag.inner(), body.kind),
            Response::Status(Status::Bye(_)) if !self.leaves() => self.broken(),
            Response::Status(_) | Response::Data(_) => {}
        }
    }

    fn leaves(&self) -> bool {
        matches!(self.in_flight, Some(InFlight { step: Step::LogOut, .. }))
    }

    fn tagged(&mut self, tag: &str, kind: StatusKind) {
        let Some(done) = self.in_flight.take_if(|sent| sent.tag == tag) else { return self.broken() };
        match (done.step, kind) {
            (Step::LogIn, StatusKind::No | StatusKind::Bad) => self.outcomes.push_back(Outcome::LockedOut),
            (Step::Append { .. }, StatusKind::Ok) => self.outcomes.push_back(Outcome::Stored),
            (Step::Append { folder, .. }, StatusKind::No) => {
                // Somebody may have removed the folder: it is made again at the next try.
                self.made.remove(&folder);
                self.outcomes.push_back(Outcome::Refused { for_ever: false });
            }
            (Step::Append { .. }, StatusKind::Bad) => self.outcomes.push_back(Outcome::Refused { for_ever: true }),
            // NO: most often the folder is there already; if not, the APPEND tells.
            (Step::Create(folder), _) if self.made.len() < MOST_FOLDERS => {
                self.made.insert(folder);
            }
            _ => {}
        }
    }

    fn broken(&mut self) {
        self.outcomes.push_back(Outcome::Broken);
    }

    /// Sends the next command.
    fn proceed(&mut self) {
        while self.greeted && self.in_flight.is_none() {
            let Some(step) = self.steps.pop_front() else { return };
            match step {
                Step::Object { conversation, contribution, object } => {
                    self.unfold(&conversation, &contribution, object)
                }
                Step::LogIn if self.login_disabled => return self.broken(),
                step => self.command(step),
            }
        }
    }

    /// The folders that are not known to be there, and the object.
    fn unfold(&mut self, conversation: &str, contribution: &str, object: Bytes) {
        let folders = folders(conversation, contribution, self.delimiter);
        let missing = folders.iter().filter(|folder| !self.made.contains(*folder)).cloned();
        self.steps.extend(missing.map(Step::Create));
        if let Some(folder) = folders.into_iter().next_back() {
            self.steps.push_back(Step::Append { folder, object });
        }
    }

    fn command(&mut self, step: Step) {
        self.tags += 1;
        let tag = format!("a{}", self.tags);
        let command = self.body(&step).and_then(|body| Command::new(tag.clone(), body).ok());
        // A name that IMAP cannot say at all.
        let Some(command) = command else { return self.broken() };
        let rest = imap::pieces(&command).collect();
        self.in_flight = Some(InFlight { tag, step, rest });
        self.send(false);
    }

    fn body(&self, step: &Step) -> Option<CommandBody<'static>> {
        match step {
            Step::Capability => Some(CommandBody::Capability),
            Step::LogIn => CommandBody::login(self.user.clone(), self.password.clone()).ok(),
            Step::Hierarchy => CommandBody::list("", "").ok(),
            Step::Create(folder) => CommandBody::create(folder.clone()).ok(),
            Step::Append { folder, object } => {
                let mut literal = Literal::try_from(object.to_vec()).ok()?;
                literal.set_mode(if self.literal_plus { LiteralMode::NonSync } else { LiteralMode::Sync });
                let mailbox = Mailbox::try_from(folder.clone()).ok()?;
                let message = LiteralOrLiteral8::Literal(literal);
                Some(CommandBody::Append { mailbox, flags: Vec::new(), date: None, message })
            }
            Step::LogOut => Some(CommandBody::Logout),
            Step::Object { .. } => None,
        }
    }

    /// The server wants the rest of the command.
    fn go_on(&mut self) {
        let waits = self.in_flight.as_ref().is_some_and(|sent| !sent.rest.is_empty());
        if waits { self.send(true) } else { self.broken() }
    }

    /// Sends pieces up to the next literal that has to be asked for.
    fn send(&mut self, mut asked: bool) {
        let Some(InFlight { rest, .. }) = &mut self.in_flight else { return };
        let mut octets = Vec::new();
        while let Some(piece) = rest.front() {
            match piece {
                Fragment::Literal { mode: LiteralMode::Sync, .. } if !asked => break,
                Fragment::Literal { data, mode } => {
                    asked &= *mode != LiteralMode::Sync;
                    octets.extend_from_slice(data);
                }
                Fragment::Line { data } => octets.extend_from_slice(data),
            }
            rest.pop_front();
        }
        self.octets.push_back(octets.into());
    }
}
