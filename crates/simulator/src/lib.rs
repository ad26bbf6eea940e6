#![doc = include_str!("../README.md")]

mod answer;
mod api;
mod bucket;
mod clock;
mod control;
mod courier;
mod cursor;
mod dice;
mod faults;
mod journal;
mod line;
mod names;
mod oauth;
mod params;
mod requests;
mod row;
mod serve;
mod settings;
mod simulator;
mod state;
#[cfg(test)]
mod tests;
mod webhooks;
mod wire;
mod world;

pub use crate::{
    control::{
        ControlError,
        accounts::{Grant, GrantUser, NewGrant},
        amending::Amendment,
        audience::{AudienceChange, AudienceDay, AudienceTruth, TrueLink, TrueSpender},
        events::NewEvent,
        population::{Bulk, NewCreator},
        rows::{TrueFan, TrueRow},
        sales::{NewRefund, NewSale, RawCounts, RawRow},
        truth::{CreatorTruth, DayTruth, Truth},
    },
    faults::{Fault, FaultMatch, NewFault},
    requests::RequestLog,
    serve::serve,
    settings::{AgencyPaging, CursorStyle, Order, Rows, SCOPES, Settings},
    simulator::{Options, Reply, Simulator},
    webhooks::{
        Delivery, EndpointReport, WebhookCounts, WebhookReport,
        settings::{Family, Subscribing, WebhookSettings},
    },
};
