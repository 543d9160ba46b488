//! One line of the table, and how it is judged.

use std::fmt;

/// The unit of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    Milliseconds,
    Mebibytes,
    Megabytes,
    Requests,
    Bytes,
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Self::Milliseconds => format!("{value:.2} ms"),
            Self::Mebibytes => format!("{value:.1} MiB"),
            Self::Megabytes => format!("{value:.2} MB"),
            Self::Requests => format!("{value:.0}"),
            Self::Bytes => format!("{value:.0} B"),
        }
    }
}

/// The limit of a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    /// Printed to compare, not judged.
    None,
    /// At most so many times the floor.
    TimesFloor(f64),
    /// At most this.
    AtMost(f64),
}

/// A measured value beside its floor and its bound.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) floor: Option<f64>,
    pub(crate) unit: Unit,
    pub(crate) bound: Bound,
}

impl Figure {
    fn ratio(&self) -> Option<f64> {
        self.floor.filter(|floor| *floor > 0.0).map(|floor| self.value / floor)
    }

    fn verdict(&self) -> &'static str {
        let kept = match self.bound {
            Bound::None => return "",
            Bound::TimesFloor(times) => self.ratio().is_some_and(|ratio| ratio <= times),
            Bound::AtMost(most) => self.value <= most,
        };
        if kept { "ok" } else { "OVER" }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.unit.show(self.value);
        let floor = self.floor.map(|floor| self.unit.show(floor)).unwrap_or_default();
        let ratio = self.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let bound = match self.bound {
            Bound::None => String::new(),
            Bound::TimesFloor(times) => format!("≤ {times:.2} ×"),
            Bound::AtMost(most) => format!("≤ {}", self.unit.show(most)),
        };
        let (name, verdict) = (&self.name, self.verdict());
        let line = format!("{name:<60}{value:>12}{floor:>12}{ratio:>8}  {bound:<11}{verdict}");
        formatter.write_str(line.trim_end())
    }
}

/// Prints the figures under a head line, and how many are over.
pub(crate) fn print_table(figures: &[Figure]) {
    println!("{:<60}{:>12}{:>12}{:>8}  {:<11}", "figure", "value", "floor", "ratio", "bound");
    for figure in figures {
        println!("{figure}");
    }
    let over = figures.iter().filter(|figure| figure.verdict() == "OVER").count();
    println!("{over} of {} figures over their bound", figures.len());
}

/// Returns the median of the values, or 0 if there are none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle), values.len() % 2, middle.checked_sub(1).and_then(|lower| values.get(lower))) {
        (Some(upper), 0, Some(lower)) => f64::midpoint(*upper, *lower),
        (Some(only), ..) => *only,
        (None, ..) => 0.0,
    }
}
