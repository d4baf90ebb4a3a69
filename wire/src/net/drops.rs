//! The kernel's count of datagrams that it dropped because a socket's receive buffer was full (proc(5),
//! `/proc/net/udp`). Such a loss is this machine's fault and never the peer's.

use std::os::fd::AsRawFd;
use tokio::net::UdpSocket;

/// The inode by which the kernel's tables name a socket.
pub(super) fn inode(socket: &UdpSocket) -> Option<u64> {
    let link = std::fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).ok()?;
    link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// The sum of the drop counters of the sockets with these inodes; zero where the kernel has no such table.
pub(super) fn dropped(inodes: &[u64]) -> u64 {
    ["/proc/self/net/udp", "/proc/self/net/udp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .map(|table| dropped_in(&table, inodes))
        .sum()
}

fn dropped_in(table: &str, inodes: &[u64]) -> u64 {
    table.lines().filter_map(row).filter(|(inode, _)| inodes.contains(inode)).map(|(_, drops)| drops).sum()
}

/// Inode (column 10) and drops (the last one) of a row; nothing for the heading.
fn row(line: &str) -> Option<(u64, u64)> {
    let mut columns = line.split_ascii_whitespace();
    let inode = columns.nth(9)?.parse().ok()?;
    Some((inode, columns.last()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1234: 0100007F:13C4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48213 2 0000000000000000 17
 1235: 0100007F:13C6 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48214 2 0000000000000000 5
";

    #[test]
    fn counts_only_the_sockets_asked_for() {
        assert_eq!(dropped_in(TABLE, &[48213]), 17);
        assert_eq!(dropped_in(TABLE, &[48213, 48214]), 22);
        assert_eq!(dropped_in(TABLE, &[1]), 0);
    }
}
