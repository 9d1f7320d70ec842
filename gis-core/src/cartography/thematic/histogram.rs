//! How often numbers occur, in equal steps.

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    pub smallest: f64,
    pub largest: f64,
    pub counts: Vec<u64>,
    /// Numbers that were counted.
    pub total: u64,
    /// Features without a number.
    pub missing: u64,
}

impl Histogram {
    /// What is not finite counts as missing.
    pub fn of(values: &[f64], bars: usize) -> Self {
        let (mut smallest, mut largest) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut total = 0;
        for value in values.iter().filter(|v| v.is_finite()) {
            smallest = smallest.min(*value);
            largest = largest.max(*value);
            total += 1;
        }
        if total == 0 {
            return Self {
                missing: values.len() as u64,
                ..Self::default()
            };
        }
        let bars = if smallest < largest { bars.max(1) } else { 1 };
        let mut counts = vec![0; bars];
        let per_unit = bars as f64 / (largest - smallest).max(f64::MIN_POSITIVE);
        for value in values.iter().filter(|v| v.is_finite()) {
            let bar = ((value - smallest) * per_unit) as usize;
            counts[bar.min(bars - 1)] += 1;
        }
        Self {
            smallest,
            largest,
            counts,
            total,
            missing: values.len() as u64 - total,
        }
    }

    pub fn bar_width(&self) -> f64 {
        (self.largest - self.smallest) / self.counts.len().max(1) as f64
    }
}
