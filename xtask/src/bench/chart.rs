//! Charts of medians: bars for each row, whose values stand beside them.

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use report::bench::{OURS, Row, Scenario};

use super::{Findings, format};

const INK: RGBColor = RGBColor(0x1f, 0x29, 0x33);
const ACCENT: RGBColor = RGBColor(0xd9, 0x48, 0x0f);
const OTHER: RGBColor = RGBColor(0x9a, 0xa5, 0xb1);

/// In pixels: the width of a chart and of its longest bar, the height of its head, of a row's title, of a bar and
/// of what is below the last one, and the room for a label.
const WIDTH: u32 = 900;
const LONGEST: f64 = 420.0;
const HEAD: u32 = 50;
const TITLE: u32 = 36;
const BAR: u32 = 26;
const FOOT: u32 = 12;
const LABEL: i32 = 360;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The chart of a scenario.
pub(super) fn draw(findings: &Findings<'_>, scenario: &Scenario, rows: &[&Row]) -> Result<String> {
    let height = |row: &Row| TITLE + BAR * findings.rounds.ranking(row).len().max(1) as u32;
    let total = HEAD + rows.iter().map(|row| height(row)).sum::<u32>() + FOOT;
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, (WIDTH, total)).into_drawing_area();
    // Else it would be unreadable where the page is dark.
    area.fill(&WHITE)?;
    let (head, mut rest) = area.split_vertically(HEAD);
    let title = format!("{} (median; the shorter, the better)", scenario.title);
    head.draw(&Text::new(title, (20, 20), font(18)))?;
    for row in rows {
        let (panel, below) = rest.split_vertically(height(row));
        self::panel(findings, row, &panel)?;
        rest = below;
    }
    area.present()?;
    drop((area, head, rest));
    Ok(svg)
}

fn panel(findings: &Findings<'_>, row: &Row, area: &Area<'_>) -> Result<()> {
    area.draw(&Text::new(row.title.clone(), (20, 10), font(14)))?;
    if let Some(reason) = findings.rounds.skipped(row) {
        area.draw(&Text::new(format!("not measured: {reason}"), (20, 36), font(13)))?;
    }
    let bars = findings.rounds.ranking(row);
    let largest = bars.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let beside = |side| font(13).pos(Pos::new(side, VPos::Center));
    for (top, (contender, value)) in (TITLE as i32..).step_by(BAR as usize).zip(bars) {
        let color = if contender == OURS { ACCENT } else { OTHER };
        let (bottom, middle) = (top + BAR as i32, top + BAR as i32 / 2);
        let end = LABEL + (value / largest * LONGEST) as i32;
        let label = findings.plan.contender(contender).label.clone();
        let shown = format::value(row.unit, value);
        area.draw(&Rectangle::new([(LABEL, top + 4), (end, bottom - 4)], color.filled()))?;
        area.draw(&Text::new(label, (LABEL - 8, middle), beside(HPos::Right)))?;
        area.draw(&Text::new(shown, (end + 6, middle), beside(HPos::Left)))?;
    }
    Ok(())
}

fn font(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&INK)
}
