//! What is put before the readers: messages of the kind that the stack is for, and each of them changed in one way.

/// A change of a message, and what it makes of it. What it does not change it does not fit.
pub struct Edit {
    /// What the message is then, in words.
    pub class: &'static str,
    /// The change.
    pub apply: fn(&str) -> String,
}

/// The class of what is not changed.
pub const AS_IT_SHOULD_BE: &str = "as it should be";

/// Stands for an octet that is no UTF-8.
const NOT_UTF8: char = '\u{E000}';

/// The octets of a message that an edit made.
pub fn octets(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            NOT_UTF8 => octets.push(0xff),
            letter => octets.extend(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    octets
}

/// A description of a message session, as a device offers it.
const OFFER: &str = "v=0\r\n\
o=- 2890844526 2890844526 IN IP4 192.0.2.1\r\n\
s=-\r\n\
c=IN IP4 192.0.2.1\r\n\
t=0 0\r\n\
m=message 7654 TCP/MSRP *\r\n\
a=accept-types:message/cpim application/im-iscomposing+xml\r\n\
a=path:msrp://192.0.2.1:7654/jshA7we;tcp\r\n\
a=setup:actpass\r\n\
a=sendrecv\r\n";

/// A description with more than one medium, and with lines of the session.
const CALL: &str = "v=0\r\n\
o=alice 1 2 IN IP4 198.51.100.1\r\n\
s=A call\r\n\
i=About nothing\r\n\
c=IN IP4 198.51.100.1\r\n\
b=AS:64\r\n\
t=0 0\r\n\
a=tool:bench\r\n\
m=audio 49170 RTP/AVP 0 8\r\n\
c=IN IP4 198.51.100.2\r\n\
a=rtpmap:0 PCMU/8000\r\n\
m=message 0 TCP/MSRP *\r\n\
a=recvonly\r\n";

/// The descriptions.
pub const DESCRIPTIONS: [&str; 2] = [OFFER, CALL];

/// The messages: requests with and without a body, and a response.
pub fn messages() -> Vec<String> {
    let ends = "From: \"Alice Example\" <sip:alice@home.example;user=phone>;tag=17182\r\n\
                To: <sip:bob@home.example>\r\n\
                Call-ID: asd88asd77a@192.0.2.1\r\n\
                Max-Forwards: 68\r\n";
    let via = "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK776\r\n";
    let contact = "Contact: <sip:alice@192.0.2.1:5070;ob>\r\n";
    let with = |first: &str, cseq: &str, more: &str, kind: &str, body: &str| {
        let kind = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
        format!("{first}\r\n{via}{ends}CSeq: {cseq}\r\n{more}{kind}Content-Length: {}\r\n\r\n{body}", body.len())
    };
    vec![
        with("INVITE sip:bob@home.example SIP/2.0", "127 INVITE", contact, "application/sdp", OFFER),
        with("MESSAGE sip:bob@home.example;user=phone SIP/2.0", "1 MESSAGE", "", "text/plain", "Hello"),
        with("REGISTER sip:home.example SIP/2.0", "2 REGISTER", contact, "", ""),
        with("SIP/2.0 200 OK", "127 INVITE", contact, "", "").replace("bob@home.example>", "bob@home.example>;tag=9f"),
    ]
}

macro_rules! edits {
    ($($class:literal => |$text:ident| $edited:expr;)+) => {
        &[$(Edit { class: $class, apply: |$text| $edited.to_string() }),+]
    };
}

/// The value of a header replaced, with the lines that continue it; nothing where the header is not.
fn set(text: &str, name: &str, value: &str) -> String {
    replaced(text, name, Some(format!("{name}: {value}")))
}

/// The header gone, with the lines that continue it.
fn without(text: &str, name: &str) -> String {
    replaced(text, name, None)
}

fn replaced(text: &str, name: &str, by: Option<String>) -> String {
    let field = format!("{name}: ");
    head_mapped(text, |head| {
        let mut within = false;
        let mut lines = Vec::new();
        for line in head.split("\r\n") {
            let begins = line.starts_with(&field);
            within = begins || within && line.starts_with(' ');
            match &by {
                Some(by) if begins => lines.push(by.as_str()),
                _ if within => {}
                _ => lines.push(line),
            }
        }
        lines.join("\r\n")
    })
}

/// Another field, the last of all.
fn add(text: &str, field: &str) -> String {
    head_mapped(text, |head| format!("{head}\r\n{field}"))
}

fn head_mapped(text: &str, map: impl Fn(&str) -> String) -> String {
    text.split_once("\r\n\r\n").map_or(text.to_owned(), |(head, body)| format!("{}\r\n\r\n{body}", map(head)))
}

/// The Request-URI replaced; nothing in a response.
fn uri(text: &str, uri: &str) -> String {
    let (first, rest) = text.split_once("\r\n").unwrap_or_default();
    match first.split(' ').collect::<Vec<_>>()[..] {
        [method, _, "SIP/2.0"] => format!("{method} {uri} SIP/2.0\r\n{rest}"),
        _ => text.to_owned(),
    }
}

/// The method replaced, in the first line and in CSeq.
fn method(text: &str, method: &str) -> String {
    text.replacen("MESSAGE sip", &format!("{method} sip"), 1).replacen("1 MESSAGE", &format!("1 {method}"), 1)
}

/// The first line of a response replaced.
fn status(text: &str, line: &str) -> String {
    text.replacen("SIP/2.0 200 OK", line, 1)
}

/// Changes of a SIP message.
pub const OF_MESSAGES: &[Edit] = edits! {
    "as it should be" => |text| text;
    "lines that end in LF alone" => |text| head_mapped(text, |head| head.replace("\r\n", "\n")).replacen("\r\n\r\n", "\n\n", 1);
    "empty lines before the first" => |text| format!("\r\n\r\n{text}");
    "two spaces in the first line" => |text| text.replacen(' ', "  ", 1);
    "a space at the end of the first line" => |text| text.replacen("\r\n", " \r\n", 1);
    "the version in small letters" => |text| text.replacen(" SIP/2.0\r\n", " sip/2.0\r\n", 1);
    "a version to come" => |text| text.replacen(" SIP/2.0\r\n", " SIP/7.0\r\n", 1);
    "a method that nobody knows" => |text| method(text, "SHOUT");
    "a method in small letters" => |text| method(text, "message");
    "a method of punctuation that tokens may have" => |text| method(text, "!%*_+`'~");
    "a status below 100" => |text| status(text, "SIP/2.0 099 Odd");
    "a status above 699" => |text| status(text, "SIP/2.0 700 Odd");
    "a status that nobody knows" => |text| status(text, "SIP/2.0 299 Odd");
    "no reason phrase" => |text| status(text, "SIP/2.0 200 ");
    "no reason phrase, and no space before it" => |text| status(text, "SIP/2.0 200");
    "a reason phrase in UTF-8" => |text| status(text, "SIP/2.0 200 Größe");
    "a Request-URI in brackets" => |text| uri(text, "<sip:bob@home.example>");
    "a Request-URI with a space in it" => |text| uri(text, "sip:bob@home.example; lr");
    "a telephone number as Request-URI" => |text| uri(text, "tel:+15551230002");
    "a service URN as Request-URI" => |text| uri(text, "urn:service:sos");
    "an IPv6 address as host of the Request-URI" => |text| uri(text, "sip:bob@[2001:db8::1]:5060");
    "the scheme in capitals" => |text| uri(text, "SIP:bob@home.example");
    "a password in the Request-URI" => |text| uri(text, "sip:bob:secret@home.example");
    "an escaped user in the Request-URI" => |text| uri(text, "sip:bob%40work@home.example");
    "a semicolon in the user of the Request-URI" => |text| uri(text, "sip:bob;par=u%40example.net@home.example");
    "headers in the Request-URI" => |text| uri(text, "sip:bob@home.example?Subject=x");
    "a port that is none in the Request-URI" => |text| uri(text, "sip:bob@home.example:99999");
    "a Request-URI of a scheme that nobody knows" => |text| uri(text, "nobodyKnowsThisScheme:totallyopaquecontent");
    "a Request-URI without a scheme" => |text| uri(text, "bob@home.example");
    "a folded From" => |text| text.replacen("\" <sip:alice", "\"\r\n <sip:alice", 1);
    "compact names" => |text| text.replace("\r\nFrom:", "\r\nf:").replace("\r\nTo:", "\r\nt:").replace("\r\nVia:", "\r\nv:")
        .replace("\r\nCall-ID:", "\r\ni:").replace("\r\nContact:", "\r\nm:").replace("\r\nContent-Length:", "\r\nl:");
    "names in capitals" => |text| text.replace("\r\nFrom:", "\r\nFROM:").replace("\r\nVia:", "\r\nVIA:").replace("\r\nCall-ID:", "\r\nCALL-ID:");
    "a space before the colon" => |text| text.replacen("\r\nFrom:", "\r\nFrom :", 1).replacen("\r\nCSeq:", "\r\nCSeq :", 1);
    "no space after the colon" => |text| text.replacen("\r\nFrom: ", "\r\nFrom:", 1).replacen("\r\nCSeq: ", "\r\nCSeq:", 1);
    "a tab after the colon" => |text| text.replacen("\r\nFrom: ", "\r\nFrom:\t", 1).replacen("\r\nCSeq: ", "\r\nCSeq:\t", 1);
    "white space at the end of a value" => |text| text.replacen("INVITE\r\nCont", "INVITE  \r\nCont", 1).replacen("@192.0.2.1\r\n", "@192.0.2.1 \r\n", 1);
    "a line that is no header" => |text| text.replacen("\r\nFrom:", "\r\nno header at all\r\nFrom:", 1);
    "a header name with a space in it" => |text| text.replacen("\r\nFrom:", "\r\nMy Header: x\r\nFrom:", 1);
    "a header without a value" => |text| text.replacen("\r\nFrom:", "\r\nSubject:\r\nFrom:", 1);
    "octets in a header that are no UTF-8" => |text| text.replacen("\r\nFrom:", &format!("\r\nSubject: {NOT_UTF8}\r\nFrom:"), 1);
    "NUL in a header" => |text| text.replacen("\r\nFrom:", "\r\nSubject: a\0b\r\nFrom:", 1);
    "a head without an end" => |text| text.split_once("\r\n\r\n").map_or("", |(head, _)| head);
    "spaces around the separators of a parameter" => |text| text.replacen(";tag=17182", " ; tag = 17182", 1);
    "an empty parameter" => |text| text.replacen(";tag=17182", ";;tag=17182", 1);
    "an empty tag" => |text| text.replacen(";tag=17182", ";tag=", 1);
    "a tag without a value" => |text| text.replacen(";tag=17182", ";tag", 1);
    "two tags" => |text| text.replacen(";tag=17182", ";tag=17182;tag=2", 1);
    "a tag in capitals" => |text| text.replacen(";tag=17182", ";TAG=17182", 1);
    "no tag" => |text| text.replacen(";tag=17182", "", 1);
    "an address without brackets, and the tag of the header" => |text| set(text, "From", "sip:alice@home.example;tag=17182");
    "a display name of several words without quotes" => |text| set(text, "From", "Alice Example <sip:alice@home.example>;tag=1");
    "a display name with a comma in quotes" => |text| set(text, "From", "\"Bell, A\" <sip:alice@home.example>;tag=1");
    "a display name with an escaped quote" => |text| set(text, "From", "\"A \\\"B\\\"\" <sip:alice@home.example>;tag=1");
    "a display name with a bracket in quotes" => |text| set(text, "From", "\"A <b>\" <sip:alice@home.example>;tag=1");
    "a display name whose quotes do not close" => |text| set(text, "From", "\"A <sip:alice@home.example>;tag=1");
    "a display name in UTF-8" => |text| set(text, "From", "\"Größe\" <sip:alice@home.example>;tag=1");
    "brackets that do not close" => |text| set(text, "From", "<sip:alice@home.example;tag=1");
    "no space between display name and brackets" => |text| set(text, "From", "\"Alice\"<sip:alice@home.example>;tag=1");
    "a telephone number in From" => |text| set(text, "From", "<tel:+15551230001>;tag=1");
    "an IPv6 address as host in From" => |text| set(text, "From", "<sip:alice@[2001:db8::1]>;tag=1");
    "a parameter in quotes" => |text| set(text, "From", "<sip:alice@home.example>;x=\"a;b\";tag=1");
    "From without a URI" => |text| set(text, "From", "Alice");
    "From twice" => |text| add(text, "From: <sip:carol@home.example>;tag=2");
    "no From" => |text| without(text, "From");
    "no To" => |text| without(text, "To");
    "no Call-ID" => |text| without(text, "Call-ID");
    "an empty Call-ID" => |text| set(text, "Call-ID", "");
    "a Call-ID with a space in it" => |text| set(text, "Call-ID", "a b");
    "Call-ID twice" => |text| add(text, "Call-ID: another");
    "no CSeq" => |text| without(text, "CSeq");
    "zeros before the number of CSeq" => |text| text.replacen("CSeq: ", "CSeq: 000", 1);
    "two spaces in CSeq" => |text| text.replacen("7 INVITE", "7  INVITE", 1);
    "a CSeq of 2**31" => |text| text.replacen("CSeq: 127", "CSeq: 2147483648", 1);
    "a CSeq of 2**32" => |text| text.replacen("CSeq: 127", "CSeq: 4294967296", 1);
    "a CSeq below zero" => |text| text.replacen("CSeq: 127", "CSeq: -127", 1);
    "a plus before the number of CSeq" => |text| text.replacen("CSeq: 127", "CSeq: +127", 1);
    "a CSeq without a method" => |text| text.replacen("CSeq: 127 INVITE", "CSeq: 127", 1);
    "a CSeq of another method" => |text| text.replacen("CSeq: 127 INVITE", "CSeq: 127 BYE", 1);
    "no Via" => |text| without(text, "Via");
    "a Via without a branch" => |text| text.replacen(";branch=z9hG4bK776\r\n", "\r\n", 1);
    "two values in one Via" => |text| text.replacen("z9hG4bK776", "z9hG4bK776, SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK9", 1);
    "two Vias" => |text| text.replacen("\r\nVia:", "\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK9\r\nVia:", 1);
    "spaces within the protocol of Via" => |text| text.replacen("SIP/2.0/UDP 192", "SIP / 2.0 / UDP 192", 1);
    "a transport of Via in small letters" => |text| text.replacen("SIP/2.0/UDP 192", "SIP/2.0/udp 192", 1);
    "a transport of Via that nobody knows" => |text| text.replacen("SIP/2.0/UDP 192", "SIP/2.0/QUIC 192", 1);
    "an IPv6 address in Via" => |text| text.replacen("192.0.2.1:5070;branch", "[2001:db8::1]:5070;branch", 1);
    "an IPv6 address as received" => |text| text.replacen(";branch", ";received=2001:db8::1;branch", 1);
    "rport without a value" => |text| text.replacen(";branch", ";rport;branch", 1);
    "a port that is none in Via" => |text| text.replacen("192.0.2.1:5070;branch", "192.0.2.1:99999;branch", 1);
    "the transport of UDP told in Contact" => |text| text.replacen(";ob>", ";transport=udp>", 1);
    "two values in one Contact" => |text| text.replacen("ob>", "ob>, <sip:b@192.0.2.7>", 1);
    "Contact is a star" => |text| set(text, "Contact", "*");
    "an instance in Contact" => |text| text.replacen("ob>", "ob>;+sip.instance=\"<urn:uuid:0-1>\"", 1);
    "a gruu in Contact" => |text| text.replacen("ob>", "gr=urn:uuid:0-1>", 1);
    "a comma in the URI of Contact" => |text| set(text, "Contact", "<sip:a,b@192.0.2.1>");
    "headers in the URI of Contact" => |text| set(text, "Contact", "<sip:alice@192.0.2.1?Route=%3Csip:x%3E>");
    "an empty Contact" => |text| set(text, "Contact", "");
    "no Content-Length" => |text| without(text, "Content-Length");
    "Content-Length too small" => |text| text.replacen("Content-Length: 5", "Content-Length: 3", 1);
    "Content-Length too large" => |text| text.replacen("Content-Length: 5", "Content-Length: 9", 1);
    "Content-Length below zero" => |text| text.replacen("Content-Length: 5", "Content-Length: -5", 1);
    "a plus before Content-Length" => |text| text.replacen("Content-Length: 5", "Content-Length: +5", 1);
    "Content-Length is no number" => |text| text.replacen("Content-Length: 5", "Content-Length: five", 1);
    "zeros before Content-Length" => |text| text.replacen("Content-Length: 5", "Content-Length: 0005", 1);
    "Content-Length twice, alike" => |text| text.replacen("Content-Length: 5", "Content-Length: 5\r\nContent-Length: 5", 1);
    "Content-Length twice, not alike" => |text| text.replacen("Content-Length: 5", "Content-Length: 5\r\nContent-Length: 3", 1);
    "octets in the body that are no UTF-8" => |text| text.replacen("\r\n\r\nHello", &format!("\r\n\r\nHell{NOT_UTF8}"), 1);
};

/// Changes of a session description.
pub const OF_DESCRIPTIONS: &[Edit] = edits! {
    "as it should be" => |text| text;
    "lines that end in LF alone" => |text| text.replace("\r\n", "\n");
    "a last line without an end" => |text| text.trim_end();
    "an empty line at the end" => |text| format!("{text}\r\n");
    "an empty line in the midst" => |text| text.replacen("t=0 0\r\n", "t=0 0\r\n\r\n", 1);
    "a version to come" => |text| text.replacen("v=0", "v=1", 1);
    "no version" => |text| text.replacen("v=0\r\n", "", 1);
    "no origin" => |text| text.split_inclusive("\r\n").filter(|line| !line.starts_with("o=")).collect::<String>();
    "no name" => |text| text.split_inclusive("\r\n").filter(|line| !line.starts_with("s=")).collect::<String>();
    "no time" => |text| text.replacen("t=0 0\r\n", "", 1);
    "an empty name" => |text| text.replacen("s=-", "s=", 1);
    "a host name in o= and c=" => |text| text.replace("192.0.2.1\r\n", "host.home.example\r\n");
    "an IPv6 address in o= and c=" => |text| text.replace("IP4 192.0.2.1\r\n", "IP6 2001:db8::1\r\n");
    "a multicast address with its TTL" => |text| text.replacen("c=IN IP4 192.0.2.1", "c=IN IP4 233.252.0.1/127", 1);
    "an address type that nobody knows" => |text| text.replace("IN IP4 192.0.2.1\r\n", "IN IP9 192.0.2.1\r\n");
    "a network type that nobody knows" => |text| text.replace("IN IP4 192.0.2.1\r\n", "ATM IP4 192.0.2.1\r\n");
    "an address of the other type" => |text| text.replace("IP4 192.0.2.1\r\n", "IP6 192.0.2.1\r\n");
    "a session id that is no number" => |text| text.replacen("o=- 2890844526", "o=- abc", 1);
    "a session id beyond 64 bits" => |text| text.replacen("o=- 2890844526", "o=- 28908445260000000000000", 1);
    "zeros before a session id" => |text| text.replacen("o=- 2890844526", "o=- 0028", 1);
    "a word too few in o=" => |text| text.replacen("o=- 2890844526 ", "o=- ", 1);
    "a word too many in o=" => |text| text.replacen("IN IP4 192.0.2.1\r\ns=", "IN IP4 192.0.2.1 x\r\ns=", 1);
    "two spaces in o=" => |text| text.replacen("o=- ", "o=-  ", 1);
    "two spaces in m=" => |text| text.replacen("m=message 7654 ", "m=message  7654 ", 1);
    "a port above 65535" => |text| text.replacen("m=message 7654", "m=message 65536", 1);
    "a port that is no number" => |text| text.replacen("m=message 7654", "m=message x", 1);
    "a number of ports" => |text| text.replacen("m=audio 49170", "m=audio 49170/2", 1);
    "a number of ports above 255" => |text| text.replacen("m=audio 49170", "m=audio 49170/300", 1);
    "no formats in m=" => |text| text.replacen(" TCP/MSRP *", " TCP/MSRP", 1);
    "a medium that nobody knows" => |text| text.replacen("m=message", "m=smell", 1);
    "a protocol that nobody knows" => |text| text.replacen("TCP/MSRP", "QUIC/MSRP", 1);
    "an attribute without a value" => |text| text.replacen("a=sendrecv", "a=msrp-cema", 1);
    "an attribute with an empty value" => |text| text.replacen("a=setup:actpass", "a=setup:", 1);
    "an attribute without a name" => |text| text.replacen("a=setup:actpass", "a=:actpass", 1);
    "an attribute of nothing" => |text| text.replacen("a=setup:actpass", "a=", 1);
    "an attribute that holds a colon" => |text| text.replacen("a=setup:actpass", "a=label:a:b", 1);
    "an attribute with a space before its value" => |text| text.replacen("a=setup:actpass", "a=setup: actpass", 1);
    "an attribute in UTF-8" => |text| text.replacen("a=setup:actpass", "a=label:Größe", 1);
    "a=inactive" => |text| text.replacen("a=sendrecv", "a=inactive", 1);
    "a=ptime that is no number" => |text| text.replacen("a=rtpmap:0 PCMU/8000", "a=ptime:x", 1);
    "a=ptime as a fraction" => |text| text.replacen("a=rtpmap:0 PCMU/8000", "a=ptime:20.0", 1);
    "a=rtpmap with a parameter" => |text| text.replacen("PCMU/8000", "L16/8000/2", 1);
    "a=rtpmap that is none" => |text| text.replacen("rtpmap:0 PCMU/8000", "rtpmap:x", 1);
    "a=type that nobody knows" => |text| text.replacen("a=tool:bench", "a=type:party", 1);
    "a=orient that nobody knows" => |text| text.replacen("a=tool:bench", "a=orient:round", 1);
    "a=quality that is no number" => |text| text.replacen("a=tool:bench", "a=quality:high", 1);
    "a=framerate that is no number" => |text| text.replacen("a=tool:bench", "a=framerate:high", 1);
    "a bandwidth that is no number" => |text| text.replacen("b=AS:64", "b=AS:x", 1);
    "a bandwidth that nobody knows" => |text| text.replacen("b=AS:64", "b=X-YZ:128", 1);
    "a time that is no number" => |text| text.replacen("t=0 0", "t=now later", 1);
    "a time with an end before its beginning" => |text| text.replacen("t=0 0", "t=4000000000 1", 1);
    "a time of one word" => |text| text.replacen("t=0 0", "t=0", 1);
    "repeated times" => |text| text.replacen("t=0 0", "t=3034423619 3042462419\r\nr=604800 3600 0 90000", 1);
    "zones" => |text| text.replacen("t=0 0", "t=3034423619 3042462419\r\nz=2882844526 -3600 2898848070 0", 1);
    "a key" => |text| text.replacen("a=tool:bench", "k=prompt\r\na=tool:bench", 1);
    "a line of a letter that nobody knows" => |text| text.replacen("t=0 0", "x=1\r\nt=0 0", 1);
    "lines out of order" => |text| text.replacen("s=-\r\nc=IN IP4 192.0.2.1\r\n", "c=IN IP4 192.0.2.1\r\ns=-\r\n", 1);
    "a session's line after its media" => |text| format!("{text}s=late\r\n");
    "two names" => |text| text.replacen("s=-", "s=-\r\ns=-", 1);
    "two addresses of the session" => |text| text.replacen("c=IN IP4 192.0.2.1", "c=IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.2", 1);
    "two addresses of a medium" => |text| text.replacen("c=IN IP4 198.51.100.2", "c=IN IP4 198.51.100.2\r\nc=IN IP4 198.51.100.3", 1);
    "no address at all" => |text| text.split_inclusive("\r\n").filter(|line| !line.starts_with("c=")).collect::<String>();
    "a space after the equals sign" => |text| text.replacen("t=0 0", "t= 0 0", 1);
    "a space before the equals sign" => |text| text.replacen("t=0 0", "t =0 0", 1);
    "a letter in capitals" => |text| text.replacen("t=0 0", "T=0 0", 1);
    "NUL in a value" => |text| text.replacen("s=-", "s=a\0b", 1);
    "octets that are no UTF-8" => |text| text.replacen("s=-", &format!("s={NOT_UTF8}"), 1);
    "nothing but white space" => |_text| "\r\n";
    "an empty e= and p=" => |text| text.replacen("i=About nothing\r\n", "i=About nothing\r\ne=\r\np=\r\n", 1);
    "mail and telephone" => |text| text.replacen("i=About nothing\r\n", "i=About nothing\r\nu=http://home.example/\r\ne=a@home.example (Alice)\r\np=+1 617 555-6011\r\n", 1);
};
