//! A reader of Prometheus' text format 0.0.4 that takes nothing but what the format says, and holds
//! names against the conventions.

use std::collections::{BTreeMap, BTreeSet};

/// What was told: the samples by name and labels as written, and the families.
#[derive(Debug, Default)]
pub struct Exposition {
    pub samples: BTreeMap<String, f64>,
    pub families: BTreeSet<String>,
}

impl Exposition {
    /// The value of a series such as `x{state="a"}`.
    pub fn value(&self, series: &str) -> f64 {
        *self.samples.get(series).unwrap_or_else(|| panic!("{series} is not in {self:?}"))
    }

    /// Reads the whole text, or says which line is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut read = Self::default();
        let whole = text.strip_suffix('\n').ok_or("the last line does not end")?;
        let mut lines = whole.split('\n').peekable();
        while let Some(help) = lines.next() {
            let kind = lines.next().unwrap_or_default();
            let family = read.open(help, kind)?;
            while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
                read.add(&family, line)?;
            }
        }
        Ok(read)
    }

    /// The two lines before the samples of a family.
    fn open(&mut self, help: &str, kind: &str) -> Result<String, String> {
        let rest = help.strip_prefix("# HELP ").ok_or_else(|| format!("no help: {help}"))?;
        let (name, about) = rest.split_once(' ').ok_or_else(|| format!("no text: {help}"))?;
        if about.trim() != about || about.is_empty() || about.contains('\\') {
            return Err(format!("a text that needs care: {help}"));
        }
        let kind = kind.strip_prefix(&format!("# TYPE {name} "));
        let is_counter = match kind {
            Some("gauge") => false,
            Some("counter") => true,
            other => return Err(format!("{name} is of the type {other:?}")),
        };
        if !is_name(name, true) || name.ends_with("_total") != is_counter {
            return Err(format!("{name} is no good name"));
        }
        if !self.families.insert(name.to_owned()) {
            return Err(format!("{name} comes twice"));
        }
        Ok(name.to_owned())
    }

    fn add(&mut self, family: &str, line: &str) -> Result<(), String> {
        let wrong = || format!("no sample of {family}: {line}");
        // No value holds a space, and a time after it is not sent.
        let (series, value) = line.rsplit_once(' ').ok_or_else(wrong)?;
        let labels = series.strip_prefix(family).ok_or_else(wrong)?;
        if !labels.is_empty() {
            check_labels(labels).ok_or_else(wrong)?;
        }
        let value = value.parse::<f64>().ok().filter(|value| value.is_finite());
        let value = value.ok_or_else(wrong)?;
        match self.samples.insert(series.to_owned(), value) {
            None => Ok(()),
            Some(_) => Err(format!("{series} comes twice")),
        }
    }
}

fn is_name(text: &str, with_colon: bool) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || (with_colon && b == b':');
    !text.is_empty() && text.bytes().all(is_part) && !text.as_bytes()[0].is_ascii_digit()
}

/// `{name="value",…}`, each name once.
fn check_labels(text: &str) -> Option<()> {
    let mut rest = text.strip_prefix('{')?;
    let mut names = BTreeSet::new();
    loop {
        let (name, value) = rest.split_once("=\"")?;
        if !is_name(name, false) || name.starts_with("__") || !names.insert(name) {
            return None;
        }
        rest = after_value(value)?;
        if rest == "}" {
            return Some(());
        }
        rest = rest.strip_prefix(',')?;
    }
}

/// What follows the closing quote of a value.
fn after_value(text: &str) -> Option<&str> {
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some(&text[at + 1..]),
            '\\' => match characters.next() {
                Some((_, '\\' | '"' | 'n')) => {}
                _ => return None,
            },
            _ => {}
        }
    }
    None
}

#[test]
fn what_the_format_allows_is_read_and_nothing_else() {
    let family = |lines: &str| format!("# HELP a_b About it.\n# TYPE a_b gauge\n{lines}");
    let good = family("a_b{x=\"1\\\"2\\\\3\\n\",y=\"}\"} -1.5e3\na_b 2\n");
    let read = Exposition::parse(&good).unwrap();
    assert_eq!(read.value("a_b"), 2.0);
    assert_eq!(read.samples.len(), 2);
    for lines in [
        "a_b 2",
        "a_b\n",
        "a_b two\n",
        "a_b NaN\n",
        "a_c 2\n",
        "a_b 2\na_b 3\n",
        "a_b{} 2\n",
        "a_b{x=\"1\",x=\"2\"} 2\n",
        "a_b{x=1} 2\n",
        "a_b{x=\"1\"\n",
        "a_b{x=\"\\t\"} 2\n",
        "a_b{1x=\"1\"} 2\n",
        "a_b 2\n\n",
        "# HELP a_b About it.\n# TYPE a_b gauge\n",
        "# TYPE a_c gauge\na_c 1\n",
    ] {
        assert!(Exposition::parse(&family(lines)).is_err(), "{lines}");
    }
    assert!(Exposition::parse("# HELP a_total X.\n# TYPE a_total gauge\na_total 1\n").is_err());
    assert!(Exposition::parse("# HELP a X.\n# TYPE a counter\na 1\n").is_err());
}
