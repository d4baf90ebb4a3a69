//! The reference puts objects into the store of a stranger: Dovecot, started here with a folder of its own. Where there
//! is none, or one may not start it, the test says that it is skipped.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cpm_reference::config::MessageStoreAccess;
use cpm_reference::neighbours::message_store::MessageStore;
use cpm_wire::net::{Clock, Driver};

/// The user of the system in whose name mail is kept: nobody.
const NOBODY: u32 = 65_534;

struct Dovecot {
    process: Child,
    folder: tempfile::TempDir,
    address: SocketAddr,
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // Its children end with it.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// A store with this character between folders; none where it cannot be had.
fn dovecot(separator: char) -> Option<Dovecot> {
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
    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The objects of a folder of a maildir.
    fn objects(&self, folder: &str) -> Vec<String> {
        let folder: PathBuf = self.folder.path().join("mail").join(folder);
        let new = ["new", "cur"].map(|part| fs::read_dir(folder.join(part)));
        let files = new.into_iter().flatten().flatten().map(|entry| entry.unwrap().path());
        files.map(|path| fs::read_to_string(path).unwrap()).collect()
    }
}

/// Lets the function work until nothing waits.
async fn work(store: &mut MessageStore, dovecot: &Dovecot) {
    let clock = Clock::start();
    let (driver, mut inputs) = Driver::new(clock);
    let patience = Instant::now() + Duration::from_secs(20);
    while store.waiting() > 0 {
        assert!(Instant::now() < patience, "{}", dovecot.log());
        while let Some(output) = store.poll_output() {
            driver.perform(output);
        }
        let input = tokio::time::timeout(Duration::from_millis(50), inputs.recv()).await;
        match input {
            Ok(Some((now, input))) if store.owns(&input) => store.receive(now, input),
            Ok(_) => {}
            Err(_) => store.handle_timeout(clock.now()),
        }
    }
}

async fn keeps(separator: char, folder: &str) {
    let Some(dovecot) = dovecot(separator) else {
        eprintln!("skipped: Dovecot is not installed, or may not be started here");
        return;
    };
    let access = MessageStoreAccess {
        address: dovecot.address,
        user: "{user}".to_owned(),
        // Any password will do, but for none.
        password_env: Some("CARGO_PKG_NAME".to_owned()),
    };
    let mut store = MessageStore::new(Some(&access));
    let now = Clock::start().now();
    for number in 1..=3 {
        for user in ["sip:bob@example.com", "tel:+49301"] {
            let object = Bytes::from(format!("Subject: number {number}\r\n\r\nof {user}\r\n"));
            assert!(store.append(now, user, "conv-1", "c1", object));
        }
    }
    work(&mut store, &dovecot).await;
    for user in ["bob@example.com", "+49301"] {
        let mut objects = dovecot.objects(&format!("{user}/{folder}"));
        objects.sort();
        assert_eq!(objects.len(), 3, "{}", dovecot.log());
        for (object, number) in objects.iter().zip(1..) {
            assert!(object.starts_with(&format!("Subject: number {number}")), "{object}");
            assert!(object.trim_end().ends_with(user), "{object}");
        }
    }
    assert!(!dovecot.log().contains("Error"), "{}", dovecot.log());
}

#[tokio::test]
async fn dovecot_keeps_what_the_function_puts_there() {
    keeps('/', "conv-1/c1").await;
}

#[tokio::test]
async fn dovecot_with_dots_between_folders_does_too() {
    keeps('.', ".conv-1.c1").await;
}
