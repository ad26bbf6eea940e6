//! One plan from its first op to rest.

use super::{draw::Plan, eye::Eye, scene::Scene, trace::Trace};

/// What came of a plan.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The first promise that was broken, and in which op.
    pub problem: Option<String>,
    /// Simulated days, times creators.
    pub creator_days: f64,
    /// Polls of dashboards, and how many of them were answered 304.
    pub polls: (u64, u64),
}

pub async fn run(plan: &Plan, database_url: &str, eye: &Eye, trace: &Trace) -> Outcome {
    let mut scene = Scene::set(plan, database_url, eye, trace.clone()).await;
    let problem = play(&mut scene, plan).await.err();
    Outcome { problem, creator_days: scene.creator_days(), polls: scene.dashboards.counts() }
}

async fn play(scene: &mut Scene<'_>, plan: &Plan) -> Result<(), String> {
    for (number, op) in plan.ops.iter().enumerate() {
        scene.play(op).await.map_err(|problem| format!("op {number} {op:?}: {problem}"))?;
    }
    scene.rest().await
}
