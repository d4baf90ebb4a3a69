//! How what was missed is delivered, in the words of the statement.

use serde::Deserialize;

/// The choices of delivery (statement keys of the same names).
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// The shape while the chat goes on.
    pub shape_live: Shape,
    /// The shape after the chat has ended.
    pub shape_ended: Shape,
    /// In which order stored messages come.
    pub order: Order,
    /// The list that the invitation of a delivery carries.
    pub invite_list: InviteList,
    /// Whose identity a delivery carries.
    pub identity: Identity,
    /// What brings the final list.
    pub final_list: Vec<FinalList>,
    /// What brings the lists between the first and the last; nothing tells none of them.
    pub intermediate: Vec<Intermediate>,
    /// How stored notifications reach a device.
    pub notifications: Vec<NotificationPath>,
    /// Which devices of a user get what was missed.
    pub devices: DrainDevices,
    /// How invitations reach the devices of a user: the first counts for those whose policy says nothing.
    pub device_mode: Vec<DeviceMode>,
    /// How many reports on one message reach its author.
    pub reports: Reports,
}

impl Default for Delivery {
    fn default() -> Delivery {
        let device_mode = vec![DeviceMode::PfForks, DeviceMode::Sequential, DeviceMode::AllJoined];
        Delivery {
            shape_live: Shape::Sendrecv,
            shape_ended: Shape::SendonlyThenRejoin,
            order: Order::Completion,
            invite_list: InviteList::Initial,
            identity: Identity::Focus,
            final_list: vec![FinalList::CarrierNotify],
            intermediate: vec![Intermediate::NotifyChain],
            notifications: vec![NotificationPath::DrainLeg, NotificationPath::Message],
            devices: DrainDevices::Each,
            device_mode,
            reports: Reports::One,
        }
    }
}

/// A shape of delivery (statement keys `drain_shape_live` and `drain_shape_ended`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A session of its own in which only this side sends, and which this side ends.
    SendonlyThenRejoin,
    /// One session: what was stored, then what comes live.
    Sendrecv,
    /// The device's own call gets what was stored.
    ClientRejoinLeg,
    /// The device is told, and fetches.
    StoreAndNotify,
}

/// An order of stored messages (statement key `drain_order`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// That in which they were complete here.
    Completion,
    /// That of their DateTime.
    Datetime,
}

/// The list in the invitation of a delivery (statement key `drain_invite_list`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum InviteList {
    /// That of the user's own invitation.
    Initial,
    /// The roster as it is now.
    Final,
    /// None.
    None,
}

/// The identity that a delivery carries (statement key `drain_identity`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The member who invited the user.
    Inviter,
    /// The focus.
    Focus,
    /// The store-and-forward identity of the home domain.
    RcseStandfw,
}

/// A carrier of the final list (statement key `final_list_carrier`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum FinalList {
    /// Conference notifications.
    CarrierNotify,
    /// The list in the invitation of the delivery.
    CarrierDrainInvite,
    /// A group-state object in the message store.
    CarrierStore,
    /// A document after the last stored item.
    CarrierMsrp,
}

/// A carrier of the lists between the first and the last (statement key `intermediate`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Intermediate {
    /// Conference notifications between the messages.
    NotifyChain,
    /// Documents between the messages.
    MsrpDocuments,
    /// A whole document before each message.
    PerMessageList,
    /// Group-state objects in the message store.
    GroupStateObjects,
}

/// A path of stored notifications (statement key `notification_path`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum NotificationPath {
    /// In the delivery itself.
    DrainLeg,
    /// One MESSAGE each.
    Message,
    /// A session of their own.
    StoredNotificationSession,
}

/// Which devices of a user get what was missed (statement key `drain_devices`).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum DrainDevices {
    /// Each device once.
    #[default]
    Each,
    /// The first one that can be reached, alone.
    First,
}

/// How an invitation reaches the devices of a user (statement key `device_mode`).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum DeviceMode {
    /// All are called; the first to answer has the session.
    #[default]
    PfForks,
    /// One request goes to the public identity, and the serving CSCF calls whom it knows.
    SCscfForks,
    /// They are called one after the other.
    Sequential,
    /// All are called, and each that answers takes part.
    AllJoined,
}

/// How many reports of each kind on one message reach its author (statement key `multi_device_reports`).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Reports {
    /// One, however many devices the user has.
    #[default]
    One,
    /// One of each device.
    PerDevice,
}
