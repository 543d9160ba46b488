//! The `agents` function.

use openclaw::app::{Error, agents, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(agents).await
}
