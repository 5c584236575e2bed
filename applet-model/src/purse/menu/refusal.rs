//! What a person is told when a command of the purse was refused.

use apdu::Sw;

use super::Notice;
use super::text::Text;
use crate::purse::status;

/// The text for a status word.
///
/// # Errors
/// `6581`: the card's memory has failed, and the conversation with it.
pub(super) fn refusal(sw: Sw) -> Result<Notice, Sw> {
    let text = match sw {
        Sw::MEMORY_FAILURE => return Err(sw),
        status::MAC_WRONG => Text::Differs,
        status::INSUFFICIENT_BALANCE => Text::NotEnough,
        status::RESPONSE_CAP => Text::TooManyWrongCodes,
        status::OPEN_CAP => Text::TooManyRequests,
        status::LOG_FULL => Text::LogFull,
        status::AMOUNT_LIMIT => Text::AmountLimit,
        status::BALANCE_LIMIT => Text::BalanceLimit,
        status::ALREADY_PAID => Text::AlreadyPaid,
        status::ALREADY_RECEIVED => Text::AlreadyReceived,
        status::AMBIGUOUS => Text::Ambiguous,
        status::SESSION_CAP => Text::TooManyWrong,
        Sw::REFERENCE_DATA_NOT_USABLE => Text::KeyGone,
        Sw::REFERENCED_DATA_NOT_FOUND | Sw::RECORD_NOT_FOUND => Text::Gone,
        Sw::NOT_ENOUGH_MEMORY => Text::NoRoom,
        Sw::CONDITIONS_NOT_SATISFIED => Text::NotNow,
        _ => Text::Failed,
    };
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_says_something() {
        assert_eq!(refusal(Sw::MEMORY_FAILURE).err(), Some(Sw::MEMORY_FAILURE));
        for (sw, ..) in status::ALL {
            let unused = [status::COUNTER, status::ALREADY_CANCELLED, status::BROKEN_PROFILE].contains(&sw);
            assert_eq!(refusal(sw).unwrap().0 == Text::Failed, unused, "{sw}");
        }
        assert_eq!(refusal(Sw::new(0x6F00)).unwrap().0, Text::Failed);
    }
}
