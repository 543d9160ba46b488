//! Every example passes `openclaw check`, its policies their examples, and each page says how to start it.

use openclaw::agent::FullSchemaChecks;
use openclaw::app::KnownModels;
use openclaw::config::Stage;
use openclaw::domain::Timestamp;
use openclaw_cli::Directory;

use crate::world::folder;

/// The first moment of 2026.
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

const EXAMPLES: [&str; 5] = ["code-review", "compliance", "search-then-summarise", "support", "translate"];

#[test]
fn every_example_is_tested() {
    let mut found: Vec<String> =
        std::fs::read_dir(folder("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    assert_eq!(found, EXAMPLES, "each has a file here and a case in tests/example_runs.py");
}

#[test]
fn every_example_is_free_of_faults() {
    for example in EXAMPLES {
        let directory = Directory::read(&folder(example)).unwrap();
        for stage in [Stage::Deployment, Stage::LocalCloud] {
            assert_eq!(directory.check(stage, &KnownModels(FullSchemaChecks), NOW), [], "{example}");
            let sets = directory.policies(stage, &KnownModels(FullSchemaChecks), NOW).unwrap();
            assert!(sets.iter().all(|set| set.faults.is_empty() && set.examples >= 3), "{example}: {sets:?}");
        }
    }
    let sets = Directory::read(&folder("compliance"))
        .unwrap()
        .policies(Stage::Deployment, &KnownModels(FullSchemaChecks), NOW)
        .unwrap();
    assert_eq!(sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>(), ["payments"]);
}

#[test]
fn every_page_starts_its_example_and_shows_an_answer() {
    for example in EXAMPLES {
        let page = std::fs::read_to_string(folder(example).join("README.md")).unwrap();
        assert!(page.contains(&format!("$ make up CONFIG=examples/agents/{example}\n")), "{example}");
        assert!(page.contains(&format!("http://127.0.0.1:9000/v1/agent/{example} ")), "{example}");
        assert!(page.contains(&format!("\"agent\":\"{example}\"")), "{example}");
    }
}
