//! Placeholder.
/// Health.
#[derive(Debug)]
pub struct Health;
