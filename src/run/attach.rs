//! Coming together with a target: starting the embedded one, or looking whether the external one is there.

use super::{Context, LinkKind, Options, RunError};
use crate::stage::target::{EmbeddedTarget, TargetAddresses};
use crate::target::Role;
use std::net::SocketAddr;
use std::path::Path;

/// Starts the embedded target, or looks whether the external one is there.
pub(super) async fn attach(
    context: Context,
    options: &Options,
    program: Option<&Path>,
) -> Result<(Context, Option<EmbeddedTarget>), RunError> {
    if options.link == LinkKind::Virtual {
        return Ok((context, None));
    }
    if options.embedded {
        let program =
            program.ok_or_else(|| RunError::Usage("this program does not know where it stands".to_owned()))?;
        let (neighbours, certificates) = (context.neighbours(), context.certificates());
        let fault = options.trial.served();
        let target = EmbeddedTarget::start(program, &context.profile, neighbours, certificates, fault).await?;
        return Ok((context.with_target(target.addresses()), Some(target)));
    }
    if context.profile.role == Role::Client {
        // It comes by itself: with its registration the tester learns where it is.
        return Ok((context, None));
    }
    let sip = match context.profile.is_before_core() {
        true => context.profile.core_address().ok_or("the entry of the core in network.isc.route cannot be resolved"),
        false => context.profile.target_address().ok_or("the profile has no network.target.sip"),
    };
    let sip = sip.map_err(|why| RunError::Usage(why.to_owned()))?;
    reach(sip, context.profile.prefers_tcp()).await?;
    let x1 = context.profile.x1_address();
    Ok((context.with_target(TargetAddresses { sip, msrp: None, control: None, x1 }), None))
}

/// A refused connection or an ICMP error says at once that nobody is there; silence says nothing yet.
async fn reach(address: SocketAddr, tcp: bool) -> Result<(), RunError> {
    let unreachable = |why: std::io::Error| RunError::Unreachable { address, why: why.to_string() };
    if tcp {
        let connecting = tokio::net::TcpStream::connect(address);
        return match tokio::time::timeout(std::time::Duration::from_secs(2), connecting).await {
            Ok(Err(error)) => Err(unreachable(error)),
            _ => Ok(()),
        };
    }
    let local: SocketAddr = if address.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = tokio::net::UdpSocket::bind(local).await.map_err(unreachable)?;
    socket.connect(address).await.map_err(unreachable)?;
    // Two line ends are a keep-alive (RFC 5626 section 3.5.1): no element may take offence at them.
    socket.send(b"\r\n\r\n").await.map_err(unreachable)?;
    let mut answer = [0u8; 16];
    match tokio::time::timeout(std::time::Duration::from_millis(200), socket.recv(&mut answer)).await {
        Ok(Err(error)) => Err(unreachable(error)),
        _ => Ok(()),
    }
}
