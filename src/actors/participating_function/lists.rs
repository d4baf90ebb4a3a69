//! What homes and groups do together: lists that a group is to tell by notification, each at its place among what is
//! delivered; and what it says while a session goes on.

use super::Missed;
use crate::actors::Ensemble;

impl Ensemble {
    /// Lets sessions that go on carry what the groups say; true when something was said.
    pub(in crate::actors) fn carry_on(&mut self) -> bool {
        let mut any = false;
        for home in self.homes.values_mut() {
            for focus in self.focuses.values() {
                any |= home.goes_on(focus, &mut self.signalling);
            }
        }
        any
    }

    /// Lets the focuses tell what the homes have for them; true when something was told.
    pub(in crate::actors) fn tell_lists(&mut self) -> bool {
        let mut any = false;
        for home in self.homes.values_mut() {
            while let Some((group, missed)) = home.list_to_tell() {
                let Some(focus) = self.focuses.get_mut(&group) else { return any };
                let told = match &missed {
                    Missed::Invitation => focus.tell_missed(&mut self.signalling, None),
                    Missed::Change(member) => focus.tell_missed(&mut self.signalling, Some(member)),
                    Missed::All => {
                        focus.told_all(&mut self.signalling);
                        true
                    }
                };
                if !told {
                    break;
                }
                any = true;
                home.list_taken(self.signalling.now);
                // The answer to a notification lets the session go on; where none was sent, nothing is waited for.
                if !matches!(missed, Missed::Change(_)) {
                    home.list_told(&mut self.signalling, &group);
                }
            }
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Delivery, Ending, Home, Inviter, LegState, Lists, Missed, Next, PATIENCE, TELLING};
    use crate::actors::controlling_function::{Focus, Names};
    use crate::actors::ids::Ids;
    use crate::actors::media::Media;
    use crate::actors::serving_cscf::ServingCscf;
    use crate::actors::signalling::Signalling;
    use crate::evidence::{ChatKind, Member, MemberStatus};
    use cpm_wire::endpoint::Protocol;
    use cpm_wire::sdp::Direction;
    use cpm_wire::time::Time;

    const NOW: Time = Time::from_nanos(1_767_225_600_000_000_000);

    fn media(port: u16) -> Media {
        Media::new("test", ([127, 0, 0, 1], port).into(), std::time::Duration::from_secs(30))
    }

    fn signalling() -> Signalling {
        let address = ([127, 0, 0, 1], 5060).into();
        let cscf = ServingCscf {
            address,
            advertise: address.to_string(),
            target: ([127, 0, 0, 1], 5070).into(),
            preferred: Protocol::Udp,
            domain: "example.com".to_owned(),
            tells_served_user: true,
            embeds_register: true,
            before_core: false,
            client: None,
        };
        let mut signalling = Signalling::new(cscf, Ids::new("s1", 7), cpm_wire::transaction::Timers::default());
        signalling.now = NOW;
        signalling
    }

    /// A session that is held up until a change of the members is told.
    fn held() -> (Home, Signalling) {
        let mut signalling = signalling();
        let names = Names {
            uri: "sip:book@127.0.0.1:5060".to_owned(),
            contribution: "c".to_owned(),
            conversation: "c1".to_owned(),
            device: String::new(),
        };
        let mut focus = Focus::new("Book club", ChatKind::Open, names, Vec::new(), media(3000));
        let mut home = Home::new("Bob", "phone", "sip:bob@example.com", media(3001));
        let delivery = Delivery {
            direction: Direction::SendOnly,
            inviter: Inviter::Nobody,
            lists: Lists::None,
            ending: Ending::Whole,
        };
        home.deliver(&mut focus, &mut signalling, &delivery);
        let leg = home.legs.get_mut(&1).unwrap();
        leg.state = LegState::Established;
        leg.held_until = Some(NOW + PATIENCE);
        let dave = Member { entity: "sip:dave@example.com".to_owned(), status: MemberStatus::Connected };
        home.lists.push_back(("Book club".to_owned(), Missed::Change(dave)));
        (home, signalling)
    }

    #[test]
    fn the_answer_to_an_earlier_list_lets_no_session_go_on() {
        let (mut home, mut signalling) = held();
        home.list_told(&mut signalling, "Book club");
        assert_eq!(home.poll_timeout(), Some(NOW + PATIENCE));
        home.list_taken(NOW);
        home.list_told(&mut signalling, "Book club");
        assert_eq!(home.poll_timeout(), None);
    }

    #[test]
    fn a_list_that_is_told_is_given_the_time_to_be_told_again() {
        let (mut home, _) = held();
        home.list_taken(NOW);
        assert_eq!(home.poll_timeout(), Some(NOW + TELLING));
    }

    #[test]
    fn a_list_for_which_nobody_asks_holds_nothing_up_for_long() {
        let (mut home, mut signalling) = held();
        home.legs.values_mut().for_each(|leg| leg.queue.push_back(Next::List(Missed::All)));
        signalling.now = NOW + PATIENCE;
        home.handle_timeout(&mut signalling);
        assert_eq!(home.poll_timeout(), None);
        assert!(home.list_to_tell().is_none());
    }
}
