//! The `archive` function.

use openclaw::app::{Error, archive, run_in_context};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run_in_context(archive).await
}
