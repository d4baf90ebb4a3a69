//! What the interworking function sends by itself: word that a message went on by another service (the interworking
//! notification of the CPM extensions to RFC 5438), and who it speaks for.

use crate::actors::Ensemble;
use crate::actors::client::Conduct;
use crate::actors::client::reports::notification_envelope;
use crate::actors::message::Sent;
use cpm_wire::imdn::{Kind, Notification, Status};

/// The status of a message that went on as a short message.
const SHORT_MESSAGE: &str = "legacy-sms";

impl Ensemble {
    /// Brings in a user of another network whom short messages reach alone: known by a telephone number, and unknown to CPM.
    pub fn reached_by_short_messages(&mut self, name: &str) {
        let digits = self.signalling.ids.digits32();
        let digits = digits.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| (digit % 10).to_string());
        self.introduce(name, vec![format!("tel:+49{}", digits.take(11).collect::<String>())], None);
        self.remote_takes(name, Conduct::Refuse(404));
    }

    /// Tells the author of a message, whom the target serves, that it went on as a short message; false when nobody sent it.
    pub fn interworking_tells(&mut self, label: &str) -> bool {
        let Some(sent) = self.sent.iter().rev().find(|sent| sent.label == label) else { return false };
        let Sent { author, to, date_time, waits, .. } = sent.clone();
        let Some(recipient) = to.first().map(|name| self.identity_of(name)) else { return false };
        let author = self.identity_of(&author);
        let status = Status::Other(SHORT_MESSAGE.to_owned());
        let mut notification = Notification::new(&waits.message_id, &date_time, Kind::Interworking, status);
        notification.recipient_uri = Some(recipient.clone());
        let envelope = notification_envelope(&mut self.signalling, &recipient, &author, &notification);
        self.posts_document_as(&recipient, &author, envelope);
        true
    }
}
