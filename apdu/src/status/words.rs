//! The table of status words.
//!
//! Source: ISO/IEC 7816-4, the tables of general and of specific status bytes, with the words added
//! up to the edition of 2020; `91XX` and `9300` from ETSI TS 102 221 and TS 102 223.

use super::Sw;

/// One row: a status word or a range of them.
pub(super) struct Word {
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) name: &'static str,
    pub(super) explanation: &'static str,
}

/// Makes the table and, for every single word, the constant of [`Sw`].
macro_rules! words {
    ($($(const $constant:ident =)? $first:literal $(..= $last:literal)? => $name:literal, $explanation:literal;)*) => {
        /// All words, in rising order and without overlap.
        pub(super) const WORDS: &[Word] = &[$(Word {
            first: $first,
            last: words!(@last $first $($last)?),
            name: $name,
            explanation: $explanation,
        }),*];
        impl Sw {
            $($(
                #[doc = concat!("`", stringify!($first), "`: ", $name, ". ", $explanation)]
                pub const $constant: Self = Self::new($first);
            )?)*
        }
    };
    (@last $first:literal) => { $first };
    (@last $first:literal $last:literal) => { $last };
}

words! {
    0x6100 ..= 0x61FF =>
        "more data available",
        "The command is done and the last two digits say how many bytes of its answer wait (00: 256 or more); fetch them with GET RESPONSE.";
    const WARNING = 0x6200 =>
        "warning, no information given",
        "The command is done and memory is unchanged, but the card warns without saying of what.";
    0x6202 ..= 0x6280 =>
        "triggering by the card",
        "The card wants to send something of its own; the last two digits say how many bytes the terminal should fetch with GET DATA.";
    const DATA_CORRUPTED = 0x6281 =>
        "part of the returned data may be corrupted",
        "Data came back, but a check inside the card failed for some of it; read it again, and distrust it if this goes on.";
    const END_OF_FILE = 0x6282 =>
        "end of file or record reached early, or search without success",
        "Fewer bytes than asked for were left to read, or nothing was found; what there was has been returned.";
    const FILE_DEACTIVATED = 0x6283 =>
        "selected file or application is deactivated",
        "The selection took effect, but what was selected is switched off and must be activated before use.";
    const FILE_CONTROL_INFORMATION_BAD = 0x6284 =>
        "file or data control information not formatted as ISO 7816-4 says",
        "The selection took effect, but the description the card returned is in a form of its own.";
    const FILE_TERMINATED = 0x6285 =>
        "selected file is in termination state",
        "The selection took effect, but the file was terminated for ever and can no longer be used.";
    const NO_SENSOR_DATA = 0x6286 =>
        "no input data from a sensor on the card",
        "The command needs a sensor of the card, such as a fingerprint reader, and that gave nothing.";
    const RECORD_DEACTIVATED = 0x6287 =>
        "at least one of the referenced records is deactivated",
        "Some of the records the command is about are switched off and were left out.";
    const WARNING_MEMORY_CHANGED = 0x6300 =>
        "warning, memory changed",
        "The command ended and memory was changed, but the card warns without saying of what; many cards answer so to a wrong PIN.";
    const COMPARISON_UNSUCCESSFUL = 0x6340 =>
        "comparison without success",
        "The card compared the data with its own and they differ.";
    const FILE_FILLED_UP = 0x6381 =>
        "file filled up by the last write",
        "The data was written and the file has no room left.";
    0x63C0 ..= 0x63CF =>
        "counter in the last digit, such as the tries left",
        "Usually a PIN or code was wrong; the last digit says how many tries are left before it is blocked.";
    const EXECUTION_ERROR = 0x6400 =>
        "execution error, no information given",
        "The card could not do the command and left its memory as it was, without saying why.";
    const IMMEDIATE_RESPONSE_REQUIRED = 0x6401 =>
        "immediate response required by the card",
        "The card stopped because the terminal must answer its query first.";
    0x6402 ..= 0x6480 =>
        "triggering by the card, command aborted",
        "The card stopped to send something of its own; the last two digits say how many bytes the terminal should fetch with GET DATA.";
    const CHANNEL_SHARED_ACCESS_DENIED = 0x6481 =>
        "logical channel shared access denied",
        "Another logical channel is using what was asked for, and does not share it.";
    const CHANNEL_OPENING_DENIED = 0x6482 =>
        "logical channel opening denied",
        "The card does not open another logical channel, most likely because all are in use.";
    const EXECUTION_ERROR_MEMORY_CHANGED = 0x6500 =>
        "execution error, memory changed",
        "The card could not finish the command although it had begun to change its memory, without saying why.";
    const MEMORY_FAILURE = 0x6581 =>
        "memory failure",
        "Writing to the memory of the card failed; it may be worn out or damaged.";
    const SECURITY_ISSUE = 0x6600 =>
        "security-related issue",
        "The card stopped because something about its security is wrong, without saying what.";
    const WRONG_LENGTH = 0x6700 =>
        "wrong length",
        "The number of data bytes sent or asked for does not fit the command; check Lc and Le.";
    const COMMAND_FORMAT_WRONG = 0x6701 =>
        "command APDU format not compliant",
        "The bytes of the command do not have one of the seven forms ISO 7816 defines.";
    const LC_UNEXPECTED = 0x6702 =>
        "value of Lc is not the one expected",
        "The command carries more or less data than the card expects.";
    const FUNCTION_IN_CLA_NOT_SUPPORTED = 0x6800 =>
        "function in CLA not supported",
        "The class byte asks for something the card cannot do, without saying what.";
    const CHANNEL_NOT_SUPPORTED = 0x6881 =>
        "logical channel not supported",
        "The class byte names a logical channel that the card does not have or that is not open.";
    const SECURE_MESSAGING_NOT_SUPPORTED = 0x6882 =>
        "secure messaging not supported",
        "The class byte announces a protected command, and the card or the application does not know that protection.";
    const LAST_COMMAND_EXPECTED = 0x6883 =>
        "last command of the chain expected",
        "Another command came while the card was waiting for the rest of a chain.";
    const CHAINING_NOT_SUPPORTED = 0x6884 =>
        "command chaining not supported",
        "The class byte says more commands of a chain follow, and the card takes no chains here.";
    const COMMAND_NOT_ALLOWED = 0x6900 =>
        "command not allowed",
        "The card knows the command but does not do it now, without saying why.";
    const INCOMPATIBLE_WITH_FILE_STRUCTURE = 0x6981 =>
        "command incompatible with file structure",
        "The command is for another kind of file, such as reading records from a file that has none.";
    const SECURITY_STATUS_NOT_SATISFIED = 0x6982 =>
        "security status not satisfied",
        "Something must be proved first: usually the PIN must be verified or a secure channel opened.";
    const AUTHENTICATION_METHOD_BLOCKED = 0x6983 =>
        "authentication method blocked",
        "The PIN or key was wrong too often and is blocked; it must be unblocked before it can be used again.";
    const REFERENCE_DATA_NOT_USABLE = 0x6984 =>
        "reference data not usable",
        "The PIN or key is there but cannot be used: not yet set, deactivated or expired.";
    const CONDITIONS_NOT_SATISFIED = 0x6985 =>
        "conditions of use not satisfied",
        "The command is right but comes at the wrong moment, usually because a step before it is missing.";
    const NO_CURRENT_EF = 0x6986 =>
        "command not allowed, no current EF",
        "The command works on the selected file, and no file is selected.";
    const SECURE_MESSAGING_OBJECTS_MISSING = 0x6987 =>
        "expected secure messaging data objects missing",
        "The protected command lacks a part, such as its checksum.";
    const SECURE_MESSAGING_OBJECTS_INCORRECT = 0x6988 =>
        "incorrect secure messaging data objects",
        "The checksum or encryption of the protected command is wrong; most likely the session keys differ.";
    const WRONG_PARAMETERS = 0x6A00 =>
        "wrong parameters, no information given",
        "P1 or P2 do not fit the command, without the card saying how.";
    const WRONG_DATA = 0x6A80 =>
        "incorrect parameters in the command data field",
        "The data of the command is not what the card expects: a field is missing, malformed or out of range.";
    const FUNCTION_NOT_SUPPORTED = 0x6A81 =>
        "function not supported",
        "The card or the application does not have the function asked for, or it was locked.";
    const FILE_NOT_FOUND = 0x6A82 =>
        "file or application not found",
        "Nothing with that identifier or AID is on the card; check what was typed and what is installed.";
    const RECORD_NOT_FOUND = 0x6A83 =>
        "record not found",
        "The file has no record with that number or identifier.";
    const NOT_ENOUGH_MEMORY = 0x6A84 =>
        "not enough memory space in the file",
        "The data does not fit into the file or the card.";
    const NC_INCONSISTENT_WITH_TLV = 0x6A85 =>
        "Nc inconsistent with TLV structure",
        "The lengths inside the data do not add up to the length of the data.";
    const INCORRECT_P1_P2 = 0x6A86 =>
        "incorrect parameters P1-P2",
        "The command exists but not with these values of P1 and P2.";
    const NC_INCONSISTENT_WITH_P1_P2 = 0x6A87 =>
        "Nc inconsistent with parameters P1-P2",
        "P1 and P2 ask for another number of data bytes than was sent.";
    const REFERENCED_DATA_NOT_FOUND = 0x6A88 =>
        "referenced data not found",
        "The key, PIN or data object the command names is not on the card.";
    const FILE_ALREADY_EXISTS = 0x6A89 =>
        "file already exists",
        "A file with that identifier is there already.";
    const DF_NAME_ALREADY_EXISTS = 0x6A8A =>
        "DF name already exists",
        "An application or directory with that name is there already.";
    const WRONG_P1_P2 = 0x6B00 =>
        "wrong parameters P1-P2",
        "P1 and P2 are outside what there is, such as an offset behind the end of the file.";
    0x6C00 ..= 0x6CFF =>
        "wrong Le",
        "Another number of bytes can be returned than was asked for: repeat the command with the last two digits as Le.";
    const INS_NOT_SUPPORTED = 0x6D00 =>
        "instruction not supported or invalid",
        "The selected application does not know this instruction; most likely another one is selected.";
    const CLA_NOT_SUPPORTED = 0x6E00 =>
        "class not supported",
        "The selected application does not know this class byte; most likely another one is selected.";
    const UNKNOWN = 0x6F00 =>
        "no precise diagnosis",
        "Something went wrong that the card has no word for; on a Java Card, usually an exception nobody caught.";
    const OK = 0x9000 =>
        "success",
        "The command is done.";
    0x9100 ..= 0x91FF =>
        "success, the card has a toolkit command waiting",
        "The command is done and the SIM toolkit wants something: fetch as many bytes as the last two digits say with FETCH (ETSI TS 102 221).";
    const TOOLKIT_BUSY = 0x9300 =>
        "toolkit is busy",
        "The SIM toolkit cannot take the command now; other commands are still welcome, and it can be sent again later (ETSI TS 102 221).";
}
