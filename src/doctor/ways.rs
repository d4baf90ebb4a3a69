//! The ways back from the target to each actor, and what it means where one of them leads nowhere, without input or output.

use std::net::{IpAddr, SocketAddr};

use super::Outcome;
use super::meaning::Answer;

/// One way: for whom it is, what was sent that has to come that way, and what helps where it does not come.
pub(super) struct Way<'a> {
    /// The actor, or the user.
    pub about: &'a str,
    /// What was sent, as in "a message of this user".
    pub sent: &'a str,
    /// Where it has to come.
    pub to: &'a str,
    /// What helps where it was refused.
    pub refused: &'a str,
    /// What helps where it was taken and did not come.
    pub lost: &'a str,
    /// Whether the target may leave it undone.
    pub optional: bool,
}

/// From where something came, and whether the profile knows that address.
pub(super) type Came = (SocketAddr, bool);

impl Way<'_> {
    /// What became of what was sent.
    pub(super) fn outcome(&self, answer: &Answer, came: Option<Came>) -> Outcome {
        let (sent, to) = (self.sent, self.to);
        let (seen, cure) = match (came, answer) {
            (Some((from, true)), _) => {
                return Outcome::fine("route", self.about, format!("{sent} came back from {from}"));
            }
            (Some((from, false)), _) => return foreign("route", self.about, from),
            (None, Answer::Final { status, reason, .. }) if *status >= 300 => {
                (format!("{sent} was refused with {status} {reason}"), self.refused)
            }
            (None, Answer::Final { .. }) => (format!("the target took {sent} and sent nothing to {to}"), self.lost),
            (None, _) => (format!("{sent} was not answered, and nothing came to {to}"), self.lost),
        };
        if self.optional {
            Outcome::note("route", self.about, seen, cure)
        } else {
            Outcome::fault("route", self.about, seen, cure)
        }
    }
}

/// Traffic of the target from an address of which the profile does not know.
fn foreign(check: &'static str, about: &str, from: SocketAddr) -> Outcome {
    Outcome::fault(
        check,
        about,
        format!("its traffic comes from {from}, which network.target.sources does not name"),
        format!("add {} to network.target.sources", from.ip()),
    )
}

/// A message of a served user, which the target has to send on to the next Route: the serving CSCF.
pub(super) fn route(user: &str, answer: &Answer, came: Option<Came>, advertised: &str) -> Outcome {
    let lost = format!(
        "the target has to reach {advertised} (a firewall? an address behind NAT? then set network.actors.serving_cscf.advertise), \
         and to follow Route"
    );
    let way = Way {
        about: user,
        sent: "a message of this user",
        to: advertised,
        refused: "prepare this user at the target, allow messages, and have it trust the tester's serving CSCF \
                  (network.actors.serving_cscf)",
        lost: &lost,
        optional: false,
    };
    way.outcome(answer, came)
}

/// What became of the media of a session at one end of the tester.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Medium {
    /// The target came to the tester, from there.
    Came(Came),
    /// The tester came to the target, whose address there the profile names or not.
    Went(SocketAddr, bool),
    /// The two ends of the tester met without the target.
    Beside,
    /// The target was to come, and did not.
    Awaited(SocketAddr),
    /// The tester was to come, and nobody was there.
    Refused(SocketAddr),
}

/// The MSRP connection of an actor (RFC 4975 section 5.4).
pub(super) fn media(about: &str, medium: &Medium) -> Outcome {
    match medium {
        Medium::Came((from, true)) => Outcome::fine("media", about, format!("the target came from {from}")),
        Medium::Came((from, false)) => foreign("media", about, *from),
        Medium::Went(at, true) => Outcome::fine("media", about, format!("the tester came to {at}")),
        Medium::Went(at, false) => Outcome::note(
            "media",
            about,
            format!("the media of the target are at {at}, which network.target.msrp does not name"),
            format!("add {at} to network.target.msrp, or the ports at which its media are"),
        ),
        Medium::Beside => Outcome::fine("media", about, "the two ends met without the target"),
        Medium::Awaited(at) => Outcome::fault(
            "media",
            about,
            format!("the session stands, and the target opened no connection to {at}"),
            format!(
                "each session has a port of its own at {}: let the target reach them, set network.actors.client.bind to an address \
                 that it reaches, or network.msrp.advertise to that behind which the tester is",
                at.ip()
            ),
        ),
        Medium::Refused(at) => Outcome::fault(
            "media",
            about,
            format!("the target wants to be connected to at {at}, and nobody is there"),
            format!(
                "open {at} for the tester (network.target.msrp says where the media of the target are), or correct what the \
                     target advertises in a=path"
            ),
        ),
    }
}

/// A call came to the device, which accepted it, and no session came of it.
pub(super) fn broken(about: &str, answer: &Answer) -> Outcome {
    let came = match answer {
        Answer::Final { status, reason, .. } => format!("its caller got {status} {reason}"),
        Answer::Silent | Answer::Unsent => "its caller got no answer".to_owned(),
    };
    Outcome::fault(
        "media",
        about,
        format!("the device accepted a call, and {came}: no session stands"),
        "a target that cannot reach the media of the tester gives up so: see whether it reaches what network.actors.client.bind or \
         network.msrp.advertise says, at any port",
    )
}

/// The keys of actors that stand behind the serving CSCF have no sockets of their own.
pub(super) fn unused(key: &str, told: &str, advertised: &str) -> Outcome {
    Outcome::note(
        "address",
        key,
        format!("{told} is used by nobody: this actor stands behind the serving CSCF"),
        format!("have the target look for it at {advertised} (network.actors.serving_cscf), and take {key} away"),
    )
}

/// What an actor with a socket of its own saw of the target.
pub(super) struct Visit<'a> {
    /// The check.
    pub check: &'static str,
    /// Its key.
    pub about: &'a str,
    /// As the target is told of it.
    pub told: &'a str,
    /// From where the target came.
    pub from: Option<Came>,
    /// Whether it said what it has to say first.
    pub spoke: bool,
    /// What was done that may bring the target there.
    pub after: &'a str,
    /// What it has to say first.
    pub first: &'a str,
    /// The answer of the statement that says that it never comes.
    pub otherwise: &'a str,
    /// Whether it has to have come by now.
    pub required: bool,
}

/// A neighbour at which the target calls by itself.
pub(super) fn visit(visit: &Visit<'_>) -> Outcome {
    let Visit { check, about, told, first, after, otherwise, .. } = *visit;
    match (visit.from, visit.spoke) {
        (Some((from, false)), _) => foreign(check, about, from),
        (Some((from, true)), true) => Outcome::fine(check, about, format!("the target came from {from}: {first}")),
        (Some((from, true)), false) => Outcome::fault(
            check,
            about,
            format!("a connection came from {from}, and nothing on it that is {first}"),
            format!("see whether the target speaks the right protocol at {told}, and without TLS"),
        ),
        (None, _) => {
            let seen = format!("the target did not come to {told} after {after}");
            let cure = format!(
                "tell the target that {told} is where it has to come ({about}.bind, .advertise), or {otherwise}"
            );
            if visit.required {
                Outcome::fault(check, about, seen, cure)
            } else {
                Outcome::note(check, about, seen, cure)
            }
        }
    }
}

/// An address in the way of a target: the one that it is told.
pub(super) fn told(advertised: Option<String>, bound: SocketAddr) -> String {
    advertised.unwrap_or_else(|| bound.to_string())
}

/// Whether an address is one of these, whatever the port.
pub(super) fn is_host_of(at: SocketAddr, known: &[SocketAddr]) -> bool {
    let host = |own: &SocketAddr| -> IpAddr { own.ip().to_canonical() };
    known.iter().any(|own| host(own) == host(&at))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::super::State;
    use super::*;

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 9], port))
    }

    fn answered(status: u16) -> Answer {
        Answer::Final { status, reason: "So".to_owned(), from: at(5060) }
    }

    #[test]
    fn a_way_that_may_be_left_undone_is_never_a_fault() {
        let way = |optional| Way { about: "w", sent: "it", to: "a:1", refused: "allow", lost: "reach", optional };
        for (answer, cure) in [(answered(404), "allow"), (answered(202), "reach"), (Answer::Silent, "reach")] {
            let outcome = |optional| way(optional).outcome(&answer, None);
            assert_eq!((outcome(true).state, outcome(false).state), (State::Note, State::Fault), "{answer:?}");
            assert_eq!(outcome(false).cure, cure);
        }
        // Where it came from is wrong whether or not it had to come.
        assert_eq!(way(true).outcome(&answered(200), Some((at(1), false))).state, State::Fault);
        assert_eq!(way(false).outcome(&answered(480), Some((at(1), true))).state, State::Fine);
    }

    #[test]
    fn what_is_wrong_with_media_is_told_with_the_key_that_cures_it() {
        let table = [
            (Medium::Came((at(1), true)), State::Fine, ""),
            (Medium::Came((at(1), false)), State::Fault, "network.target.sources"),
            (Medium::Went(at(2855), true), State::Fine, ""),
            (Medium::Went(at(2855), false), State::Note, "192.0.2.9:2855 to network.target.msrp"),
            (Medium::Beside, State::Fine, ""),
            (Medium::Awaited(at(9)), State::Fault, "network.msrp.advertise"),
            (Medium::Refused(at(9)), State::Fault, "network.target.msrp"),
        ];
        for (medium, state, cure) in table {
            let outcome = media("m", &medium);
            assert!(outcome.state == state && outcome.cure.contains(cure), "{outcome}");
        }
    }

    #[test]
    fn who_does_not_come_to_a_neighbour_is_told_where_it_is() {
        let of = |from, spoke, required| {
            visit(&Visit {
                check: "store",
                about: "network.actors.message_store",
                told: "192.0.2.1:143",
                from,
                spoke,
                after: "a message",
                first: "a login",
                otherwise: "say so",
                required,
            })
        };
        assert_eq!(of(Some((at(1), true)), true, false).state, State::Fine);
        assert!(of(Some((at(1), true)), false, false).cure.contains("192.0.2.1:143"));
        assert_eq!(of(Some((at(1), false)), true, false).state, State::Fault);
        assert_eq!((of(None, false, false).state, of(None, false, true).state), (State::Note, State::Fault));
        assert!(of(None, false, false).cure.contains("network.actors.message_store.bind"));
    }
}
