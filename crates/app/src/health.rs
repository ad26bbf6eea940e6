//! Stub.
use crate::{
    Ctx,
    http::{Problem, Request, Response},
};
/// Stub.
/// # Errors
/// Always.
pub async fn handle(_: &Ctx, _: &Request) -> Result<Response, Problem> {
    Err(Problem::internal())
}
