//! How what was missed is delivered, in the words of the statement.

use serde::Deserialize;

/// The choices of delivery (statement keys of the same names).
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// Which devices of a user get what was missed.
    pub devices: DrainDevices,
    /// How invitations reach the devices of a user: the first counts for those whose policy says nothing.
    pub device_mode: Vec<DeviceMode>,
    /// How many reports on one message reach its author.
    pub reports: Reports,
    /// By what means a device is told how the list of participants came to be; by none, of its end alone.
    pub intermediate: Vec<Intermediate>,
}

impl Default for Delivery {
    fn default() -> Delivery {
        let device_mode = vec![DeviceMode::PfForks, DeviceMode::Sequential, DeviceMode::AllJoined];
        let intermediate = vec![Intermediate::NotifyChain];
        Delivery { devices: DrainDevices::Each, device_mode, reports: Reports::One, intermediate }
    }
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

/// The means by which a device is told of the changes of a list (statement key `intermediate`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Intermediate {
    /// One notification after the other, each at its place among the messages.
    NotifyChain,
}
