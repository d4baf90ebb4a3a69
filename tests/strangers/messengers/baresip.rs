//! baresip, which takes text alone.

use crate::messengers::lines::{self, Lines};
use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::Command;

pub fn is_installed() -> bool {
    lines::is_installed("baresip", Command::new("sh").args(["-c", "command -v baresip"]))
}

pub struct Baresip(Lines);

impl Baresip {
    /// It registers by itself.
    pub fn start(user: &str, home: SocketAddr) -> Baresip {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("baresip");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let configuration = include_str!("../baresip/config").replace("@PORT@", &port.to_string());
        fs::write(folder.join("config"), configuration).unwrap();
        let account = format!("<sip:{user}@example.com>;outbound=\"sip:{home}\";auth_pass=none;regint=600\n");
        fs::write(folder.join("accounts"), account).unwrap();
        fs::write(folder.join("contacts"), "").unwrap();
        let mut command = Command::new("baresip");
        Baresip(Lines::start(command.arg("-f").arg(&folder)))
    }

    pub fn stop(mut self) {
        self.0.tell("/quit");
    }
}
