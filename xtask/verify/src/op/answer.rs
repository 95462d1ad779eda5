//! What calls return.

/// What a call returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Done,
    /// Whether it succeeded, or whether a condition holds.
    Is(bool),
    /// A number.
    Number(usize),
}

/// The answers that an operation may have, by their numbers: no, yes, and nothing or any number.
pub type Answers = &'static [usize];
/// Of a call that may succeed or not.
pub const YES_OR_NO: Answers = &[0, 1];
/// Of a call that returns only if it succeeds.
pub const YES: Answers = &[1];
/// Of other calls.
pub const NO_BOOL: Answers = &[2];
