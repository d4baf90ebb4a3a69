//! One client process with real sockets and the wall clock.

use super::config::Config;
use crate::core::Addresses;
use crate::faults::{Fault, FaultyClient};
use crate::http::{self, Wish};
use crate::node::{ServeError, announce, bind, stopped};
use cpm_wire::net::{Clock, Driver, Inputs};
use cpm_wire::time::Time;
use serde::Serialize;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc;

/// What a client says once it can be used: one line of JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Ready {
    /// Always true.
    pub ready: bool,
    /// Which element this is.
    pub role: &'static str,
    /// The SIP address.
    pub sip: SocketAddr,
    /// The MSRP address.
    pub msrp: SocketAddr,
    /// Where the user is told and asked, if anywhere.
    pub control: Option<SocketAddr>,
    /// The process.
    pub pid: u32,
}

/// Runs a client as a program: one JSON line on standard output when it is ready; it ends when standard input closes or
/// SIGTERM comes. With a fault it is wrong on purpose.
///
/// # Errors
/// An address that cannot be had.
pub fn run(config: Config, fault: Option<&Fault>) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(ServeError::Runtime)?;
    let served = runtime.block_on(serve(config, fault, |ready| announce(&ready), stopped()));
    // Standard input may still be read by a thread that never ends.
    runtime.shutdown_background();
    served
}

/// Runs a client until `stop` is done. `ready` is called once its sockets are open.
///
/// # Errors
/// An address that cannot be had.
pub async fn serve(
    config: Config,
    fault: Option<&Fault>,
    ready: impl FnOnce(Ready),
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let clock = Clock::start();
    let (driver, inputs) = Driver::new(clock);
    let sip = bind(&driver, config.sip, true).await?;
    let msrp = bind(&driver, config.msrp, false).await?;
    let (wish, wishes) = mpsc::unbounded_channel();
    let control = match config.control {
        None => None,
        Some(address) => {
            let bound = http::listen(address, &["act", "observe"], wish.clone()).await;
            Some(bound.map_err(|source| ServeError::Bind { address, source })?)
        }
    };
    // RandomState is seeded by the system.
    let seed = RandomState::new().hash_one((clock.now(), std::process::id()));
    let core = FaultyClient::new(config, Addresses { sip, msrp, x1: None }, seed, fault);
    ready(Ready { ready: true, role: "client", sip, msrp, control, pid: std::process::id() });
    Node { core, driver, clock }.run(inputs, wishes, stop).await;
    // Without a control address this is the last sender: the wishes end with the node and not before.
    drop(wish);
    Ok(())
}

struct Node {
    core: FaultyClient,
    driver: Driver,
    clock: Clock,
}

impl Node {
    async fn run(
        mut self,
        mut inputs: Inputs,
        mut wishes: mpsc::UnboundedReceiver<Wish>,
        stop: impl Future<Output = ()>,
    ) {
        let mut stop = pin!(stop);
        loop {
            while let Some(output) = self.core.poll_output(self.clock.now()) {
                self.driver.perform(output);
            }
            let wake = self.wake(self.core.poll_timeout());
            tokio::select! {
                () = &mut stop => return,
                input = inputs.recv() => match input {
                    Some((_, input)) => self.core.handle_input(self.clock.now(), input),
                    None => return,
                },
                Some(wish) = wishes.recv() => self.grant(wish),
                () = wake => self.core.handle_timeout(self.clock.now()),
            }
        }
    }

    fn grant(&mut self, wish: Wish) {
        match wish.path {
            "act" => wish.grant(|request| self.core.act(self.clock.now(), &request)),
            _ => wish.grant(|who| self.core.observe(&who)),
        }
    }

    fn wake(&self, due: Option<Time>) -> tokio::time::Sleep {
        let at = due.unwrap_or_else(|| self.clock.now() + Duration::from_secs(3600));
        tokio::time::sleep_until(self.clock.instant(at).into())
    }
}
