//! A history as people read it.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};

use super::history::{Answer, CONDUCTOR, Call, Operation, Pending};
use super::search::{HistoryOf, Spec};

/// A row per call, a column per thread, by the times at which the calls began.
pub(super) fn render<S: Spec>(history: &HistoryOf<S>) -> String {
    let mut rows: Vec<Row> = history.calls().iter().map(Row::of_call).collect();
    rows.extend(history.pending().iter().map(Row::of_pending));
    rows.sort_by_key(|row| row.start);
    let threads = rows.iter().map(|row| row.thread + 1).max().unwrap_or(0);

    let mut table = Table::new();
    let mut header = ["start ns", "end ns", "conductor"].map(str::to_owned).to_vec();
    header.extend((CONDUCTOR + 1..threads).map(|thread| format!("thread {thread}")));
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    let origin = rows.first().map_or(0, |row| row.start);
    for row in &rows {
        table.add_row(row.cells(origin, threads));
    }
    for column in table.column_iter_mut().take(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("at first: {:?}\n{table}", history.initial())
}

struct Row {
    thread: usize,
    start: u64,
    end: Option<u64>,
    text: String,
}

impl Row {
    fn of_call<O: Operation>(call: &Call<O>) -> Self {
        let text = format!("{:?}{}", call.operation, Self::returned(call.answer));
        Self { thread: call.thread, start: call.start, end: Some(call.end), text }
    }

    fn of_pending<O: Operation>(call: &Pending<O>) -> Self {
        let text = format!("{:?} ...", call.operation);
        Self { thread: call.thread, start: call.start, end: None, text }
    }

    fn returned(answer: Answer) -> String {
        match answer {
            Answer::Done => String::new(),
            Answer::Is(answer) => format!(" = {answer}"),
            Answer::Number(number) => format!(" = {number}"),
        }
    }

    fn cells(&self, origin: u64, threads: usize) -> Vec<String> {
        let end = self.end.map_or("never".to_owned(), |end| (end - origin).to_string());
        let mut cells = vec![(self.start - origin).to_string(), end];
        cells.resize(2 + threads, String::new());
        cells[2 + self.thread].clone_from(&self.text);
        cells
    }
}
