//! Kamailio with msilo as a process of its own.

use crate::reference::free;
use std::fs::{self, File};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Where Debian's packages leave the tables.
const TABLES: &str = "/usr/share/kamailio/db_sqlite";

pub struct Kamailio {
    child: Child,
    pub address: SocketAddr,
}

impl Kamailio {
    /// None where it is not installed, which is said.
    pub fn start(folder: &Path, sink: SocketAddr) -> io::Result<Option<Kamailio>> {
        let tables =
            ["standard-create.sql", "msilo-create.sql"].map(|name| fs::read_to_string(format!("{TABLES}/{name}")));
        let [Ok(standard), Ok(msilo)] = tables else {
            println!("Kamailio: skipped, it is not installed with its module for SQLite");
            return Ok(None);
        };
        let database = folder.join("kamailio.sqlite");
        let made = rusqlite::Connection::open(&database).and_then(|made| {
            // Set beforehand: its processes would be in each other's way when they all want to set it.
            made.execute_batch(&("PRAGMA journal_mode = WAL;\n".to_owned() + &standard + &msilo))
        });
        made.map_err(io::Error::other)?;
        let address = free()?;
        let configuration = include_str!("kamailio.cfg")
            .replace("@HOME@", &address.to_string())
            .replace("@SINK@", &sink.to_string())
            .replace("@DATABASE@", &database.display().to_string());
        fs::write(folder.join("kamailio.cfg"), configuration)?;
        let mut command = Command::new("kamailio");
        command.arg("-DD").arg("-E").args(["-m", "2000", "-M", "64"]).arg("-Y").arg(folder).arg("-w").arg(folder);
        command.arg("-f").arg(folder.join("kamailio.cfg"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(folder.join("kamailio.log"))?);
        let mut kamailio = Kamailio { child: command.spawn()?, address };
        for _ in 0..250 {
            if TcpStream::connect(address).is_ok() {
                return Ok(Some(kamailio));
            }
            if kamailio.child.try_wait()?.is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let said = fs::read_to_string(folder.join("kamailio.log")).unwrap_or_default();
        Err(io::Error::other(format!("Kamailio does not start: {said}")))
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        // The first of its processes ends the others; one that is killed could not.
        let _ = Command::new("sh").arg("-c").arg(format!("kill {}", self.child.id())).status();
        let _ = self.child.wait();
    }
}
