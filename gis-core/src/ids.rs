//! Stable identity of features. It is not the GeoPackage `fid`, which stays local to one file.

use std::fmt::{self, Display};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// A feature's identity for life: UUIDv7, kept over export, undo and merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeatureId(pub Uuid);

impl FeatureId {
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id that a text is; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::parse_str(text).ok().map(Self)
    }

    /// The id of 16 bytes as stored in the project file; `None` for any other length.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok().map(Self)
    }
}

impl Display for FeatureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// As text, in documents.
impl Serialize for FeatureId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FeatureId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Uuid::parse_str(&text).map(Self).map_err(de::Error::custom)
    }
}

/// Makes new ids in rising order. The start time and the randomness are passed in, so a seeded source
/// repeats itself in tests and generators.
#[derive(Debug, Clone)]
pub struct IdSource {
    unix_ms: u64,
    counter: u64,
    random: u64,
}

impl IdSource {
    /// `unix_ms` is the present time in milliseconds, `seed` anything that no other source of that
    /// millisecond has.
    pub fn new(unix_ms: u64, seed: u64) -> Self {
        Self {
            unix_ms,
            counter: 0,
            random: seed,
        }
    }

    pub fn next_id(&mut self) -> FeatureId {
        // 12 + 30 bits of counter after the time stamp keep ids of one source in rising order.
        self.counter += 1;
        let low = self.counter & 0x3fff_ffff;
        let high = (self.counter >> 30) & 0xfff;
        // SplitMix64: one step of a well-mixed sequence for the last 32 bits.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let bits = (u128::from(self.unix_ms & 0xffff_ffff_ffff) << 80)
            | (0x7_u128 << 76)
            | (u128::from(high) << 64)
            | (0b10_u128 << 62)
            | (u128::from(low) << 32)
            | u128::from(z as u32);
        FeatureId(Uuid::from_u128(bits))
    }
}
