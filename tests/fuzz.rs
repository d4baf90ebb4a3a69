//! The fuzz targets as plain functions, on any compiler: every seed, and every input that once broke something
//! (`fuzz/found/`), holds. `scripts/fuzz` looks for new ones.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

#[path = "../fuzz/src/targets/mod.rs"]
mod targets;

use targets::{TARGETS, Target};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The files in a folder, none where there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn names(folder: &str) -> BTreeSet<String> {
    let stem = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    files(&fuzz().join(folder)).into_iter().map(stem).collect()
}

fn run(folder: &str, name: &str, target: Target) -> usize {
    let inputs = files(&fuzz().join(folder).join(name));
    for input in &inputs {
        println!("{}", input.display());
        target(&fs::read(input).unwrap());
    }
    inputs.len()
}

#[test]
fn every_seed_holds() {
    for (name, target) in TARGETS {
        assert!(run("seeds", name, target) > 0, "{name} has no seeds");
    }
}

#[test]
fn what_was_found_holds() {
    let found: usize = TARGETS.into_iter().map(|(name, target)| run("found", name, target)).sum();
    assert!(found > 0);
}

/// A small generator (splitmix64): the same changes in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % bound.max(1)
    }
}

/// What separates, ends, opens and quotes in what is read here.
const TELLING: &[u8] = b"\r\n\t ,;:=<>\"@[]()-+*#$/\\%&{}\0\x7f\xff0";

/// One place changed: an octet set, lost or doubled, or a piece moved.
fn changed(octets: &mut Vec<u8>, numbers: &mut Numbers) {
    let at = numbers.below(octets.len());
    let piece = at..octets.len().min(at + numbers.below(40));
    match numbers.below(5) {
        0 if at < octets.len() => octets[at] = TELLING[numbers.below(TELLING.len())],
        1 => octets.insert(at, TELLING[numbers.below(TELLING.len())]),
        2 => drop(octets.drain(piece)),
        3 if at < octets.len() => octets[at] ^= 1 << numbers.below(8),
        _ => {
            let piece = octets[piece].to_vec();
            let to = numbers.below(octets.len());
            octets.splice(to..to, piece);
        }
    }
}

/// Each seed is changed so often.
const CHANGES: usize = 100;

#[test]
fn every_seed_holds_with_changes() {
    for (name, target) in TARGETS {
        let inputs = files(&fuzz().join("seeds").join(name));
        for (number, input) in (0..).zip(&inputs) {
            let seed = fs::read(input).unwrap();
            let mut numbers = Numbers(number);
            for _ in 0..CHANGES {
                let mut octets = seed.clone();
                (0..=numbers.below(4)).for_each(|_| changed(&mut octets, &mut numbers));
                if catch_unwind(|| target(&octets)).is_err() {
                    panic!("{name}: {}", octets.escape_ascii());
                }
            }
        }
    }
}

#[test]
fn every_target_holds_for_nothing_and_for_rubbish() {
    for (name, target) in TARGETS {
        println!("{name}");
        target(b"");
        target(&[0xff; 300]);
        target("\r\n\r\n\u{1F4E8}: \u{0}\n%%%".repeat(20).as_bytes());
    }
}

#[test]
fn every_target_has_seeds_and_nothing_else_has_folders() {
    let own: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(own.len(), TARGETS.len());
    assert_eq!(names("seeds"), own);
    assert!(names("found").is_subset(&own) && names("dictionaries").is_subset(&own));
}
