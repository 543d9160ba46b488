//! The `health` function.

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    openclaw::app::run_without_configuration(health::FunctionDoor::default()).await
}
