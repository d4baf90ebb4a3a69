//! What the messages of a script say.

use std::fmt::Write as _;

/// A chat message.
#[derive(Clone)]
pub struct Text {
    pub id: String,
    pub from: &'static str,
    pub to: String,
    pub text: String,
    pub date: &'static str,
    pub asks: &'static str,
    pub prefix: &'static str,
    pub content_type: &'static str,
    /// DateTime in the first line instead of the last.
    pub date_first: bool,
}

pub fn text(id: &str, from: &'static str, text: &str) -> Text {
    Text {
        id: id.to_owned(),
        from,
        to: "sip:conf-books@focus.example.com".to_owned(),
        text: text.to_owned(),
        date: "2026-03-03T10:00:00Z",
        asks: "positive-delivery, display",
        prefix: "imdn",
        content_type: "text/plain; charset=UTF-8",
        date_first: false,
    }
}

impl Text {
    pub fn at(mut self, date: &'static str) -> Text {
        self.date = date;
        self
    }

    pub fn cpim(&self) -> String {
        let Text { id, from, to, text, date, asks, prefix, content_type, .. } = self;
        let date = format!("DateTime: {date}\r\n");
        let (first, last) = if self.date_first { (date.as_str(), "") } else { ("", date.as_str()) };
        let asks = match *asks {
            "" => String::new(),
            asks => format!("{prefix}.Disposition-Notification: {asks}\r\n"),
        };
        format!(
            "{first}From: <{from}>\r\nTo: <{to}>\r\nNS: {prefix} <urn:ietf:params:imdn>\r\n{prefix}.Message-ID: {id}\r\n\
             {asks}{last}\r\nContent-Type: {content_type}\r\n\r\n{text}"
        )
    }
}

/// A disposition notification.
#[derive(Clone)]
pub struct Notice {
    pub about: &'static str,
    pub status: &'static str,
    pub from: &'static str,
}

pub fn delivered(about: &'static str, from: &'static str) -> Notice {
    Notice { about, status: "delivered", from }
}

impl Notice {
    pub fn xml(&self) -> String {
        let kind = match self.status {
            "displayed" => "display-notification",
            "stored" | "processed" => "processing-notification",
            _ => "delivery-notification",
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>{}\
             </message-id><datetime>2026-03-03T10:01:00Z</datetime><recipient-uri>{}</recipient-uri>\
             <{kind}><status><{}/></status></{kind}></imdn>",
            self.about, self.from, self.status
        )
    }

    pub fn cpim(&self) -> String {
        let xml = self.xml();
        format!(
            "From: <{}>\r\nTo: <sip:anonymous@anonymous.invalid>\r\nNS: imdn <urn:ietf:params:imdn>\r\n\
             imdn.Message-ID: n-{}-{}\r\n\r\nContent-Type: message/imdn+xml\r\nContent-Disposition: notification\r\n\
             Content-Length: {}\r\n\r\n{xml}",
            self.from,
            self.about,
            self.status,
            xml.len()
        )
    }
}

/// Several notifications in one CPIM message.
pub fn aggregated(notices: &[Notice]) -> String {
    let mut parts = String::new();
    for notice in notices {
        write!(parts, "--part\r\nContent-Type: message/imdn+xml\r\n\r\n{}\r\n", notice.xml()).unwrap();
    }
    format!(
        "From: <sip:alice@example.com>\r\nTo: <sip:anonymous@anonymous.invalid>\r\n\r\n\
         Content-Type: multipart/mixed; boundary=\"part\"\r\n\r\n{parts}--part--\r\n"
    )
}

/// A conference-info document.
pub fn document(state: &str, version: u32, users: &[(&str, &str)]) -> String {
    let mut list = String::new();
    for (user, status) in users {
        match *status {
            "deleted" => write!(list, "<user entity=\"sip:{user}@example.com\" state=\"deleted\"/>").unwrap(),
            "" => write!(list, "<user entity=\"sip:{user}@example.com\"/>").unwrap(),
            status => write!(
                list,
                "<user entity=\"sip:{user}@example.com\"><endpoint entity=\"sip:{user}@example.com;gr=1\">\
                 <status>{status}</status></endpoint></user>"
            )
            .unwrap(),
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" \
         entity=\"sip:conf-books@focus.example.com\" state=\"{state}\" version=\"{version}\"><users state=\"{state}\">{list}\
         </users></conference-info>"
    )
}
