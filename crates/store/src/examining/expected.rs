//! What migrations leave in a database, read from their words: so that nobody keeps a second list.

use std::collections::BTreeSet;

/// What the migrations of a build have made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The tables, without their schema.
    pub tables: BTreeSet<String>,
    /// The indexes that have a name of their own.
    pub indexes: BTreeSet<String>,
    /// The triggers, as `table.trigger`.
    pub triggers: BTreeSet<String>,
}

impl Expected {
    /// Follows the statements of those migrations, oldest first.
    pub(super) fn of<'a>(migrations: impl Iterator<Item = &'a str>) -> Self {
        let mut expected = Self::default();
        for sql in migrations {
            expected.follow(&plain(sql).to_lowercase());
        }
        expected
    }

    fn follow(&mut self, sql: &str) {
        let is_between = |c: char| c.is_whitespace() || "();,".contains(c);
        let mut words = sql.split(is_between).filter(|word| !word.is_empty());
        while let Some(word) = words.next() {
            if word == "create" || word == "drop" {
                self.change(&mut words, word == "create");
            }
        }
    }

    fn change<'a>(&mut self, words: &mut impl Iterator<Item = &'a str>, is_made: bool) {
        let beside = ["unique", "constraint", "or", "replace"];
        let kind = words.find(|word| !beside.contains(word));
        let Some(kind @ ("table" | "index" | "trigger")) = kind else { return };
        let Some(name) = words.find(|word| !["if", "not", "exists"].contains(word)) else { return };
        let name = unqualified(name);
        let (names, name) = match kind {
            "table" => (&mut self.tables, name.to_owned()),
            "index" => (&mut self.indexes, name.to_owned()),
            _ => {
                let table = words.skip_while(|word| *word != "on").nth(1);
                let Some(table) = table else { return };
                (&mut self.triggers, format!("{}.{name}", unqualified(table)))
            }
        };
        if is_made {
            names.insert(name)
        } else {
            names.remove(&name)
        };
    }
}

fn unqualified(name: &str) -> &str {
    name.strip_prefix("public.").unwrap_or(name)
}

/// Without comments and without what stands in quotes: that is no statement, or one for an older
/// system's tables alone.
fn plain(sql: &str) -> String {
    let mut plain = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some((before, from)) = rest.find(['-', '\'']).and_then(|at| rest.split_at_checked(at))
    {
        plain.push_str(before);
        let end = if from.starts_with("--") {
            from.find('\n')
        } else if let Some(quoted) = from.strip_prefix('\'') {
            quoted.find('\'').map(|end| end + 2)
        } else {
            plain.push('-');
            Some(1)
        };
        rest = end.and_then(|end| from.get(end..)).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &BTreeSet<String>) -> Vec<&str> {
        names.iter().map(String::as_str).collect()
    }

    #[test]
    fn what_is_made_and_not_taken_away_is_expected() {
        let first = "-- create table no (it isn't)
            create table if not exists a (id uuid); create unique index a_one on a (id);
            create index public.a_two on a (id) where state = 'create index a_three';
            create or replace function f() returns trigger language plpgsql as $$ begin end $$;
            create constraint trigger told after update of id on public.a
                for each row execute function f();
            create trigger gone before insert on a for each row execute function f();
            do $$ begin execute 'create table x (id int)'; end $$";
        let second = "drop index a_two; drop trigger gone on a; alter table a drop constraint c;
            create table b (x int default 1 - 2)";
        let expected = Expected::of([first, second].into_iter());
        assert_eq!(names(&expected.tables), ["a", "b"]);
        assert_eq!(names(&expected.indexes), ["a_one"]);
        assert_eq!(names(&expected.triggers), ["a.told"]);
    }
}
