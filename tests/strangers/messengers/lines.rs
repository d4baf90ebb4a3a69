//! A program that is told what to do, and tells what happens, in lines.

use crate::peers::served::PATIENCE;
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

pub struct Lines {
    child: Child,
    lines: Receiver<String>,
    /// What was said and not looked for yet: two things may happen in either order.
    said: RefCell<Vec<String>>,
}

/// Whether this ends as it should, as it does where the program is installed; says so if not.
pub fn is_installed(name: &str, command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let there = quiet.status().is_ok_and(|status| status.success());
    if !there {
        println!("skipped: {name} is not installed");
    }
    there
}

impl Lines {
    pub fn start(command: &mut Command) -> Lines {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (say, lines) = channel();
        let mut told = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            let mut line = Vec::new();
            // Not all that they print is UTF-8.
            while told.by_ref().read_until(b'\n', &mut line).is_ok_and(|octets| octets > 0) {
                let text = String::from_utf8_lossy(&line).trim().to_owned();
                line.clear();
                if say.send(text).is_err() {
                    return;
                }
            }
        });
        Lines { child, lines, said: RefCell::default() }
    }

    pub fn tell(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        input.flush().unwrap();
    }

    /// Waits for a line of which something can be made, and takes it.
    #[track_caller]
    pub fn find<T>(&self, what: &str, wanted: impl Fn(&str) -> Option<T>) -> T {
        let (begun, mut said) = (Instant::now(), self.said.borrow_mut());
        if let Some((at, found)) = said.iter().enumerate().find_map(|(at, line)| Some((at, wanted(line)?))) {
            said.remove(at);
            return found;
        }
        while let Ok(line) = self.lines.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
            if let Some(found) = wanted(&line) {
                return found;
            }
            said.push(line);
        }
        panic!("{what} was not said, but {said:#?}");
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // Nothing to do for one that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
