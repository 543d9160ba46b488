//! Every command of a fenced block exists: make targets, cargo's and openclaw's subcommands, scripts, files, Terraform's
//! folders and outputs.

use std::collections::BTreeSet;

use super::pages::Page;
use super::shell::commands;
use super::{all_pages, read, root};

/// Programs that are not the project's own.
const EXTERNAL: [&str; 20] = [
    "aws", "cat", "cd", "cp", "curl", "echo", "export", "git", "mkdir", "open", "openssl", "printf", "python3",
    "rustup", "sed", "tail", "tr", "umask", "unset", "websocat",
];
/// Subcommands of cargo, and those of `cargo lambda`.
const CARGO: [&str; 9] = ["build", "clippy", "deny", "fmt", "fuzz", "install", "nextest", "run", "test"];
const CARGO_LAMBDA: [&str; 3] = ["build", "invoke", "watch"];
const TERRAFORM: [&str; 7] = ["apply", "destroy", "import", "init", "output", "plan", "state"];

/// The targets, subcommands and files of the project.
struct Project {
    makefile: String,
    openclaw: BTreeSet<String>,
    exists: fn(&str) -> bool,
    read: fn(&str) -> String,
}

impl Project {
    fn of_this_tree() -> Self {
        let openclaw = subcommands(&read("cli/src/commands/mod.rs"));
        assert!(openclaw.contains("check") && openclaw.contains("bundle"), "{openclaw:?}");
        Self { makefile: read("Makefile"), openclaw, exists: |path| root().join(path).exists(), read }
    }

    fn has_target(&self, name: &str) -> bool {
        self.makefile.lines().any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))
    }
}

/// Returns the names of the variants of clap's `enum Command`, in lower case.
fn subcommands(source: &str) -> BTreeSet<String> {
    let body = source.split("enum Command {").nth(1).unwrap_or_default().split("\n}").next().unwrap_or_default();
    let variant = |line: &str| {
        let name: String = line.strip_prefix("    ")?.chars().take_while(char::is_ascii_alphanumeric).collect();
        name.starts_with(char::is_uppercase).then(|| name.to_lowercase())
    };
    body.lines().filter_map(variant).collect()
}

/// Returns what is wrong with a page's commands.
fn faults(page: &Page, project: &Project) -> Vec<String> {
    let mut made = BTreeSet::new();
    let mut faults = Vec::new();
    for block in page.blocks.iter().filter(|block| block.is_in("console") || block.is_in("sh")) {
        for command in commands(block) {
            note_made(&command, &mut made);
            if let Err(fault) = check(&command, project, &made) {
                faults.push(format!("{}:{}: `{}`: {fault}", page.path, block.line, command.join(" ")));
            }
        }
    }
    for command in page.code_spans().filter_map(|span| span.strip_prefix("make ")) {
        if let Err(fault) = check_make(command.split(' '), project) {
            faults.push(format!("{}: `make {command}`: {fault}", page.path));
        }
    }
    faults
}

/// Notes the files that a command makes, so that later commands may name them.
fn note_made(command: &[String], made: &mut BTreeSet<String>) {
    let follows = |option: &str| command.iter().skip_while(move |word| *word != option).nth(1).cloned();
    made.extend(follows(">"));
    made.extend(follows("-o"));
    if command.first().is_some_and(|program| program == "cp" || program == "mkdir") {
        made.extend(command.last().cloned());
    }
}

fn check(command: &[String], project: &Project, made: &BTreeSet<String>) -> Result<(), String> {
    let words: Vec<&str> = command.iter().map(String::as_str).skip_while(|word| is_assignment(word)).collect();
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    let known = |names: &[&str], name: Option<&&str>| match name {
        Some(name) if names.contains(name) => Ok(()),
        _ => Err(format!("{program} has no subcommand {name:?} that the documentation may use")),
    };
    match *program {
        "make" => check_make(arguments.iter().copied(), project)?,
        "cargo" if arguments.first() == Some(&"lambda") => known(&CARGO_LAMBDA, arguments.get(1))?,
        "cargo" => known(&CARGO, arguments.iter().find(|word| !word.starts_with('+')))?,
        "openclaw" => known(&project.openclaw.iter().map(String::as_str).collect::<Vec<_>>(), arguments.first())?,
        "terraform" => check_terraform(arguments, project, made)?,
        program if program.contains('/') => {}
        program if EXTERNAL.contains(&program) => {}
        other => return Err(format!("{other} is not a program of the project, nor in this test's list")),
    }
    let missing = words.iter().find(|word| is_path(word) && !made.contains(**word) && !(project.exists)(word));
    missing.map_or(Ok(()), |path| Err(format!("there is no {path}")))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| is_variable(name))
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Returns whether a word names a file or folder of the project.
pub(crate) fn is_path(word: &str) -> bool {
    const FOLDERS: [&str; 9] = ["cli", "docs", "events", "functions", "fuzz", "infra", "shared", "tests", "tools"];
    let is_plain = !word.contains(['<', '*', '…', '{', '$', ' ', '(', '=']);
    is_plain && word.split_once('/').is_some_and(|(first, _)| FOLDERS.contains(&first))
}

fn check_make<'a>(arguments: impl Iterator<Item = &'a str>, project: &Project) -> Result<(), String> {
    for argument in arguments {
        match argument.split_once('=') {
            Some((name, _)) if !is_variable(name) || !project.makefile.contains(name) => {
                return Err(format!("the Makefile does not know {name}"));
            }
            None if !project.has_target(argument) => return Err(format!("the Makefile has no target {argument}")),
            _ => {}
        }
    }
    Ok(())
}

fn check_terraform(arguments: &[&str], project: &Project, made: &BTreeSet<String>) -> Result<(), String> {
    let option = |name: &str| arguments.iter().find_map(|word| word.strip_prefix(name));
    let folder = option("-chdir=").unwrap_or(".");
    if !(project.exists)(folder) {
        return Err(format!("there is no folder {folder}"));
    }
    let mut words = arguments.iter().filter(|word| !word.starts_with('-'));
    let subcommand = words.next().copied().unwrap_or_default();
    if !TERRAFORM.contains(&subcommand) {
        return Err(format!("terraform has no subcommand {subcommand:?} that the documentation may use"));
    }
    let file = option("-var-file=").map(|file| format!("{folder}/{file}"));
    if let Some(missing) = file.filter(|file| !made.contains(file) && !(project.exists)(file)) {
        return Err(format!("there is no {missing}"));
    }
    match words.next() {
        Some(output) if subcommand == "output" => {
            let declared = (project.read)(&format!("{folder}/outputs.tf")).contains(&format!("output \"{output}\""));
            declared.then_some(()).ok_or(format!("{folder}/outputs.tf has no output {output}"))
        }
        _ => Ok(()),
    }
}

#[test]
fn commands_exist() {
    let project = Project::of_this_tree();
    let faults: Vec<String> = all_pages().iter().flat_map(|page| faults(page, &project)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_command_that_does_not_exist_is_found() {
    let project = Project {
        makefile: "up: x ## CONFIG=DIR\n".to_owned(),
        openclaw: subcommands(
            "enum Command {\n    /// Checks.\n    Check(Check),\n    Bundle {\n        out: x,\n    },\n}\n",
        ),
        exists: |path| ["infra", "infra/a.tfvars", "events/a.json"].contains(&path),
        read: |_| "output \"base_url\" {\n".to_owned(),
    };
    let count = |commands: &str| {
        let page = super::pages::parse("p.md", &format!("```console\n{commands}\n```\n"));
        faults(&page, &project)
    };
    let good = "$ make up CONFIG=x\n$ A=1 openclaw check x && openclaw bundle x -o infra/b.json\n$ cat infra/b.json\n\
                $ terraform -chdir=infra plan -var-file=a.tfvars\n$ X=$(terraform -chdir=infra output -raw base_url)\n\
                $ cargo lambda invoke a --data-file events/a.json\noutput";
    assert_eq!(count(good), [""; 0]);
    let bad = "$ make down\n$ make up OTHER=x\n$ openclaw chat\n$ cat infra/c.json\n$ cargo frobnicate\n$ perl x\n\
               $ terraform -chdir=infra plan -var-file=b.tfvars\n$ X=$(terraform -chdir=infra output -raw other)\n\
               $ terraform -chdir=elsewhere plan";
    assert_eq!(count(bad).len(), 9, "{:#?}", count(bad));
}
