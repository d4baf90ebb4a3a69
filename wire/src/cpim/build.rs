//! CPIM messages made.

use super::IMDN_NAMESPACE;
use bytes::{BufMut, Bytes, BytesMut};

/// Builds an envelope.
#[derive(Clone, Debug)]
pub struct Builder {
    head: String,
    imdn: String,
    content_disposition: Option<String>,
    content_type: String,
    body: Bytes,
}

impl Builder {
    /// An envelope between two URIs.
    pub fn new(from: &str, to: &str) -> Builder {
        Builder {
            head: format!("From: <{}>\r\nTo: <{}>\r\n", one_line(from), one_line(to)),
            imdn: String::new(),
            content_disposition: None,
            content_type: "text/plain; charset=utf-8".to_owned(),
            body: Bytes::new(),
        }
    }

    /// Sets DateTime, an RFC 3339 time.
    pub fn date_time(self, at: &str) -> Builder {
        self.header("DateTime", at)
    }

    /// Adds a header of the envelope.
    pub fn header(mut self, name: &str, value: &str) -> Builder {
        self.head.push_str(&format!("{}: {}\r\n", one_line(name), one_line(value)));
        self
    }

    /// Sets imdn.Message-ID.
    pub fn message_id(mut self, id: &str) -> Builder {
        self.imdn.push_str(&format!("imdn.Message-ID: {}\r\n", one_line(id)));
        self
    }

    /// Asks for disposition notifications; for none at all when the list is empty.
    pub fn dispositions(mut self, wishes: &[&str]) -> Builder {
        if !wishes.is_empty() {
            self.imdn.push_str(&format!("imdn.Disposition-Notification: {}\r\n", one_line(&wishes.join(", "))));
        }
        self
    }

    /// Sets the disposition of the content.
    pub fn content_disposition(mut self, disposition: &str) -> Builder {
        self.content_disposition = Some(one_line(disposition));
        self
    }

    /// Sets the content.
    pub fn content(mut self, content_type: &str, body: impl Into<Bytes>) -> Builder {
        self.content_type = one_line(content_type);
        self.body = body.into();
        self
    }

    /// The envelope.
    pub fn build(self) -> Bytes {
        let mut octets = BytesMut::with_capacity(self.head.len() + self.body.len() + 256);
        octets.put_slice(self.head.as_bytes());
        if !self.imdn.is_empty() {
            octets.put_slice(format!("NS: imdn <{IMDN_NAMESPACE}>\r\n{}", self.imdn).as_bytes());
        }
        octets.put_slice(format!("\r\nContent-Type: {}\r\n", self.content_type).as_bytes());
        if let Some(disposition) = self.content_disposition {
            octets.put_slice(format!("Content-Disposition: {disposition}\r\n").as_bytes());
        }
        octets.put_slice(format!("Content-Length: {}\r\n\r\n", self.body.len()).as_bytes());
        octets.put_slice(&self.body);
        octets.freeze()
    }
}

fn one_line(value: &str) -> String {
    value.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect()
}
