//! The guides for vendors, played: every command of `docs/test-your-*.md` in its order, against the reference in a process of its
//! own. What a guide says is what happens.

use crate::peers::served::{Serving, free};
use pretty_assertions::assert_eq;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cpm-conformance");

/// The commands in the blocks of a guide.
fn commands(guide: &str) -> Vec<String> {
    let blocks = guide.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let lines = blocks.flat_map(|block| block.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>());
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// A guide that is played in a folder of its own, with free ports in the place of those that it names.
struct Player {
    folder: PathBuf,
    ports: Vec<(String, String)>,
    served: Option<Serving>,
}

impl Player {
    fn new(name: &str, ports: &[u16]) -> Player {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("guides").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let other = |port: &u16| (format!("127.0.0.1:{port}"), free().to_string());
        Player { folder, ports: ports.iter().map(other).collect(), served: None }
    }

    /// A text of the guide with the ports of this test.
    fn here(&self, text: &str) -> String {
        self.ports.iter().fold(text.to_owned(), |text, (port, other)| text.replace(port, other))
    }

    /// `serve`, with its own configuration at other ports.
    fn serve(&mut self, role: &str, config: &str) {
        let path = self.folder.join("serve.yaml");
        fs::write(&path, self.here(config)).unwrap();
        self.served = Some(Serving::start(role, &path, []));
    }

    /// What a shell makes of a command of the guide.
    fn play(&self, command: &str) -> Output {
        let command = self.here(command);
        let words = command.strip_prefix("cpm-conformance ").unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec \"$PROGRAM\" {words}")]).env("PROGRAM", PROGRAM);
        let output = shell.current_dir(&self.folder).stdin(Stdio::null()).output().unwrap();
        println!("$ {command}\n{}", String::from_utf8_lossy(&output.stdout));
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        output
    }
}

fn results(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(folder.join("results.json")).unwrap()).unwrap()
}

/// How many scenarios pass, and how many neither pass nor are those of the other role.
fn verdicts(results: &serde_json::Value) -> [usize; 2] {
    let all: Vec<&str> =
        results["scenarios"].as_array().unwrap().iter().map(|own| own["verdict"].as_str().unwrap()).collect();
    let count = |wanted: &[&str]| all.iter().filter(|verdict| wanted.contains(verdict)).count();
    [count(&["pass"]), all.len() - count(&["pass", "not_applicable"])]
}

/// Plays all commands but a run of everything, which other tests do, and looks at what each comes to.
fn played(player: &mut Player, guide: &str, role: &str, config: &str) -> Vec<String> {
    let mut told = Vec::new();
    for command in commands(guide) {
        if command.starts_with("cpm-conformance serve") {
            assert_eq!(command, format!("cpm-conformance serve {role}"));
            player.serve(role, config);
            continue;
        }
        if command.ends_with("--output all") {
            assert!(command.starts_with("cpm-conformance run --target"), "{command}");
            continue;
        }
        let output = player.play(&command);
        assert_eq!(output.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&output.stdout));
        told.push(String::from_utf8(output.stdout).unwrap());
    }
    told
}

#[test]
fn the_guide_for_participating_functions_is_played() {
    let mut player = Player::new("participating-function", &[5080, 2855, 5070, 3868, 1143]);
    let guide = include_str!("../../docs/test-your-participating-function.md");
    let told = played(&mut player, guide, "participating-function", include_str!("../../fixtures/serve.yaml"));
    let doctor = told.iter().find(|text| text.contains(" faults\n")).unwrap();
    for seen in ["options", "register", "route", "charging"] {
        assert!(
            doctor.lines().any(|line| line.starts_with("ok") && line.contains(&format!(" {seen} "))),
            "{seen}: {doctor}"
        );
    }
    let smoke = results(&player.folder.join("smoke"));
    assert_eq!(
        (smoke["run"]["selection"].as_str(), smoke["verdict"].as_str()),
        (Some("partial"), Some("partial_pass"))
    );
    assert_eq!(verdicts(&smoke), [10, 0]);
}

#[test]
fn the_guide_for_clients_is_played() {
    let mut player = Player::new("client", &[5090, 2856, 5091, 5071]);
    let guide = include_str!("../../docs/test-your-client.md");
    played(&mut player, guide, "client", include_str!("../../fixtures/serve_client.yaml"));
    let smoke = results(&player.folder.join("smoke"));
    assert_eq!(smoke["verdict"], "partial_pass");
    assert_eq!(verdicts(&smoke), [3, 0]);
}

#[test]
fn the_profile_of_the_guide_says_what_that_of_the_served_reference_says() {
    let mut player = Player::new("profile", &[]);
    let guide = include_str!("../../docs/test-your-participating-function.md");
    let init = commands(guide).into_iter().find(|command| command.starts_with("cpm-conformance init")).unwrap();
    assert_eq!(player.play(&init).status.code(), Some(0));
    let own = cpm_conformance::target::Profile::load(&player.folder.join("pf.yaml")).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/targets/served.yaml");
    let served = cpm_conformance::target::Profile::load(&path).unwrap();
    assert_eq!(own.statement(), served.statement());
    assert_eq!((own.timers(), own.pools()), (served.timers(), served.pools()));
    assert_eq!(own.charging_server_bind(), served.charging_server_bind());
    // What is there is not written over, unless that is wished.
    assert_eq!(player.play(&init).status.code(), Some(4));
    assert_eq!(player.play(&format!("{init} --force")).status.code(), Some(0));
    player.served = None;
}

#[test]
fn a_target_that_is_not_there_is_4_with_a_cure() {
    let player = Player::new("absent", &[5080]);
    let init = "cpm-conformance init pf.yaml --no-questions --sip 127.0.0.1:5080 --serving-cscf 127.0.0.1:0 \
                --set network.actors.charging_server.bind=127.0.0.1:0 --set network.answer_ms=300";
    assert_eq!(player.play(init).status.code(), Some(0));
    let output = player.play("cpm-conformance doctor pf.yaml");
    assert_eq!(output.status.code(), Some(4));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("FAULT    port") && text.contains("cure: start the target"), "{text}");
    let json = player.play("cpm-conformance doctor pf.yaml --format json");
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["sound"], false);
    assert!(json["checks"].as_array().unwrap().iter().any(|own| own["check"] == "options" && own["state"] == "fault"));
}

#[test]
fn every_shell_gets_its_completions() {
    let player = Player::new("completions", &[]);
    for (shell, tells_values) in
        [("bash", true), ("zsh", true), ("fish", true), ("powershell", false), ("elvish", false)]
    {
        let output = player.play(&format!("cpm-conformance completions {shell}"));
        let text = String::from_utf8(output.stdout).unwrap();
        for word in ["doctor", "requirement"] {
            assert!(output.status.success() && text.contains(word), "{shell}: {word}");
        }
        // What an option takes is for some shells alone.
        assert_eq!(text.contains("participating-function"), tells_values, "{shell}");
    }
    assert_eq!(player.play("cpm-conformance completions tea").status.code(), Some(4));
}
