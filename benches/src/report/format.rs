//! Numbers as people read them.

/// A number with the digits that mean something, whatever its size.
pub(crate) fn significant(number: f64) -> String {
    match number.abs() {
        n if n >= 99.95 => format!("{number:.0}"),
        n if n >= 9.995 => format!("{number:.1}"),
        n if n >= 0.0995 || n == 0.0 => format!("{number:.2}"),
        n if n >= 0.00995 => format!("{number:.3}"),
        n if n >= 0.000_995 => format!("{number:.4}"),
        _ => format!("{number:.1e}"),
    }
}

/// A count of things with its thousands apart.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A population as one says it: 10 k, 1 M.
pub(crate) fn short(number: usize) -> String {
    match number {
        n if n >= 1_000_000 && n % 1_000_000 == 0 => format!("{} M", n / 1_000_000),
        n if n >= 1000 && n % 1000 == 0 => format!("{} k", n / 1000),
        n => thousands(n),
    }
}

/// A time with its unit.
pub(crate) fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n >= 1e9 => format!("{} s", significant(n / 1e9)),
        n if n >= 1e6 => format!("{} ms", significant(n / 1e6)),
        n if n >= 1e3 => format!("{} µs", significant(n / 1e3)),
        n => format!("{n:.0} ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable_at_every_size() {
        let written = [1234.5, 45.67, 1.234, 0.5, 0.0123, 0.000_12, 0.0].map(significant);
        assert_eq!(written, ["1234", "45.7", "1.23", "0.50", "0.012", "1.2e-4", "0.00"]);
        assert_eq!([10_000, 1_000_000, 20_480].map(short), ["10 k", "1 M", "20\u{202f}480"]);
        assert_eq!([12.0, 1500.0, 2.5e6].map(time), ["12 ns", "1.50 µs", "2.50 ms"]);
    }
}
