//! The `authorizer` function.

use openclaw::app::{Error, authorizer, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(authorizer).await
}
