//! fanvue
