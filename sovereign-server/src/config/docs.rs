//! The tables of docs/operations.md, made from the code.

use toml::{Table, Value};

use super::limits::Answer;
use super::{Config, Effect, Limits, schema};
use crate::telemetry::metrics::METRICS;

/// All settings outside of section `limits`, as a Markdown table.
#[must_use]
pub fn settings_table() -> String {
    let defaults = Table::try_from(Config::default()).unwrap_or_default();
    let mut rows =
        String::from("| setting | default | unit | reloaded | meaning |\n|---|---|---|---|---|\n");
    for doc in Config::docs() {
        let default = defaults.get(doc.section).and_then(|section| section.get(doc.key));
        let reloaded = if doc.effect == Effect::Reload { "yes" } else { "no" };
        let mut meaning = doc.meaning.trim().to_owned();
        if doc.secret {
            meaning += &format!(" Secret: `{}_file` names a file that holds it.", doc.key);
        }
        let (unit, default) = (schema::unit(doc.key), shown(default));
        rows += &format!(
            "| `{}.{}` | {default} | {unit} | {reloaded} | {meaning} |\n",
            doc.section, doc.key
        );
    }
    rows
}

fn shown(default: Option<&Value>) -> String {
    match default {
        None => "none".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "none".to_owned(),
        Some(Value::String(text)) => format!("`{text}`"),
        Some(Value::Array(list)) if list.is_empty() => "none".to_owned(),
        Some(other) => other.to_string(),
    }
}

/// All limits, as a Markdown table.
#[must_use]
pub fn limits_table() -> String {
    let mut rows = String::from(
        "| limit | default | unit | what it bounds | at the limit | metric |\n|---|---|---|---|---|---|\n",
    );
    for limit in Limits::DOCS {
        let (name, unit, meaning) = (limit.name, schema::unit(limit.name), limit.meaning.trim());
        let answer = match limit.answer {
            Answer::Status(status) => format!("HTTP {status}"),
            Answer::Close(code) => format!("close {code}"),
            Answer::Notice(code) => format!("notice `{code}`"),
            Answer::Acts(what) => what.to_owned(),
        };
        let metric =
            if limit.metric.is_empty() { String::new() } else { format!("`{}`", limit.metric) };
        let (default, unit) =
            (grouped(limit.default), if unit.is_empty() { "count" } else { unit });
        rows += &format!("| `{name}` | {default} | {unit} | {meaning} | {answer} | {metric} |\n");
    }
    rows
}

/// All metrics, as a Markdown table.
#[must_use]
pub fn metrics_table() -> String {
    let mut rows = String::from("| metric | kind | labels | meaning |\n|---|---|---|---|\n");
    for metric in METRICS {
        let (name, kind, meaning) = (metric.name, metric.kind.name(), metric.meaning);
        let labels = metric.labels.iter().map(|label| format!("`{label}`"));
        let labels = labels.collect::<Vec<_>>().join(", ");
        rows += &format!("| `{name}` | {kind} | {labels} | {meaning} |\n");
    }
    rows
}

/// A number with its thousands set apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page between the marks of a generated table.
    fn with_table(page: &str, name: &str, table: &str) -> String {
        let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
        let (head, rest) = page.split_once(&begin).expect("the table's first mark");
        let (_, tail) = rest.split_once(&end).expect("the table's last mark");
        format!("{head}{begin}{table}{end}{tail}")
    }

    /// Run with `SOVEREIGN_WRITE_DOCS=1` to bring the page up to date.
    #[test]
    fn the_page_has_the_tables_of_the_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md");
        let page = std::fs::read_to_string(path).unwrap();
        let tables = [
            ("settings", settings_table()),
            ("limits", limits_table()),
            ("metrics", metrics_table()),
            ("keys in Redis", crate::redis::keys_table()),
        ];
        let wanted =
            tables.iter().fold(page.clone(), |page, (name, table)| with_table(&page, name, table));
        if std::env::var_os("SOVEREIGN_WRITE_DOCS").is_some() {
            std::fs::write(path, wanted).unwrap();
        } else {
            assert!(
                page == wanted,
                "docs/operations.md is stale: run this test with SOVEREIGN_WRITE_DOCS=1"
            );
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [grouped(7), grouped(1_000), grouped(68_719_476_736)],
            ["7", "1,000", "68,719,476,736"]
        );
    }
}
