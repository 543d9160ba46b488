//! The `agent` function.

use openclaw::app::{Error, agent, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(agent).await
}
