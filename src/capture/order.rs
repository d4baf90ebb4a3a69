//! Numbers in octets, in either order. Nothing is read beyond the end.

/// The order of the octets of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    /// That of the network.
    Big,
}

impl Order {
    pub fn u16(self, octets: &[u8], at: usize) -> Option<u16> {
        let number = octets.get(at..)?.first_chunk().copied()?;
        Some(match self {
            Order::Little => u16::from_le_bytes(number),
            Order::Big => u16::from_be_bytes(number),
        })
    }

    pub fn u32(self, octets: &[u8], at: usize) -> Option<u32> {
        let number = octets.get(at..)?.first_chunk().copied()?;
        Some(match self {
            Order::Little => u32::from_le_bytes(number),
            Order::Big => u32::from_be_bytes(number),
        })
    }

    pub fn u64(self, octets: &[u8], at: usize) -> Option<u64> {
        let number = octets.get(at..)?.first_chunk().copied()?;
        Some(match self {
            Order::Little => u64::from_le_bytes(number),
            Order::Big => u64::from_be_bytes(number),
        })
    }
}
