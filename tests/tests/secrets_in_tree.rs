//! No file of the tree, tracked or about to be, holds what looks like a credential.
#![expect(clippy::expect_used, reason = "without git's list there is nothing to look through")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A credential is its first characters and a run of others, at least so long.
struct Pattern {
    name: &'static str,
    start: &'static str,
    least: usize,
    fits: fn(char) -> bool,
    /// A text that the run must contain.
    holds: &'static str,
}

const PATTERNS: [Pattern; 9] = [
    Pattern { name: "an AWS access key id", start: "AKIA", least: 16, fits: upper_or_digit, holds: "" },
    Pattern { name: "an AWS session's key id", start: "ASIA", least: 16, fits: upper_or_digit, holds: "" },
    Pattern { name: "a private key", start: "-----BEGIN ", least: 16, fits: upper_or_dash, holds: "PRIVATE KEY--" },
    Pattern { name: "a JSON web token", start: "eyJ", least: 40, fits: word_or_dot, holds: ".eyJ" },
    Pattern { name: "a provider's key", start: "sk-", least: 20, fits: word, holds: "" },
    Pattern { name: "a Slack token", start: "xox", least: 14, fits: word, holds: "-" },
    Pattern { name: "a GitHub token", start: "ghp_", least: 36, fits: word, holds: "" },
    Pattern { name: "a GitHub app's token", start: "ghs_", least: 36, fits: word, holds: "" },
    Pattern { name: "a GitHub token", start: "github_pat_", least: 22, fits: word, holds: "" },
];

fn upper_or_digit(character: char) -> bool {
    character.is_ascii_uppercase() || character.is_ascii_digit()
}

fn upper_or_dash(character: char) -> bool {
    character.is_ascii_uppercase() || matches!(character, '-' | ' ')
}

fn word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

fn word_or_dot(character: char) -> bool {
    word(character) || character == '.'
}

/// Returns the names of the patterns that the text matches.
fn findings(text: &str) -> Vec<&'static str> {
    PATTERNS.iter().filter(|pattern| pattern.is_in(text)).map(|pattern| pattern.name).collect()
}

impl Pattern {
    fn is_in(&self, text: &str) -> bool {
        text.match_indices(self.start).any(|(at, start)| {
            let stands_alone = !text[..at].ends_with(word) || self.start.starts_with('-');
            let run: String =
                text[at + start.len()..].chars().take_while(|character| (self.fits)(*character)).collect();
            // AWS's documentation marks its own samples so.
            let is_sample = run.ends_with("EXAMPLE");
            stands_alone && !is_sample && run.len() >= self.least && run.contains(self.holds)
        })
    }
}

fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .expect("git can be run");
    assert!(listed.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).expect("names are UTF-8");
    names.split_terminator('\0').map(|name| root.join(name)).collect()
}

#[test]
fn no_file_holds_a_credential() {
    let files = files();
    assert!(files.len() > 20, "git names only {} files", files.len());
    let found: Vec<_> = files
        .iter()
        // A file that is deleted but not yet staged is listed all the same.
        .filter_map(|path| Some((path, std::fs::read(path).ok()?)))
        .flat_map(|(path, bytes)| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            findings(&text).into_iter().map(move |name| format!("{}: {name}", path.display()))
        })
        .collect();
    assert!(found.is_empty(), "take these out, and revoke them if they were ever real:\n{}", found.join("\n"));
}

/// The samples are put together here, so that this file passes its own test.
#[test]
fn each_kind_of_credential_is_seen() {
    let fill = |count: usize| "A1".repeat(count);
    for (sample, name) in [
        (format!("key = \"AKI{}{}\"", "A", fill(8)), "an AWS access key id"),
        (format!("ASI{}{}", "A", fill(8)), "an AWS session's key id"),
        (format!("-----BEGIN {}PRIVATE KEY-----", "RSA "), "a private key"),
        (format!("-----BEGIN {}", "PRIVATE KEY-----"), "a private key"),
        (format!("Bearer ey{}{}.ey{}{}.{}", "J", fill(10), "J", fill(10), fill(10)), "a JSON web token"),
        (format!("sk{}ant-api03-{}", "-", fill(10)), "a provider's key"),
        (format!("xo{}b-1234-{}", "x", fill(8)), "a Slack token"),
        (format!("gh{}_{}", "p", fill(18)), "a GitHub token"),
    ] {
        assert_eq!(findings(&sample), [name], "{sample}");
    }
}

#[test]
fn text_that_only_looks_like_a_credential_is_accepted() {
    for text in [
        "AKIAIOSFODNN7EXAMPLE",
        "sk-test",
        "the task-with-a-very-long-name-indeed",
        "eyJhbGciOiJSUzI1NiJ9",
        "a PRIVATE KEY",
        "-----BEGIN CERTIFICATE-----",
    ] {
        assert_eq!(findings(text), [""; 0], "{text}");
    }
}
