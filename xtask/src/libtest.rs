//! What Rust's test harness prints.

/// How many tests passed, in the line that ends a success: `test result: ok. 1 passed; 0 failed; …`
pub(crate) fn passed(line: &str) -> Option<u64> {
    let (passed, _) = line.strip_prefix("test result: ok. ")?.split_once(" passed")?;
    passed.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::passed;

    #[test]
    fn results() {
        let result = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out";
        assert_eq!(passed(result), Some(1));
        assert_eq!(passed("test result: FAILED. 1 passed; 1 failed"), None);
        assert_eq!(passed("it says test result: ok. 1 passed"), None);
    }
}
