//! The checks of a template when it is read: its depth, and the names that it uses.
//!
//! The engine looks names of filters, tests and functions up when it needs them. An evaluation would find only those of the
//! branches that it takes, so they are read from what the template was compiled to.

use std::collections::BTreeSet;
use std::iter;

use minijinja::machinery::{Instruction, Instructions, Token, tokenize};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind};

use super::scope::StateStatus;

/// A template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{detail}", line.map_or_else(String::new, |line| format!("line {line}: ")))]
pub struct TemplateFault {
    /// The line within the template.
    pub line: Option<usize>,
    /// The fault.
    pub detail: String,
}

impl TemplateFault {
    pub(super) fn at(line: Option<usize>, detail: impl Into<String>) -> Self {
        Self { line: line.filter(|line| *line > 1), detail: detail.into() }
    }
}

/// The most operators of an expression between two commas, those of what encloses it included.
const MAX_OPERATORS: usize = 200;

/// The most brackets within each other.
const MAX_BRACKETS: usize = 20;

/// The most `elif` of a template.
const MAX_ELIF: usize = 50;

/// The most instructions of a compiled template. Each may nest a value once more, and a value that is nested too deeply overflows
/// the stack when it is written or dropped.
const MAX_INSTRUCTIONS: u32 = 5_000;

/// The most sums of a template. Each may double a list at no cost, and only what walks it later does that work.
const MAX_SUMS: usize = 16;

/// The flag of a loop that calls itself (minijinja, `LOOP_FLAG_RECURSIVE`).
const IS_RECURSIVE: u8 = 2;

/// Refuses a template for which the engine might overflow the stack, which ends the process: its parser and its compiler
/// recurse for each operator, bracket and `elif`. Of statements within each other, the engine itself refuses more than 150.
///
/// # Errors
/// [`TemplateFault`] with the bound.
pub(super) fn check_depth(source: &str, is_expression: bool) -> Result<(), TemplateFault> {
    let (mut operators, mut elifs) = (0, 0);
    // For each open bracket, the operators up to it.
    let mut brackets: Vec<usize> = Vec::new();
    // What is not a symbol is a fault that the parser reports.
    for (token, span) in tokenize(source, is_expression, SyntaxConfig::default()).map_while(Result::ok) {
        operators += usize::from(!is_operand(&token));
        match token {
            Token::TemplateData(_) | Token::VariableStart | Token::BlockStart => {
                operators = 0;
                brackets.clear();
            }
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => brackets.push(operators),
            Token::ParenClose | Token::BracketClose | Token::BraceClose => operators = brackets.pop().unwrap_or(0),
            Token::Comma => operators = brackets.last().copied().unwrap_or(0),
            Token::Ident("elif") => elifs += 1,
            _ => {}
        }
        let detail = if operators > MAX_OPERATORS {
            format!("an expression of more than {MAX_OPERATORS} operators without a comma")
        } else if brackets.len() > MAX_BRACKETS {
            format!("more than {MAX_BRACKETS} brackets within each other")
        } else if elifs > MAX_ELIF {
            format!("more than {MAX_ELIF} elif")
        } else {
            continue;
        };
        return Err(TemplateFault::at(Some(span.start_line.into()), detail));
    }
    Ok(())
}

fn is_operand(token: &Token<'_>) -> bool {
    match token {
        Token::Ident(word) => !matches!(*word, "and" | "else" | "if" | "in" | "is" | "not" | "or"),
        Token::Str(_) | Token::String(_) | Token::Int(_) | Token::Int128(_) | Token::Float(_) => true,
        _ => false,
    }
}

/// Refuses a template whose values could grow or nest without doing work that the engine counts. Beside these bounds nothing is
/// carried from one pass of a loop to the next, since there is neither `namespace` nor a loop that calls itself.
///
/// # Errors
/// [`TemplateFault`] with the bound.
pub(super) fn check_growth(instructions: &Instructions<'_>) -> Result<(), TemplateFault> {
    let mut sums = 0;
    for (index, instruction) in (0..).zip(all(instructions)) {
        sums += usize::from(matches!(instruction, Instruction::Add | Instruction::ApplyFilter("chain" | "sum", ..)));
        let detail = if matches!(instruction, Instruction::PushLoop(flags) if flags & IS_RECURSIVE != 0) {
            "a recursive loop".to_owned()
        } else if matches!(instruction, Instruction::SetAttr(_)) {
            "a member that is set".to_owned()
        } else if sums > MAX_SUMS {
            format!("more than {MAX_SUMS} sums, by + or by the filters chain and sum")
        } else if index > MAX_INSTRUCTIONS {
            "a template that is too long".to_owned()
        } else {
            continue;
        };
        return Err(TemplateFault::at(instructions.get_line(index), detail));
    }
    Ok(())
}

/// Returns the names that a template reads and does not define, such as `input.prompt`. The engine's own list lacks those of
/// which only a part is read, as in `input.prompt[:100]`, and those of the filters of a block.
pub(super) fn read_names(instructions: &Instructions<'_>) -> BTreeSet<String> {
    let all: Vec<&Instruction<'_>> = all(instructions).collect();
    let defines =
        |name: &str| all.iter().any(|each| matches!(each, Instruction::StoreLocal(stored) if *stored == name));
    let mut names = BTreeSet::new();
    for (index, instruction) in all.iter().enumerate() {
        let (Instruction::Lookup(root) | Instruction::CallFunction(root, _)) = *instruction else { continue };
        // The engine defines `loop` in loops alone, and lists it elsewhere.
        if *root != "loop" && !defines(root) {
            let members = all.iter().skip(index + 1).map_while(|each| match each {
                Instruction::GetAttr(member) if matches!(instruction, Instruction::Lookup(_)) => Some(*member),
                _ => None,
            });
            names.insert(iter::once(*root).chain(members).collect::<Vec<_>>().join("."));
        }
    }
    names
}

/// Refuses a comparison of a state's status with a text that it never is. `states.x.status` is read as the names before the text
/// or behind it.
///
/// # Errors
/// [`TemplateFault`] with the text.
pub(super) fn check_statuses(instructions: &Instructions<'_>) -> Result<(), TemplateFault> {
    let all: Vec<&Instruction<'_>> = all(instructions).collect();
    let is_status = |names: &[&Instruction<'_>]| {
        matches!(names, [Instruction::Lookup("states"), Instruction::GetAttr(_), Instruction::GetAttr("status")])
    };
    for (index, window) in (0..).zip(all.windows(5)) {
        let literal = match window {
            [Instruction::LoadConst(text), names @ .., Instruction::Eq | Instruction::Ne] if is_status(names) => {
                text.as_str()
            }
            [names @ .., Instruction::LoadConst(text), Instruction::Eq | Instruction::Ne] if is_status(names) => {
                text.as_str()
            }
            _ => None,
        };
        if let Some(text) = literal.filter(|text| !StateStatus::ALL.iter().any(|one| one.as_str() == *text)) {
            let known = StateStatus::ALL.map(StateStatus::as_str).join(", ");
            let detail = format!("the status {text:?}; there are {known}");
            return Err(TemplateFault::at(instructions.get_line(index), detail));
        }
    }
    Ok(())
}

/// Refuses a filter, a test or a function that does not exist, on whatever branch it stands. `names` are those that the
/// template reads and does not define.
///
/// # Errors
/// [`TemplateFault`] with the name.
pub(super) fn check_names(
    environment: &Environment<'_>,
    instructions: &Instructions<'_>,
    names: &BTreeSet<String>,
) -> Result<(), TemplateFault> {
    let mut state = environment.empty_state();
    let mut before: Vec<&Instruction<'_>> = Vec::new();
    for (index, instruction) in (0..).zip(all(instructions)) {
        let uses = match *instruction {
            Instruction::ApplyFilter(name, count, _) => [Some((FILTER, name)), argument(name, count, &before)],
            Instruction::PerformTest(name, ..) => [Some((TEST, name)), None],
            Instruction::CallFunction(name, _) if names.contains(name) => [Some((FUNCTION, name)), None],
            _ => [None, None],
        };
        before.push(instruction);
        for (kind, name) in uses.into_iter().flatten() {
            let is = |error: Option<Error>, kind| error.is_some_and(|error| error.kind() == kind);
            let is_unknown = match kind {
                FILTER => is(state.apply_filter(name, &[]).err(), ErrorKind::UnknownFilter),
                TEST => is(state.perform_test(name, &[]).err(), ErrorKind::UnknownTest),
                _ => state.lookup(name).is_none(),
            };
            if is_unknown {
                return Err(TemplateFault::at(instructions.get_line(index), format!("{kind}{name} is unknown")));
            }
        }
    }
    Ok(())
}

/// The words before a name in faults.
const FILTER: &str = "filter ";
const TEST: &str = "test ";
const FUNCTION: &str = "";

/// Returns the filter or the test that a filter of lists is given as a literal argument, as in `map('upper')`.
fn argument<'a>(filter: &str, count: Option<u16>, before: &[&'a Instruction<'_>]) -> Option<(&'static str, &'a str)> {
    let (kind, position) = match filter {
        "map" => (FILTER, 0),
        "select" | "reject" => (TEST, 0),
        "selectattr" | "rejectattr" => (TEST, 1),
        _ => return None,
    };
    // The count includes the list.
    let arguments = before.len().checked_sub(usize::from(count?.checked_sub(1)?))?;
    let literals = before.get(arguments..)?.iter().map(|each| match each {
        Instruction::LoadConst(value) => Some(value),
        _ => None,
    });
    let name = literals.collect::<Option<Vec<_>>>()?.get(position)?.as_str()?;
    Some((kind, name))
}

fn all<'a>(instructions: &'a Instructions<'a>) -> impl Iterator<Item = &'a Instruction<'a>> {
    (0..).map_while(|index| instructions.get(index))
}
