//! A table that stands in the report and on the terminal.

use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;

use crate::display;

/// A header, rows, and which columns have numbers.
pub(super) struct Sheet {
    header: Vec<String>,
    numbers: Vec<usize>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    /// An empty table. The titles of columns of numbers begin with `>`.
    pub(super) fn new<'a>(titles: impl IntoIterator<Item = &'a str>) -> Self {
        let mut sheet = Self { header: Vec::new(), numbers: Vec::new(), rows: Vec::new() };
        for (index, title) in titles.into_iter().enumerate() {
            let name = title.strip_prefix('>');
            sheet.numbers.extend(name.map(|_| index));
            sheet.header.push(name.unwrap_or(title).to_owned());
        }
        sheet
    }

    /// Adds a row, which may be in Markdown.
    pub(super) fn push(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().collect());
    }

    /// For the terminal, which has no use for emphasis.
    pub(super) fn terminal(&self) -> String {
        self.table(|cell| cell.replace("**", "").replace('`', "")).to_string()
    }

    /// For the report.
    pub(super) fn markdown(&self) -> String {
        let mut table = self.table(|cell| cell.replace('|', "\\|"));
        let table = table.load_style(ASCII_MARKDOWN).to_string();
        let line = |(index, line)| if index == 1 { self.rule(line) } else { format!("{line}\n") };
        table.lines().enumerate().map(line).collect()
    }

    fn table(&self, cell: impl Fn(&str) -> String) -> Table {
        let mut table = display::table(self.header.iter().map(String::as_str));
        for row in &self.rows {
            table.add_row(row.iter().map(|text| cell(text)));
        }
        display::align_right(&mut table, self.numbers.iter().copied());
        table
    }

    /// The line below the header, which in Markdown says how columns are aligned.
    fn rule(&self, line: &str) -> String {
        let columns = line.trim_matches('|').split('|').enumerate();
        let columns: Vec<String> = columns
            .map(|(index, dashes)| match dashes.strip_suffix('-') {
                Some(dashes) if self.numbers.contains(&index) => format!("{dashes}:"),
                _ => dashes.to_owned(),
            })
            .collect();
        format!("|{}|\n", columns.join("|"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let mut sheet = Sheet::new(["who", ">what"]);
        sheet.push(["**rsevents**".to_owned(), "1.5 ns".to_owned()]);
        sheet.push(["a|b".to_owned(), "10 ns".to_owned()]);
        sheet
    }

    #[test]
    fn markdown_has_a_rule_that_aligns() {
        let expected = "\
| who          |   what |
|--------------|-------:|
| **rsevents** | 1.5 ns |
| a\\|b         |  10 ns |
";
        assert_eq!(sheet().markdown(), expected);
    }

    #[test]
    fn terminal_has_no_markup() {
        let terminal = sheet().terminal();
        assert!(terminal.contains("│ rsevents ┆ 1.5 ns │"), "{terminal}");
    }
}
