//! The `conversations` function.

use openclaw::app::{Error, conversations, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(conversations).await
}
