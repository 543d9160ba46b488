//! The bundles that `infra/` commits are what `openclaw bundle` makes of the configurations beside them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the directories with a configuration below a directory of `infra/`.
fn configurations(directory: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra").join(directory);
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|entry| entry.join("openclaw.yaml").exists()).collect()
}

#[test]
fn committed_bundles_are_current() {
    let found = ["examples", "tests/configurations"].map(configurations).concat();
    assert!(found.len() >= 10, "{found:?}");
    for directory in found {
        let made =
            Command::new(env!("CARGO_BIN_EXE_openclaw")).arg("bundle").arg(&directory).env_clear().output().unwrap();
        let place = directory.display();
        assert!(made.status.success(), "{place}: {}", String::from_utf8_lossy(&made.stderr));
        let committed = fs::read(directory.join("bundle.json")).unwrap_or_default();
        assert!(
            committed == made.stdout,
            "{place}/bundle.json is not current; run: openclaw bundle {place} -o {place}/bundle.json"
        );
    }
}
