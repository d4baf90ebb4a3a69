//! The configuration of the reference client that matches a profile: the same users, and the conduct that the statement
//! claims.

use super::target::TargetAddresses;
use crate::target::Profile;
use crate::target::users::Class;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The configuration, as YAML, of which JSON is a part.
pub(super) fn client_configuration(profile: &Profile, proxy: SocketAddr, addresses: TargetAddresses) -> String {
    let statement = profile.statement();
    let users: Vec<Value> = profile
        .users(Class::Plain)
        .iter()
        .map(|user| {
            let instance = user.devices.first().map(|device| device.instance.as_str());
            let (identity, tel) =
                (user.impu.first().map(|uri| uri.as_str()), user.tel.as_ref().map(|uri| uri.as_str()));
            json!({"identity": identity, "tel": tel, "device": "phone", "instance": instance})
        })
        .collect();
    let timers = profile.timers();
    let configuration = json!({
        "domain": profile.domain(),
        "sip": addresses.sip,
        "msrp": addresses.msrp.unwrap_or(SocketAddr::new(addresses.sip.ip(), 0)),
        "control": addresses.control,
        "outbound_proxy": proxy,
        "factory": profile.factory(),
        "retry_ms": u64::try_from(timers.retry.as_millis()).unwrap_or(u64::MAX),
        "msrp_response_ms": u64::try_from(timers.msrp_response.as_millis()).unwrap_or(u64::MAX),
        "drain_answer": statement.text("client_drain_answer"),
        "stored_notifications": statement.flag("client_stored_notifications"),
        "intermediate_lists": !statement.has("intermediate", "none"),
        "users": users,
    });
    configuration.to_string()
}
