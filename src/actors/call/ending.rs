//! How a session ends, or does not come to be twice: BYE, the same INVITE again (RFC 3261 sections 15, 17.1.1 and 8.2.2.2).

use super::{Call, CallState, Calls};
use crate::actors::signalling::{Purpose, Signalling};
use cpm_wire::dialog::Dialog;
use cpm_wire::sip::{Message, Method, Name};

impl Calls {
    /// Hangs up; false when the session does not stand.
    pub fn hang_up(&mut self, signalling: &mut Signalling, session: &str) -> bool {
        let Some(number) = self.number_of(session) else { return false };
        let Some(call) = self.held.get_mut(&number).filter(|call| call.state == CallState::Established) else {
            return false;
        };
        let Some(dialog) = call.dialog.as_mut() else { return false };
        let bye = dialog.request(Method::Bye).header(Name::Reason, "SIP;cause=200;text=\"Call completed\"");
        signalling.in_dialog(bye, Purpose::Plain);
        self.end(signalling, number, CallState::Ended);
        true
    }

    /// Sends the INVITE of a session again as it was, as if the first had been lost; false when there is none.
    pub fn send_again(&mut self, signalling: &mut Signalling, session: &str) -> bool {
        let Some((_, invite)) = self.of(session).and_then(|call| call.invite.clone()) else { return false };
        signalling.transmit_again(invite);
        true
    }

    /// Sends the INVITE of a session once more in a transaction of its own, as a proxy does that forks and whose branches
    /// meet again; false when there is none.
    pub fn send_by_another_way(&mut self, signalling: &mut Signalling, session: &str) -> bool {
        let Some(number) = self.number_of(session) else { return false };
        let Some((_, invite)) = self.held.get(&number).and_then(|call| call.invite.clone()) else { return false };
        let via = signalling.cscf.via(&signalling.ids.branch());
        let merged = invite.edit().remove_first(&Name::Via).prepend(Name::Via, via).finish();
        signalling.request(merged, Purpose::Call { party: self.party.clone(), call: number });
        true
    }

    /// A 2xx of another far end than the one that the session stands with: it is acknowledged and ended (RFC 3261 section
    /// 13.2.2.4).
    pub(super) fn surplus(call: &mut Call, signalling: &mut Signalling, answer: &Message) {
        let Some((_, invite)) = &call.invite else { return };
        if let Ok(mut dialog) = Dialog::uac(invite, answer) {
            signalling.acknowledge(dialog.ack(1));
            // The same again: the ACK was lost, and one BYE is enough.
            if !call.surplus.contains(&dialog.id) {
                call.surplus.push(dialog.id.clone());
                signalling.in_dialog(dialog.request(Method::Bye), Purpose::Plain);
            }
        }
    }
}
