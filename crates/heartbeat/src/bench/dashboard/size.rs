//! A database of one size, and who asks it.

use std::{sync::Arc, time::Duration};

use app::Ctx;
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, IF_NONE_MATCH},
};

use super::{AGENCIES, CREATORS, NOW, Question, name, rivals::Rivals};
use crate::{
    Failure,
    bench::{
        asking::ask,
        books::{self, Plan},
        clock::HandClock,
        meter::Meter,
        stage::{self, SECRET},
    },
    cli::DashboardArgs,
    devdb::DevDb,
    progress::grouped,
};

/// The statements that find out who asks, and for which agency.
const OF_THE_ASKER: [&str; 3] = ["find_own_profile", "find_agency", "list_agencies"];

/// The books of one size.
pub(super) struct Size {
    pub(super) rows: u64,
    /// Sums that answers read of one agency: of 30 days and of a year, each with the same time before
    /// it, and of all time.
    pub(super) cells: [u64; 3],
    pub(super) url: String,
    /// What its answers stand beside.
    pub(super) rivals: Rivals,
    ctx: Ctx,
    /// The service's surroundings. Its connections are its own, as a function's are whom it mostly answers:
    /// over one that is a user's and the service's by turns PostgreSQL plans each statement anew.
    service: Ctx,
    meter: Arc<Meter>,
    /// By agency: a user's token, and what tells the user's answer.
    users: Vec<(String, HeaderValue)>,
}

impl Size {
    /// Fills a database, or finds it filled.
    pub(super) async fn open(
        server: &DevDb,
        args: &DashboardArgs,
        rows: u64,
    ) -> Result<Self, Failure> {
        eprintln!("  {} rows", grouped(rows));
        let plan = Plan {
            agencies: AGENCIES,
            creators: CREATORS,
            users: 1,
            rows,
            days: args.days,
            lately: args.lately,
            until: NOW,
        };
        let url = books::find_or_make(server, &name(rows), &plan).await?;
        let mut environment = stage::users_environment(&url);
        environment.push(("DATABASE_STATEMENTS", args.statements.clone()));
        let meter = Arc::new(Meter::default());
        let surroundings = || {
            let gate = Arc::<Meter>::clone(&meter);
            stage::watched(&environment, Arc::new(HandClock::at(NOW)), gate)
        };
        let (ctx, service) = (surroundings()?, surroundings()?);
        let mut users = vec![];
        for agency in 0..AGENCIES {
            let token = stage::token(books::user(agency, 0), NOW);
            let answered = ask(&ctx, (&token, "timeRange=30d"), None).await?;
            let tag = answered.tag.ok_or_else(|| Failure::new("an answer has no validator"))?;
            users.push((token, tag));
        }
        let (cells, rivals) = (cells(&url).await?, Rivals::default());
        Ok(Self { rows, cells, url, rivals, ctx, service, meter, users })
    }

    /// Asks on behalf of an agency; how long the answer took, and its queries alone.
    pub(super) async fn ask(
        &self,
        question: Question,
        turn: usize,
    ) -> Result<(Duration, Duration), Failure> {
        let agency = turn % self.users.len();
        let (token, tag) = &self.users[agency];
        let anew = (CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let (ctx, asked, bearer, header, want) = match question {
            Question::User(range) => {
                (&self.ctx, format!("timeRange={range}"), token.as_str(), anew, StatusCode::OK)
            }
            Question::Service(range) => {
                let id = books::agency(u32::try_from(agency).unwrap_or_default());
                let asked = format!("timeRange={range}&agencyId={id}");
                (&self.service, asked, SECRET, anew, StatusCode::OK)
            }
            Question::Unchanged => {
                let held = (IF_NONE_MATCH, tag.clone());
                let asked = "timeRange=30d".to_owned();
                (&self.ctx, asked, token.as_str(), held, StatusCode::NOT_MODIFIED)
            }
        };
        self.meter.take();
        let answered = ask(ctx, (bearer, &asked), Some(header)).await?;
        if answered.status != want {
            let said = format!("{asked} was answered {} instead of {want}", answered.status);
            return Err(Failure::new(said));
        }
        let trips = self.meter.take();
        let queries = trips.iter().filter(|(name, _)| !OF_THE_ASKER.contains(*name));
        Ok((answered.took, queries.map(|(_, (_, took))| *took).sum()))
    }
}

/// Of each range its own days and the earlier ones: months that are whole, and days where they are not;
/// by source, by creator, and of the earlier days in all.
async fn cells(url: &str) -> Result<[u64; 3], Failure> {
    let sql = format!(
        "with today as (
             select (timestamptz '{NOW}' at time zone '{}')::date as today
         ), sums as (
             select span, day, model_id is null and source is null as is_all,
                    date_trunc('month', day::timestamp)::date as month
               from revenue_sums
              where agency_id = '{}' and (model_id is null or source is null)
         ), runs as (
             select number, is_earlier, first, last from (
                 select 0, false, today - 29, today from today
                 union all select 0, true, today - 59, today - 31 from today
                 union all select 1, false, today - 364, today from today
                 union all select 1, true, today - 729, today - 366 from today
                 union all select 2, false, (select min(day) from sums), today from today
             ) as r (number, is_earlier, first, last)
         ), read as (
             select number from runs join sums s on s.day between first and last
              cross join lateral (
                    select is_earlier or number > 0 as has_months,
                           first <= month and month + interval '1 month' <= last + 1 as is_whole
                    ) as m
              where case when is_all then is_earlier and span = 'day'
                         else (span = 'month') = (has_months and is_whole)
                              and (span = 'day' or is_whole) end
         )
         select count(*) filter (where number = 0), count(*) filter (where number = 1),
                count(*) filter (where number = 2) from read",
        books::ZONE,
        books::agency(0),
    );
    stage::numbers(url, &sql).await
}
