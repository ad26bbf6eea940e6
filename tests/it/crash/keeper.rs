//! The database as a scenario begins, kept in a schema of its own and brought back before each run.

use std::{cell::Cell, fmt::Write};

use tokio_postgres::{Client, NoTls, Row};

/// Runs after which the server makes room.
const VACUUM_EVERY: u32 = 50;

/// Each table with the columns that can be written.
const TABLES: &str = "select c.table_name::text as name,
        string_agg(quote_ident(c.column_name::text), ', ' order by c.ordinal_position) as columns
   from information_schema.columns c
   join information_schema.tables t
     on t.table_schema = c.table_schema and t.table_name = c.table_name
  where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
  group by 1 order by 1";

pub struct Keeper {
    client: Client,
    /// Brings everything back, past triggers and foreign keys: it was true together.
    restore: String,
    vacuum: String,
    restored: Cell<u32>,
}

impl Keeper {
    /// Keeps every row that there is now.
    pub async fn keep(database_url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(database_url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("create schema kept").await.unwrap();
        let (mut deletes, mut inserts, mut filled) = (String::new(), String::new(), vec![]);
        for row in client.query_typed(TABLES, &[]).await.unwrap() {
            let (name, columns): (String, String) = (row.get("name"), row.get("columns"));
            write!(deletes, "delete from public.\"{name}\"; ").unwrap();
            let keep = format!("create table kept.\"{name}\" as table public.\"{name}\"");
            client.batch_execute(&keep).await.unwrap();
            let any = format!("select 1 from kept.\"{name}\" limit 1");
            if !client.query_typed(&any, &[]).await.unwrap().is_empty() {
                let insert = format!(
                    "insert into public.\"{name}\" ({columns}) overriding system value
                     select {columns} from kept.\"{name}\"; "
                );
                inserts.push_str(&insert);
                filled.push(format!("public.\"{name}\""));
            }
        }
        let restore = format!(
            "begin; set local session_replication_role = replica; {deletes} {inserts} commit"
        );
        let vacuum = format!("vacuum {}", filled.join(", "));
        Self { client, restore, vacuum, restored: Cell::new(0) }
    }

    /// Brings all of it back.
    pub async fn restore(&self) {
        self.client.batch_execute(&self.restore).await.unwrap();
        self.restored.set(self.restored.get() + 1);
        if self.restored.get().is_multiple_of(VACUUM_EVERY) {
            self.client.batch_execute(&self.vacuum).await.unwrap();
        }
    }

    /// Rows of a question about the database as it is.
    pub async fn ask(&self, sql: &str) -> Vec<Row> {
        self.client.query_typed(sql, &[]).await.unwrap()
    }

    /// The number that such a question is answered with.
    pub async fn number(&self, sql: &str) -> i64 {
        self.ask(sql).await[0].get(0)
    }
}
