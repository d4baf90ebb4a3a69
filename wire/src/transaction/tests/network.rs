//! Two layers with a bad network between them: datagrams are lost, doubled and overtake each other.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What becomes of one datagram, drawn by the test: each entry is the delay in ms of one copy.
type Fate = Vec<u64>;

struct Network {
    fates: Vec<Fate>,
    sent: usize,
    under_way: BTreeMap<(Time, usize), (End, Message)>,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Client,
    Server,
}

impl Network {
    fn send(&mut self, now: Time, to: End, message: &Message) {
        let fate = self.fates[self.sent % self.fates.len()].clone();
        self.sent += 1;
        for delay in fate {
            let key = (now + Duration::from_millis(delay), self.under_way.len() + self.sent * 1000);
            self.under_way.insert(key, (to, message.clone()));
        }
    }
}

struct World {
    now: Time,
    network: Network,
    client: Layer<()>,
    server: Layer<()>,
    /// Responses that the server decided on, due at their time.
    decisions: BTreeMap<(Time, ServerId, u16), Message>,
    seen: HashMap<String, usize>,
    outcomes: HashMap<ClientId, usize>,
}

impl World {
    fn new(fates: Vec<Fate>) -> World {
        World {
            now: time(0),
            network: Network { fates, sent: 0, under_way: BTreeMap::new() },
            client: Layer::new(Timers::default()),
            server: Layer::new(Timers::default()),
            decisions: BTreeMap::new(),
            seen: HashMap::new(),
            outcomes: HashMap::new(),
        }
    }

    fn run(&mut self) {
        loop {
            self.settle();
            let next = [
                self.client.poll_timeout(),
                self.server.poll_timeout(),
                self.network.under_way.keys().next().map(|key| key.0),
                self.decisions.keys().next().map(|key| key.0),
            ];
            let Some(next) = next.into_iter().flatten().min() else { return };
            self.now = self.now.max(next);
            self.client.handle_timeout(self.now);
            self.server.handle_timeout(self.now);
            if let Some(entry) = self.network.under_way.first_entry().filter(|entry| entry.key().0 <= self.now) {
                let (to, message) = entry.remove();
                match to {
                    End::Client => self.client.receive(self.now, message, (), UDP),
                    End::Server => self.server.receive(self.now, message, (), UDP),
                }
            }
            if let Some(entry) = self.decisions.first_entry().filter(|entry| entry.key().0 <= self.now) {
                let ((_, server, _), response) = entry.remove_entry();
                self.server.respond(self.now, server, response);
            }
        }
    }

    fn settle(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Send { message, .. } => self.network.send(self.now, End::Server, &message),
                Output::Event(event) => self.at_client(event),
            }
        }
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Send { message, .. } => self.network.send(self.now, End::Client, &message),
                Output::Event(event) => self.at_server(event),
            }
        }
    }

    fn at_client(&mut self, event: Event<()>) {
        match event {
            Event::Response { client, message, repeated, .. } => {
                let status = message.status().unwrap();
                if message.method() == Method::Invite && (200..=299).contains(&status) {
                    let ack = ack_of(&message, "z9hG4bKack").edit().set(Name::CallId, message.call_id().unwrap());
                    self.network.send(self.now, End::Server, &ack.finish());
                }
                if status >= 200 && !repeated {
                    *self.outcomes.entry(client).or_default() += 1;
                }
            }
            Event::Timeout { client, .. } => *self.outcomes.entry(client).or_default() += 1,
            Event::StrayResponse { .. } => {}
            other => panic!("{other:?}"),
        }
    }

    fn at_server(&mut self, event: Event<()>) {
        match event {
            Event::Request { server, message, .. } => {
                let call = message.call_id().unwrap().to_owned();
                let nth = call.len() + self.seen.len();
                *self.seen.entry(call).or_default() += 1;
                let statuses: &[u16] = match (message.method(), nth % 3) {
                    (Method::Invite, 0) => &[180, 200],
                    (Method::Invite, _) => &[486],
                    _ => &[200],
                };
                for (n, status) in (1..).zip(statuses) {
                    let at = self.now + Duration::from_millis(n * 150 * (nth as u64 % 5));
                    self.decisions.insert((at, server, *status), answer(&message, *status, "b"));
                }
            }
            Event::Ack { .. } | Event::Unacknowledged { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        3 => Just(Vec::new()),
        6 => (1..80u64).prop_map(|delay| vec![delay]),
        1 => (1..80u64, 1..900u64).prop_map(|(one, two)| vec![one, two]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every request is served at most once and has exactly one outcome, and nothing is left behind.
    #[test]
    fn each_request_is_served_once_and_has_one_outcome(fates in prop::collection::vec(fate(), 20..200)) {
        let mut world = World::new(fates);
        let mut clients = HashSet::new();
        for n in 0..20 {
            let method = if n % 2 == 0 { Method::Invite } else { Method::Message };
            let name = format!("z9hG4bK{n}");
            let request = request(method, &name).edit().set(Name::CallId, &name).finish();
            clients.insert(world.client.request(world.now, request, (), UDP));
            world.now += Duration::from_millis(20);
        }
        world.run();
        prop_assert!(world.seen.values().all(|times| *times == 1), "{:?}", world.seen);
        prop_assert!(world.outcomes.values().all(|times| *times == 1), "{:?}", world.outcomes);
        // An INVITE whose final response never got through waits for its owner's patience, as RFC 3261 has it.
        let waiting = clients.iter().filter(|client| !world.outcomes.contains_key(client)).count();
        prop_assert_eq!(world.client.len(), waiting);
        prop_assert!(world.server.is_empty() && world.server.is_clean());
        prop_assert_eq!(world.client.poll_timeout(), None);
    }
}
