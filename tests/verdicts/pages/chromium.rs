//! A browser for tests: Chromium without a window, driven by the DevTools protocol over a pair of pipes, each message a JSON
//! object that ends with a NUL. It has a profile of its own, which goes with it.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

/// How long the browser may take for one answer, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// The browser takes its orders from descriptor 3 and answers on 4.
const START: &str = "exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --disable-background-networking --remote-debugging-pipe --user-data-dir=\"$1\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null";

/// A browser with one page.
pub struct Browser {
    child: Child,
    orders: ChildStdin,
    told: Receiver<Value>,
    events: VecDeque<Value>,
    number: u64,
    session: Option<String>,
    _profile: TempDir,
}

impl Browser {
    /// Starts one with an empty page. Where Chromium is not installed, that is said and no more.
    pub fn start() -> Option<Browser> {
        if Command::new("chromium").arg("--version").output().is_err() {
            println!("skipped: chromium is not installed");
            return None;
        }
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", START, "sh"]).arg(profile.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let orders = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let (sink, told) = channel();
        std::thread::spawn(move || {
            for message in answers.split(0).map_while(Result::ok) {
                if sink.send(serde_json::from_slice(&message).unwrap()).is_err() {
                    break;
                }
            }
        });
        let mut browser =
            Browser { child, orders, told, events: VecDeque::new(), number: 0, session: None, _profile: profile };
        let target = browser.order("Target.createTarget", json!({"url": "about:blank"}));
        let attached = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.order("Target.attachToTarget", attached);
        browser.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.order(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Gives an order, and waits for its answer.
    pub fn order(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let mut order = json!({"id": self.number, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            order["sessionId"] = session.as_str().into();
        }
        self.orders.write_all(order.to_string().as_bytes()).unwrap();
        self.orders.write_all(&[0]).unwrap();
        loop {
            let told = self.told.recv_timeout(PATIENCE).unwrap_or_else(|why| panic!("{method}: {why}"));
            if told["id"] == self.number {
                assert!(told.get("error").is_none(), "{method}: {told}");
                return told["result"].clone();
            }
            self.events.push_back(told);
        }
    }

    /// Opens a file, with a query if need be, and waits until it is loaded. What was told before is forgotten.
    pub fn open(&mut self, file: &Path, query: &str) {
        self.events.clear();
        let address = format!("file://{}{query}", file.canonicalize().unwrap().display());
        let gone = self.order("Page.navigate", json!({"url": address}));
        assert!(gone.get("errorText").is_none(), "{address}: {gone}");
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let told = self.told.recv_timeout(PATIENCE).unwrap();
            self.events.push_back(told);
        }
    }

    /// What a script comes to in the page.
    pub fn ask(&mut self, script: &str) -> Value {
        let wanted = json!({"expression": script, "returnByValue": true, "awaitPromise": true});
        let told = self.order("Runtime.evaluate", wanted);
        assert!(told.get("exceptionDetails").is_none(), "{script}: {told}");
        told["result"]["value"].clone()
    }

    /// Presses a key by its name.
    pub fn press(&mut self, key: &str, code: u32) {
        for kind in ["keyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            self.order("Input.dispatchKeyEvent", event);
        }
    }

    /// Light or dark, as the reader prefers it.
    pub fn prefer(&mut self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.order("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// Whether pages may run scripts.
    pub fn scripts(&mut self, allowed: bool) {
        self.order("Emulation.setScriptExecutionDisabled", json!({"value": !allowed}));
    }

    /// What the page complained of since it was opened: errors of scripts, of the console and of what it loads.
    pub fn complaints(&mut self) -> Vec<String> {
        // What came before this answer came before it in the pipe.
        self.ask("1");
        let complains = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown" | "Network.loadingFailed" | "Log.entryAdded") => true,
            Some("Runtime.consoleAPICalled") => event["params"]["type"] == "error",
            _ => false,
        };
        self.events.iter().filter(complains).map(ToString::to_string).collect()
    }

    /// The addresses that the page asked for since it was opened.
    pub fn asked_for(&self) -> Vec<String> {
        let requests = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        requests.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned()).collect()
    }

    /// How many sheets of A4 the page takes.
    pub fn sheets(&mut self) -> usize {
        let paper = json!({"paperWidth": 8.27, "paperHeight": 11.69, "transferMode": "ReturnAsStream"});
        let stream = self.order("Page.printToPDF", paper)["stream"].clone();
        let mut text = String::new();
        loop {
            let piece = self.order("IO.read", json!({"handle": stream}));
            assert_ne!(piece["base64Encoded"], Value::Null);
            text.push_str(&latin(&piece));
            if piece["eof"] == true {
                break;
            }
        }
        let count = regex::Regex::new(r"/Type\s*/Pages[^>]*?/Count (\d+)").unwrap();
        let roots = count.captures_iter(&text).map(|found| found[1].parse::<usize>().unwrap());
        roots.max().unwrap()
    }
}

/// A piece of a stream, each octet a character.
fn latin(piece: &Value) -> String {
    let data = piece["data"].as_str().unwrap();
    if piece["base64Encoded"] == false {
        return data.to_owned();
    }
    let digit = |octet: u8| match octet {
        b'A'..=b'Z' => u32::from(octet - b'A'),
        b'a'..=b'z' => u32::from(octet - b'a') + 26,
        b'0'..=b'9' => u32::from(octet - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u32> = data.bytes().filter(|octet| *octet != b'=').map(digit).collect();
    let mut text = String::new();
    for four in digits.chunks(4) {
        let bits = four.iter().enumerate().fold(0, |bits, (at, own)| bits | (own << (18 - 6 * at)));
        let octets = [(bits >> 16) as u8, (bits >> 8) as u8, bits as u8];
        text.extend(octets.iter().take(four.len() - 1).map(|octet| char::from(*octet)));
    }
    text
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its process goes when it is told to, and its children with it; if not, it is ended.
        let _ = self.orders.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        for _ in 0..100 {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
