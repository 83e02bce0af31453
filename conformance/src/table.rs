//! The rows, by section.

mod adding;
mod callbacks;
mod clearing;
mod contexts;
mod ids;
mod modes;
mod removing;
mod row;
mod shutdown;
mod single_use;
mod size;
mod time;

use crate::Case;

/// The highest number.
pub const LAST: u16 = 155;

const SECTIONS: [&[Case]; 11] = [
    adding::CASES,
    removing::CASES,
    size::CASES,
    time::CASES,
    modes::CASES,
    clearing::CASES,
    callbacks::CASES,
    contexts::CASES,
    shutdown::CASES,
    single_use::CASES,
    ids::CASES,
];

/// Every row, in the order of the numbers.
pub fn all() -> impl Iterator<Item = &'static Case> {
    SECTIONS.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    #[test]
    fn every_number_has_exactly_one_row() {
        let numbers: Vec<_> = all().map(|case| case.number).collect();
        assert_eq!(numbers, (1..=LAST).collect::<Vec<_>>());
    }

    #[test]
    fn a_case_is_tried_or_says_why_not() {
        for case in all() {
            let applies = !matches!(case.verdict, Verdict::NotApplicable(_));
            assert_eq!(applies, !case.engines.is_empty(), "case {}", case.number);
            assert!(!case.source.is_empty() || case.reconstructed.is_some(), "{}", case.number);
            assert!(case.engines.is_sorted(), "case {}", case.number);
        }
    }
}
