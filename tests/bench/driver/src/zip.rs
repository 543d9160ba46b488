//! The size of a binary in its deployment zip.

use flate2::{Compression, write::DeflateEncoder};
use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

/// Local header, central directory and end record of a zip with the one entry `bootstrap`.
const ENVELOPE_BYTES: u64 = 30 + 46 + 22 + 2 * 9;

/// Counts what is written to it.
#[derive(Default)]
struct Length(u64);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the size of the zip in bytes, deflated at the packers' default level.
pub(crate) fn size_bytes(binary: &Path) -> io::Result<u64> {
    let mut encoder = DeflateEncoder::new(Length::default(), Compression::default());
    io::copy(&mut File::open(binary)?, &mut encoder)?;
    Ok(encoder.finish()?.0 + ENVELOPE_BYTES)
}
