//! Placeholder until the reading side lands.
