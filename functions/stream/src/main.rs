//! The `stream` function.

use openclaw::app::{Error, run_streaming, stream};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run_streaming(stream).await
}
