//! Charts of medians: a panel of bars for each row.

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use report::bench::{OURS, Row, Scenario};

use super::{Findings, format};

const INK: RGBColor = RGBColor(0x1f, 0x29, 0x33);
const FAINT: RGBColor = RGBColor(0x61, 0x6e, 0x7c);
const GRID: RGBColor = RGBColor(0xe4, 0xe7, 0xeb);
const ACCENT: RGBColor = RGBColor(0xd9, 0x48, 0x0f);
const OTHER: RGBColor = RGBColor(0x9a, 0xa5, 0xb1);

/// In pixels: the width of a chart, the height of its head and of a bar, and the room for a panel's title and
/// axis, for a label and for a value.
const WIDTH: u32 = 900;
const HEAD: u32 = 50;
const BAR: u32 = 26;
const TITLE_AND_AXIS: u32 = 62;
const LABEL: u32 = 360;
const VALUE: u32 = 110;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The chart of a scenario.
pub(super) fn draw(findings: &Findings<'_>, scenario: &Scenario, rows: &[&Row]) -> Result<String> {
    let height =
        |row: &Row| TITLE_AND_AXIS + BAR * findings.rounds.ranking(row).len().max(1) as u32;
    let total = HEAD + rows.iter().map(|row| height(row)).sum::<u32>();
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
    let bars = findings.rounds.ranking(row);
    if let Some(reason) = findings.rounds.skipped(row) {
        area.draw(&Text::new(row.title.clone(), (20, 10), font(14)))?;
        area.draw(&Text::new(format!("not measured: {reason}"), (20, 36), font(13)))?;
        return Ok(());
    }
    let largest = bars.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(&row.title, font(14))
        .set_label_area_size(LabelAreaPosition::Left, LABEL)
        .set_label_area_size(LabelAreaPosition::Bottom, 30)
        .margin_right(VALUE)
        .build_cartesian_2d(0.0..largest, bars.len() as f64..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .x_labels(6)
        .x_label_formatter(&|value| format::value(row.unit, *value))
        .x_label_style(font(11).color(&FAINT))
        .bold_line_style(GRID)
        .x_max_light_lines(0)
        .axis_style(GRID)
        .draw()?;
    for (nth, (contender, value)) in bars.iter().enumerate() {
        let color = if *contender == OURS { ACCENT } else { OTHER };
        let (top, middle) = (nth as f64, nth as f64 + 0.5);
        let corners = [(0.0, top + 0.15), (*value, top + 0.85)];
        let label = findings.plan.contender(contender).label.clone();
        let shown = format::value(row.unit, *value);
        let right = font(13).pos(Pos::new(HPos::Right, VPos::Center));
        let left = font(13).pos(Pos::new(HPos::Left, VPos::Center));
        chart.draw_series([Rectangle::new(corners, color.filled())])?;
        let beside = |at, text, offset, style| {
            EmptyElement::at((at, middle)) + Text::new(text, (offset, 0), style)
        };
        chart.draw_series([beside(0.0, label, -8, right), beside(*value, shown, 6, left)])?;
    }
    Ok(())
}

fn font<'a>(size: u32) -> TextStyle<'a> {
    // The backend takes a font's size for its line height.
    TextStyle::from(("sans-serif", f64::from(size) * 1.24).into_font()).color(&INK)
}
