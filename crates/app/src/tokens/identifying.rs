//! Whose tokens they are, where only an older system's table says it: asked before anything is read.

use store::Connection;

use super::{Access, routes_name};
use crate::{Ctx, Error, connections};

/// The access, once the platform has said that it is the stored account's. A connection of which
/// it says something else, or will not say it, ends: its figures would be somebody else's.
///
/// # Errors
/// [`Error::Reconnect`] when it ended, [`Error::Platform`] when the platform can't be asked now.
pub(super) async fn identify(
    ctx: &Ctx,
    connection: &Connection,
    access: Access,
) -> Result<Access, Error> {
    let (agency, id) = (connection.agency, connection.id);
    let is_it = |uuid: &str| uuid.eq_ignore_ascii_case(&connection.account_uuid);
    let reason = match connections::who(ctx, &access.token).await {
        Ok((account, routes))
            if (account.is_creator || connection.is_agency) && is_it(account.uuid.as_str()) =>
        {
            ctx.store.set_identified(agency, id, routes_name(routes)).await?;
            return Ok(Access { routes, ..access });
        }
        Ok(_) => "the tokens that an older system left are another account's",
        Err(Error::Platform(fanvue::Error::Forbidden { .. })) => {
            "the tokens that an older system left may not tell whose they are"
        }
        Err(other) => return Err(other),
    };
    let tx = ctx.store.begin("end_unidentified").await?;
    let held = tx.lock_connection(agency, id).await?;
    // Meanwhile a person may have connected it.
    let ends = held.is_some_and(|held| !held.is_identified);
    if ends {
        tx.revoke_connection(agency, id, reason, ctx.clock.now()).await?;
    }
    tx.commit().await?;
    if ends {
        tracing::error!(connection.id = %id, agency.id = %agency, reason, "connection ended");
    }
    Err(Error::Reconnect { reason: reason.into() })
}
