//! Codes that nobody showed: made up, or mistyped.

use digitally::Code;
use digitally::profile::Split;

use super::AttackError;
use super::dice::Dice;

/// The codes with the same nonce and the checks that follow, round and round; all of 10^digits differ.
#[derive(Debug)]
pub(super) struct Neighbours {
    digits: u8,
    base: u128,
    check: u128,
    range: u128,
}

impl Neighbours {
    /// From a random code on.
    pub(super) fn random(split: Split, dice: &mut Dice) -> Result<Self, AttackError> {
        let value = dice.below(10u32.saturating_pow(split.digits().into()))?;
        Ok(Self::after(split, value.into()))
    }

    /// All but `code` itself, until it comes round.
    pub(super) fn of(split: Split, code: Code) -> Self {
        Self::after(split, code.value())
    }

    fn after(split: Split, value: u128) -> Self {
        let range = 10u128.saturating_pow(split.check.into());
        let check = value.checked_rem(range).unwrap_or(0);
        Self { digits: split.digits(), base: value.saturating_sub(check), check, range }
    }
}

impl Iterator for Neighbours {
    type Item = Code;

    fn next(&mut self) -> Option<Code> {
        self.check = self.check.saturating_add(1).checked_rem(self.range)?;
        Code::new(self.base.saturating_add(self.check), self.digits).ok()
    }
}

/// The code with the digit at `place` (0 the first) made greater by `by`, round and round.
pub(super) fn wrong_digit(code: Code, place: u32, by: u32) -> Option<Code> {
    mistyped(code, |digits| {
        let digit = digits.get_mut(usize::try_from(place).ok()?)?;
        let wrong = u32::from(*digit).checked_sub(u32::from(b'0'))?.checked_add(by)?.checked_rem(10)?;
        *digit = b'0'.checked_add(u8::try_from(wrong).ok()?)?;
        Some(())
    })
}

/// The code with the digits at `place` and after it exchanged; nothing if they are equal.
pub(super) fn swapped(code: Code, place: u32) -> Option<Code> {
    mistyped(code, |digits| {
        let pair = digits.get_mut(usize::try_from(place).ok()?..)?.get_mut(..2)?;
        pair.reverse();
        matches!(pair, [a, b] if a != b).then_some(())
    })
}

fn mistyped(code: Code, change: impl FnOnce(&mut [u8]) -> Option<()>) -> Option<Code> {
    let mut digits = code.ungrouped().to_string().into_bytes();
    change(&mut digits)?;
    Code::parse(str::from_utf8(&digits).ok()?, code.digits()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::parse(text, u8::try_from(text.len()).unwrap()).unwrap()
    }

    fn text(code: Option<Code>) -> Option<String> {
        code.map(|code| code.ungrouped().to_string())
    }

    #[test]
    fn neighbours_differ_in_their_check_and_come_round() {
        let split = Split { nonce: 2, check: 1 };
        let found: Vec<String> =
            Neighbours::of(split, code("077")).map(|code| code.ungrouped().to_string()).take(10).collect();
        assert_eq!(found, ["078", "079", "070", "071", "072", "073", "074", "075", "076", "077"]);
        let mut dice = Dice::new(1, 1, 1);
        let random: Vec<u128> =
            (0..100).filter_map(|_| Some(Neighbours::random(split, &mut dice).unwrap().next()?.value())).collect();
        assert!(random.iter().all(|value| *value < 1000) && random.iter().max() > random.iter().min());
    }

    #[test]
    fn typing_errors() {
        assert_eq!(text(wrong_digit(code("4761"), 0, 9)).as_deref(), Some("3761"));
        assert_eq!(text(wrong_digit(code("4769"), 3, 1)).as_deref(), Some("4760"));
        assert_eq!(text(wrong_digit(code("4769"), 4, 1)), None);
        assert_eq!(text(swapped(code("4761"), 0)).as_deref(), Some("7461"));
        assert_eq!(text(swapped(code("4761"), 2)).as_deref(), Some("4716"));
        assert_eq!(text(swapped(code("4771"), 1)), None);
        assert_eq!(text(swapped(code("4771"), 3)), None);
    }
}
