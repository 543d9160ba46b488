//! The `agent` function.

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    openclaw::app::run::<agent::FunctionDoor>().await
}
