//! What the operator has to know, on standard error.

use std::fmt::Display;
use std::io::{self, Write};

/// Tells a trouble. Standard error may be a file on the very disk that is full: then the trouble stays untold, and nobody
/// is stopped by it.
pub(crate) fn tell(trouble: impl Display) {
    let _ = writeln!(io::stderr(), "{trouble}");
}
