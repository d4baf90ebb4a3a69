//! What is said on one connection: the states of RFC 3501 section 3, one command after the other.

use super::StoreEvent;
use super::archive::{Archive, DELIMITER, Refusal};
use bytes::Bytes;
use cpm_wire::imap::types::command::{Command, CommandBody};
use cpm_wire::imap::types::core::{QuotedChar, Tag, Vec1};
use cpm_wire::imap::types::extensions::binary::LiteralOrLiteral8;
use cpm_wire::imap::types::flag::{Flag, FlagNameAttribute};
use cpm_wire::imap::types::mailbox::{ListMailbox, Mailbox};
use cpm_wire::imap::types::response::{
    Capability, Code, CommandContinuationRequest, Data, Greeting, Response, Status, StatusKind,
};
use cpm_wire::imap::types::status::{StatusDataItem, StatusDataItemName};
use cpm_wire::imap::{self, Commands, FromClient, name_of};
use std::collections::VecDeque;
use std::num::NonZeroU32;

/// As many lines that are no commands end the connection.
const MOST_MALFORMED: u32 = 20;

/// What was done, on a connection that is yet to be named.
#[derive(Debug)]
pub(super) enum Done {
    LoggedIn { user: String },
    Appended { user: String, folder: String, object: Bytes },
}

impl Done {
    pub(super) fn on(self, connection: u64) -> StoreEvent {
        match self {
            Done::LoggedIn { user } => StoreEvent::LoggedIn { connection, user },
            Done::Appended { user, folder, object } => StoreEvent::Appended { connection, user, folder, object },
        }
    }
}

/// How a command ends.
type Answer = (StatusKind, Option<Code<'static>>, &'static str);

const fn ok(text: &'static str) -> Answer {
    (StatusKind::Ok, None, text)
}

const fn no(text: &'static str) -> Answer {
    (StatusKind::No, None, text)
}

const fn bad(text: &'static str) -> Answer {
    (StatusKind::Bad, None, text)
}

pub(super) struct Conversation {
    commands: Commands,
    user: Option<String>,
    malformed: u32,
    over: bool,
    octets: VecDeque<Bytes>,
    done: VecDeque<Done>,
}

impl Conversation {
    /// Begins with the greeting.
    pub(super) fn new() -> Conversation {
        let mut conversation = Conversation {
            commands: Commands::new(imap::LONGEST_COMMAND),
            user: None,
            malformed: 0,
            over: false,
            octets: VecDeque::new(),
            done: VecDeque::new(),
        };
        let greeting = Greeting::ok(None, "the tester's message store is ready");
        conversation.octets.extend(greeting.ok().map(|greeting| imap::greeting(&greeting)));
        conversation
    }

    pub(super) fn receive(&mut self, octets: &[u8], archive: &mut Archive) {
        self.commands.push(octets);
        while let Some(read) = self.commands.poll().filter(|_| !self.over) {
            match read {
                FromClient::Command(command) => self.command(*command, archive),
                FromClient::Announced => {
                    let go_on = CommandContinuationRequest::basic(None, "go on");
                    self.say(go_on.ok().map(Response::CommandContinuationRequest));
                }
                FromClient::Refused { tag } => self.end(tag, no("more than is taken")),
                FromClient::Malformed { tag } => self.malformed(tag),
                FromClient::Flooded => self.hang_up("more than is taken"),
            }
        }
    }

    pub(super) fn poll_octets(&mut self) -> Option<Bytes> {
        self.octets.pop_front()
    }

    pub(super) fn poll_done(&mut self) -> Option<Done> {
        self.done.pop_front()
    }

    /// True after the last word.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    fn say(&mut self, response: Option<Response<'_>>) {
        self.octets.extend(response.map(|response| imap::response(&response)));
    }

    fn data(&mut self, data: Data<'_>) {
        self.say(Some(Response::Data(data)));
    }

    fn end(&mut self, tag: Option<Tag<'_>>, (kind, code, text): Answer) {
        self.say(Status::new(tag, kind, code, text).ok().map(Response::Status));
    }

    fn malformed(&mut self, tag: Option<Tag<'_>>) {
        self.malformed += 1;
        match self.malformed < MOST_MALFORMED {
            true => self.end(tag, bad("no command of IMAP4rev1")),
            false => self.hang_up("too much that is no command"),
        }
    }

    fn hang_up(&mut self, why: &'static str) {
        self.say(Status::bye(None, why).ok().map(Response::Status));
        self.over = true;
    }

    fn command(&mut self, command: Command<'_>, archive: &mut Archive) {
        let answer = match command.body {
            CommandBody::Capability => self.capability(),
            CommandBody::Noop => ok("done"),
            CommandBody::Logout => {
                self.hang_up("good-bye");
                ok("done")
            }
            CommandBody::Login { username, .. } if self.user.is_none() => self.log_in(username.as_ref()),
            CommandBody::Authenticate { .. } if self.user.is_none() => no("LOGIN is what there is"),
            CommandBody::Login { .. } | CommandBody::Authenticate { .. } => bad("logged in already"),
            body => match self.user.clone() {
                Some(user) => self.inside(&user, body, archive),
                None => bad("not logged in"),
            },
        };
        self.end(Some(command.tag), answer);
    }

    fn capability(&mut self) -> Answer {
        let capabilities = vec![Capability::Imap4Rev1, Capability::LiteralPlus];
        if let Ok(capabilities) = Vec1::try_from(capabilities) {
            self.data(Data::Capability(capabilities));
        }
        ok("done")
    }

    fn log_in(&mut self, name: &[u8]) -> Answer {
        let user = String::from_utf8_lossy(name).into_owned();
        self.user = Some(user.clone());
        self.done.push_back(Done::LoggedIn { user });
        ok("logged in")
    }

    /// The commands of the authenticated state.
    fn inside(&mut self, user: &str, body: CommandBody<'_>, archive: &mut Archive) -> Answer {
        match body {
            CommandBody::Create { mailbox } => created(archive.create(user, &name_of(&mailbox))),
            CommandBody::List { reference, mailbox_wildcard } => {
                self.list(user, &reference, &mailbox_wildcard, archive);
                ok("done")
            }
            CommandBody::Select { mailbox, .. } => self.select(user, &name_of(&mailbox), archive, Code::ReadWrite),
            CommandBody::Examine { mailbox, .. } => self.select(user, &name_of(&mailbox), archive, Code::ReadOnly),
            CommandBody::Status { mailbox, item_names } => self.status(user, mailbox, &item_names, archive),
            CommandBody::Append { mailbox, message, .. } => {
                let object = match message {
                    LiteralOrLiteral8::Literal(literal) => literal.into_inner(),
                    LiteralOrLiteral8::Literal8(_) => return bad("binary literals are not taken"),
                };
                self.append(user, name_of(&mailbox), Bytes::from(object.into_owned()), archive)
            }
            CommandBody::Check | CommandBody::Close => ok("done"),
            _ => bad("not known here"),
        }
    }

    fn list(&mut self, user: &str, reference: &Mailbox<'_>, wildcard: &ListMailbox<'_>, archive: &Archive) {
        let pattern = match wildcard {
            ListMailbox::Token(token) => String::from_utf8_lossy(token.as_ref()).into_owned(),
            ListMailbox::String(string) => String::from_utf8_lossy(string.as_ref()).into_owned(),
        };
        let delimiter = QuotedChar::try_from(DELIMITER).ok();
        if pattern.is_empty() {
            // RFC 3501 section 6.3.8: only the delimiter and the root are asked for.
            let Ok(root) = Mailbox::try_from("") else { return };
            return self.data(Data::List { items: vec![FlagNameAttribute::Noselect], delimiter, mailbox: root });
        }
        let reference = if *reference == Mailbox::Inbox { "INBOX".to_owned() } else { name_of(reference) };
        let pattern = format!("{reference}{pattern}");
        for name in archive.list(user, &pattern) {
            if let Ok(mailbox) = Mailbox::try_from(name) {
                self.data(Data::List { items: Vec::new(), delimiter, mailbox });
            }
        }
    }

    fn select(&mut self, user: &str, folder: &str, archive: &Archive, mode: Code<'static>) -> Answer {
        if !archive.has(user, folder) {
            return no("no such folder");
        }
        self.data(Data::Flags(vec![Flag::Seen, Flag::Answered, Flag::Flagged, Flag::Deleted, Flag::Draft]));
        self.data(Data::Exists(count(archive, user, folder)));
        self.data(Data::Recent(0));
        let validity = Status::ok(None, Some(Code::UidValidity(NonZeroU32::MIN)), "stays");
        self.say(validity.ok().map(Response::Status));
        (StatusKind::Ok, Some(mode), "done")
    }

    fn status(&mut self, user: &str, mailbox: Mailbox<'_>, wanted: &[StatusDataItemName], archive: &Archive) -> Answer {
        let folder = name_of(&mailbox);
        if !archive.has(user, &folder) {
            return no("no such folder");
        }
        let there = count(archive, user, &folder);
        let items = wanted.iter().filter_map(|name| match name {
            StatusDataItemName::Messages => Some(StatusDataItem::Messages(there)),
            StatusDataItemName::Recent => Some(StatusDataItem::Recent(0)),
            StatusDataItemName::UidNext => Some(StatusDataItem::UidNext(NonZeroU32::MIN.saturating_add(there))),
            StatusDataItemName::UidValidity => Some(StatusDataItem::UidValidity(NonZeroU32::MIN)),
            StatusDataItemName::Unseen => Some(StatusDataItem::Unseen(there)),
            _ => None,
        });
        let items: Vec<StatusDataItem> = items.collect();
        self.data(Data::Status { mailbox, items: items.into() });
        ok("done")
    }

    fn append(&mut self, user: &str, folder: String, object: Bytes, archive: &mut Archive) -> Answer {
        match archive.append(user, &folder, object.clone()) {
            Ok(()) => {
                self.done.push_back(Done::Appended { user: user.to_owned(), folder, object });
                ok("kept")
            }
            // RFC 3501 section 6.3.11: the client may make the folder and try again.
            Err(Refusal::Missing) => (StatusKind::No, Some(Code::TryCreate), "no such folder"),
            Err(Refusal::Down) => no("not now"),
            Err(_) => no("no more room"),
        }
    }
}

fn created(made: Result<(), Refusal>) -> Answer {
    match made {
        Ok(()) => ok("made"),
        Err(Refusal::Exists) => no("it is there already"),
        Err(Refusal::Name | Refusal::Missing) => no("no folder can have that name"),
        Err(Refusal::Full) => no("no more room"),
        Err(Refusal::Down) => no("not now"),
    }
}

fn count(archive: &Archive, user: &str, folder: &str) -> u32 {
    u32::try_from(archive.objects(user, folder).len()).unwrap_or(u32::MAX)
}
