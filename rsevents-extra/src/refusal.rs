//! Panic messages that name numbers, from functions that may run at compile time.

/// Panics with `"{what}: {number} is more than {limit}"`.
#[cold]
#[track_caller]
pub(crate) const fn too_much(what: &str, number: u64, limit: u64) -> ! {
    let mut text = Text::new();
    text.push(what);
    text.push(": ");
    text.push_number(number);
    text.push(" is more than ");
    text.push_number(limit);
    panic!("{}", text.as_str());
}

/// A short text in an array. Constants cannot format, but they can write into an array.
struct Text {
    bytes: [u8; Self::ROOM],
    len: usize,
}

impl Text {
    const ROOM: usize = 128;

    const fn new() -> Self {
        Self { bytes: [0; Self::ROOM], len: 0 }
    }

    const fn push(&mut self, text: &str) {
        let mut i = 0;
        while i < text.len() {
            self.bytes[self.len] = text.as_bytes()[i];
            self.len += 1;
            i += 1;
        }
    }

    const fn push_number(&mut self, number: u64) {
        if number >= 10 {
            self.push_number(number / 10);
        }
        self.bytes[self.len] = b'0' + (number % 10) as u8;
        self.len += 1;
    }

    const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.len);
        match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => unreachable!(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::too_much;

    #[test]
    #[should_panic(expected = "a thing: 18446744073709551615 is more than 0")]
    fn the_message_names_both_numbers() {
        too_much("a thing", u64::MAX, 0);
    }
}
