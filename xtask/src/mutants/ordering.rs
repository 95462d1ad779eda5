//! Mutants with a weaker memory ordering, made from the sources themselves.

use anyhow::{Result, bail};

use super::mutant::{Kind, Mutant, number_repeated};
use super::sources::Source;

const PREFIX: &str = "Ordering::";

/// Every ordering of every source, weakened by one step.
pub(super) fn generate(sources: &[Source]) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for source in sources {
        mutants.extend(of_source(source)?);
    }
    Ok(mutants)
}

fn of_source(source: &Source) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    let mut function = "";
    let mut line_start = 0;
    for line in source.text.split_inclusive('\n') {
        let code = without_comment(line);
        function = function_name(code).unwrap_or(function);
        for (place, _) in code.match_indices(PREFIX) {
            let start = line_start + place + PREFIX.len();
            let ordering = word(&source.text[start..]);
            for weaker in weaker(ordering)? {
                mutants.push(Mutant {
                    kind: Kind::Ordering,
                    file: source.file.clone(),
                    change: format!("{ordering} -> {weaker} in {function}"),
                    span: start..start + ordering.len(),
                    replacement: (*weaker).to_owned(),
                    is_quick: true,
                });
            }
        }
        line_start += line.len();
    }
    number_repeated(&mut mutants);
    Ok(mutants)
}

/// The orderings that guarantee one thing less.
fn weaker(ordering: &str) -> Result<&'static [&'static str]> {
    Ok(match ordering {
        "AcqRel" => &["Acquire", "Release"],
        "Acquire" | "Release" => &["Relaxed"],
        "Relaxed" => &[],
        other => bail!("`{PREFIX}{other}`: say in xtask what would be weaker"),
    })
}

fn without_comment(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

/// The name of the function that a line begins to define.
fn function_name(code: &str) -> Option<&str> {
    let definition = code.trim_start().split_once("fn ");
    let (qualifiers, rest) = definition?;
    let is_definition = qualifiers
        .split_whitespace()
        .all(|q| q == "const" || q == "unsafe" || q.starts_with("pub"));
    is_definition.then(|| word(rest))
}

/// The identifier with which a text begins.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| c != '_' && !c.is_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(text: &str) -> Vec<String> {
        let source = Source { file: "rsevents/src/one.rs".to_owned(), text: text.to_owned() };
        let mutants = of_source(&source).unwrap();
        mutants.into_iter().map(|mutant| mutant.change).collect()
    }

    #[test]
    fn each_ordering_is_one_step_weaker() {
        let text = "    pub(crate) fn tick(&self) {
            self.word.fetch_sub(1, Ordering::AcqRel);
            self.word.compare_exchange(1, 2, Ordering::Acquire, Ordering::Relaxed);
            self.word.store(1, Ordering::Release);
        }";
        assert_eq!(
            changes(text),
            [
                "AcqRel -> Acquire in tick",
                "AcqRel -> Release in tick",
                "Acquire -> Relaxed in tick",
                "Release -> Relaxed in tick",
            ]
        );
    }

    #[test]
    fn weakened_text_compiles_to_what_the_name_says() {
        let text = "fn set() { a.load(Ordering::Acquire) }";
        let source = Source { file: "rsevents/src/one.rs".to_owned(), text: text.to_owned() };
        let mutant = of_source(&source).unwrap().remove(0);
        assert_eq!(mutant.apply(text), "fn set() { a.load(Ordering::Relaxed) }");
    }

    #[test]
    fn same_change_in_one_function_is_numbered() {
        let text = "const fn set() {\na.load(Ordering::Acquire);\nb.load(Ordering::Acquire);\n}";
        assert_eq!(changes(text), ["Acquire -> Relaxed in set", "Acquire -> Relaxed in set #2"]);
    }

    #[test]
    fn comments_and_imports_are_left_alone() {
        let text = "use core::sync::atomic::Ordering;
            // Ordering::Acquire pairs with Ordering::Release.
            /// Ordering::AcqRel
            let relaxed = Ordering::Relaxed; // not Ordering::Release";
        assert!(changes(text).is_empty());
    }

    #[test]
    fn unknown_ordering_is_an_error() {
        let text = "a.load(Ordering::SeqCst)".to_owned();
        let source = Source { file: "rsevents/src/one.rs".to_owned(), text };
        assert!(of_source(&source).is_err());
    }

    #[test]
    fn function_is_the_one_that_the_line_defines() {
        assert_eq!(function_name("    pub(crate) const fn new(x: u8) -> Self {"), Some("new"));
        assert_eq!(function_name("unsafe fn f<T>() {"), Some("f"));
        assert_eq!(function_name("    change: impl Fn(u8) -> u8,"), None);
        assert_eq!(function_name("    const_fn! {"), None);
        assert_eq!(function_name("    let name = \"fn \";"), None);
    }
}
