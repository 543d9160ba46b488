//! The `agent` function.

use mimalloc::MiMalloc;
use openclaw::app::{Error, agent, run};

// A turn makes thousands of small allocations; the C library's allocator needs an eighth of the turn's time for them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(agent).await
}
