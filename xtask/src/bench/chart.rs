//! Charts of medians: a panel of bars per row.

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::{
    Color, DrawingArea, IntoDrawingArea, IntoFont, PathElement, RGBColor, Rectangle, SVGBackend,
    Text, TextStyle, WHITE,
};
use plotters::style::FontStyle;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::measured::Measured;
use super::plan::{OURS, Plan, Row, Unit};
use super::scale::Scale;

const INK: RGBColor = RGBColor(0x1f, 0x29, 0x33);
const FAINT: RGBColor = RGBColor(0x61, 0x6e, 0x7c);
const GRID: RGBColor = RGBColor(0xe4, 0xe7, 0xeb);
const ACCENT: RGBColor = RGBColor(0xd9, 0x48, 0x0f);
const OTHER: RGBColor = RGBColor(0x9a, 0xa5, 0xb1);

/// All in pixels.
const WIDTH: i32 = 860;
const MARGIN: i32 = 20;
const HEAD: i32 = 62;
const TITLE: i32 = 30;
const BAR: i32 = 18;
const PITCH: i32 = 26;
const AXIS: i32 = 20;
const GAP: i32 = 18;
/// Room for a value after the longest bar.
const VALUE: i32 = 110;
/// Room for the value at a tick.
const TICK: i32 = 96;
/// What a letter of a label takes, and then some: whoever shows the chart chooses the font.
const LETTER: i32 = 8;

/// What stands on the chart of a scenario.
pub(super) fn draw(plan: &Plan, measured: &Measured<'_>) -> Result<String> {
    let rows = measured.selected.rows.iter();
    let panels: Vec<Panel> = rows.map(|row| Panel::new(plan, measured, row)).collect();
    let bars = panels.iter().flat_map(|panel| &panel.bars);
    let letters = bars.map(|bar| bar.label.chars().count()).max().unwrap_or_default();
    let left = MARGIN + LETTER * i32::try_from(letters)? + 8;
    let height = HEAD + panels.iter().map(Panel::height).sum::<i32>();

    let mut svg = String::new();
    let size = (u32::try_from(WIDTH)?, u32::try_from(height)?);
    let canvas = Canvas { area: SVGBackend::with_string(&mut svg, size).into_drawing_area(), left };
    // Else it would be unreadable where the page is dark.
    canvas.area.fill(&WHITE)?;
    canvas.text(&measured.scenario().title, (MARGIN, 24), Look::TITLE)?;
    canvas.text("median; the shorter, the better", (MARGIN, 45), Look::FAINT)?;
    let mut top = HEAD;
    for panel in &panels {
        panel.draw(&canvas, top)?;
        top += panel.height();
    }
    canvas.area.present()?;
    drop(canvas);
    Ok(svg)
}

/// A row of the scenario.
struct Panel {
    title: String,
    unit: Unit,
    scale: Scale,
    bars: Vec<Bar>,
    /// Why there are no bars.
    skipped: Option<String>,
}

struct Bar {
    label: String,
    value: f64,
    is_ours: bool,
}

impl Panel {
    fn new<'a>(plan: &Plan, measured: &Measured<'a>, row: &'a Row) -> Self {
        let ranking = measured.ranking(row);
        let values: Vec<f64> = ranking.iter().map(|(_, value)| *value).collect();
        let bar = |(name, value): (&str, f64)| Bar {
            label: plan.label(name).to_owned(),
            value,
            is_ours: name == OURS,
        };
        Self {
            title: row.title.clone(),
            unit: row.unit,
            scale: Scale::of(&values),
            bars: ranking.into_iter().map(bar).collect(),
            skipped: measured.skipped(row).map(str::to_owned),
        }
    }

    fn height(&self) -> i32 {
        // The word that there are none takes the place of a bar.
        let bars = self.bars.len().max(1) as i32;
        let axis = if self.is_logarithmic() { AXIS } else { 0 };
        TITLE + bars * PITCH + axis + GAP
    }

    fn is_logarithmic(&self) -> bool {
        matches!(self.scale, Scale::Logarithmic { .. })
    }

    fn draw(&self, canvas: &Canvas<'_>, top: i32) -> Result<()> {
        let scale = if self.is_logarithmic() { " (logarithmic scale)" } else { "" };
        canvas.text(&format!("{}{scale}", self.title), (MARGIN, top + TITLE / 2), Look::HEADING)?;
        if let Some(reason) = &self.skipped {
            let middle = top + TITLE + PITCH / 2;
            canvas.text(&format!("not measured: {reason}"), (MARGIN, middle), Look::FAINT)?;
        }
        self.draw_grid(canvas, top + TITLE)?;
        for (index, bar) in self.bars.iter().enumerate() {
            self.draw_bar(canvas, bar, top + TITLE + index as i32 * PITCH)?;
        }
        Ok(())
    }

    fn draw_grid(&self, canvas: &Canvas<'_>, top: i32) -> Result<()> {
        let bottom = top + self.bars.len() as i32 * PITCH;
        let distance = f64::from(TICK) / f64::from(canvas.width());
        for value in self.scale.ticks(distance) {
            let x = canvas.x(self.scale.position(value));
            canvas.area.draw(&PathElement::new([(x, top), (x, bottom)], GRID))?;
            canvas.text(&tick(self.unit, value), (x, bottom + AXIS / 2), Look::TICK)?;
        }
        Ok(())
    }

    fn draw_bar(&self, canvas: &Canvas<'_>, bar: &Bar, top: i32) -> Result<()> {
        let (from, to) = (canvas.left, canvas.x(self.scale.position(bar.value)));
        let (upper, lower) = (top + (PITCH - BAR) / 2, top + (PITCH + BAR) / 2);
        let (color, look) = if bar.is_ours { (ACCENT, Look::OURS) } else { (OTHER, Look::PLAIN) };
        // What is next to nothing is not nothing.
        let corners = [(from, upper), (to.max(from + 2), lower)];
        canvas.area.draw(&Rectangle::new(corners, color.filled()))?;
        let middle = top + PITCH / 2;
        canvas.text(&bar.label, (from - 8, middle), look.end())?;
        canvas.text(&self.unit.show(bar.value), (to.max(from + 2) + 6, middle), look)
    }
}

/// `10 ns`: a power of ten has no digits to show.
fn tick(unit: Unit, value: f64) -> String {
    let shown = unit.show(value);
    match shown.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => shown,
    }
}

/// Where to draw, and where bars begin.
struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    left: i32,
}

impl Canvas<'_> {
    /// How long the longest bar is.
    fn width(&self) -> i32 {
        WIDTH - MARGIN - VALUE - self.left
    }

    /// Where a place on a scale is.
    fn x(&self, position: f64) -> i32 {
        self.left + (position * f64::from(self.width())).round() as i32
    }

    fn text(&self, text: &str, at: (i32, i32), look: Look) -> Result<()> {
        // The backend takes a font's size for its line height.
        let font = ("sans-serif", look.size * 1.24).into_font().style(look.weight);
        let style = TextStyle::from(font).color(&look.color).pos(Pos::new(look.side, VPos::Center));
        Ok(self.area.draw(&Text::new(text, at, style))?)
    }
}

/// How a text looks, and which part of it is where it is put.
#[derive(Clone, Copy)]
struct Look {
    size: f64,
    weight: FontStyle,
    color: RGBColor,
    side: HPos,
}

impl Look {
    const PLAIN: Self =
        Self { size: 13.0, weight: FontStyle::Normal, color: INK, side: HPos::Left };
    const OURS: Self = Self { weight: FontStyle::Bold, ..Self::PLAIN };
    const TITLE: Self = Self { size: 18.0, weight: FontStyle::Bold, ..Self::PLAIN };
    const HEADING: Self = Self { size: 14.0, weight: FontStyle::Bold, ..Self::PLAIN };
    const FAINT: Self = Self { color: FAINT, ..Self::PLAIN };
    const TICK: Self = Self { size: 11.0, side: HPos::Center, ..Self::FAINT };

    /// The same, ending where it is put.
    fn end(self) -> Self {
        Self { side: HPos::Right, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::tests::sample;
    use crate::bench::rounds::Round;

    #[test]
    fn chart_shows_the_medians_of_the_report() {
        let plan = sample();
        let values = [
            ("handoff/one_core/rsevents", 1.5),
            ("handoff/one_core/futex", 2.0),
            ("handoff/two_cores/rsevents", 170.4),
            ("handoff/two_cores/rsevents-0.3.1", 12_345.0),
            ("handoff/two_cores/futex", 999_999.0),
        ];
        let svg = draw(&plan, &Measured::of(&plan, vec![Round::of(&values, &[])])).unwrap();
        for text in ["1.50 ns", "2.00 ns", "170 ns", "12.3 µs", "1.00 ms", "10 µs", "bare futex"]
        {
            assert!(svg.contains(&format!(">\n{text}\n<")), "{text}");
        }
        assert_eq!(svg.matches("(logarithmic scale)").count(), 1);
        assert_eq!(svg.matches("#D9480F").count(), 2);
    }

    #[test]
    fn row_that_was_skipped_says_so() {
        let plan = sample();
        let skipped = [("handoff/one_core", "x < y"), ("handoff/two_cores", "refused")];
        let svg = draw(&plan, &Measured::of(&plan, vec![Round::of(&[], &skipped)])).unwrap();
        assert!(svg.contains("not measured: x &lt; y"), "{svg}");
    }

    #[test]
    fn ticks_are_round() {
        let shown = [1.0, 10.0, 100.0, 1e3, 1e7].map(|value| tick(Unit::Ns, value));
        assert_eq!(shown, ["1 ns", "10 ns", "100 ns", "1 µs", "10 ms"]);
        assert_eq!(tick(Unit::Ns, 0.01), "0.01 ns");
        assert_eq!(tick(Unit::Bytes, 10_000.0), "10 000 bytes");
    }
}
