//! One who asks for an agency's data: what they may read, and whose.

use ledger::AgencyId;
use store::{Agency, Reader};

use super::{Caller, Right, Role};
use crate::{Ctx, http::Problem};

/// Someone who may ask. All that is answered to them is read through [`Asker::reader`].
pub struct Asker {
    /// The database as they see it.
    pub reader: Reader,
    /// A user's own agency; the operator has none.
    own: Option<Agency>,
}

impl Caller {
    /// What this caller may read, if they have the right.
    ///
    /// # Errors
    /// 403 for a user without an agency or in a role that may not; 503 without a database.
    pub async fn asker(self, ctx: &Ctx, right: Right) -> Result<Asker, Problem> {
        let Self::User(user) = self else {
            return Ok(Asker { reader: ctx.store.reader(), own: None });
        };
        let reader = ctx.store.reader_for(user);
        let Some(profile) = reader.find_own_profile().await? else {
            let detail = "you belong to no agency here: ask its owner to give your profile one";
            return Err(Problem::forbidden(detail));
        };
        if !Role::of(&profile.role).may(right) {
            return Err(Problem::forbidden(right.refusal()));
        }
        Ok(Asker { reader, own: Some(profile.agency) })
    }
}

impl Asker {
    /// A user's own agency; `None` for the operator, who sees all.
    #[must_use]
    pub fn own_agency(&self) -> Option<AgencyId> {
        self.own.as_ref().map(|agency| agency.id)
    }

    /// The agency that is asked about: the one that was named, else a user's own, or the only one there
    /// is. To a user every other agency is none.
    ///
    /// # Errors
    /// 404, 400 where the operator has to name one, 503 without a database.
    pub async fn agency(&self, named: Option<AgencyId>) -> Result<Agency, Problem> {
        let missing = || Problem::not_found("there is no such agency").about("agencyId");
        if let Some(own) = &self.own {
            let is_own = named.is_none_or(|id| id == own.id);
            return is_own.then(|| own.clone()).ok_or_else(missing);
        }
        if let Some(id) = named {
            return self.reader.find_agency(id).await?.ok_or_else(missing);
        }
        let mut agencies = self.reader.list_agencies(2).await?;
        match (agencies.pop(), agencies.pop()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => {
                let detail = "there are several agencies: say which one with agencyId";
                Err(Problem::bad_parameter("agencyId", detail))
            }
            (None, _) => {
                let detail = "there is no agency yet: connect a Fanvue account first";
                Err(Problem::bad_parameter("agencyId", detail))
            }
        }
    }
}
