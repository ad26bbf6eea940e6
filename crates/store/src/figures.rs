//! Everything that an answer sums, read together: all of one moment, and in one round trip.

use std::collections::BTreeMap;

use ledger::CreatorId;

use crate::{
    AudienceAsked, AudienceSum, Error, FanCounts, FansAsked, Reader, RevenueSum, SumsAsked,
    audience, fan_days, sums,
};

/// Which figures are wanted.
#[derive(Clone, Copy, Debug)]
pub struct FiguresAsked<'a> {
    /// Sums of money.
    pub revenue: SumsAsked<'a>,
    /// Who paid.
    pub fans: FansAsked,
    /// Who subscribes and follows.
    pub audiences: AudienceAsked<'a>,
}

/// Figures of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Sums of the rollup, and of what only webhooks told of. Several may be of the same.
    pub revenue: Vec<RevenueSum>,
    /// How many fans paid, and how many of them were new.
    pub fans: FanCounts,
    /// By the index of the bucket in [`AudienceAsked::starts`], `None` for the time before the first, and
    /// the creator. Where nothing is known there is no sum.
    pub audiences: BTreeMap<(Option<usize>, CreatorId), AudienceSum>,
}

impl Reader {
    /// Reads figures. How many rows that takes depends on the days asked for.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn read_figures(&self, asked: &FiguresAsked<'_>) -> Result<Figures, Error> {
        let FiguresAsked { revenue, fans, audiences } = asked;
        let (columns, spans, whose) = (revenue.columns(), fans.spans(), audiences.whose());
        let answers = self
            .rows_together(
                "read_figures",
                &[
                    ("sum_revenue", &revenue.sql(), &columns.params(revenue)),
                    ("count_fans", &fans.sql(), &spans.params(fans)),
                    ("sum_audiences", audience::sums::SUMS, &whose.params(audiences)),
                ],
            )
            .await?;
        // As many answers as questions.
        let [revenue, fans, audiences] = answers.as_slice() else {
            return Err(Error::Lost { statement: "read_figures" });
        };
        Ok(Figures {
            revenue: sums::sums(revenue)?,
            fans: fan_days::counts(fans),
            audiences: audience::sums::sums(audiences)?,
        })
    }
}
