//! Orders over X1 (TS 103 221-1 section 6): who may give them, and what becomes of them.

use super::{Active, LawfulInterception};
use crate::call::Mechanics;
use crate::neighbours::mediation;
use cpm_wire::io::ConnectionId;
use cpm_wire::sip::{Uri, identity_key};
use cpm_wire::uuid::Uuid;
use cpm_wire::x1::http;
use cpm_wire::x1::{
    self, Asked, Destination, Header, Outcome, Request, Response, TargetIdentifier, Task, Wrong, error,
};

/// Why something is not done.
struct Refusal(u32, String);

impl LawfulInterception {
    /// Answers a request of HTTP.
    pub(super) fn asked(
        &mut self,
        m: &mut Mechanics,
        connection: ConnectionId,
        names: &[String],
        request: &http::Message,
    ) {
        let last = !request.persists();
        let text = |m: &mut Mechanics, status, why: &str| {
            m.administration.answer(connection, status, "text/plain", why, last);
        };
        if request.request().is_none_or(|(method, _)| method != "POST") {
            self.audit.asked(m.now, names, "", None, Some(error::SYNTAX));
            return text(m, 405, "POST is taken");
        }
        let requests = match x1::read_requests(&request.body) {
            Ok(requests) => requests,
            Err(wrong) => {
                self.audit.asked(m.now, names, "", None, Some(error::SYNTAX));
                return text(m, 400, &wrong.to_string());
            }
        };
        let authorised = self.is_authorised(names);
        let responses: Vec<Response> =
            requests.into_iter().map(|request| self.response(m, names, authorised, request)).collect();
        let (status, document) = (if authorised { 200 } else { 403 }, x1::write_responses(&responses));
        m.administration.answer(connection, status, x1::MEDIA_TYPE, &document, last);
    }

    fn is_authorised(&self, names: &[String]) -> bool {
        let own = self.config.as_ref().map(|config| config.administration.as_str());
        own.is_some_and(|own| names.iter().any(|name| name.eq_ignore_ascii_case(own)))
    }

    fn response(
        &mut self,
        m: &mut Mechanics,
        names: &[String],
        authorised: bool,
        request: Result<Request, Wrong>,
    ) -> Response {
        let (header, name, subject) = match &request {
            Ok(request) => (Some(request.header.clone()), request.asked.name().to_owned(), subject(&request.asked)),
            Err(wrong) => (wrong.header.as_deref().cloned(), wrong.name.clone(), None),
        };
        let done = match request {
            _ if !authorised => Err(Refusal(error::NOT_AUTHORISED, "who asks may not".to_owned())),
            Ok(request) => self.order(m, request.asked),
            Err(wrong) => Err(Refusal(error::SYNTAX, wrong.error.to_string())),
        };
        self.audit.asked(m.now, names, &name, subject, done.as_ref().err().map(|refusal| refusal.0));
        let outcome = match done {
            Ok(()) => Outcome::Completed,
            Err(Refusal(code, description)) => Outcome::Refused { code, description },
        };
        let timestamp = m.now.to_rfc3339();
        let header = header.unwrap_or_else(|| Header {
            admf: String::new(),
            ne: m.config.domain.clone(),
            timestamp: String::new(),
            version: String::new(),
            transaction: Uuid::default(),
        });
        let header = Header { timestamp, version: x1::VERSION.to_owned(), ..header };
        Response { header, request: Some(name).filter(|name| !name.is_empty()), outcome }
    }

    fn order(&mut self, m: &mut Mechanics, asked: Asked) -> Result<(), Refusal> {
        match asked {
            Asked::ActivateTask(task) => self.activate(m, task),
            Asked::DeactivateTask(xid) => self.deactivate(m, xid),
            Asked::CreateDestination(destination) => create(m, destination),
            Asked::RemoveDestination(did) => self.remove(m, did),
            Asked::Ping => Ok(()),
            Asked::Other(name) => Err(Refusal(error::UNSUPPORTED, format!("there is no {name} here"))),
        }
    }

    fn activate(&mut self, m: &mut Mechanics, task: Task) -> Result<(), Refusal> {
        if self.tasks.contains_key(&task.xid) {
            return Err(Refusal(error::XID_EXISTS, "there is such a task".to_owned()));
        }
        if self.tasks.len() >= self.config.as_ref().map_or(0, |config| config.max_tasks) {
            return Err(Refusal(error::FULL, "there is no room for a task".to_owned()));
        }
        let unknown = |did: &&Uuid| m.mediation.takes(**did).is_none();
        if let Some(did) = task.destinations.iter().find(unknown) {
            return Err(Refusal(error::NO_DID, format!("there is no destination {did}")));
        }
        if task.destinations.is_empty() {
            return Err(Refusal(error::NO_DID, "a task needs a destination".to_owned()));
        }
        let users: Option<Vec<String>> = task.targets.iter().map(user_of).collect();
        let none = || Refusal(error::TARGET, "a target is a sip or tel URI here".to_owned());
        let users = users.ok_or_else(none)?;
        for user in &users {
            let tasks = self.by_user.entry(user.clone()).or_default();
            if !tasks.contains(&task.xid) {
                tasks.push(task.xid);
            }
        }
        self.tasks.insert(task.xid, Active { task, users });
        m.sip.seen.want(true);
        m.media.seen.want(true);
        Ok(())
    }

    fn deactivate(&mut self, m: &mut Mechanics, xid: Uuid) -> Result<(), Refusal> {
        let none = || Refusal(error::NO_XID, "there is no such task".to_owned());
        let active = self.tasks.remove(&xid).ok_or_else(none)?;
        for user in active.users {
            if let Some(tasks) = self.by_user.get_mut(&user) {
                tasks.retain(|task| *task != xid);
                if tasks.is_empty() {
                    self.by_user.remove(&user);
                }
            }
        }
        if self.tasks.is_empty() {
            m.sip.seen.want(false);
            m.media.seen.want(false);
            self.observing.forget();
        }
        Ok(())
    }

    fn remove(&mut self, m: &mut Mechanics, did: Uuid) -> Result<(), Refusal> {
        if m.mediation.takes(did).is_none() {
            return Err(Refusal(error::NO_DID, "there is no such destination".to_owned()));
        }
        if self.tasks.values().any(|active| active.task.destinations.contains(&did)) {
            return Err(Refusal(error::DID_IN_USE, "a task goes there".to_owned()));
        }
        m.mediation.remove(did);
        Ok(())
    }
}

fn create(m: &mut Mechanics, destination: Destination) -> Result<(), Refusal> {
    if m.mediation.takes(destination.did).is_some() {
        return Err(Refusal(error::DID_EXISTS, "there is such a destination".to_owned()));
    }
    if m.mediation.count() >= mediation::MOST {
        return Err(Refusal(error::FULL, "there is no room for a destination".to_owned()));
    }
    m.mediation.create(destination);
    Ok(())
}

/// The canonical form of a target; none for what is no public identity.
fn user_of(target: &TargetIdentifier) -> Option<String> {
    let known = matches!(target.kind.as_str(), "sipUri" | "telUri" | "impu");
    let identity = matches!(Uri::parse(&target.value), Ok(Uri::Sip(uri)) if uri.user.is_some())
        || matches!(Uri::parse(&target.value), Ok(Uri::Tel(_)));
    (known && identity).then(|| identity_key(&target.value))
}

/// What an order is about.
fn subject(asked: &Asked) -> Option<Uuid> {
    match asked {
        Asked::ActivateTask(task) => Some(task.xid),
        Asked::DeactivateTask(xid) => Some(*xid),
        Asked::CreateDestination(destination) => Some(destination.did),
        Asked::RemoveDestination(did) => Some(*did),
        Asked::Ping | Asked::Other(_) => None,
    }
}
