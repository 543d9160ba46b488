//! The `websocket` function.

use openclaw::app::{Error, run, websocket};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(websocket).await
}
