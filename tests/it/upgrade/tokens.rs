//! Tokens of the older system: sealed, and nowhere left in plain text.

use super::Older;

/// Nothing in any schema holds one of these texts.
async fn assert_nowhere(db: &crate::world::database::Database, texts: &[String]) {
    let tables = "select c.oid::regclass::text from pg_class c
                    join pg_namespace n on n.oid = c.relnamespace
                   where c.relkind = 'r'
                     and n.nspname in ('public', 'before_heartbeat', 'supabase_migrations')";
    let mut found = vec![];
    for table in db.sql(tables).await {
        let dump = format!("select coalesce(string_agg(t::text, ' '), '') from {} t", table[0]);
        let text = db.sql(&dump).await.remove(0).remove(0);
        found.extend(texts.iter().filter(|token| text.contains(*token)).map(|_| table[0].clone()));
    }
    assert_eq!(found, Vec::<String>::new(), "these tables keep a token");
}

#[tokio::test]
async fn tokens_of_creators_and_agencies_are_sealed_and_their_plain_columns_empty() {
    let mut older = Older::filled().await;
    let tokens = std::mem::take(&mut older.tokens);
    assert_eq!(tokens.len(), 4);
    let applied = store::migrate(&older.db.url).await.unwrap();
    assert!(applied.has_plain_tokens);
    let world = older.served();
    world.scheduled().await;
    assert_nowhere(&world.db, &tokens).await;
    assert!(!store::migrate(&world.db.url).await.unwrap().has_plain_tokens);
    let connections = "select c.kind, c.state, count(m.id) from fanvue_connections c
                         left join models m on m.connection_id = c.id group by 1, 2 order by 1";
    let connected = world.db.sql(connections).await;
    assert_eq!(connected.len(), 2, "{connected:?}");
    assert_eq!(connected[1], ["creator", "active", "1"], "Cleo's own stays hers");
    assert_eq!(connected[0][..2], ["agency", "active"]);
    world.tick().await;
    world.assert_complete().await;
}

/// An access token lives for an hour: after a longer pause only a refresh tells whose it is.
#[tokio::test]
async fn an_agencys_token_that_has_ended_is_refreshed_before_anybody_believes_whose_it_is() {
    let mut older = Older::filled().await;
    let tokens = std::mem::take(&mut older.tokens);
    store::migrate(&older.db.url).await.unwrap();
    let world = older.served();
    world.advance(7_200);
    world.scheduled().await;
    assert_nowhere(&world.db, &tokens).await;
    world.advance(60);
    world.scheduled().await;
    world.advance(60);
    world.scheduled().await;
    let state = "select distinct state, is_identified from fanvue_connections";
    assert_eq!(world.db.sql(state).await, [["active", "t"]]);
    world.forced().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn an_outage_leaves_the_tokens_where_they_are_for_the_next_tick() {
    let older = Older::filled().await;
    store::migrate(&older.db.url).await.unwrap();
    let world = older.served();
    let outage = serde_json::json!({"fault": {"status": 503}, "times": 40});
    world.sim.fault(serde_json::from_value(outage).unwrap());
    world.scheduled().await;
    assert!(store::migrate(&world.db.url).await.unwrap().has_plain_tokens);
    world.sim.clear_faults();
    world.scheduled().await;
    assert!(!store::migrate(&world.db.url).await.unwrap().has_plain_tokens);
}
