//! Keeping time (RFC 4028): who has to refresh does, and a session that nobody refreshes ends.

use super::ending::EXPIRED;
use super::session::Session;
use super::timer::{self, Timer};
use crate::call::Mechanics;
use crate::call::legs::LegId;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::ClientId;

impl Session {
    /// The clock has moved on.
    pub fn keep_time(&mut self, m: &mut Mechanics) {
        let due = self.sides().filter(|side| side.due().is_some_and(|due| due <= m.now));
        let due: Vec<(LegId, Option<Timer>)> = due.map(|side| (side.leg, side.timer)).collect();
        for (leg, timer) in due {
            if timer.is_some_and(|timer| timer.end() <= m.now) {
                self.lose(m, leg, 480, Some(EXPIRED));
                if self.over {
                    return;
                }
                continue;
            }
            self.refresh(m, leg);
        }
    }

    /// By UPDATE, which disturbs nothing; by INVITE with the description that holds where the peer knows no other way.
    fn refresh(&mut self, m: &mut Mechanics, leg: LegId) {
        let (known, changing) = (m.config.session_timer, self.change.is_some());
        let Some(side) = self.side(leg) else { return };
        let Some(timer) = side.timer else { return };
        if changing {
            // The change refreshes this side too; if it does not, the next attempt does.
            side.retry = Some(timer.retry(m.now));
            return;
        }
        side.retry = None;
        let sdp = side.media.as_ref().and_then(|media| media.description()).filter(|_| side.updates == Some(false));
        let (method, sdp) = (if sdp.is_some() { Method::Invite } else { Method::Update }, sdp.map(str::to_owned));
        side.refreshing = m.request_in(leg, method, |request| {
            let request = timer::continued(known, Some(&timer), request);
            sdp.into_iter().fold(request, |request, sdp| request.body(cpm_wire::sdp::MEDIA_TYPE, sdp))
        });
    }

    /// An own refresh is answered; true when this was the answer to one.
    pub fn refreshed(&mut self, m: &mut Mechanics, leg: LegId, client: ClientId, response: Option<&Message>) -> bool {
        let Some(side) = self.side(leg).filter(|side| side.refreshing == Some(client)) else { return false };
        let status = response.and_then(Message::status).unwrap_or(408);
        if status < 200 {
            return true;
        }
        side.refreshing = None;
        let least = response.and_then(|response| response.seconds(&Name::MinSe)).filter(|_| status == 422);
        match (response, &mut side.timer, least) {
            (Some(response), _, _) if status < 300 => side.timer = timer::agreed(m, response),
            (_, Some(timer), Some(least)) => {
                timer.seconds = timer.seconds.max(least);
                side.retry = Some(m.now);
            }
            (_, Some(timer), None) => side.retry = Some(timer.retry(m.now)),
            (_, None, _) => {}
        }
        true
    }
}
