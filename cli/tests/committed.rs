//! The bundles that `infra/` commits are what `openclaw bundle` makes of the configurations beside them.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Returns the directories below `parent` that hold a configuration, relative to the root.
fn configurations(parent: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(parent)).unwrap();
    let directories = entries.map(|entry| Path::new(parent).join(entry.unwrap().file_name()));
    directories.filter(|directory| root().join(directory).join("openclaw.yaml").exists()).collect()
}

#[test]
fn committed_bundles_are_current() {
    let found = ["infra/examples", "infra/tests/configurations"].map(configurations).concat();
    assert!(found.len() >= 10, "{found:?}");
    for directory in found {
        let mut command = Command::new(env!("CARGO_BIN_EXE_openclaw"));
        let made = command.current_dir(root()).env_clear().arg("bundle").arg(&directory).output().unwrap();
        let place = directory.display();
        assert!(made.status.success(), "{place}: {}", String::from_utf8_lossy(&made.stderr));
        let committed = fs::read(root().join(&directory).join("bundle.json")).unwrap_or_default();
        assert!(
            committed == made.stdout,
            "{place}/bundle.json is not current; run: openclaw bundle {place} -o {place}/bundle.json"
        );
    }
}
