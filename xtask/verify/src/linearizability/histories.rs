//! Histories by hand, in [a table](histories.txt), to see that the search rejects the wrong ones and accepts
//! the right ones.

use super::history::{Call, History};
use super::search::{Search, Violation};
use crate::event::Kind;
use crate::op::countdown::CountdownModel;
use crate::op::event::EventModel;
use crate::op::semaphore::SemaphoreModel;
use crate::op::several::{OneModel, SeveralModel};
use crate::op::{Answer, Model, Operation};

const TABLE: &str = include_str!("histories.txt");

/// Nanoseconds per unit of time in the table: more than the clocks of two processors differ by.
const UNIT: u64 = 1_000;

pub(super) const RIGHT: Option<Violation> = None;
pub(super) const WRONG: Option<Violation> = Some(Violation::NoOrder);
const EARLY: Option<Violation> = Some(Violation::Early);

/// How many histories got the right verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Wrong ones that were rejected.
    pub wrong: usize,
    /// Right ones that were accepted.
    pub right: usize,
}

/// Checks all of them.
///
/// # Errors
///
/// The name of one that got another verdict.
pub fn check() -> Result<Judged, &'static str> {
    judge(TABLE)
}

fn judge(table: &str) -> Result<Judged, &str> {
    let mut judged = Judged::default();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [verdict, object, name, calls] = fields[..] else { panic!("not four fields: {line}") };
        let (expected, count) = match verdict {
            "right" => (RIGHT, &mut judged.right),
            "wrong" => (WRONG, &mut judged.wrong),
            "early" => (EARLY, &mut judged.wrong),
            _ => panic!("not a verdict: {line}"),
        };
        let verdict = match object.split([' ', '/']).collect::<Vec<_>>()[..] {
            _ if object.contains('+') => {
                let objects: Vec<_> = object.split('+').map(parse_one).collect();
                verdict_on(<SeveralModel>::new(&objects), calls)
            }
            [kind @ ("auto" | "manual"), state] => verdict_on(event(kind, state), calls),
            ["countdown", count] => verdict_on(CountdownModel { count: number(count) }, calls),
            ["semaphore", permits, max] => {
                verdict_on(SemaphoreModel::new(number(permits), number(max)), calls)
            }
            _ => panic!("not an object: {line}"),
        };
        if verdict != expected {
            return Err(name);
        }
        *count += 1;
    }
    Ok(judged)
}

fn event(kind: &str, state: &str) -> EventModel {
    let kind = if kind == "auto" { Kind::Auto } else { Kind::Manual };
    EventModel { kind, is_set: state == "set" }
}

/// One of several objects.
fn parse_one(object: &str) -> OneModel {
    match object.trim().split_once(' ') {
        Some(("permits", permits)) => OneModel::Permits(number(permits)),
        Some((kind @ ("auto" | "manual"), state)) => OneModel::Event(event(kind, state)),
        _ => panic!("not an object: {object}"),
    }
}

fn verdict_on<M: Model>(initial: M, calls: &str) -> Option<Violation> {
    Search::new().check(&parse(initial, calls))
}

/// The history of an object with these calls.
pub(super) fn parse<M: Model>(initial: M, calls: &str) -> History<M> {
    let call = |text| parse_call(text).unwrap_or_else(|| panic!("not a call: {text}"));
    History::new(initial, calls.split(';').map(call).collect())
}

/// Parses `0 1-3 wait_many_for(2,5):yes`.
fn parse_call<O: Operation>(text: &str) -> Option<Call<O>> {
    let [thread, time, call] = text.split_whitespace().collect::<Vec<_>>()[..] else {
        return None;
    };
    let (start, end) = time.split_once('-')?;
    let (call, answer) = match call.split_once([':', '=']) {
        Some((call, "yes")) => (call, Answer::Is(true)),
        Some((call, "no")) => (call, Answer::Is(false)),
        Some((call, "max")) => (call, Answer::Number(usize::MAX)),
        Some((call, count)) => (call, Answer::Number(number(count))),
        None => (call, Answer::Done),
    };
    let (method, arguments) = call.trim_end_matches(')').split_once('(').unwrap_or((call, ""));
    let mut operation = O::all().find(|operation| operation.name() == method)?;
    let arguments = || arguments.split(',').filter(|argument| !argument.is_empty());
    if let Some(first) = arguments().next() {
        operation.set_number(number(first));
    }
    if let (Some(wait), Some(last)) = (operation.wait_mut(), arguments().next_back()) {
        *wait = wait.with_limit(std::time::Duration::from_nanos(number::<u64>(last) * UNIT));
    }
    Some(Call {
        thread: number(thread),
        operation,
        answer: Some(answer),
        start: number::<u64>(start) * UNIT,
        end: number::<u64>(end) * UNIT,
    })
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("not a number: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_history_gets_its_verdict() {
        assert_eq!(check(), Ok(Judged { wrong: 91, right: 59 }));
    }

    #[test]
    fn another_verdict_is_reported_by_name() {
        let table = TABLE.replacen("wrong |", "right |", 1);
        assert_eq!(judge(&table), Err("a set is lost"));
        let table = TABLE.replacen("right |", "wrong |", 1);
        assert_eq!(judge(&table), Err("a set comes too late"));
    }
}
