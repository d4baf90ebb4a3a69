//! Where the identity of a member who hides was seen on its way to a device: in a header, a list or a message.

use cpm_wire::sip::{Message, Name, identity_key};

use super::Story;
use super::item::{Flow, Item};
use super::legs::End;
use super::parties::Parties;
use super::transactions::Purpose;

/// Places kept of one scenario.
const LEAKS: usize = 1024;

/// One place.
#[derive(Clone, Debug)]
pub struct Leak {
    /// The frame.
    pub frame: u64,
    /// Whose device was to get it.
    pub person: Option<String>,
    /// The chat, where it can be told.
    pub group: Option<String>,
    /// The chat in which the member hides.
    pub hidden_in: String,
    /// The octets around it.
    pub excerpt: String,
}

/// For whom octets are.
struct Reader {
    person: Option<String>,
    group: Option<String>,
}

impl Story {
    /// A request of the target.
    pub(super) fn watch_request(&mut self, frame: u64, message: &Message) {
        if self.cast.hidden().is_empty() {
            return;
        }
        let parties = Parties::of(false, message, &self.cast);
        if parties.end == End::Device {
            let contribution = message.header(&Name::ContributionId).map(str::trim);
            let group = self.cast.group_of(contribution, message.header(&Name::ConversationId).map(str::trim));
            let group = group.map(|group| group.name.clone());
            self.watch(frame, &Reader { person: parties.person, group }, message.octets());
        }
    }

    /// An answer of the target to a request of a device.
    pub(super) fn watch_response(&mut self, frame: u64, message: &Message, purpose: Option<Purpose>) {
        let reader = match purpose {
            Some(Purpose::Invitation(at) | Purpose::WithinLeg(at) | Purpose::Change(at, _)) => {
                let leg = self.legs.get(at).filter(|leg| leg.end == End::Device);
                leg.map(|leg| Reader { person: leg.person.clone(), group: leg.group.clone() })
            }
            Some(Purpose::Subscription(at)) => {
                let subscription = self.subscriptions.all().get(at).filter(|subscription| !subscription.by_target);
                subscription.map(|known| Reader { person: known.person.clone(), group: known.group.clone() })
            }
            _ => None,
        };
        if let Some(reader) = reader {
            self.watch(frame, &reader, message.octets());
        }
    }

    /// What came in a session.
    pub(super) fn watch_item(&mut self, item: &Item) {
        if item.flow == Flow::TargetToDevice {
            let reader = Reader { person: item.person.clone(), group: item.group.clone() };
            self.watch(item.frame, &reader, item.content.body.head());
        }
    }

    fn watch(&mut self, frame: u64, reader: &Reader, octets: &[u8]) {
        let Reader { person, group } = reader;
        let concerns = |of: &str| group.as_deref().is_none_or(|group| group == of);
        for hidden in self.cast.hidden().iter().filter(|hidden| concerns(&hidden.group)) {
            let Some(at) = found(octets, &hidden.identity).filter(|_| self.leaks.len() < LEAKS) else { continue };
            let around = octets.iter().skip(at.saturating_sub(24)).take(72).copied().collect::<Vec<_>>();
            self.leaks.push(Leak {
                frame,
                person: person.clone(),
                group: group.clone(),
                hidden_in: hidden.group.clone(),
                excerpt: around.escape_ascii().to_string(),
            });
        }
    }
}

/// Where a public identity stands in octets, whatever its scheme and its case, and not as a part of a longer one.
fn found(octets: &[u8], identity: &str) -> Option<usize> {
    let key = identity_key(identity);
    let name = key.split_once(':').map_or(key.as_str(), |(_, rest)| rest).to_ascii_lowercase();
    if name.is_empty() {
        return None;
    }
    let lower = octets.to_ascii_lowercase();
    let longer = |octet: Option<&u8>| octet.is_some_and(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(octet));
    memchr::memmem::find_iter(&lower, name.as_bytes()).find(|at| {
        let before = at.checked_sub(1).and_then(|at| lower.get(at));
        !longer(before) && !longer(lower.get(at + name.len()))
    })
}
