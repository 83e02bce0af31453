//! A short run, whole: what it writes, and that the page holds what the files hold.

#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use roxmltree::{Document, Node};

/// The folder of the one run that all tests here look at.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
        let _ = fs::remove_dir_all(&folder);
        let output = Command::new(env!("CARGO_BIN_EXE_bench"))
            .args(["--smoke", "--output"])
            .arg(&folder)
            .output()
            .expect("the benchmark can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        folder
    })
}

fn page() -> String {
    fs::read_to_string(folder().join("report.html")).expect("a report was written")
}

/// The page as XML: everything that is opened is closed.
fn parsed(page: &str) -> Document<'_> {
    let html = page.strip_prefix("<!DOCTYPE html>\n").expect("a page of HTML");
    Document::parse(html).expect("the page is well-formed")
}

/// Rows of a file by the names of their columns.
type Rows = Vec<HashMap<String, String>>;

fn rows(file: &str) -> Rows {
    let path = folder().join(file).with_extension("csv");
    let mut reader = csv::Reader::from_path(&path).expect("the file was written");
    reader.deserialize().collect::<Result<_, _>>().expect("the file has a head and rows")
}

/// Three digits, written anew: not with the report's own function.
fn three_digits(number: f64) -> String {
    let size = number.abs();
    if size >= 99.95 {
        format!("{number:.0}")
    } else if size >= 9.995 {
        format!("{number:.1}")
    } else if size >= 0.0995 || size == 0.0 {
        format!("{number:.2}")
    } else if size >= 0.00995 {
        format!("{number:.3}")
    } else if size >= 0.000_995 {
        format!("{number:.4}")
    } else {
        format!("{number:.1e}")
    }
}

/// The field of the one row that an element names.
fn field<'r>(element: Node<'_, '_>, rows: &'r Rows) -> &'r str {
    let named = element.attribute("data-key").expect("a key");
    let key: Vec<_> =
        named.split(';').map(|pair| pair.split_once('=').expect("name=value")).collect();
    let fits = |row: &&HashMap<String, String>| {
        key.iter().all(|(name, value)| row.get(*name).is_some_and(|field| same(field, value)))
    };
    let found: Vec<_> = rows.iter().filter(fits).collect();
    assert_eq!(found.len(), 1, "rows that are {named}");
    &found[0][element.attribute("data-column").expect("a column")]
}

/// Equal as text, or as numbers.
fn same(one: &str, other: &str) -> bool {
    let numbers = (one.parse::<f64>(), other.parse::<f64>());
    one == other || matches!(numbers, (Ok(one), Ok(other)) if one.to_bits() == other.to_bits())
}

#[test]
fn the_numbers_of_the_page_are_those_of_the_files() {
    let page = page();
    let document = parsed(&page);
    let mut files: HashMap<String, Rows> = HashMap::new();
    let mut compared: HashMap<String, usize> = HashMap::new();
    for element in document.descendants().filter(|node| node.has_attribute("data-file")) {
        let file = element.attribute("data-file").expect("just seen");
        let rows = files.entry(file.to_owned()).or_insert_with(|| rows(file));
        let field = field(element, rows);
        let value = element.attribute("data-value").expect("a value");
        assert!(same(field, value), "{file}: {field} in the file, {value} on the page");
        if let Some(scale) = element.attribute("data-scale") {
            let number: f64 = field.parse().expect("a number");
            let scale: f64 = scale.parse().expect("a number");
            let text = element.text().unwrap_or("");
            assert_eq!(text, three_digits(number * scale), "{file}: {field}");
        }
        *compared.entry(file.to_owned()).or_default() += 1;
    }
    for file in ["throughput", "latencies", "stalls", "timeline", "memory", "handshakes", "growth"]
    {
        assert!(compared.get(file).is_some_and(|count| *count >= 3), "{file}: {compared:?}");
    }
}

#[test]
fn every_cell_of_throughput_is_on_the_page() {
    let page = page();
    let document = parsed(&page);
    let shown: Vec<_> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "span")
        .filter_map(|node| node.attribute("data-key"))
        .collect();
    for row in rows("throughput") {
        let key = ["peer", "workload", "population", "threads"]
            .map(|column| format!("{column}={}", row[column]))
            .join(";");
        assert!(shown.contains(&key.as_str()), "{key}");
    }
}

#[test]
fn the_page_asks_nothing_of_the_network() {
    let page = page();
    let document = parsed(&page);
    for element in document.descendants().filter(Node::is_element) {
        let name = element.tag_name().name();
        assert!(
            !["script", "iframe", "object", "embed", "img", "base"].contains(&name),
            "<{name}>"
        );
        for attribute in element.attributes() {
            let value = attribute.value();
            let local = value.starts_with('#') || value == "data:,";
            let refers = ["href", "src", "srcset", "action", "poster"].contains(&attribute.name());
            assert!(!refers || local, "<{name} {}=\"{value}\">", attribute.name());
            assert!(!attribute.name().starts_with("on"), "<{name} {}>", attribute.name());
        }
    }
    for word in ["url(", "@import", "http:", "https:", "//"] {
        assert!(!page.contains(word), "{word} on the page");
    }
}

#[test]
fn a_run_says_what_it_left_out_and_where_it_ran() {
    let facts = rows("facts");
    for fact in ["date", "processor", "cores", "kernel", "compiler", "command"] {
        let row = facts.iter().find(|row| row["fact"] == fact).expect("the fact is there");
        assert!(!row["value"].is_empty(), "{fact}");
    }
    assert!(rows("left_out").iter().any(|row| row["what"].contains("10000000")));
}

#[test]
fn a_page_made_again_from_the_files_is_the_same() {
    let again = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report-again");
    let status = Command::new(env!("CARGO_BIN_EXE_bench"))
        .arg("--from")
        .arg(folder())
        .arg("--output")
        .arg(&again)
        .stdout(std::process::Stdio::null())
        .status()
        .expect("the benchmark can be run");
    assert!(status.success());
    let made = fs::read_to_string(again.join("report.html")).expect("a report was written");
    assert_eq!(made, page());
}
