//! Kamailio as presence server and document server.

use crate::kamailio::home::Home;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;

/// Where Debian has the schemas of Kamailio's tables.
const SCHEMAS: [&str; 2] =
    ["/usr/share/kamailio/db_sqlite/standard-create.sql", "/usr/share/kamailio/db_sqlite/presence-create.sql"];

/// True when Kamailio has what it takes. Says so when it has not.
pub fn is_installed() -> bool {
    let module = |name: &str| {
        let folders = ["/usr/lib/x86_64-linux-gnu/kamailio/modules", "/usr/lib/aarch64-linux-gnu/kamailio/modules"];
        folders.iter().any(|folder| Path::new(folder).join(name).exists())
    };
    let modules = ["presence.so", "presence_xml.so", "xcap_server.so", "db_sqlite.so", "xhttp.so"].map(module);
    let there = modules == [true; 5] && SCHEMAS.iter().all(|schema| Path::new(schema).exists());
    if !there {
        println!("skipped: the presence modules of Kamailio are not installed");
    }
    there && crate::kamailio::home::is_installed()
}

/// The server at this address.
pub fn start(address: SocketAddr) -> Home {
    Home::of(address, |folder| {
        let database = folder.join("presence.db");
        let fill = "import sqlite3, sys\nfor name in sys.argv[2:]: sqlite3.connect(sys.argv[1]).executescript(open(name).read())";
        let made = Command::new("python3").args(["-c", fill]).arg(&database).args(SCHEMAS).status();
        assert!(made.is_ok_and(|status| status.success()), "the tables are made");
        include_str!("../kamailio/presence.cfg").replace("@DATABASE@", &database.display().to_string())
    })
}

/// Asks the document server for something; gives the status of the answer.
pub fn document(server: SocketAddr, method: &str, path: &str, document: &str) -> u16 {
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(crate::peers::served::PATIENCE)).unwrap();
    let request = format!(
        "{method} /xcap-root/{path} HTTP/1.1\r\nHost: {server}\r\nContent-Type: application/auth-policy+xml\r\n\
         Content-Length: {}\r\n\r\n{document}",
        document.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut octets = [0; 4096];
    while !answer.windows(4).any(|window| window == b"\r\n\r\n") {
        let length = stream.read(&mut octets).unwrap();
        assert_ne!(length, 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&octets[..length]);
    }
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
}
