//! stub
use crate::evidence::Record;
use crate::verdict::Finding;
/// stub
#[derive(Default)]
pub struct Checker;
impl Checker {
    /// stub
    pub fn observe(&mut self, _: u64, _: &Record) -> Vec<Finding> {
        Vec::new()
    }
}
