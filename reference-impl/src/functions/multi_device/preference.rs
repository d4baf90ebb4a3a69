//! What a user wishes of the devices that an invitation reaches [PF-DEV-01, L16].

use crate::call::registrations::Device;
use crate::config::DeviceMode;

/// In which order devices are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// All at once; who answers first has the session.
    #[default]
    Parallel,
    /// One after the other.
    Sequential,
    /// All at once; whoever answers is in the session.
    All,
}

/// What a user wishes of the own devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DevicePreference {
    /// In which order they are called.
    pub order: Order,
    /// The instances (`+sip.instance` of RFC 5626, without quotes and angle brackets) that come first, in this order.
    pub devices: Vec<String>,
    /// No other device is called.
    pub only: bool,
}

impl DevicePreference {
    /// What the provider presumes of a user who has said nothing.
    pub fn by_policy(mode: Option<DeviceMode>) -> DevicePreference {
        let order = match mode {
            Some(DeviceMode::Sequential) => Order::Sequential,
            Some(DeviceMode::AllJoined) => Order::All,
            Some(DeviceMode::PfForks | DeviceMode::SCscfForks) | None => Order::Parallel,
        };
        DevicePreference { order, ..DevicePreference::default() }
    }

    /// The devices that are called, in their order: those that are named, then the others in the order that they had. A
    /// device of which no instance is known may be any.
    pub fn arranged(&self, devices: Vec<Device>) -> Vec<Device> {
        let place = |device: &Device| {
            let instance = device.instance.as_deref().map(bare)?;
            self.devices.iter().position(|named| bare(named) == instance)
        };
        let meant = |device: &Device| !self.only || device.instance.is_none() || place(device).is_some();
        let mut devices: Vec<Device> = devices.into_iter().filter(meant).collect();
        devices.sort_by_key(|device| place(device).unwrap_or(usize::MAX));
        devices
    }
}

/// An instance without the angle brackets in which a Contact has it.
fn bare(instance: &str) -> &str {
    instance.trim_start_matches('<').trim_end_matches('>')
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpm_wire::time::Time;
    use pretty_assertions::assert_eq;

    fn device(name: &str) -> Device {
        let instance = Some(format!("<urn:uuid:{name}>"));
        Device { key: name.to_owned(), instance, ..Device::any(Time::from_nanos(1)) }
    }

    fn arranged(devices: &[&str], only: bool) -> Vec<String> {
        let devices = devices.iter().map(|name| format!("urn:uuid:{name}")).collect();
        let preference = DevicePreference { devices, only, ..DevicePreference::default() };
        let held = ["phone", "tablet", "laptop"].map(device).to_vec();
        preference.arranged(held).into_iter().map(|device| device.key).collect()
    }

    #[test]
    fn named_devices_come_first_and_alone_when_no_other_is_wanted() {
        assert_eq!(arranged(&[], false), ["phone", "tablet", "laptop"]);
        assert_eq!(arranged(&["laptop", "phone"], false), ["laptop", "phone", "tablet"]);
        assert_eq!(arranged(&["laptop", "phone"], true), ["laptop", "phone"]);
        assert_eq!(arranged(&["watch"], true), [""; 0]);
    }

    #[test]
    fn a_device_without_an_instance_may_be_the_one_that_is_meant() {
        let preference = DevicePreference { devices: vec!["urn:uuid:x".to_owned()], only: true, ..Default::default() };
        assert_eq!(preference.arranged(vec![Device::any(Time::from_nanos(1))]).len(), 1);
    }
}
