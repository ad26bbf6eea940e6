//! Our own ids: which agency, which creator. The platform's ids are texts of their own types.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(inline))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// An agency: whose dashboard it is.
    AgencyId
}
id! {
    /// A creator. The agencies say "model": the table is `models`, the parameter `modelId`.
    CreatorId
}
id! {
    /// An authorisation at the platform, of an agency account or of a single creator.
    ConnectionId
}
