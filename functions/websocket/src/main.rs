//! The `websocket` function.

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    openclaw::app::run_websocket::<websocket::FunctionDoor>().await
}
