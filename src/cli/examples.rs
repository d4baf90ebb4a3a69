//! What `--help` shows of each command beside its options: how it is called for what people call it for. A test reads
//! every line of these, so that none shows an option that there is not.

/// Of `run`.
pub(super) const RUN: &str = "\
Examples:
  cpm-conformance run                                            the embedded references, all features
  cpm-conformance run --target pf.yaml --plan                    what would run against a target, and why not
  cpm-conformance run --target pf.yaml --tags @smoke             ten scenarios that tell most
  cpm-conformance run --target pf.yaml --requirement CPM-CONV-058a
  cpm-conformance run --target pf.yaml --tags 'not @slow' --jobs 8
  cpm-conformance run --target pf.yaml --name TP-PF-SES-01-01.accepted --seed 7";

/// Of `list`.
pub(super) const LIST: &str = "\
Examples:
  cpm-conformance list requirements
  cpm-conformance list interpretations                           what each answer of a statement means
  cpm-conformance list scenarios --format json";

/// Of `coverage`.
pub(super) const COVERAGE: &str = "\
Examples:
  cpm-conformance coverage                                       each requirement with what serves it, and every gap
  cpm-conformance coverage --output reports/coverage             as pages";

/// Of `serve`.
pub(super) const SERVE: &str = "\
Examples:
  cpm-conformance serve participating-function                   something to attach to; Ctrl-C ends it
  cpm-conformance serve client --config client.yaml
  cpm-conformance serve participating-function --fault loses-the-last-message";

/// Of `qualify`.
pub(super) const QUALIFY: &str = "\
Examples:
  cpm-conformance qualify                                        every seeded fault and every null target
  cpm-conformance qualify --fault loses-the-last-message --link sockets";

/// Of `validate`.
pub(super) const VALIDATE: &str = "\
Examples:
  cpm-conformance validate trace.pcapng                          every speaker, by the base rules
  cpm-conformance validate --target pf.yaml trace.pcapng         the element under test alone
  cpm-conformance validate --summary --exclude base.diameter one.pcap two.pcap
  cpm-conformance validate --keylog keys.log trace.pcapng        what is said over TLS, too
  cpm-conformance validate --format sarif -                      a message on standard input";

/// Of `report verify`.
pub(super) const VERIFY: &str = "\
Examples:
  cpm-conformance report verify reports/latest";

/// Of `report diff`.
pub(super) const DIFF: &str = "\
Examples:
  cpm-conformance report diff before after --exit-code           ends with 1 if anything got worse
  cpm-conformance report diff before after --format markdown";

/// Of `report merge`.
pub(super) const MERGE: &str = "\
Examples:
  cpm-conformance report merge part-1 part-2 part-3 -o whole";

/// Of `init`.
pub(super) const INIT: &str = "\
Examples:
  cpm-conformance init pf.yaml                                   asks, on a terminal
  cpm-conformance init pf.yaml --name Product --vendor Example --sip 192.0.2.10:5060 --serving-cscf 192.0.2.1:5070
  cpm-conformance init --role client phone.yaml --serving-cscf 192.0.2.1:5060
  cpm-conformance init pf.yaml --set statement.drain_order=datetime --set network.answer_ms=8000";

/// Of `doctor`.
pub(super) const DOCTOR: &str = "\
Examples:
  cpm-conformance doctor pf.yaml                                 what stands in the way, and what helps
  cpm-conformance doctor pf.yaml --format json";

/// Of `completions`.
pub(super) const COMPLETIONS: &str = "\
Examples:
  cpm-conformance completions bash > ~/.local/share/bash-completion/completions/cpm-conformance
  cpm-conformance completions zsh > ~/.zfunc/_cpm-conformance
  cpm-conformance completions fish > ~/.config/fish/completions/cpm-conformance.fish";

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::Cli;
    use super::*;

    /// The words of a line as a shell would give them, up to the redirection or the remark behind two blanks.
    fn words(line: &str) -> Vec<String> {
        let command = line.trim_start().split("  ").next().unwrap().split(" > ").next().unwrap();
        command.split(' ').map(|word| word.trim_matches('\'').to_owned()).collect()
    }

    #[test]
    fn every_example_is_understood() {
        let all = [RUN, LIST, COVERAGE, SERVE, QUALIFY, VALIDATE, VERIFY, DIFF, MERGE, INIT, DOCTOR, COMPLETIONS];
        for line in all.iter().flat_map(|text| text.lines().skip(1)) {
            let mut given = words(&line.replace("'not @slow'", "not_slow"));
            assert_eq!(given[0], "cpm-conformance", "{line}");
            given.retain(|word| !word.is_empty());
            if let Err(error) = Cli::try_parse_from(given) {
                panic!("{line}: {error}");
            }
        }
    }
}
