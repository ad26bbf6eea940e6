use clap::CommandFactory;

use super::*;

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn dev_needs_no_word() {
    let Command::Dev(args) = Cli::try_parse_from(["heartbeat", "dev"]).unwrap().command else {
        panic!()
    };
    assert_eq!((args.port, args.sim_port, args.seed), (3000, 3001, 1));
    assert_eq!((args.creators, args.days, args.secret.as_str()), (12, 400, "dev-secret"));
}

#[test]
fn bench_measures_a_history_unless_told_otherwise() {
    let bench = |words: &[&str]| {
        let words = ["heartbeat", "bench"].iter().chain(words);
        let Command::Bench(args) = Cli::try_parse_from(words).unwrap().command else { panic!() };
        args
    };
    let args = bench(&[]);
    assert!(args.measurement.is_none());
    assert_eq!(args.rows, [62_500, 250_000, 1_000_000]);
    assert_eq!(bench(&["--rows", "10"]).rows, [10]);
    let args = bench(&["pages", "--pages", "7"]);
    let Some(Measurement::Pages(pages)) = args.measurement else { panic!() };
    assert_eq!(pages.pages, 7);
    let args = bench(&["ticks", "--ticks", "3"]);
    let Some(Measurement::Ticks(ticks)) = args.measurement else { panic!() };
    assert_eq!((ticks.creators.as_slice(), ticks.ticks), (&[10, 100, 1_000, 10_000][..], 3));
    let args = bench(&["reconcile", "--creators", "5,50"]);
    let Some(Measurement::Reconcile(proofs)) = args.measurement else { panic!() };
    assert_eq!((proofs.creators.as_slice(), proofs.proofs), (&[5, 50][..], 5));
    let args = bench(&["budget", "--windows", "5", "--json", "figures.json"]);
    assert_eq!(args.json, Some("figures.json".into()));
    let Some(Measurement::Budget(budget)) = args.measurement else { panic!() };
    assert_eq!((budget.workers, budget.limit, budget.windows), (50, 60, 5));
    let args = bench(&["webhooks", "--replays", "1000"]);
    let Some(Measurement::Webhooks(webhooks)) = args.measurement else { panic!() };
    assert_eq!((webhooks.sales, webhooks.replays), (1_000, 1_000));
    assert_eq!((webhooks.connections, webhooks.seconds), (32, 5));
    let args = bench(&["dashboard"]);
    let Some(Measurement::Dashboard(dashboard)) = args.measurement else { panic!() };
    assert_eq!(dashboard.rows, [100_000, 1_000_000, 10_000_000]);
    let args = bench(&["dashboard", "--rows", "5000,7000", "--statements", "typed"]);
    let Some(Measurement::Dashboard(dashboard)) = args.measurement else { panic!() };
    assert_eq!((dashboard.rows.as_slice(), dashboard.keep), (&[5_000, 7_000][..], false));
    let args = bench(&["functions", "--starts", "3"]);
    let Some(Measurement::Functions(functions)) = args.measurement else { panic!() };
    assert_eq!((functions.starts, functions.vercel), (3, "target/release".into()));
    let args = bench(&["csv", "--rows", "10"]);
    let Some(Measurement::Csv(csv)) = args.measurement else { panic!() };
    assert_eq!(csv.rows, 10);
}

#[test]
fn rotating_keys_takes_no_word_and_tells_its_steps() {
    let command = Cli::try_parse_from(["heartbeat", "rotate-keys"]).unwrap().command;
    assert!(matches!(command, Command::RotateKeys));
    let mut words = Cli::command();
    let rotate = words.find_subcommand_mut("rotate-keys").unwrap();
    let help = rotate.render_long_help().to_string();
    let steps: Vec<_> = ["in front of", "deploy", "run this", "remove the"]
        .iter()
        .map(|step| help.find(step).unwrap())
        .collect();
    assert!(steps.is_sorted(), "{help}");
}

#[test]
fn rollups_are_checked_or_rebuilt() {
    let action = |word: &str| {
        let command = Cli::try_parse_from(["heartbeat", "rollups", word]).unwrap().command;
        let Command::Rollups(args) = command else { panic!() };
        args.action
    };
    assert_eq!(action("check"), RollupsAction::Check);
    assert_eq!(action("rebuild"), RollupsAction::Rebuild);
}

#[test]
fn the_doctor_needs_no_word() {
    let doctor = |words: &[&str]| {
        let words = ["heartbeat", "doctor"].iter().chain(words);
        let Command::Doctor(args) = Cli::try_parse_from(words).unwrap().command else { panic!() };
        args
    };
    let args = doctor(&[]);
    assert!(!args.offline && !args.json && !args.all && args.dir.is_none());
    let args = doctor(&["--offline", "--json", "--dir", "deployed"]);
    assert!(args.offline && args.json);
    assert_eq!(args.dir, Some("deployed".into()));
}

#[test]
fn nonsense_is_refused() {
    for words in [
        &["heartbeat"][..],
        &["heartbeat", "dev", "--port", "70000"],
        &["heartbeat", "dev", "--creators", "0"],
        &["heartbeat", "dev", "--secret", "two words"],
        &["heartbeat", "dev", "--secret", ""],
        &["heartbeat", "bench", "budget", "--workers", "0"],
        &["heartbeat", "bench", "webhooks", "--connections", "1"],
        &["heartbeat", "bench", "--rows", "10", "budget"],
        &["heartbeat", "bench", "--rows", "0"],
        &["heartbeat", "bench", "ticks", "--creators", "1"],
        &["heartbeat", "bench", "dashboard", "--statements", "kept"],
        &["heartbeat", "bench", "live", "--streams", "257"],
        &["heartbeat", "bench", "functions", "--starts", "0"],
        &["heartbeat", "rotate-keys", "k2"],
        &["heartbeat", "rollups"],
        &["heartbeat", "force-sync", "--agency", "1"],
        &["heartbeat", "jobs", "--creator", "Ada"],
        &["heartbeat", "diagnose", "--depth", "deep"],
        &["heartbeat", "doctor", "--json", "--all"],
        &["heartbeat", "webhooks"],
        &["heartbeat", "webhooks", "replay"],
        &["heartbeat", "webhooks", "replay", "--all", "a-key"],
        &["heartbeat", "fly"],
    ] {
        assert!(Cli::try_parse_from(words).is_err(), "{words:?}");
    }
}

#[test]
fn what_the_endpoints_take_the_commands_take_too() {
    let parse = |words: &[&str]| Cli::try_parse_from([&["heartbeat"][..], words].concat());
    let words = ["diagnose", "--start-date", "2026-11-01", "--end-date", "2026-11-02", "--json"];
    let Command::Diagnose(args) = parse(&words).unwrap().command else { panic!() };
    assert_eq!((args.start_date.as_deref(), args.json), (Some("2026-11-01"), true));
    assert!(parse(&["diagnose", "--start-date", "2026-11-01"]).is_err());
    assert!(parse(&[&words[..], &["--time-range", "7d"]].concat()).is_err());
    let id = Uuid::nil().to_string();
    let Command::Jobs(args) = parse(&["jobs", &id]).unwrap().command else { panic!() };
    assert_eq!(args.id, Some(Uuid::nil()));
    let words = ["repairs", "--limit", "7", "--cursor", "1.2"];
    let Command::Repairs(args) = parse(&words).unwrap().command else { panic!() };
    assert_eq!((args.limit.as_str(), args.cursor.as_deref()), ("7", Some("1.2")));
}
