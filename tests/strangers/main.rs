//! The suite and its reference beside programs that nobody here wrote, and peers in processes of their own. One program, for what
//! these tests share is built once so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as expected"
)]

mod capture_tshark;
mod doctor;
mod evidence_tshark;
mod golden;
mod guides;
mod interception;
mod interworking;
mod kamailio;
mod kept_history;
mod message_store;
mod messengers;
mod peers;
mod presence;
mod served_client;
mod sipp;
mod tls;
mod topologies;
