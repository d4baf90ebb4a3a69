//! What went wrong between tester and target without either of them: late timers, datagrams dropped or lost. Where there
//! was any, something missing may not be the target's fault.

use crate::evidence::Event;

/// All trouble of one scenario.
#[derive(Clone, Debug, Default)]
pub(super) struct Troubles {
    lag_ms: u64,
    dropped: u64,
    network_lost: u64,
    /// Why what is missing may come yet, or have come unseen.
    doubt: Option<String>,
}

/// Where the trouble was, and in words what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// In the tester.
    Tester(String),
    /// On the way between the two.
    Network(String),
    /// In what was recorded: it does not hold everything.
    Record(String),
}

impl Troubles {
    pub(super) fn observe(&mut self, event: &Event) {
        match event {
            Event::Lag { ms } => self.lag_ms += ms,
            Event::Dropped { datagrams } => self.dropped += datagrams,
            Event::NetworkLost { datagrams } => self.network_lost += datagrams,
            _ => {}
        }
    }

    /// What is missing is doubted, or no longer.
    pub(super) fn doubt(&mut self, why: Option<String>) {
        self.doubt = why;
    }

    /// The worst of it: what the tester did itself comes first.
    pub(super) fn worst(&self) -> Option<Trouble> {
        let Troubles { lag_ms, dropped, network_lost, .. } = *self;
        if dropped > 0 {
            Some(Trouble::Tester(format!("the tester's kernel dropped {dropped} datagrams")))
        } else if lag_ms > 0 {
            Some(Trouble::Tester(format!("the tester's own timers were late by {lag_ms} ms")))
        } else if network_lost > 0 {
            Some(Trouble::Network(format!("the network lost {network_lost} datagrams")))
        } else {
            self.doubt.clone().map(Trouble::Record)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_testers_own_trouble_is_told_before_that_of_the_network() {
        let mut troubles = Troubles::default();
        assert_eq!(troubles.worst(), None);
        troubles.doubt(Some("it ends early".to_owned()));
        assert_eq!(troubles.worst(), Some(Trouble::Record("it ends early".to_owned())));
        troubles.observe(&Event::NetworkLost { datagrams: 1 });
        troubles.observe(&Event::NetworkLost { datagrams: 2 });
        assert_eq!(troubles.worst(), Some(Trouble::Network("the network lost 3 datagrams".to_owned())));
        troubles.observe(&Event::Lag { ms: 700 });
        assert_eq!(troubles.worst(), Some(Trouble::Tester("the tester's own timers were late by 700 ms".to_owned())));
        troubles.observe(&Event::Dropped { datagrams: 4 });
        assert_eq!(troubles.worst(), Some(Trouble::Tester("the tester's kernel dropped 4 datagrams".to_owned())));
    }
}
