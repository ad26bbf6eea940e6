//! Which sources are asked for, by the names that the dashboard shows.

use ledger::{AgencyId, Category, Source};

use crate::{analytics::sums::category, auth::Asker, http::Problem, query::Query};

/// A category, a source, both or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::analytics) struct Filter {
    category: Option<Category>,
    source: Option<Source>,
}

impl Filter {
    /// The parameters that it reads.
    pub(in crate::analytics) const PARAMETERS: [&'static str; 2] = ["category", "source"];

    /// Reads it off the query.
    ///
    /// # Errors
    /// 400 for names that the dashboard doesn't show, and for a source of another category.
    pub(in crate::analytics) fn parse(query: &Query) -> Result<Self, Problem> {
        let category = named("category", query, &Category::ALL, Category::as_str)?;
        let source = named("source", query, &Source::ALL, Source::as_str)?;
        if let (Some(category), Some(source)) = (category, source)
            && source.category() != category
        {
            let own = source.category().as_str();
            let detail = format!("{} belongs to the category {own}", source.as_str());
            return Err(Problem::bad_parameter("source", detail));
        }
        Ok(Self { category, source })
    }

    /// The same in words, for the question that a cursor belongs to.
    pub(super) fn words(self) -> String {
        let category = self.category.map_or("any", Category::as_str);
        let source = self.source.map_or("any", Source::as_str);
        format!("category {category} source {source}")
    }

    /// The stored names of what is asked for; `None` for all. A name that this build doesn't know is
    /// shown under `other`, so there the ledger itself is asked for its names.
    ///
    /// # Errors
    /// When the database is away.
    pub(super) async fn sources(
        self,
        asker: &Asker,
        agency: AgencyId,
    ) -> Result<Option<Vec<String>>, Problem> {
        if let Some(source) = self.source {
            return Ok(Some(vec![source.as_str().to_owned()]));
        }
        let Some(wanted) = self.category else { return Ok(None) };
        let mut names: Vec<_> =
            Source::ALL.iter().map(|source| source.as_str().to_owned()).collect();
        if wanted == Category::Other {
            let stored = asker.reader.list_sources(agency).await?;
            names.extend(stored.into_iter().filter(|name| Source::from_name(name).is_none()));
        }
        names.retain(|name| category(name) == wanted);
        Ok(Some(names))
    }
}

fn named<T: Copy>(
    parameter: &str,
    query: &Query,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let Some(text) = query.get(parameter) else { return Ok(None) };
    match all.iter().copied().find(|one| name(*one) == text) {
        Some(one) => Ok(Some(one)),
        None => {
            let known: Vec<_> = all.iter().map(|one| name(*one)).collect();
            let detail = format!("{parameter} must be one of {}", known.join(", "));
            Err(Problem::bad_parameter(parameter, detail))
        }
    }
}
