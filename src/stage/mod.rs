//! The stage of one scenario: a task that owns its actors, its link to the target, its evidence and its story.
//!
//! Steps send it work and await conditions; they never touch the actors themselves. On the virtual link time stands
//! still between two steps.

pub mod certificates;
pub mod charging_server;
mod client_configuration;
mod desk;
mod hosted;
pub mod link;
pub mod message_store;
mod noise;
pub mod null_targets;
pub mod preference_server;
pub mod rewriting;
pub mod sockets;
pub mod switchboard;
pub mod target;
pub mod trial;
pub mod virtual_link;

use crate::actors::Ensemble;
use crate::evidence::{Direction, Event, Octets, Protocol, Recorder, Transport, What};
use crate::rules::{Judgement, Moment, Rule};
use crate::secrets;
use crate::story::Story;
use crate::target::Statement;
use cpm_wire::time::Time;
use link::{Link, LinkInput, Losses};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Later than this, a timer of the tester proves nothing any more.
const LAG_ALLOWED: Duration = Duration::from_millis(500);

type Work = Box<dyn FnOnce(&mut Play) + Send>;
type Condition = Box<dyn FnMut(&Ensemble, &Story) -> bool + Send>;

enum Command {
    Work(Work),
    Listen { secured: bool, reply: oneshot::Sender<std::io::Result<SocketAddr>> },
    Until { condition: Condition, within: Duration, reply: oneshot::Sender<bool> },
    Judge { rule: Arc<dyn Rule>, arguments: Value, within: Duration, reply: oneshot::Sender<Judgement> },
    Quiet { span: Duration, reply: oneshot::Sender<()> },
}

/// What the stage owns; work of a step gets it to act on.
pub struct Play {
    /// The actors.
    pub ensemble: Ensemble,
    /// The link.
    pub link: Link,
    recorder: Recorder,
    story: Story,
    statement: Arc<Statement>,
    step: u32,
    lag: Duration,
    losses: Losses,
}

/// A handle to the stage of one scenario.
pub struct Stage {
    commands: mpsc::UnboundedSender<Command>,
    task: tokio::task::JoinHandle<Recorder>,
}

/// The stage's task is gone: it panicked, and nothing that it saw can be trusted.
#[derive(Debug, thiserror::Error)]
#[error("the scenario's task has died; what it saw is lost")]
pub struct Dead;

impl Stage {
    /// Starts the task.
    pub fn start(ensemble: Ensemble, link: Link, statement: Arc<Statement>) -> Stage {
        let (commands, wishes) = mpsc::unbounded_channel();
        let losses = link.losses();
        let play = Play {
            ensemble,
            link,
            recorder: Recorder::default(),
            story: Story::new(),
            statement,
            step: 0,
            lag: Duration::ZERO,
            losses,
        };
        Stage { commands, task: tokio::spawn(play.run(wishes)) }
    }

    /// Lets the actors do something now.
    ///
    /// # Errors
    /// [`Dead`] when the task is gone.
    pub async fn act<R: Send + 'static>(&self, work: impl FnOnce(&mut Play) -> R + Send + 'static) -> Result<R, Dead> {
        let (reply, answer) = oneshot::channel();
        self.tell(Command::Work(Box::new(move |play| {
            // Nobody waits any more when the step was dropped.
            let _ = reply.send(work(play));
        })))?;
        answer.await.map_err(|_| Dead)
    }

    /// Makes a listener for the media of an actor.
    ///
    /// # Errors
    /// [`Dead`] when the task is gone; the inner error when there is no port.
    pub async fn listen(&self) -> Result<std::io::Result<SocketAddr>, Dead> {
        self.listen_where(false).await
    }

    /// Makes a listener to which only who proves who it is comes, where there is TLS: that of the mediation function.
    ///
    /// # Errors
    /// [`Dead`] when the task is gone; the inner error when there is no port, or nothing to be shown.
    pub async fn listen_secured(&self) -> Result<std::io::Result<SocketAddr>, Dead> {
        self.listen_where(true).await
    }

    async fn listen_where(&self, secured: bool) -> Result<std::io::Result<SocketAddr>, Dead> {
        let (reply, answer) = oneshot::channel();
        self.tell(Command::Listen { secured, reply })?;
        answer.await.map_err(|_| Dead)
    }

    /// Waits until a condition of the actors holds; false when it did not within the time. Proves nothing of the
    /// target: rules do.
    ///
    /// # Errors
    /// [`Dead`] when the task is gone.
    pub async fn until(
        &self,
        within: Duration,
        condition: impl FnMut(&Ensemble, &Story) -> bool + Send + 'static,
    ) -> Result<bool, Dead> {
        let (reply, answer) = oneshot::channel();
        self.tell(Command::Until { condition: Box::new(condition), within, reply })?;
        answer.await.map_err(|_| Dead)
    }

    /// Waits until a rule is decided, or the time is over; then the rule is closed. `arguments` are what it is about, as
    /// [`crate::rules::named`] takes them.
    ///
    /// # Errors
    /// [`Dead`] when the task is gone.
    pub async fn judge(&self, rule: Arc<dyn Rule>, arguments: Value, within: Duration) -> Result<Judgement, Dead> {
        let (reply, answer) = oneshot::channel();
        self.tell(Command::Judge { rule, arguments, within, reply })?;
        answer.await.map_err(|_| Dead)
    }

    /// Lets a quiet window pass.
    ///
    /// # Errors
    /// [`Dead`] when the task is gone.
    pub async fn quiet(&self, span: Duration) -> Result<(), Dead> {
        let (reply, answer) = oneshot::channel();
        self.tell(Command::Quiet { span, reply })?;
        answer.await.map_err(|_| Dead)
    }

    /// Ends the scenario and hands over what was seen.
    ///
    /// # Errors
    /// [`Dead`] when the task is gone.
    pub async fn end(self) -> Result<Recorder, Dead> {
        drop(self.commands);
        self.task.await.map_err(|_| Dead)
    }

    fn tell(&self, command: Command) -> Result<(), Dead> {
        self.commands.send(command).map_err(|_| Dead)
    }
}

impl Play {
    async fn run(mut self, mut wishes: mpsc::UnboundedReceiver<Command>) -> Recorder {
        loop {
            let command =
                if self.link.is_live() { self.live_until_command(&mut wishes).await } else { wishes.recv().await };
            match command {
                None => break,
                Some(command) => self.obey(command).await,
            }
        }
        self.note_losses();
        self.recorder
    }

    /// While no step wants anything, the actors go on answering the target.
    async fn live_until_command(&mut self, wishes: &mut mpsc::UnboundedReceiver<Command>) -> Option<Command> {
        loop {
            let due = self.ensemble.poll_timeout();
            tokio::select! {
                command = wishes.recv() => return command,
                input = self.link.next(due) => self.take(input),
            }
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Work(work) => {
                self.ensemble.signalling.now = self.link.now();
                work(self);
                self.ensemble.settle();
                self.flush();
            }
            Command::Listen { secured, reply } => {
                let address = self.link.listen(secured).await;
                let _ = reply.send(address);
            }
            Command::Until { mut condition, within, reply } => {
                let deadline = self.link.now() + within;
                let mut held = condition(&self.ensemble, &self.story);
                while !held && self.link.now() < deadline {
                    self.pass(deadline).await;
                    held = condition(&self.ensemble, &self.story);
                }
                let _ = reply.send(held);
            }
            Command::Judge { rule, arguments, within, reply } => {
                let (rule, ms) = (rule.as_ref(), millis(within));
                self.record(What::Event(Event::Awaited { rule: rule.id().to_owned(), arguments, ms }));
                let _ = reply.send(self.judge(rule, within).await);
            }
            Command::Quiet { span, reply } => {
                self.record(What::Event(Event::Quiet { for_ms: millis(span) }));
                let deadline = self.link.now() + span;
                while self.link.now() < deadline {
                    self.pass(deadline).await;
                }
                self.note_losses();
                self.record(What::Event(Event::QuietEnded));
                let _ = reply.send(());
            }
        }
    }

    async fn judge(&mut self, rule: &dyn Rule, within: Duration) -> Judgement {
        self.lag = Duration::ZERO;
        let deadline = self.link.now() + within;
        while matches!(rule.judge(&self.story, &self.statement, Moment::Open).judgement, Judgement::Undecided) {
            if self.link.now() >= deadline {
                self.note_losses();
                return self.decide(rule, Moment::Closed);
            }
            self.pass(deadline).await;
        }
        self.decide(rule, Moment::Open)
    }

    /// Judges a rule for the last time, and writes down that it was here.
    fn decide(&mut self, rule: &dyn Rule, moment: Moment) -> Judgement {
        let lagged = self.lag > LAG_ALLOWED;
        let assessment = rule.conclude(&self.story, &self.statement, moment, lagged);
        self.record(What::Event(Event::Decided { closed: moment == Moment::Closed, lagged }));
        assessment.judgement
    }

    /// Lets one thing happen: an input, a timer of an actor, or the deadline.
    async fn pass(&mut self, deadline: Time) {
        let due = self.ensemble.poll_timeout().map_or(deadline, |due| due.min(deadline));
        let input = self.link.next(Some(due)).await;
        if input.is_none() {
            let late = self.link.now().since(due);
            if late > LAG_ALLOWED {
                self.lag = self.lag.max(late);
                self.record(What::Event(Event::Lag { ms: millis(late) }));
            }
        }
        self.take(input);
    }

    fn take(&mut self, input: Option<LinkInput>) {
        let now = self.link.now();
        match input {
            Some(LinkInput::Sip { message, octets, peer }) => {
                self.record_sip(&octets, &peer);
                self.ensemble.receive_sip(now, message, peer);
            }
            Some(LinkInput::WentByUdp { message, peer }) => {
                self.ensemble.signalling.layer.went_unreliably(now, message, peer);
            }
            Some(LinkInput::Malformed { octets, peer, .. }) => self.record_sip(&octets, &peer),
            Some(LinkInput::Net(input)) => self.ensemble.receive_net(now, input),
            Some(LinkInput::Seen(what)) => {
                self.record(what);
            }
            None => {}
        }
        if self.ensemble.poll_timeout().is_some_and(|due| due <= now) {
            self.ensemble.handle_timeout(now);
        }
        self.flush();
    }

    /// Writes down what was lost since this was last done: before anything is judged missing.
    fn note_losses(&mut self) {
        let (before, losses) = (self.losses, self.link.losses());
        self.losses = losses;
        if losses.dropped > before.dropped {
            self.record(What::Event(Event::Dropped { datagrams: losses.dropped - before.dropped }));
        }
        if losses.network > before.network {
            self.record(What::Event(Event::NetworkLost { datagrams: losses.network - before.network }));
        }
    }

    fn record_sip(&mut self, octets: &bytes::Bytes, peer: &cpm_wire::endpoint::Peer) {
        let transport = match peer.protocol {
            cpm_wire::endpoint::Protocol::Udp => Transport::Udp,
            cpm_wire::endpoint::Protocol::Tcp => Transport::Tcp,
        };
        let local = self.ensemble.signalling.cscf.address;
        self.record(What::Octets(Octets {
            actor: "serving_cscf".into(),
            step: self.step,
            protocol: Protocol::Sip,
            transport,
            direction: Direction::Received,
            local,
            remote: peer.address,
            connection: None,
            octets: octets.clone(),
            malformed: None,
        }));
    }

    /// Writes what the actors saw and did, then lets the link do what they want.
    pub fn flush(&mut self) {
        while let Some(what) = self.ensemble.signalling.links.out.next_evidence() {
            self.record(what);
        }
        while let Some(output) = self.ensemble.signalling.links.out.next_output() {
            self.link.perform(output);
        }
    }

    /// Writes a line of evidence.
    pub fn record(&mut self, what: What) -> u64 {
        let what = match what {
            What::Octets(octets) if octets.protocol == Protocol::Sip => {
                What::Octets(Octets { step: self.step, octets: secrets::of_sip(octets.octets), ..octets })
            }
            What::Octets(octets) => What::Octets(Octets { step: self.step, ..octets }),
            What::Connection(connection) => {
                What::Connection(crate::evidence::Connection { step: self.step, ..connection })
            }
            What::Event(event) => What::Event(event),
        };
        let at = self.link.now();
        let frame = self.recorder.push(at, what);
        if let Some(record) = self.recorder.records().last() {
            self.story.observe(frame, record);
        }
        frame
    }

    /// A step begins.
    pub fn begin_step(&mut self, keyword: &str, text: &str, line: u32) {
        self.step += 1;
        let index = self.step;
        self.record(What::Event(Event::Step { index, keyword: keyword.to_owned(), text: text.to_owned(), line }));
    }

    /// Something happened to the target by the tester's hand.
    pub fn note_target(&mut self, what: &str) {
        self.record(What::Event(Event::Target { what: what.to_owned() }));
    }

    /// Kills the target of the virtual link and starts it again over its store.
    pub fn restart_virtual_target(&mut self) {
        if let Link::Virtual(link) = &mut self.link {
            link.kill_target();
            link.start_target();
        }
    }

    /// Tells the client of the virtual link what its user does, or asks what it shows.
    ///
    /// # Errors
    /// There is no such client, or it does not understand.
    pub fn tell_virtual_client(&mut self, act: bool, request: &serde_json::Value) -> Result<serde_json::Value, String> {
        match &mut self.link {
            Link::Virtual(link) => link.tell_client(act, request),
            Link::Sockets(_) => Err("the link is not virtual".to_owned()),
        }
    }

    /// The operator of the virtual link's function ends a session of a user.
    pub fn release_at_virtual_target(&mut self, user: &str, contribution: &str) {
        if let Link::Virtual(link) = &mut self.link {
            link.release(user, contribution);
        }
    }

    /// The Contribution-ID of a group.
    pub fn contribution_of(&self, group: &str) -> Option<String> {
        self.story.cast().group(group)?.contributions.first().cloned()
    }

    /// The story so far.
    pub fn story(&self) -> &Story {
        &self.story
    }

    /// How long after a message was announced a line of evidence was written.
    pub fn between(&self, text: &str, frame: u64) -> Option<Duration> {
        let records = self.recorder.records();
        let announced = records.iter().find(|record| match &record.what {
            What::Event(Event::Message { label, .. } | Event::Standalone { label, .. }) => label == text,
            _ => false,
        })?;
        let at = usize::try_from(frame.checked_sub(1)?).ok()?;
        Some(records.get(at)?.at.since(announced.at))
    }

    /// The class of users that a person was drawn from; none for who is not served.
    pub fn class_of(&self, person: &str) -> Option<&str> {
        self.recorder.records().iter().find_map(|record| match &record.what {
            What::Event(Event::Person { name, class, .. }) if name == person => class.as_deref(),
            _ => None,
        })
    }

    /// The number of the next line of evidence.
    pub fn next_frame(&self) -> u64 {
        u64::try_from(self.recorder.records().len()).unwrap_or(u64::MAX).saturating_add(1)
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Context, LinkKind};
    use crate::target::Profile;

    async fn stage() -> Stage {
        let context = Context::open(Profile::reference(), LinkKind::Virtual, 1, None).await.unwrap();
        context.set("test", crate::run::Needs::default()).await.unwrap().0
    }

    #[tokio::test]
    async fn a_task_that_panics_is_told_and_not_waited_for() {
        let stage = stage().await;
        let died = stage.act(|_| -> () { std::panic::resume_unwind(Box::new("a fault of the suite")) }).await;
        assert!(died.is_err());
        assert!(stage.quiet(Duration::from_secs(1)).await.is_err());
        assert!(stage.end().await.is_err());
    }

    #[tokio::test]
    async fn a_quiet_window_passes_in_virtual_time_and_stands_in_the_evidence() {
        let stage = stage().await;
        let began = std::time::Instant::now();
        stage.quiet(Duration::from_secs(3600)).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(60));
        let left = stage.end().await.unwrap();
        let events = left.records().iter().map(|record| (record.at, &record.what));
        let events: Vec<_> =
            events.filter(|(_, what)| !matches!(what, What::Event(Event::InterworkingFunction { .. }))).collect();
        let [(from, What::Event(Event::Quiet { for_ms: 3_600_000 })), (to, What::Event(Event::QuietEnded))] =
            events[..]
        else {
            panic!("{events:?}")
        };
        assert_eq!(to.since(from), Duration::from_secs(3600));
    }

    #[tokio::test]
    async fn what_never_holds_is_given_up_at_its_deadline() {
        let stage = stage().await;
        assert!(!stage.until(Duration::from_secs(5), |_, _| false).await.unwrap());
        assert!(stage.until(Duration::from_secs(5), |_, _| true).await.unwrap());
    }
}
