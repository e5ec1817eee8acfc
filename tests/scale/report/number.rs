//! Numbers as people read them.

/// To the whole, with a comma between thousands: `41,159`.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// With one digit behind the point below a hundred.
pub(super) fn micros(number: f64) -> String {
    if number < 100.0 { format!("{number:.1}") } else { grouped(number) }
}

/// In the largest unit of which there is one: `1.3 GB`.
pub(super) fn bytes(number: f64) -> String {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    match units.into_iter().find(|(size, _)| number >= *size) {
        Some((size, unit)) => format!("{} {unit}", micros(number / size)),
        None => format!("{} B", grouped(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0.0, "0"), (999.4, "999"), (1_000.0, "1,000"), (1e6, "1,000,000")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(-123_456.0), "-123,456");
        assert_eq!((micros(9.87), micros(1234.5)), ("9.9".to_owned(), "1,234".to_owned()));
        assert_eq!((bytes(999.0), bytes(2.5e9)), ("999 B".to_owned(), "2.5 GB".to_owned()));
    }
}
