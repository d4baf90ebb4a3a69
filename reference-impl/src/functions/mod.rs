//! What the function decides, one room per word of the requirements.

pub mod missed_group_content;
