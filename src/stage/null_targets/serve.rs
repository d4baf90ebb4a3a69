//! A target that is none as a process, behind real sockets.

use super::{Null, NullTarget, Recording};
use crate::stage::hosted::NullElement;
use cpm_reference::client;
use cpm_reference::core::Addresses;
use cpm_reference::node::{Ready, ServeError, announce, bind, stopped};
use cpm_wire::net::{Clock, Driver};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

/// Where it stands.
pub struct Place {
    /// Its SIP address.
    pub sip: SocketAddr,
    /// Its MSRP address.
    pub msrp: SocketAddr,
    /// The serving CSCF.
    pub serving_cscf: SocketAddr,
    /// Of one that stands for a client: who registers.
    pub client: Option<client::Config>,
}

/// Runs one as a program, as the references run: one JSON line on standard output when it is ready; it ends when standard
/// input closes or SIGTERM comes.
///
/// # Errors
/// An address that cannot be had.
pub fn serve(kind: NullTarget, place: Place) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(ServeError::Runtime)?;
    let served = runtime.block_on(run(kind, place));
    // Standard input may still be read by a thread that never ends.
    runtime.shutdown_background();
    served
}

async fn run(kind: NullTarget, place: Place) -> Result<(), ServeError> {
    let clock = Clock::start();
    let (driver, mut inputs) = Driver::new(clock);
    let addresses = Addresses {
        sip: bind(&driver, place.sip, true).await?,
        msrp: bind(&driver, place.msrp, false).await?,
        x1: None,
    };
    let role = if place.client.is_some() { "client" } else { "participating-function" };
    let seed = clock.now().as_nanos();
    let null = Null::new(kind, addresses, place.serving_cscf, place.client.is_some(), seed, Recording::default());
    let registering = place.client.filter(|_| kind.registers()).map(|config| (config, addresses, seed));
    let mut element = NullElement::new(null, registering);
    let (sip, msrp, pid) = (addresses.sip, addresses.msrp, std::process::id());
    announce(&Ready { ready: true, role, sip, msrp, control: None, x1: None, pid });
    let mut stop = pin!(stopped());
    loop {
        while let Some(output) = element.poll_output() {
            driver.perform(output);
        }
        let due = element.poll_timeout().unwrap_or_else(|| clock.now() + Duration::from_secs(3600));
        tokio::select! {
            () = &mut stop => return Ok(()),
            input = inputs.recv() => match input {
                Some((_, input)) => element.receive(clock.now(), input),
                None => return Ok(()),
            },
            () = tokio::time::sleep_until(clock.instant(due).into()) => element.handle_timeout(clock.now()),
        }
    }
}
