//! Multiples of decimal numbers.
//!
//! JSON writes numbers in decimals, and 0.3 is a multiple of 0.1 there, while the floating-point numbers nearest to them
//! are no multiples of each other. So the numbers are compared as they are written: as digits and a power of ten.

use std::io::Write as _;

/// Whether `number` is a multiple of `divisor`, both as JSON writes them. Nothing is a multiple of 0 but 0.
pub fn is_multiple(number: f64, divisor: f64) -> bool {
    let (Some(number), Some(divisor)) = (Decimal::of(number), Decimal::of(divisor)) else {
        return false;
    };
    if number.digits == 0 || divisor.digits == 0 {
        return number.digits == 0;
    }
    let shift = number.exponent - divisor.exponent;
    match u32::try_from(shift) {
        Ok(up) => {
            let scaled = number.digits % divisor.digits * power(up, divisor.digits);
            scaled.is_multiple_of(divisor.digits)
        }
        // More digits than a number has to be divided by.
        Err(_) => 10u128
            .checked_pow(shift.unsigned_abs())
            .and_then(|scale| scale.checked_mul(divisor.digits))
            .is_some_and(|divisor| number.digits.is_multiple_of(divisor)),
    }
}

/// `digits` times ten to the power of `exponent`; the sign is left out.
struct Decimal {
    /// Seventeen digits at most.
    digits: u128,
    exponent: i32,
}

impl Decimal {
    /// The shortest decimal number that is read as this one, which is what JSON holds; none for infinity and NaN.
    fn of(number: f64) -> Option<Self> {
        if !number.is_finite() {
            return None;
        }
        let mut buffer = [0; 32];
        let mut unused = &mut buffer[..];
        write!(unused, "{:e}", number.abs()).ok()?;
        let unused = unused.len();
        let text = std::str::from_utf8(&buffer[..buffer.len() - unused]).ok()?;
        let (mantissa, exponent) = text.split_once('e')?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digit = |digits: u128, byte: u8| digits * 10 + u128::from(byte - b'0');
        let digits = whole.bytes().chain(fraction.bytes()).fold(0, digit);
        let exponent: i32 = exponent.parse().ok()?;
        Some(Self { digits, exponent: exponent - i32::try_from(fraction.len()).ok()? })
    }
}

/// Ten to a power, modulo a number of seventeen digits.
fn power(exponent: u32, modulus: u128) -> u128 {
    let (mut result, mut base, mut exponent) = (1 % modulus, 10 % modulus, exponent);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        exponent /= 2;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::is_multiple;

    #[test]
    fn multiples_are_those_of_the_written_numbers() {
        for (number, divisor) in [
            (0.3, 0.1),
            (0.7, 0.1),
            (19.99, 0.01),
            (-19.99, 0.01),
            (4.35, 0.05),
            (1e300, 0.001),
            (1.5e-10, 5e-11),
            (0.0, 0.1),
            (-0.0, 0.1),
            (7.0, 7.0),
            (1e22, 1e-5),
            (9_007_199_254_740_991.0, 1.0),
            (f64::MAX, 1.0),
            (5e-324, 5e-324),
        ] {
            assert!(is_multiple(number, divisor), "{number} of {divisor}");
        }
        for (number, divisor) in [
            (0.35, 0.1),
            (19.999, 0.01),
            (1e-300, 1.0),
            (5e-324, 1e308),
            (1e300, 7.0),
            (0.1, 0.3),
            (f64::NAN, 0.1),
            (f64::INFINITY, 0.1),
            (1.0, 0.0),
        ] {
            assert!(!is_multiple(number, divisor), "{number} of {divisor}");
        }
    }
}
