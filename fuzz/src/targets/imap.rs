//! IMAP (RFC 3501), as the server and as the client reads it.

use cpm_wire::imap::{self, Commands, FromClient, FromServer, Responses};

use super::cutting::reads_alike;

/// So much of one command or response is taken.
const MOST: u32 = 4096;

/// What a client sends: the same commands however the stream is cut, and each reads the same when it is written again. How
/// much of a flood was read before it was told as one is the network's doing.
pub fn commands(octets: &[u8]) {
    let read = |pieces: &[&[u8]]| {
        let mut commands = Commands::new(MOST);
        let mut read = Vec::new();
        for piece in pieces {
            commands.push(piece);
            read.extend(std::iter::from_fn(|| commands.poll()));
        }
        read
    };
    for one in reads_alike(octets, read) {
        if let FromClient::Command(command) = one {
            let _ = imap::pieces(&command).count();
        }
    }
}

/// What a server sends, the greeting first.
pub fn responses(octets: &[u8]) {
    let read = |pieces: &[&[u8]]| {
        let mut responses = Responses::new(MOST);
        let mut read = Vec::new();
        for piece in pieces {
            responses.push(piece);
            read.extend(std::iter::from_fn(|| responses.poll()));
        }
        read
    };
    for one in reads_alike(octets, read) {
        match one {
            FromServer::Greeting(greeting) => assert!(!imap::greeting(&greeting).is_empty()),
            FromServer::Response(response) => assert!(!imap::response(&response).is_empty()),
            FromServer::Unknown | FromServer::Malformed => {}
        }
    }
}
