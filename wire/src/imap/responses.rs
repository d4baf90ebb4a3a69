//! What a client reads: the greeting, then responses.

use imap_codec::fragmentizer::Fragmentizer;
use imap_codec::imap_types::IntoStatic;
use imap_codec::imap_types::response::{Greeting, Response};
use imap_codec::{GreetingCodec, ResponseCodec};

/// What a server sent.
#[derive(Clone, Debug, PartialEq)]
pub enum FromServer {
    /// The greeting, the first of all.
    Greeting(Box<Greeting<'static>>),
    /// A response.
    Response(Box<Response<'static>>),
    /// An untagged response that RFC 3501 does not know: a client bears it (section 7).
    Unknown,
    /// What is neither, or is longer than is taken. Nothing follows.
    Malformed,
}

/// Cuts the stream of a server into responses.
#[derive(Debug)]
pub struct Responses {
    fragmentizer: Fragmentizer,
    greeted: bool,
    broken: bool,
}

impl Responses {
    /// A stream whose responses have at most `most_octets`.
    pub fn new(most_octets: u32) -> Responses {
        Responses { fragmentizer: Fragmentizer::new(most_octets), greeted: false, broken: false }
    }

    /// Takes octets of the stream.
    pub fn push(&mut self, octets: &[u8]) {
        if !self.broken {
            self.fragmentizer.enqueue_bytes(octets);
        }
    }

    /// The next thing in the stream; none when more octets are needed, and for ever after what is malformed.
    pub fn poll(&mut self) -> Option<FromServer> {
        while !self.broken {
            let fragment = self.fragmentizer.progress();
            let told = match self.fragmentizer.is_max_message_size_exceeded() {
                true => FromServer::Malformed,
                false => {
                    fragment?;
                    if !self.fragmentizer.is_message_complete() {
                        continue;
                    }
                    self.decoded()
                }
            };
            if told == FromServer::Malformed {
                self.broken = true;
                self.fragmentizer = Fragmentizer::new(0);
            }
            return Some(told);
        }
        None
    }

    fn decoded(&mut self) -> FromServer {
        if self.greeted {
            return match self.fragmentizer.decode_message(&ResponseCodec::new()) {
                Ok(response) => FromServer::Response(Box::new(response.into_static())),
                Err(_) if self.fragmentizer.message_bytes().starts_with(b"* ") => FromServer::Unknown,
                Err(_) => FromServer::Malformed,
            };
        }
        self.greeted = true;
        match self.fragmentizer.decode_message(&GreetingCodec::new()) {
            Ok(greeting) => FromServer::Greeting(Box::new(greeting.into_static())),
            Err(_) => FromServer::Malformed,
        }
    }
}
