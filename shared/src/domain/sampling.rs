//! Sampling settings, each with its bounds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A number outside its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("must be {allowed}")]
pub struct OutOfRange {
    /// The range, in words.
    pub allowed: &'static str,
}

/// Sampling temperature, 0 to 2. A model's own range may be narrower.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64")]
#[schemars(extend("minimum" = 0, "maximum" = 2))]
pub struct Temperature(f64);

impl Temperature {
    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Temperature {
    type Error = OutOfRange;

    fn try_from(value: f64) -> Result<Self, OutOfRange> {
        if (0.0..=2.0).contains(&value) { Ok(Self(value)) } else { Err(OutOfRange { allowed: "a number from 0 to 2" }) }
    }
}

/// The most tokens that a model may write, at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u32")]
#[schemars(extend("minimum" = 1, "maximum" = 4_294_967_295_u32))]
pub struct MaxTokens(u32);

impl MaxTokens {
    /// The limit if neither the caller nor the configuration sets one.
    pub const DEFAULT: Self = Self(1024);

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for MaxTokens {
    type Error = OutOfRange;

    fn try_from(value: u32) -> Result<Self, OutOfRange> {
        if value == 0 { Err(OutOfRange { allowed: "a whole number from 1" }) } else { Ok(Self(value)) }
    }
}
