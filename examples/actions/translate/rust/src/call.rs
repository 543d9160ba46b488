//! What a Lambda function gets from OpenClaw on Lambda. Copy this file into your own function.
#![expect(dead_code, reason = "a function need not read all of it")]

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A call of an action.
#[derive(Deserialize)]
pub(crate) struct Call<Arguments, Args> {
    /// The action's name.
    pub(crate) action: String,
    /// The arguments, as the action's `parameters` describe them.
    pub(crate) arguments: Arguments,
    /// What the configuration fixes.
    pub(crate) args: Args,
    /// Who asks for the call.
    pub(crate) caller: Caller,
    /// The run.
    pub(crate) run: String,
    /// The call's key, the same when the call is repeated: use it as an idempotency key.
    pub(crate) call: String,
}

/// The caller.
#[derive(Deserialize)]
pub(crate) struct Caller {
    /// The user within the tenant.
    pub(crate) user: String,
    /// The tenant.
    pub(crate) tenant: String,
    /// The roles.
    pub(crate) groups: Vec<String>,
}

impl<Arguments: DeserializeOwned, Args: DeserializeOwned> Call<Arguments, Args> {
    /// Reads a payload.
    ///
    /// # Errors
    /// The place of the first fault, without the value there.
    pub(crate) fn read(payload: Value) -> Result<Self, String> {
        serde_path_to_error::deserialize(payload)
            .map_err(|error| format!("{} is missing, or not of the type that is expected", error.path()))
    }
}
