//! The target as a process: the embedded reference started as a child of this program, or an external element that is
//! already there.
//!
//! A child ends when its standard input closes, so that none outlives the run; killing it is real.

use super::certificates::{ADMINISTRATION, Certificates, Files};
use super::client_configuration::client_configuration;
use crate::actors::preference_server::{ROOT, USER_PART};
use crate::target::{Profile, Retention, Role, Statement};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Where a target can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetAddresses {
    /// Its SIP address, UDP and TCP.
    pub sip: SocketAddr,
    /// Its MSRP address, if it is told apart.
    pub msrp: Option<SocketAddr>,
    /// Where the user of a client is told what to do, and asked what it sees; where the operator of a participating
    /// function ends sessions.
    pub control: Option<SocketAddr>,
    /// Where orders of interception go, if they are taken.
    pub x1: Option<SocketAddr>,
}

/// The line that a reference prints when it is ready.
#[derive(Debug, Deserialize)]
struct Ready {
    sip: SocketAddr,
    msrp: SocketAddr,
    control: Option<SocketAddr>,
    x1: Option<SocketAddr>,
}

/// Why a target could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The child could not be made.
    #[error("cannot start {program}: {source}")]
    Spawn {
        /// The program.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It said something else than that it is ready.
    #[error("the reference did not get ready: {0}")]
    NotReady(String),
    /// Its folder could not be prepared.
    #[error("cannot prepare {path}: {source}")]
    Folder {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Where the target finds its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbours {
    /// The serving CSCF.
    pub serving_cscf: SocketAddr,
    /// The message store of the users, when the tester plays one.
    pub message_store: Option<SocketAddr>,
    /// The server of preferences, when the tester plays one.
    pub preference_server: Option<SocketAddr>,
    /// The charging server, when the tester plays one.
    pub charging_server: Option<SocketAddr>,
}

/// The reference as a child process, with a folder of its own for configuration and store.
pub struct EmbeddedTarget {
    program: PathBuf,
    role: Role,
    fault: Option<&'static str>,
    folder: tempfile::TempDir,
    child: Child,
    addresses: TargetAddresses,
}

impl EmbeddedTarget {
    /// Starts `program serve`, with the role of the profile and a seeded fault if one is named, and waits until it says that
    /// it is ready.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(
        program: &Path,
        profile: &Profile,
        neighbours: Neighbours,
        certificates: Option<&Certificates>,
        fault: Option<&'static str>,
    ) -> Result<EmbeddedTarget, StartError> {
        let folder = tempfile::Builder::new()
            .prefix("cpm-conformance-")
            .tempdir()
            .map_err(|source| StartError::Folder { path: std::env::temp_dir(), source })?;
        let localhost = SocketAddr::new(neighbours.serving_cscf.ip(), 0);
        let addresses =
            TargetAddresses { sip: localhost, msrp: Some(localhost), control: Some(localhost), x1: Some(localhost) };
        if let Some(certificates) = certificates {
            let path = folder.path().to_owned();
            certificates.write(&path).map_err(|source| StartError::Folder { path, source })?;
        }
        write_configuration(folder.path(), profile, neighbours, addresses)?;
        let role = profile.role;
        let (child, addresses) = launch(program, role, fault, folder.path()).await?;
        // From now on it keeps its ports, also over a restart.
        write_configuration(folder.path(), profile, neighbours, addresses)?;
        Ok(EmbeddedTarget { program: program.to_owned(), role, fault, folder, child, addresses })
    }

    /// Where it can be reached.
    pub fn addresses(&self) -> TargetAddresses {
        self.addresses
    }

    /// Kills it without a word (SIGKILL) and starts it again over the same store, at the same addresses.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn kill_and_restart(&mut self) -> Result<(), StartError> {
        let program = self.program.display().to_string();
        self.child.kill().await.map_err(|source| StartError::Spawn { program, source })?;
        let (child, addresses) = launch(&self.program, self.role, self.fault, self.folder.path()).await?;
        self.child = child;
        self.addresses = addresses;
        Ok(())
    }

    /// Lets it end by itself, as it does when its standard input closes; kills it if it does not.
    pub async fn stop(mut self) {
        drop(self.child.stdin.take());
        if tokio::time::timeout(Duration::from_secs(2), self.child.wait()).await.is_err() {
            // Already gone is as good as killed.
            let _ = self.child.kill().await;
        }
    }
}

async fn launch(
    program: &Path,
    role: Role,
    fault: Option<&str>,
    folder: &Path,
) -> Result<(Child, TargetAddresses), StartError> {
    let mut child = Command::new(program)
        .args(["serve", role.as_str(), "--config"])
        .arg(folder.join("reference.yaml"))
        .args(fault.iter().flat_map(|fault| ["--fault", fault]))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| StartError::Spawn { program: program.display().to_string(), source })?;
    let stdout = child.stdout.take().ok_or_else(|| StartError::NotReady("it has no standard output".to_owned()))?;
    let mut line = String::new();
    let mut reader = BufReader::new(stdout);
    let read = tokio::time::timeout(Duration::from_secs(20), reader.read_line(&mut line)).await;
    match read {
        Err(_) => return Err(StartError::NotReady("it said nothing for 20 s".to_owned())),
        Ok(Err(error)) => return Err(StartError::NotReady(error.to_string())),
        Ok(Ok(_)) => {}
    }
    let ready: Ready = serde_json::from_str(&line)
        .map_err(|error| StartError::NotReady(format!("it printed {:?} ({error})", line.trim_end())))?;
    let Ready { sip, msrp, control, x1 } = ready;
    Ok((child, TargetAddresses { sip, msrp: Some(msrp), control, x1 }))
}

/// The reference's configuration that matches a profile: the same timers, the policies of the same user classes, and the
/// delivery that the statement declares. It is JSON, which is YAML.
pub fn configuration(
    profile: &Profile,
    neighbours: Neighbours,
    addresses: TargetAddresses,
    store: Option<&Path>,
) -> String {
    if profile.role == Role::Client {
        return client_configuration(profile, neighbours.serving_cscf, addresses);
    }
    let timers = profile.timers();
    let statement = profile.statement();
    let mut policies = policies(statement, timers.expiry);
    policies.extend(wishes(profile));
    let classes = policies.keys().filter(|class| *class != PLAIN);
    let users: Vec<Value> = classes.map(|class| json!({"prefix": format!("sip:{class}-"), "policy": class})).collect();
    let mut configuration = json!({
        "domain": profile.domain(),
        "sip": addresses.sip,
        "msrp": addresses.msrp.unwrap_or(SocketAddr::new(addresses.sip.ip(), 0)),
        "serving_cscf": neighbours.serving_cscf,
        "stand_in_on": statement.values("stand_in_on"),
        "no_answer_ms": millis(timers.no_answer),
        "msrp_response_ms": millis(timers.msrp_response),
        "retry_ms": millis(timers.retry),
        "drain_retries": statement.number("drain_retries").unwrap_or_default(),
        "session_timer": statement.flag("session_timer"),
        "max_sessions_per_user": statement.number("max_sessions"),
        "max_pager_octets": statement.number("max_pager_octets"),
        "over_pager_limit": statement.text("over_pager_limit"),
        "deferral_request": statement.values("deferral_request"),
        "exploder": profile.network.psi.exploder.as_ref().map(|uri| uri.as_str()),
        "missing_ids": statement.text("missing_ids"),
        "six_xx": statement.text("six_xx"),
        "continuity": statement.values("continuity"),
        "control": addresses.control,
        "interworking": {"function": profile.interworking(), "codes": statement.interworking_codes()},
        "offline_precedence": statement.text("offline_precedence"),
        "history_request": several(statement, "history_request", "fetch"),
        "delivery": delivery(statement),
        "deferred": {
            "delivery": statement.values("deferred_delivery"),
            "expiry_carrier": statement.values("expiry_carrier"),
        },
        "media": media(statement),
        "default_policy": PLAIN,
        "policies": policies,
        "users": users,
    });
    if let Some(keys) = configuration.as_object_mut() {
        keys.extend(store.map(|store| ("store".to_owned(), json!(store))));
        // The store lets in whoever comes; the name tells on whose behalf.
        let access = neighbours.message_store.map(|address| json!({"address": address, "user": "{user}"}));
        keys.extend(access.map(|access| ("message_store".to_owned(), access)));
        let preferences = neighbours.preference_server.map(|address| {
            json!({
                "root": format!("http://{address}{ROOT}"),
                "server": format!("sip:{USER_PART}@{}", profile.domain()),
                // The caller has to hear something in time, whether the server answers or not.
                "patience_ms": millis(timers.answer / 4),
            })
        });
        keys.extend(preferences.map(|access| ("preferences".to_owned(), access)));
        let charging = neighbours.charging_server.map(|server| charging(profile, server));
        keys.extend(charging.map(|access| ("charging".to_owned(), access)));
        keys.extend(presence(profile).map(|access| ("presence".to_owned(), access)));
        let folder = store.and_then(Path::parent).unwrap_or(Path::new("."));
        let interception = profile.is_intercepted().then(|| interception(addresses, folder));
        keys.extend(interception.map(|access| ("interception".to_owned(), access)));
    }
    configuration.to_string()
}

/// Where orders of interception are taken, and by whose word.
fn interception(addresses: TargetAddresses, folder: &Path) -> Value {
    let files = Files::in_folder(folder);
    json!({
        "listen": addresses.x1.unwrap_or(SocketAddr::new(addresses.sip.ip(), 0)),
        "certificate": files.certificate,
        "key": files.key,
        "ca": files.authority,
        "administration": ADMINISTRATION,
    })
}

const PLAIN: &str = "plain";

/// Where what is charged goes, and what becomes of those who pay beforehand when nobody answers there.
fn charging(profile: &Profile, server: SocketAddr) -> Value {
    json!({
        "server": server,
        "destination_realm": profile.charging_identity().realm,
        "failure": profile.statement().text("charging_failure"),
    })
}

/// What is published and watched, where anything is; the presence server is reached through the serving CSCF.
fn presence(profile: &Profile) -> Option<Value> {
    let [source, watcher] = ["presence_source", "presence_watcher"].map(|key| profile.statement().flag(key));
    (source || watcher).then(|| json!({"source": source, "watcher": watcher, "expires_s": 3600}))
}

/// How what was missed is delivered, in the statement's own words.
fn delivery(statement: &Statement) -> Value {
    let several = |key: &str| several(statement, key, "none");
    json!({
        "shape_live": statement.text("drain_shape_live"),
        "shape_ended": statement.text("drain_shape_ended"),
        "order": statement.text("drain_order"),
        "invite_list": statement.text("drain_invite_list"),
        "identity": statement.text("drain_identity"),
        "devices": statement.text("drain_devices"),
        "final_list": several("final_list_carrier"),
        "intermediate": several("intermediate"),
        "notifications": several("notification_path"),
        "device_mode": several("device_mode"),
        "reports": statement.text("multi_device_reports"),
    })
}

/// The words of an answer but for this one.
fn several<'a>(statement: &'a Statement, key: &str, but: &str) -> Vec<&'a str> {
    statement.values(key).into_iter().filter(|word| *word != but).collect()
}

/// Where media go, and which are had, in the statement's own words.
fn media(statement: &Statement) -> Value {
    let control = several(statement, "media_control", "none");
    json!({
        "path": statement.text("media_path"),
        "continuous": statement.flag("continuous_media"),
        "control": control,
    })
}

/// What the provider lets be kept for the users of each class.
fn policies(statement: &Statement, expiry: Duration) -> serde_json::Map<String, Value> {
    let mut policies = serde_json::Map::new();
    let mut add = |class: &str, policy: Value| policies.insert(class.to_owned(), policy);
    add(PLAIN, json!({"store": true}));
    add("store_off", json!({"store": false}));
    add("prepaid", json!({"charging": "online"}));
    add("history_on", json!({"store": true, "history": true}));
    add("history_off", json!({"store": true, "history": false}));
    for class in ["sequential", "all_joined"] {
        add(class, json!({"device_mode": class}));
    }
    if statement.flag("presence_source") || statement.flag("presence_watcher") {
        add("present", json!({"store": true, "presence": true}));
    }
    let Some(policy) = statement.store_policy() else { return policies };
    if policy.retention == Retention::ExpiryMs {
        add("short_expiry", json!({"retention_ms": millis(expiry)}));
    }
    if let Some(quota) = policy.quota {
        add("small_quota", json!({"quota": quota, "quota_conduct": policy.quota_conduct}));
    }
    add("type_filter", json!({"refused_types": policy.refused_types}));
    policies
}

/// What users of some classes wish from the beginning.
fn wishes(profile: &Profile) -> impl Iterator<Item = (String, Value)> {
    let blocked = profile.provisioning.blocked.as_ref().map(|uri| ("blocked", json!({"blocked": [uri.as_str()]})));
    let others =
        [("anonymous_refused", json!({"anonymous_refused": true})), ("unavailable", json!({"unavailable": true}))];
    let all = blocked.into_iter().chain(others);
    all.map(|(class, wish)| (class.to_owned(), json!({"store": true, "preferences": wish})))
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn write_configuration(
    folder: &Path,
    profile: &Profile,
    neighbours: Neighbours,
    addresses: TargetAddresses,
) -> Result<(), StartError> {
    let path = folder.join("reference.yaml");
    let text = configuration(profile, neighbours, addresses, Some(&folder.join("store.sqlite")));
    std::fs::write(&path, text).map_err(|source| StartError::Folder { path, source })
}
