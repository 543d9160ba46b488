//! The `health` function.

use openclaw::app::{Error, health, run_unconfigured};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run_unconfigured(health).await
}
