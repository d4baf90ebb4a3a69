//! What is known to differ. Of session descriptions, each changed in one way.

use super::table::Right::{Either, Ours};
use super::table::{Row, row};

/// The rows, in the order of the page.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row("NUL in a value", "sdp-rs", &["the whole"], Ours, "RFC 8866 section 9", "byte-string has neither NUL nor CR nor LF."),
    row("a host name in o= and c=", "sdp-rs", &["the whole"], Ours, "RFC 8866 section 9", "unicast-address may be an FQDN."),
    row("a last line without an end", "sdp-rs", &["a=", "c=", "m="], Ours, "RFC 8866 section 5", "Every line ends; where the last does not, a reader says so or bears with it, and drops no medium."),
    row("a network type that nobody knows", "sdp-rs", &["the whole"], Either, "RFC 8866 section 5.2", "nettype is any token by the grammar. We take `IN` alone: over another network there is no session to be had."),
    row("a number of ports above 255", "sdp-rs", &["the whole"], Ours, "RFC 8866 section 5.14", "The number of ports has no such bound."),
    row("a session id beyond 64 bits", "sdp-rs", &["the whole"], Ours, "RFC 3264 section 5", "It must fit into 64 bits with a sign."),
    row("a session id that is no number", "sdp-rs", &["the whole"], Ours, "RFC 8866 section 9", "sess-id is digits."),
    row("a session's line after its media", "sdp-rs", &["the whole"], Ours, "RFC 8866 section 5", "Lines have an order, and what comes too late is not dropped without a word."),
    row("a=framerate that is no number", "sdp-rs", &["the whole"], Either, "RFC 8866 section 5.13", "What is in the value of an attribute is asked by whom it concerns; a description with it is read."),
    row("a=orient that nobody knows", "sdp-rs", &["the whole"], Either, "RFC 8866 section 5.13", "As for `framerate`."),
    row("a=ptime as a fraction", "sdp-rs", &["a="], Either, "RFC 8866 section 6.4", "The same number, here as it was written."),
    row("a=ptime that is no number", "sdp-rs", &["the whole"], Either, "RFC 8866 section 5.13", "As for `framerate`."),
    row("a=quality that is no number", "sdp-rs", &["the whole"], Either, "RFC 8866 section 5.13", "As for `framerate`."),
    row("a=rtpmap that is none", "sdp-rs", &["the whole"], Either, "RFC 8866 section 5.13", "As for `framerate`."),
    row("a=rtpmap with a parameter", "sdp-rs", &["a="], Ours, "RFC 8866 section 6.6", "A slash stands before the parameter."),
    row("a=type that nobody knows", "sdp-rs", &["the whole"], Either, "RFC 8866 section 5.13", "As for `framerate`."),
    row("an address type that nobody knows", "sdp-rs", &["the whole"], Either, "RFC 8866 section 5.2", "addrtype is any token by the grammar. We take `IP4` and `IP6`, which can be connected to."),
    row("an attribute of nothing", "sdp-rs", &["the whole"], Ours, "RFC 8866 section 9", "An attribute has a name."),
    row("an attribute with an empty value", "sdp-rs", &["a="], Ours, "RFC 8866 section 5.13", "Whoever writes a colon says that there is a value; that it is empty is told, and not hidden."),
    row("an attribute without a name", "sdp-rs", &["the whole"], Ours, "RFC 8866 section 9", "An attribute has a name."),
    row("an empty e= and p=", "sdp-rs", &["the whole"], Ours, "RFC 8866 section 9", "email-address and phone-number are not empty."),
    row("an empty line in the midst", "sdp-rs", &["the whole"], Ours, "RFC 8866 section 5", "A line is a letter, an equals sign and a value."),
    row("no formats in m=", "sdp-rs", &["the whole"], Ours, "RFC 8866 section 9", "At least one format stands there."),
    row("zeros before a session id", "sdp-rs", &["o="], Either, "RFC 8866 section 5.2", "The same number, there as it was written."),
];
