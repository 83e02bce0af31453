//! Files are short: one idea each.

use super::sources::Source;

/// Lines of any file.
const MOST: usize = 400;

/// Lines of a file of the map that contains `unsafe`: it is read as a whole, or not at all.
const MOST_UNSAFE: usize = 250;

/// The files that are too long. Not a crate's tests: a list of examples is no idea that wants a bound.
pub(super) fn faults(sources: &[Source]) -> Vec<String> {
    let test =
        |source: &&Source| source.path.starts_with("crates/") && source.path.contains("/tests/");
    sources.iter().filter(|source| !test(source)).filter_map(fault).collect()
}

fn fault(source: &Source) -> Option<String> {
    let (lines, most) = (source.text.lines().count(), most(source));
    (lines > most).then(|| format!("{}: {lines} lines; {most} are the most", source.path))
}

fn most(source: &Source) -> usize {
    let of_the_map = source.path.starts_with("crates/resumption-map/src/");
    let code = source.text.lines().filter(|line| !line.trim_start().starts_with("//"));
    if of_the_map && code.into_iter().any(|line| line.contains("unsafe ")) {
        MOST_UNSAFE
    } else {
        MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, line: &str, lines: usize) -> Source {
        Source { path: path.to_owned(), text: format!("{line}\n").repeat(lines) }
    }

    #[test]
    fn a_file_may_have_400_lines_and_one_with_unsafe_in_the_map_250() {
        let map = "crates/resumption-map/src/list.rs";
        let fine = [
            source("xtask/src/main.rs", "x", 400),
            source(map, "unsafe { x }", 250),
            source(map, "// unsafe is a word", 400),
            source("crates/resumption-cache/tests/behaviour.rs", "x", 401),
        ];
        assert_eq!(faults(&fine), [""; 0]);
        let long = [source("xtask/src/main.rs", "x", 401), source(map, "unsafe { x }", 251)];
        let expected = [
            "xtask/src/main.rs: 401 lines; 400 are the most",
            "crates/resumption-map/src/list.rs: 251 lines; 250 are the most",
        ];
        assert_eq!(faults(&long), expected);
    }
}
