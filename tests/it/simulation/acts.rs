//! What each op does. Impossible wishes are ignored: see [`super::op`].

use app::tick::Scope;
use simulator::{Fault, FaultMatch, NewFault, NewRefund};

use super::{
    op::{Op, Place, Point, Turn},
    probe::Driven,
    process::{PROCESSES_MAX, Run},
    scene::Scene,
    view::{CreatorView, View},
};

impl Scene<'_> {
    pub async fn perform(&mut self, op: &Op) -> Result<(), String> {
        match op {
            Op::Tick => self.tick(Scope::Everyone).await,
            Op::TickDue => self.tick(Scope::Due).await,
            Op::Ticks { turns } => self.ticks(turns).await,
            Op::TickKilled { at } => self.tick_killed(*at).await,
            Op::TickOversleeps { after_requests, seconds } => {
                self.tick_oversleeps(*after_requests, *seconds).await
            }
            Op::Delivers => self.deliver(None).await,
            Op::DeliversKilled { at } => self.deliver(Some(*at)).await,
            Op::Reconnects => {
                let outcome = self.reconnect().await;
                self.trace.note(|| format!("connected: {outcome:?}"));
                Ok(())
            }
            Op::AsksForHistory { who } => {
                let account = self.account(*who);
                self.eye.ask_for_history(account).await;
                self.happened.asked_for_history.insert(account);
                Ok(())
            }
            Op::MovesAndReturns => {
                self.eye.move_and_return().await;
                Ok(())
            }
            Op::ClockIsOff { seconds } => {
                self.clock.set_off(*seconds);
                self.notice();
                Ok(())
            }
            Op::TimePasses { seconds } => {
                self.pass(*seconds);
                Ok(())
            }
            of_the_platform => {
                self.perform_there(of_the_platform);
                Ok(())
            }
        }
    }

    /// What happens on the platform.
    fn perform_there(&mut self, op: &Op) {
        let now = self.now();
        match op {
            Op::Sells { who, sale } => self.sell(*who, sale),
            Op::TakesBack { who, chargeback } => {
                let creator = self.account(*who);
                let kind = chargeback.then(|| "chargeback".to_owned());
                let new = NewRefund { creator: Some(creator), kind, ..NewRefund::default() };
                if let Ok(rows) = self.sim.refund(&new, now) {
                    self.know(creator, &rows);
                }
            }
            Op::AmendsStatus { who, nth, back } => self.amend_status(*who, *nth, *back),
            Op::AmendsAmount { who, nth, cents } => self.amend_amount(*who, *nth, *cents),
            Op::Nonsense { who, kind } => self.put_nonsense(*who, *kind),
            Op::Vanishes { who, nth, seconds } => self.vanish(*who, *nth, *seconds),
            Op::Fails { at, how, times } => {
                let mut matches = FaultMatch::default();
                let loses = matches!(how, Fault::DropAfter | Fault::TruncatedJson);
                self.answers_were_lost |= loses && !matches!(at, Place::Page { .. });
                match at {
                    Place::Anywhere => {}
                    Place::Tokens => matches.path = Some("oauth2/token".into()),
                    Place::Page { who, page } => {
                        matches.creator = Some(self.account(*who));
                        matches.page = Some(*page);
                    }
                }
                self.sim.fault(NewFault { matches, fault: how.clone(), times: Some(*times) });
            }
            Op::Mends => {
                self.sim.clear_faults();
            }
            Op::Revokes => {
                self.sim.revoke("agency", now).unwrap();
                self.was_revoked = true;
            }
            setting => {
                if let Some(change) = setting.settings() {
                    self.settings(&change);
                }
            }
        }
    }

    /// A tick that nobody disturbs.
    async fn tick(&mut self, scope: Scope) -> Result<(), String> {
        let process = self.process(0);
        process.begin_tick(false, None);
        let run = process.tick_over(scope);
        let report = run.await.map_err(|error| format!("the tick failed: {error:?}"))?;
        self.trace.note(|| format!("report {}", serde_json::to_string(&report).unwrap()));
        self.happened.report = Some(report);
        Ok(())
    }

    async fn tick_killed(&mut self, at: Point) -> Result<(), String> {
        let process = self.process(0);
        process.begin_tick(false, Some(at));
        let probe = std::sync::Arc::clone(&process.probe);
        let mut run = process.tick();
        match probe.drive(&mut run, true).await {
            Driven::Done(report) => {
                report.map(drop).map_err(|error| format!("the tick failed: {error:?}"))
            }
            Driven::Parked => Err("parked, though nothing asked for it".into()),
            Driven::Killed => {
                drop(run);
                self.kill(0).await;
                Ok(())
            }
        }
    }

    async fn ticks(&mut self, turns: &[Turn]) -> Result<(), String> {
        let mut runs: [Option<Run>; PROCESSES_MAX] = Default::default();
        for turn in turns {
            match turn {
                Turn::Goes { process } => {
                    let number = process % PROCESSES_MAX;
                    self.step(number, &mut runs[number], false).await?;
                }
                Turn::Dies { process } => {
                    let number = process % PROCESSES_MAX;
                    runs[number] = None;
                    self.kill(number).await;
                }
                Turn::Meanwhile { op } => Box::pin(self.perform(op)).await?,
            }
        }
        for (number, run) in runs.iter_mut().enumerate() {
            if run.is_some() {
                self.step(number, run, true).await?;
            }
        }
        // Reports that overlap say nothing simple about before and after.
        self.happened.report = None;
        Ok(())
    }

    /// Drives a process's tick to its next request or to its end, from its beginning if need be.
    async fn step(
        &mut self,
        number: usize,
        slot: &mut Option<Run>,
        to_the_end: bool,
    ) -> Result<(), String> {
        let process = self.process(number);
        if slot.is_none() {
            process.begin_tick(true, None);
            *slot = Some(process.tick());
        }
        let probe = std::sync::Arc::clone(&process.probe);
        let Some(run) = slot else { return Ok(()) };
        if let Driven::Done(report) = probe.drive(run, to_the_end).await {
            *slot = None;
            let report = report.map_err(|error| format!("the tick failed: {error:?}"))?;
            self.trace.note(|| format!("report {}", serde_json::to_string(&report).unwrap()));
        }
        Ok(())
    }

    /// Invariant 6: whoever lost the lease changes nothing any more.
    async fn tick_oversleeps(&mut self, after: u32, seconds: i64) -> Result<(), String> {
        let mut sleeper: Option<Run> = None;
        for _ in 0..=after {
            self.step(1, &mut sleeper, false).await?;
            if sleeper.is_none() {
                return Ok(());
            }
        }
        let held = self.eye.look().await;
        self.pass(seconds);
        self.tick(Scope::Everyone).await?;
        let before = self.eye.look().await;
        self.step(1, &mut sleeper, true).await?;
        let after = self.eye.look().await;
        self.happened.report = None;
        for (account, creator) in &before.creators {
            let token = |view: &View| view.creators[account].stream.lease_token;
            // Consent that ended at the platform is noted by whoever hears of it: it hangs on no stream.
            let has_ended = creator.has_ended || after.creators[account].has_ended;
            let expected = CreatorView { has_ended, ..creator.clone() };
            if token(&held) != token(&before) && after.creators[account] != expected {
                return Err(format!(
                    "{account} was taken over, yet the old holder changed {creator:?} to {:?}",
                    after.creators[account]
                ));
            }
        }
        Ok(())
    }
}
