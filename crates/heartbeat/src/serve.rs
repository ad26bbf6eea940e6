//! `heartbeat serve`: the endpoints with the configuration of the environment.

use std::sync::Arc;

use app::{Config, Ctx};

use crate::cli::ServeArgs;
use crate::page::Page;
use crate::schedules::{self, Driver};
use crate::web::{self, Site};
use crate::{Failure, stop, wall};

pub(crate) async fn run(args: ServeArgs) -> Result<(), Failure> {
    let mut stop = stop::on_signal().map_err(Failure::while_doing("can't watch for signals"))?;
    let config =
        Config::from_env().map_err(Failure::while_doing("the configuration is unusable"))?;
    let ctx = Ctx::new(config).map_err(Failure::while_doing("the configuration is unusable"))?;
    let (listener, address) = bind(args.port, "--port").await?;
    eprintln!("serving http://{address}");
    let page = Arc::new(Page::of_repository());
    let site = Site { ctx: Arc::new(ctx), page, demo: None };
    let server = web::serve(listener, site, stop.clone());
    if !args.schedules {
        server.await;
        return Ok(());
    }
    let secret = wall::variable("CRON_SECRET")
        .ok_or_else(|| Failure::new("--schedules needs CRON_SECRET, which is not set"))?;
    let list = schedules::list().map_err(Failure::while_doing("no schedules"))?;
    let driving = schedules::drive(Driver { server: address, secret }, list);
    tokio::join!(server, async {
        tokio::select! {
            () = driving => {}
            () = stop::signalled(&mut stop) => {}
        }
    });
    Ok(())
}

/// Listens, or says which flag chooses another port.
pub(crate) async fn bind(
    port: u16,
    flag: &str,
) -> Result<(tokio::net::TcpListener, std::net::SocketAddr), Failure> {
    let why = format!("can't listen on port {port}; choose another with {flag}, 0 for a free one");
    web::listen(port).await.map_err(Failure::while_doing(why))
}
