//! GeoPackage geometry blobs: the header and the WKB behind it, written for points and lines, read in every byte order
//! and with any of Z and M. It knows nothing of tables.

use crate::model::Geometry;

/// Why a blob could not be read. Such a geometry is treated as missing and reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GpbError {
    /// Not a GeoPackage blob, or cut short.
    Malformed,
    /// A kind of geometry that the class cannot take: a polygon for a pipe, several parts for a point.
    Unsuitable,
}

type Result<T> = std::result::Result<T, GpbError>;

const POINT: u32 = 1;
const LINE: u32 = 2;
const POLYGON: u32 = 3;
const MULTI_POINT: u32 = 4;
const MULTI_LINE: u32 = 5;
const MULTI_POLYGON: u32 = 6;
const COLLECTION: u32 = 7;

const LITTLE_ENDIAN: u8 = 1;
const EMPTY: u8 = 1 << 4;
const XY_ENVELOPE: u8 = 1 << 1;
/// Deeper nesting than this is no drawing but an attack on the stack.
const MAX_DEPTH: u32 = 8;

/// Replaces `out` by the blob of a geometry; coordinates carry Z where any height is known.
pub(crate) fn encode(out: &mut Vec<u8>, srs_id: i32, geometry: &Geometry) {
    out.clear();
    match geometry {
        Geometry::Point(p) => {
            let has_z = !p[2].is_nan();
            header(out, srs_id, 0);
            wkb_type(out, POINT, has_z);
            coordinate(out, p, has_z);
        }
        Geometry::Line(line) => {
            let has_z = line.iter().any(|p| !p[2].is_nan());
            if line.is_empty() {
                header(out, srs_id, EMPTY);
            } else {
                header(out, srs_id, XY_ENVELOPE);
                let mut bounds = Bounds::new();
                for p in line {
                    bounds.add(p[0], p[1]);
                }
                for value in [bounds.min_x, bounds.max_x, bounds.min_y, bounds.max_y] {
                    out.extend_from_slice(&value.to_le_bytes());
                }
            }
            wkb_type(out, LINE, has_z);
            out.extend_from_slice(&(line.len() as u32).to_le_bytes());
            for p in line {
                coordinate(out, p, has_z);
            }
        }
    }
}

fn header(out: &mut Vec<u8>, srs_id: i32, flags: u8) {
    out.extend_from_slice(&[b'G', b'P', 0, LITTLE_ENDIAN | flags]);
    out.extend_from_slice(&srs_id.to_le_bytes());
}

fn wkb_type(out: &mut Vec<u8>, kind: u32, has_z: bool) {
    out.push(1);
    out.extend_from_slice(&(kind + if has_z { 1000 } else { 0 }).to_le_bytes());
}

fn coordinate(out: &mut Vec<u8>, p: &[f64; 3], has_z: bool) {
    for value in &p[..if has_z { 3 } else { 2 }] {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

/// The geometry of a blob as a class of that kind takes it; `None` for an empty one. A multi-geometry of one part is
/// that part, and parts of a line that follow on each other are one line.
pub(crate) fn decode(blob: &[u8]) -> Result<Option<Geometry>> {
    let wkb = Header::read(blob)?;
    let mut line = Vec::new();
    match wkb.kind()? {
        POINT | MULTI_POINT => Ok(read_point(blob)?.map(Geometry::Point)),
        _ => {
            read_line(blob, &mut line, |p| p)?;
            Ok((!line.is_empty()).then_some(Geometry::Line(line)))
        }
    }
}

/// The point of a blob; height NaN where it has none, `None` where the point is empty.
pub(crate) fn read_point(blob: &[u8]) -> Result<Option<[f64; 3]>> {
    let mut cursor = Header::read(blob)?.cursor();
    let mut shape = cursor.shape()?;
    if shape.kind == MULTI_POINT {
        match cursor.u32(shape.is_little)? {
            0 => return Ok(None),
            1 => shape = cursor.shape()?,
            _ => return Err(GpbError::Unsuitable),
        }
    }
    if shape.kind != POINT {
        return Err(GpbError::Unsuitable);
    }
    let point = cursor.coordinate(shape)?;
    Ok((!point[0].is_nan() && !point[1].is_nan()).then_some(point))
}

/// Replaces `out` by the vertices of a line; empty where the line is.
pub(crate) fn read_line<P: PartialEq>(
    blob: &[u8],
    out: &mut Vec<P>,
    make: impl Fn([f64; 3]) -> P,
) -> Result<()> {
    out.clear();
    let mut cursor = Header::read(blob)?.cursor();
    let shape = cursor.shape()?;
    match shape.kind {
        LINE => cursor.vertices(shape, |p| out.push(make(p))),
        MULTI_LINE => {
            for part in 0..cursor.u32(shape.is_little)? {
                let shape = cursor.shape()?;
                if shape.kind != LINE {
                    return Err(GpbError::Malformed);
                }
                let joint = out.len();
                cursor.vertices(shape, |p| out.push(make(p)))?;
                if part > 0 && joint > 0 && joint < out.len() {
                    if out[joint - 1] != out[joint] {
                        return Err(GpbError::Unsuitable);
                    }
                    out.remove(joint);
                }
            }
            Ok(())
        }
        _ => Err(GpbError::Unsuitable),
    }
}

/// `[min_x, max_x, min_y, max_y]`; `None` for an empty geometry.
pub(crate) fn envelope(blob: &[u8]) -> Result<Option<[f64; 4]>> {
    let header = Header::read(blob)?;
    if let Some(envelope) = header.envelope {
        return Ok((!envelope.iter().any(|v| v.is_nan())).then_some(envelope));
    }
    let mut bounds = Bounds::new();
    header.cursor().walk(0, &mut bounds)?;
    Ok(
        (bounds.min_x <= bounds.max_x && bounds.min_y <= bounds.max_y).then_some([
            bounds.min_x,
            bounds.max_x,
            bounds.min_y,
            bounds.max_y,
        ]),
    )
}

struct Bounds {
    min_x: f64,
    max_x: f64,
    min_y: f64,
    max_y: f64,
}

impl Bounds {
    fn new() -> Self {
        Self {
            min_x: f64::INFINITY,
            max_x: f64::NEG_INFINITY,
            min_y: f64::INFINITY,
            max_y: f64::NEG_INFINITY,
        }
    }

    fn add(&mut self, x: f64, y: f64) {
        self.min_x = self.min_x.min(x);
        self.max_x = self.max_x.max(x);
        self.min_y = self.min_y.min(y);
        self.max_y = self.max_y.max(y);
    }
}

struct Header<'a> {
    envelope: Option<[f64; 4]>,
    wkb: &'a [u8],
}

impl<'a> Header<'a> {
    fn read(blob: &'a [u8]) -> Result<Self> {
        let [b'G', b'P', _version, flags, _, _, _, _, rest @ ..] = blob else {
            return Err(GpbError::Malformed);
        };
        let values = match (flags >> 1) & 7 {
            0 => 0,
            1 => 4,
            2 | 3 => 6,
            4 => 8,
            _ => return Err(GpbError::Malformed),
        };
        let (head, wkb) = rest.split_at_checked(values * 8).ok_or(GpbError::Malformed)?;
        let mut cursor = Cursor { bytes: head };
        let is_little = flags & LITTLE_ENDIAN != 0;
        let envelope = if values == 0 {
            None
        } else {
            let mut envelope = [0.0; 4];
            for value in &mut envelope {
                *value = cursor.f64(is_little)?;
            }
            Some(envelope)
        };
        Ok(Self { envelope, wkb })
    }

    fn cursor(&self) -> Cursor<'a> {
        Cursor { bytes: self.wkb }
    }

    fn kind(&self) -> Result<u32> {
        Ok(self.cursor().shape()?.kind)
    }
}

#[derive(Clone, Copy)]
struct Shape {
    is_little: bool,
    kind: u32,
    has_z: bool,
    /// Coordinates of one vertex.
    dimensions: usize,
}

#[derive(Clone, Copy)]
struct Cursor<'a> {
    bytes: &'a [u8],
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self.bytes.split_first_chunk::<N>().ok_or(GpbError::Malformed)?;
        self.bytes = rest;
        Ok(*head)
    }

    fn u32(&mut self, is_little: bool) -> Result<u32> {
        let bytes = self.take()?;
        Ok(if is_little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    fn f64(&mut self, is_little: bool) -> Result<f64> {
        let bytes = self.take()?;
        Ok(if is_little {
            f64::from_le_bytes(bytes)
        } else {
            f64::from_be_bytes(bytes)
        })
    }

    fn shape(&mut self) -> Result<Shape> {
        let is_little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            _ => return Err(GpbError::Malformed),
        };
        let raw = self.u32(is_little)?;
        // ISO adds 1000 for Z and 2000 for M, the older EWKB sets high bits; both are met.
        let (ewkb_z, ewkb_m) = (raw & 0x8000_0000 != 0, raw & 0x4000_0000 != 0);
        let code = raw & 0x0fff_ffff;
        let (kind, iso) = (code % 1000, code / 1000);
        if iso > 3 {
            return Err(GpbError::Malformed);
        }
        let has_z = ewkb_z || iso == 1 || iso == 3;
        let has_m = ewkb_m || iso == 2 || iso == 3;
        Ok(Shape {
            is_little,
            kind,
            has_z,
            dimensions: 2 + usize::from(has_z) + usize::from(has_m),
        })
    }

    fn coordinate(&mut self, shape: Shape) -> Result<[f64; 3]> {
        let x = self.f64(shape.is_little)?;
        let y = self.f64(shape.is_little)?;
        let mut rest = [f64::NAN; 2];
        for value in &mut rest[..shape.dimensions - 2] {
            *value = self.f64(shape.is_little)?;
        }
        Ok([x, y, if shape.has_z { rest[0] } else { f64::NAN }])
    }

    fn vertices(&mut self, shape: Shape, mut each: impl FnMut([f64; 3])) -> Result<()> {
        let count = self.u32(shape.is_little)? as usize;
        // A count that the blob cannot hold must not make anybody allocate.
        if count > self.bytes.len() / (8 * shape.dimensions) {
            return Err(GpbError::Malformed);
        }
        for _ in 0..count {
            each(self.coordinate(shape)?);
        }
        Ok(())
    }

    fn walk(&mut self, depth: u32, bounds: &mut Bounds) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(GpbError::Malformed);
        }
        let shape = self.shape()?;
        match shape.kind {
            POINT => {
                let point = self.coordinate(shape)?;
                if !point[0].is_nan() && !point[1].is_nan() {
                    bounds.add(point[0], point[1]);
                }
                Ok(())
            }
            LINE => self.vertices(shape, |p| bounds.add(p[0], p[1])),
            POLYGON => {
                for _ in 0..self.u32(shape.is_little)? {
                    self.vertices(shape, |p| bounds.add(p[0], p[1]))?;
                }
                Ok(())
            }
            MULTI_POINT | MULTI_LINE | MULTI_POLYGON | COLLECTION => {
                for _ in 0..self.u32(shape.is_little)? {
                    self.walk(depth + 1, bounds)?;
                }
                Ok(())
            }
            _ => Err(GpbError::Unsuitable),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blob(geometry: &Geometry) -> Vec<u8> {
        let mut out = Vec::new();
        encode(&mut out, 4545, geometry);
        out
    }

    /// WKB in big endian behind a header without envelope.
    fn big_endian(kind: u32, body: &[f64], count: Option<u32>) -> Vec<u8> {
        let mut out = vec![b'G', b'P', 0, 0, 0, 0, 0x11, 0xc1, 0];
        out.extend(kind.to_be_bytes());
        if let Some(count) = count {
            out.extend(count.to_be_bytes());
        }
        for value in body {
            out.extend(value.to_be_bytes());
        }
        out
    }

    fn multi(parts: &[&[[f64; 2]]]) -> Vec<u8> {
        let mut out = vec![b'G', b'P', 0, 1, 0, 0, 0, 0, 1];
        out.extend(MULTI_LINE.to_le_bytes());
        out.extend((parts.len() as u32).to_le_bytes());
        for part in parts {
            out.push(1);
            out.extend(LINE.to_le_bytes());
            out.extend((part.len() as u32).to_le_bytes());
            for value in part.iter().flatten() {
                out.extend(value.to_le_bytes());
            }
        }
        out
    }

    #[test]
    fn points_and_lines_come_back_with_and_without_height() {
        let point = Geometry::Point([500_123.25, 4_850_000.5, 812.5]);
        assert_eq!(decode(&blob(&point)), Ok(Some(point)));
        let line = Geometry::Line(vec![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        assert_eq!(decode(&blob(&line)), Ok(Some(line.clone())));
        assert_eq!(envelope(&blob(&line)), Ok(Some([1.0, 4.0, 2.0, 5.0])));
        let flat = blob(&Geometry::Line(vec![[1.0, 2.0, f64::NAN], [4.0, 5.0, f64::NAN]]));
        assert_eq!(flat.len(), 8 + 32 + 9 + 4 * 8, "unknown heights are not stored");
        let Ok(Some(Geometry::Line(read))) = decode(&flat) else {
            panic!("not a line")
        };
        assert!(read[0][2].is_nan() && read[1][..2] == [4.0, 5.0]);
    }

    #[test]
    fn every_byte_order_and_dimension_is_read() {
        assert_eq!(
            read_point(&big_endian(1, &[7.0, 8.0], None)).unwrap().unwrap()[..2],
            [7.0, 8.0]
        );
        assert_eq!(
            read_point(&big_endian(1001, &[7.0, 8.0, 9.0], None)),
            Ok(Some([7.0, 8.0, 9.0]))
        );
        assert!(
            read_point(&big_endian(2001, &[7.0, 8.0, 9.0], None))
                .unwrap()
                .unwrap()[2]
                .is_nan()
        );
        assert_eq!(
            read_point(&big_endian(3001, &[7.0, 8.0, 9.0, 1.0], None)),
            Ok(Some([7.0, 8.0, 9.0]))
        );
        assert_eq!(
            read_point(&big_endian(0x8000_0001, &[7.0, 8.0, 9.0], None)),
            Ok(Some([7.0, 8.0, 9.0]))
        );
        let mut line = Vec::new();
        read_line(
            &big_endian(3002, &[1.0, 2.0, 3.0, 0.0, 4.0, 5.0, 6.0, 0.0], Some(2)),
            &mut line,
            |p| p,
        )
        .unwrap();
        assert_eq!(line, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        assert_eq!(
            envelope(&big_endian(2, &[1.0, 2.0, 4.0, 5.0], Some(2))),
            Ok(Some([1.0, 4.0, 2.0, 5.0]))
        );
    }

    #[test]
    fn multi_lines_are_one_line_where_their_parts_follow_on() {
        let mut line = Vec::new();
        read_line(&multi(&[&[[0.0, 0.0], [1.0, 0.0]]]), &mut line, |p| [p[0], p[1]]).unwrap();
        assert_eq!(line, [[0.0, 0.0], [1.0, 0.0]]);
        let joined = multi(&[&[[0.0, 0.0], [1.0, 0.0]], &[[1.0, 0.0], [2.0, 0.0]]]);
        read_line(&joined, &mut line, |p| [p[0], p[1]]).unwrap();
        assert_eq!(line, [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]);
        let apart = multi(&[&[[0.0, 0.0], [1.0, 0.0]], &[[5.0, 0.0], [6.0, 0.0]]]);
        assert_eq!(
            read_line(&apart, &mut line, |p| [p[0], p[1]]),
            Err(GpbError::Unsuitable)
        );
        assert_eq!(envelope(&apart), Ok(Some([0.0, 6.0, 0.0, 0.0])));
    }

    #[test]
    fn empty_geometries_are_none() {
        assert_eq!(decode(&big_endian(1, &[f64::NAN, f64::NAN], None)), Ok(None));
        assert_eq!(decode(&big_endian(2, &[], Some(0))), Ok(None));
        assert_eq!(decode(&big_endian(5, &[], Some(0))), Ok(None));
        assert_eq!(decode(&big_endian(4, &[], Some(0))), Ok(None));
        for kind in [2, 3, 4, 5, 6, 7] {
            assert_eq!(envelope(&big_endian(kind, &[], Some(0))), Ok(None), "{kind}");
        }
        assert_eq!(decode(&blob(&Geometry::Line(Vec::new()))), Ok(None));
    }

    #[test]
    fn nonsense_is_refused() {
        for bytes in [
            &b""[..],
            b"GP",
            b"XY\0\x01\0\0\0\0",
            b"GP\0\x0f\0\0\0\0",
            b"GP\0\x03\0\0\0\0\0\0",
        ] {
            assert_eq!(decode(bytes), Err(GpbError::Malformed), "{bytes:?}");
        }
        // Two thousand million vertices in no bytes, and a collection without a floor.
        assert_eq!(
            decode(&big_endian(2, &[], Some(2_000_000_000))),
            Err(GpbError::Malformed)
        );
        let mut deep = vec![b'G', b'P', 0, 1, 0, 0, 0, 0];
        for _ in 0..100_000 {
            deep.extend([1, 7, 0, 0, 0, 1, 0, 0, 0]);
        }
        assert_eq!(envelope(&deep), Err(GpbError::Malformed));
        assert_eq!(
            read_point(&blob(&Geometry::Line(vec![[0.0; 3], [1.0; 3]]))),
            Err(GpbError::Unsuitable)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), flags in 0_u8..32) {
            let mut blob = vec![b'G', b'P', 0, flags, 0, 0, 0, 0];
            blob.extend(&bytes);
            for candidate in [&bytes, &blob] {
                prop_assert!(decode(candidate).is_ok() || envelope(candidate).is_ok() || !candidate.is_empty() || candidate.is_empty());
            }
        }
    }
}
