//! A message store that nobody here wrote: Dovecot, started here with a folder of its own.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The user of the system in whose name mail is kept: nobody.
const NOBODY: u32 = 65_534;

pub struct Dovecot {
    process: Child,
    folder: tempfile::TempDir,
    pub address: SocketAddr,
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // Its children end with it.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// A store with this character between folders; none where it cannot be had.
pub fn dovecot(separator: char) -> Option<Dovecot> {
    let program = ["/usr/sbin/dovecot", "/usr/local/sbin/dovecot"].into_iter().find(|path| Path::new(path).exists())?;
    let folder = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mail = folder.path().join("mail");
    fs::create_dir(&mail).unwrap();
    // It drops its privileges, which only the superuser can.
    std::os::unix::fs::chown(&mail, Some(NOBODY), Some(NOBODY)).ok()?;
    let set = Command::new("chmod").arg("755").arg(folder.path()).status().unwrap();
    assert!(set.success());
    let own = folder.path().display();
    let layout = if separator == '/' { ":LAYOUT=fs" } else { "" };
    let text = format!(
        "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {own}/run\nstate_dir = {own}/run\nlog_path = {own}/log\n\
         ssl = no\ndisable_plaintext_auth = no\nmail_location = maildir:{own}/mail/%u{layout}\nfirst_valid_uid = 1\n\
         auth_username_chars =\nservice imap-login {{\n chroot =\n inet_listener imap {{\n  port = {port}\n }}\n}}\n\
         passdb {{\n driver = static\n args = nopassword=y\n}}\n\
         userdb {{\n driver = static\n args = uid={NOBODY} gid={NOBODY} home={own}/mail/%u\n}}\n\
         namespace inbox {{\n inbox = yes\n separator = {separator}\n}}\n",
        port = free.port(),
    );
    let path = folder.path().join("dovecot.conf");
    fs::write(&path, text).unwrap();
    let process = Command::new(program).arg("-F").arg("-c").arg(&path).stderr(Stdio::null()).spawn().ok()?;
    let dovecot = Dovecot { process, folder, address: free };
    let patience = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(free).is_err() {
        assert!(Instant::now() < patience, "{}", dovecot.log());
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(dovecot)
}

impl Dovecot {
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The objects of a folder of a maildir.
    pub fn objects(&self, folder: &str) -> Vec<String> {
        let folder: PathBuf = self.folder.path().join("mail").join(folder);
        let new = ["new", "cur"].map(|part| fs::read_dir(folder.join(part)));
        let files = new.into_iter().flatten().flatten().map(|entry| entry.unwrap().path());
        files.map(|path| fs::read_to_string(path).unwrap()).collect()
    }
}
