//! 图幅号: the national map sheets of 1:500 to 1:5000, by plane coordinates (GB/T 20257.1, sheets of 50 × 50 or 50 × 40 cm
//! named by the kilometres of their south-west corner) and by longitude and latitude (GB/T 13989—2012). It draws nothing.

use crate::error::{Error, Result};
use crate::text::Message;

/// How the ground is divided into sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetScheme {
    /// 50 × 50 cm of the plane (40 × 40 cm at 1:5000).
    #[default]
    Square,
    /// 50 cm wide and 40 cm high.
    Rectangle,
    /// By longitude and latitude from the international map of the world.
    Graticule,
}

/// One sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    pub scheme: SheetScheme,
    pub denominator: u32,
    pub number: String,
    /// `[min_x, min_y, max_x, max_y]` in metres of the plane, or in degrees for [`SheetScheme::Graticule`].
    pub bounds: [f64; 4],
}

/// More sheets than this in one answer are a mistake in the scale.
const MOST_SHEETS: i64 = 10_000;
/// Thousandths of a second of arc in a degree: all sheet sizes are whole numbers of them.
const MAS: f64 = 3_600_000.0;
const MILLION_LON_MAS: i64 = 6 * 3_600_000;
const MILLION_LAT_MAS: i64 = 4 * 3_600_000;

impl SheetScheme {
    pub const ALL: [Self; 3] = [Self::Square, Self::Rectangle, Self::Graticule];

    /// Scales the scheme has sheets for, as denominators.
    pub fn denominators(self) -> &'static [u32] {
        match self {
            Self::Square | Self::Rectangle => &[500, 1000, 2000, 5000],
            Self::Graticule => &[500, 1000, 2000, 5000, 10_000],
        }
    }

    /// The sheet that holds a place; a place on a border belongs to the sheet north and east of it. `None` where the
    /// scheme has no such scale or does not reach.
    pub fn sheet_at(self, denominator: u32, place: [f64; 2]) -> Option<Sheet> {
        let [column, row] = self.cell(denominator, place)?;
        self.sheet(denominator, column, row)
    }

    /// All sheets that share ground with a box, from the north-west, row by row.
    ///
    /// # Errors
    /// `BadInput` where the scheme has no such scale, or the box takes more than ten thousand sheets.
    pub fn sheets_in(self, denominator: u32, bounds: [f64; 4]) -> Result<Vec<Sheet>> {
        let wrong = || {
            Error::bad_input(
                Message::new("layout.error.no_sheets")
                    .with("scale", denominator)
                    .with(
                        "known",
                        self.denominators()
                            .iter()
                            .map(ToString::to_string)
                            .collect::<Vec<_>>()
                            .join(", "),
                    ),
            )
        };
        let first = self.cell(denominator, [bounds[0], bounds[1]]).ok_or_else(wrong)?;
        let last = self.cell(denominator, [bounds[2], bounds[3]]).ok_or_else(wrong)?;
        // A box that ends on a border does not reach into the next sheet.
        let [width, height] = self.step(denominator).ok_or_else(wrong)?;
        let touches = |end: f64, cell: i64, size: i64| self.unit(end) <= (cell * size) as f64 + 1e-3;
        let mut last = last;
        if last[0] > first[0] && touches(bounds[2], last[0], width) {
            last[0] -= 1;
        }
        if last[1] > first[1] && touches(bounds[3], last[1], height) {
            last[1] -= 1;
        }
        let count = (last[0] - first[0] + 1).saturating_mul(last[1] - first[1] + 1);
        if count > MOST_SHEETS {
            return Err(Error::bad_input(
                Message::new("layout.error.too_many_sheets")
                    .with("count", count)
                    .with("most", MOST_SHEETS),
            ));
        }
        let rows = (first[1]..=last[1]).rev();
        Ok(rows
            .flat_map(|row| (first[0]..=last[0]).map(move |column| (column, row)))
            .filter_map(|(column, row)| self.sheet(denominator, column, row))
            .collect())
    }

    /// The sheet with that number. Numbers by corner do not tell their scale, so it is needed; those by graticule do.
    pub fn parse(self, number: &str, denominator: u32) -> Option<Sheet> {
        let number = number.trim().to_ascii_uppercase().replace(['–', '—', '－'], "-");
        match self {
            Self::Square | Self::Rectangle => {
                let (north, east) = number.split_once('-')?;
                let metres = |km: &str| km.trim().parse::<f64>().ok().map(|km| km * 1000.0);
                let [width, height] = self.step(denominator)?;
                let middle = [
                    metres(east)? + width as f64 / 2000.0,
                    metres(north)? + height as f64 / 2000.0,
                ];
                self.sheet_at(denominator, middle)
                    .filter(|sheet| sheet.number == number)
            }
            Self::Graticule => {
                let bytes = number.as_bytes();
                let letter = i64::from(*bytes.first()?) - i64::from(b'A');
                let zone: i64 = number.get(1..3)?.parse().ok()?;
                let denominator = graticule_of_code(*bytes.get(3)?)?;
                let digits = graticule(denominator)?.digits;
                let row: i64 = number.get(4..4 + digits)?.parse().ok()?;
                let column: i64 = number.get(4 + digits..4 + 2 * digits)?.parse().ok()?;
                let [width, height] = self.step(denominator)?;
                let lon = (zone - 31) * MILLION_LON_MAS + (column - 1) * width + width / 2;
                let lat = (letter + 1) * MILLION_LAT_MAS - row * height + height / 2;
                self.sheet_at(denominator, [lon as f64 / MAS, lat as f64 / MAS])
                    .filter(|sheet| sheet.number == number)
            }
        }
    }

    /// Width and height of a sheet: millimetres of the ground, or thousandths of a second.
    fn step(self, denominator: u32) -> Option<[i64; 2]> {
        match self {
            Self::Graticule => graticule(denominator).map(|g| g.step_mas),
            _ if !self.denominators().contains(&denominator) => None,
            // 40 × 40 cm at 1:5000, in either plane scheme.
            _ if denominator == 5000 => Some([2_000_000; 2]),
            Self::Square => Some([i64::from(denominator) * 500; 2]),
            Self::Rectangle => Some([i64::from(denominator) * 500, i64::from(denominator) * 400]),
        }
    }

    fn unit(self, value: f64) -> f64 {
        value * if self == Self::Graticule { MAS } else { 1000.0 }
    }

    fn cell(self, denominator: u32, place: [f64; 2]) -> Option<[i64; 2]> {
        let step = self.step(denominator)?;
        if !place.iter().all(|v| v.is_finite() && v.abs() < 1e9) {
            return None;
        }
        let at = |axis: usize| {
            // A micrometre of play, so that decimal fractions on a border count as on it.
            let units = self.unit(place[axis]) + 1e-3;
            units.div_euclid(step[axis] as f64) as i64
        };
        Some([at(0), at(1)])
    }

    fn sheet(self, denominator: u32, column: i64, row: i64) -> Option<Sheet> {
        let [width, height] = self.step(denominator)?;
        let (west, south) = (column * width, row * height);
        let per_unit = if self == Self::Graticule { MAS } else { 1000.0 };
        let number = if self == Self::Graticule {
            graticule_number(denominator, west, south)?
        } else {
            let decimals = match denominator {
                500 => 2,
                5000 => 0,
                _ => 1,
            };
            let km = |mm: i64| mm as f64 / 1e6;
            format!("{:.decimals$}-{:.decimals$}", km(south), km(west))
        };
        Some(Sheet {
            scheme: self,
            denominator,
            number,
            bounds: [west, south, west + width, south + height].map(|v| v as f64 / per_unit),
        })
    }
}

impl Sheet {
    pub fn centre(&self) -> [f64; 2] {
        let b = self.bounds;
        [f64::midpoint(b[0], b[2]), f64::midpoint(b[1], b[3])]
    }

    /// The sheet that many to the east and to the north.
    pub fn neighbour(&self, east: i32, north: i32) -> Option<Self> {
        let b = self.bounds;
        let centre = self.centre();
        let place = [
            centre[0] + f64::from(east) * (b[2] - b[0]),
            centre[1] + f64::from(north) * (b[3] - b[1]),
        ];
        self.scheme.sheet_at(self.denominator, place)
    }
}

/// One scale of GB/T 13989—2012, table 1.
struct Graticule {
    code: char,
    /// Longitude and latitude.
    step_mas: [i64; 2],
    /// Digits of row and column.
    digits: usize,
}

const GRATICULES: [(u32, Graticule); 5] = [
    (
        10_000,
        Graticule {
            code: 'G',
            step_mas: [225_000, 150_000],
            digits: 3,
        },
    ),
    (
        5000,
        Graticule {
            code: 'H',
            step_mas: [112_500, 75_000],
            digits: 3,
        },
    ),
    (
        2000,
        Graticule {
            code: 'I',
            step_mas: [37_500, 25_000],
            digits: 3,
        },
    ),
    (
        1000,
        Graticule {
            code: 'J',
            step_mas: [18_750, 12_500],
            digits: 4,
        },
    ),
    (
        500,
        Graticule {
            code: 'K',
            step_mas: [9_375, 6_250],
            digits: 4,
        },
    ),
];

fn graticule(denominator: u32) -> Option<&'static Graticule> {
    GRATICULES.iter().find(|(d, _)| *d == denominator).map(|(_, g)| g)
}

fn graticule_of_code(code: u8) -> Option<u32> {
    GRATICULES
        .iter()
        .find(|(_, g)| g.code == char::from(code))
        .map(|(d, _)| *d)
}

/// Sheets north of this are twice as wide (GB/T 13989—2012, 4.1); the country ends before.
const WIDER_FROM_LAT_MAS: i64 = 15 * MILLION_LAT_MAS;

/// Number of the sheet whose south-west corner that is. Rows count from the north (GB/T 13989, annex A). There are no
/// numbers for the south, nor from 60° north on.
fn graticule_number(denominator: u32, west: i64, south: i64) -> Option<String> {
    let graticule = graticule(denominator)?;
    let [width, height] = graticule.step_mas;
    if !(0..WIDER_FROM_LAT_MAS).contains(&south) || west.abs() > 30 * MILLION_LON_MAS {
        return None;
    }
    let band = south / MILLION_LAT_MAS;
    let letter = char::from(b'A' + u8::try_from(band).ok()?);
    let zone = west.div_euclid(MILLION_LON_MAS) + 31;
    let row = (MILLION_LAT_MAS - south % MILLION_LAT_MAS) / height;
    let column = west.rem_euclid(MILLION_LON_MAS) / width + 1;
    let digits = graticule.digits;
    Some(format!(
        "{letter}{zone:02}{}{row:0digits$}{column:0digits$}",
        graticule.code
    ))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sizes and corners are exact")]
mod tests {
    use super::*;

    fn dms(d: f64, m: f64, s: f64) -> f64 {
        d + m / 60.0 + s / 3600.0
    }

    /// South-west corner in kilometres, north first.
    #[test]
    fn plane_sheets_are_named_by_their_south_west_corner() {
        let rectangle = SheetScheme::Rectangle;
        let sheet = rectangle.sheet_at(500, [27_760.0, 10_410.0]).unwrap();
        assert_eq!(sheet.number, "10.40-27.75");
        assert_eq!(sheet.bounds, [27_750.0, 10_400.0, 28_000.0, 10_600.0]);
        let square = SheetScheme::Square;
        assert_eq!(
            square.sheet_at(2000, [21_500.0, 10_999.9]).unwrap().number,
            "10.0-21.0"
        );
        assert_eq!(
            square.sheet_at(1000, [21_500.0, 10_500.0]).unwrap().number,
            "10.5-21.5"
        );
        assert_eq!(
            square.sheet_at(500, [21_999.9, 10_500.0]).unwrap().number,
            "10.50-21.75"
        );
        assert_eq!(
            square.sheet_at(5000, [21_000.0, 10_500.0]).unwrap().number,
            "10-20"
        );
        assert!(square.sheet_at(700, [0.0, 0.0]).is_none());
        assert!(square.sheet_at(500, [f64::NAN, 0.0]).is_none());
    }

    /// The place of annex B of GB/T 13989: 114°33′45″ E, 39°22′30″ N.
    #[test]
    fn graticule_sheets_are_named_as_in_the_annex_of_the_standard() {
        let place = [dms(114.0, 33.0, 45.0), dms(39.0, 22.0, 30.0)];
        for (denominator, number) in [
            (10_000, "J50G015010"),
            (5000, "J50H030019"),
            (2000, "J50I090055"),
            (1000, "J50J01800109"),
            (500, "J50K03600217"),
        ] {
            let sheet = SheetScheme::Graticule.sheet_at(denominator, place).unwrap();
            assert_eq!(sheet.number, number);
            let again = SheetScheme::Graticule.parse(number, 1).unwrap();
            assert_eq!(again, sheet);
            assert!((sheet.bounds[0] - place[0]).abs() < 1e-9 && (sheet.bounds[1] - place[1]).abs() < 1e-9);
        }
    }

    /// Corners of numbering as textbooks give them: the kilometres of x (north) first, then y; whole kilometres at 1:5000,
    /// tenths at 1:2000 and 1:1000, hundredths at 1:500. "10.40-27.75" (1:500) and "10.0-21.0" (1:2000) as in
    /// <https://max.book118.com/html/2024/0530/6242212124010140.shtm>, "6230.0-10.0" (1:1000) as in
    /// <http://m.sneakeraddict.net/qzkb/show-106051.html>, both after GB/T 20257.1.
    #[test]
    fn numbers_by_corner_are_those_of_the_textbooks() {
        for (scheme, denominator, north_km, east_km, number) in [
            (SheetScheme::Rectangle, 500, 10.40, 27.75, "10.40-27.75"),
            (SheetScheme::Square, 2000, 10.0, 21.0, "10.0-21.0"),
            (SheetScheme::Square, 1000, 6230.0, 10.0, "6230.0-10.0"),
            (SheetScheme::Square, 5000, 20.0, 60.0, "20-60"),
        ] {
            let place = [east_km * 1000.0 + 1.0, north_km * 1000.0 + 1.0];
            let sheet = scheme.sheet_at(denominator, place).unwrap();
            assert_eq!(sheet.number, number);
            assert_eq!(sheet.bounds[..2], [east_km * 1000.0, north_km * 1000.0]);
        }
        // 50 × 50 cm, 50 × 40 cm, and 40 × 40 cm at 1:5000, on the ground.
        for (scheme, denominator, size) in [
            (SheetScheme::Square, 500, [250.0, 250.0]),
            (SheetScheme::Rectangle, 500, [250.0, 200.0]),
            (SheetScheme::Rectangle, 1000, [500.0, 400.0]),
            (SheetScheme::Square, 2000, [1000.0, 1000.0]),
            (SheetScheme::Square, 5000, [2000.0, 2000.0]),
        ] {
            let b = scheme
                .sheet_at(denominator, [548_276.9, 4_851_567.0])
                .unwrap()
                .bounds;
            assert_eq!([b[2] - b[0], b[3] - b[1]], size);
        }
    }

    /// Table 1 of GB/T 13989—2012: rows and columns of each scale in a sheet of the million map. So the last sheet of J50,
    /// in its south-east corner (120° E, 36° N), has those numbers, and the first has ones.
    #[test]
    fn each_scale_has_the_rows_and_columns_of_the_standard() {
        for (denominator, code, count, digits) in [
            (10_000, 'G', 96, 3),
            (5000, 'H', 192, 3),
            (2000, 'I', 576, 3),
            (1000, 'J', 1152, 4),
            (500, 'K', 2304, 4),
        ] {
            let scheme = SheetScheme::Graticule;
            let first = scheme.sheet_at(denominator, [114.0 + 1e-6, 40.0 - 1e-6]).unwrap();
            assert_eq!(first.number, format!("J50{code}{:0digits$}{:0digits$}", 1, 1));
            let last = scheme.sheet_at(denominator, [120.0 - 1e-6, 36.0 + 1e-6]).unwrap();
            assert_eq!(last.number, format!("J50{code}{count:0digits$}{count:0digits$}"));
            // Half as high again as wide, in degrees two to three.
            let b = last.bounds;
            assert!(((b[2] - b[0]) * f64::from(count) - 6.0).abs() < 1e-9);
            assert!(((b[3] - b[1]) * f64::from(count) - 4.0).abs() < 1e-9);
            assert_eq!(
                scheme.sheet_at(denominator, [114.0, 61.0]),
                None,
                "wider sheets there"
            );
            assert_eq!(scheme.sheet_at(denominator, [114.0, -1.0]), None);
        }
    }

    /// Beijing, 116°28′15″ E and 39°54′30″ N, as the example of <https://pypi.org/project/cnmaptiling>: J50E001010 at
    /// 1:50,000. A sheet of that map (15′ × 10′) holds 4 × 4 of 1:10,000, 8 × 8 of 1:5000 … so the rows and columns of
    /// finer sheets lie within its own.
    #[test]
    fn finer_sheets_lie_within_the_coarser_ones_of_the_same_place() {
        let place = [dms(116.0, 28.0, 15.0), dms(39.0, 54.0, 30.0)];
        for (denominator, in_one) in [(10_000, 4), (5000, 8), (2000, 24), (1000, 48), (500, 96)] {
            let sheet = SheetScheme::Graticule.sheet_at(denominator, place).unwrap();
            let digits = if denominator < 2000 { 4 } else { 3 };
            let part = |from: usize| -> i32 {
                let part = sheet.number.get(from..from + digits);
                part.and_then(|number| number.parse().ok()).unwrap()
            };
            let (row, column) = (part(4), part(4 + digits));
            assert_eq!(
                ((row - 1) / in_one + 1, (column - 1) / in_one + 1),
                (1, 10),
                "{sheet:?}"
            );
        }
    }

    #[test]
    fn a_box_is_covered_from_the_north_west_and_no_sheet_comes_twice() {
        let sheets = SheetScheme::Square
            .sheets_in(500, [1000.0, 2000.0, 1500.0, 2400.0])
            .unwrap();
        let numbers: Vec<&str> = sheets.iter().map(|s| s.number.as_str()).collect();
        assert_eq!(numbers, ["2.25-1.00", "2.25-1.25", "2.00-1.00", "2.00-1.25"]);
        let whole = SheetScheme::Square.sheets_in(500, [0.0, 0.0, 1e6, 1e6]);
        assert!(whole.is_err());
        let point = SheetScheme::Square
            .sheets_in(500, [1000.0, 1000.0, 1000.0, 1000.0])
            .unwrap();
        assert_eq!(point.len(), 1);
    }

    #[test]
    fn neighbours_touch_and_numbers_read_back() {
        for scheme in SheetScheme::ALL {
            for &denominator in scheme.denominators() {
                let place = if scheme == SheetScheme::Graticule {
                    [87.61, 43.82]
                } else {
                    [548_276.9, 4_851_567.0]
                };
                let sheet = scheme.sheet_at(denominator, place).unwrap();
                let b = sheet.bounds;
                assert!(b[0] <= place[0] && place[0] < b[2] && b[1] <= place[1] && place[1] < b[3]);
                let east = sheet.neighbour(1, 0).unwrap();
                assert!((east.bounds[0] - b[2]).abs() < 1e-9 && (east.bounds[1] - b[1]).abs() < 1e-9);
                assert_ne!(east.number, sheet.number);
                assert_eq!(scheme.parse(&sheet.number, denominator), Some(sheet));
            }
        }
        assert!(
            SheetScheme::Square.parse("10.30-27.75", 500).is_none(),
            "no corner there"
        );
        for nonsense in ["", "-", "J50", "J50K", "J50K0360", "天池", "10.4", "Z99K99999999"] {
            for scheme in SheetScheme::ALL {
                assert!(scheme.parse(nonsense, 500).is_none(), "{nonsense}");
            }
        }
    }
}
