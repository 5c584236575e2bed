use super::*;
use applet_model::purse::{
    AppendContact, Authorise, Cancel, ChangeReferenceData, Check, Confirm, Contact, EraseContact, Frame, GetBalance,
    Instruction, Last, RequestPayment, ResetRetryCounter, Verify,
};
use applet_model::runtime::PinBlock;
use digitally::{Amount, Code, Msisdn};

fn bytes(frame: &Frame) -> Vec<u8> {
    let command = frame.command().unwrap();
    let mut bytes = vec![0; command.encoded_len()];
    command.encode(&mut bytes).unwrap();
    bytes
}

fn shown(instruction: &impl Instruction, secrets: bool) -> String {
    command_text(&bytes(&instruction.frame()), if secrets { Veil::Lifted } else { Veil::Unknown })
}

fn bob() -> Msisdn {
    "+254700000002".parse().unwrap()
}

fn code() -> Code {
    Code::parse("47610825", 8).unwrap()
}

#[test]
fn commands_are_named_with_their_fields_and_secrets_are_masked() {
    let pin = || PinBlock::parse("2580").unwrap();
    let check = Check { payee: bob(), amount: Amount::new(400_00), code: code() };
    let text = [
        shown(&GetBalance, false),
        shown(&Verify { pin: Some(pin()) }, false),
        shown(&Verify { pin: None }, false),
        shown(&ChangeReferenceData { old: pin(), new: pin() }, false),
        shown(&ResetRetryCounter { puk: pin(), new: pin() }, false),
        shown(&RequestPayment { payer: Some(bob()), amount: Amount::new(400_00) }, false),
        shown(&check, false),
        shown(&Authorise, false),
        shown(&Confirm { id: 7, code: code() }, false),
        shown(&Cancel { id: 7 }, false),
        shown(&Last { back: 1 }, false),
        shown(&AppendContact { contact: Contact::new(bob(), "Bob").unwrap() }, false),
        shown(&EraseContact { number: 2 }, false),
    ]
    .join("\n");
    assert_eq!(
        text,
        "\
> GET BALANCE  80 5C 00 02  Le 04
> VERIFY  00 20 00 81  Lc 08  •• (8 bytes)
    PIN ••
> VERIFY  00 20 00 81
    only asks for the tries left
> CHANGE REFERENCE DATA  00 24 00 81  Lc 10  •• (16 bytes)
    PIN ••, new PIN ••
> RESET RETRY COUNTER  00 2C 00 81  Lc 10  •• (16 bytes)
    PUK ••, new PIN ••
> REQUEST  80 40 00 00  Lc 0C  FFFF25470000000200009C40  Le 00
    payer +254700000002, amount 40000 minor units
> CHECK  80 42 00 00  Lc 10  •• (16 bytes)  Le 00
    payee +254700000002, amount 40000 minor units, code •• (8 digits)
> AUTHORISE  80 54 01 00  Le 00
> CONFIRM  80 44 00 00  Lc 08  •• (8 bytes)  Le 00
    request 7, code •• (8 digits)
> CANCEL  80 46 00 00  Lc 04  00000007
    request 7
> LAST  80 5A 01 00  Le 00
    1 payments back
> APPEND RECORD  00 E2 00 18  Lc 18  FFFF254700000002426F6200000000000000000000000000
    name Bob, number +254700000002
> ERASE RECORD  00 0C 02 1C
    contact 2"
    );
    assert!(shown(&check, true).contains("47610825"));
}

#[test]
fn what_is_not_understood_counts_as_secret() {
    let check = |command: &[u8], expected: &str| assert_eq!(command_text(command, Veil::Unknown), expected);
    // A PIN sent under another reference, with a wrong length, and to another application.
    check(&[0, 0x20, 0, 0x01, 4, 0x32, 0x35, 0x38, 0x30], "> VERIFY  00 20 00 01  Lc 04  •• (4 bytes)");
    check(&[0, 0x20, 0, 0x81, 4, 0x32, 0x35, 0x38, 0x30], "> VERIFY  00 20 00 81  Lc 04  •• (4 bytes)");
    check(&[0xA0, 0x99, 0, 0, 1, 0x32], "> unknown command  A0 99 00 00  Lc 01  •• (1 bytes)");
    check(&[0x32, 0x35, 0x38], "> not a command APDU: •• (3 bytes)");
    assert_eq!(answer_text(&[0xA0, 0x99, 0, 0], &[0x32, 0x90, 0], Veil::Unknown), "< 9000 success  •• (1 bytes)");
    assert_eq!(answer_text(&[0, 0x20, 0, 0], &[0x32], Veil::Unknown), "< not a response APDU: •• (1 bytes)");
}

#[test]
fn status_words_say_what_they_mean() {
    let verify = bytes(&Verify { pin: None }.frame());
    let check = |sw: [u8; 2], expected: &str| {
        let shown = answer_text(&verify, &sw, Veil::Unknown);
        assert!(shown.starts_with(expected), "{shown}");
    };
    check([0x90, 0x00], "< 9000 success");
    check([0x63, 0xC2], "< 63C2 2 tries left: ");
    check([0x94, 0x15], "< 9415 already paid: This request is paid; ");
    check([0x6A, 0x82], "< 6A82 file or application not found: ");
}

#[test]
fn answers_that_hold_codes_are_masked() {
    let answer = [&[0, 0, 0, 1][..], &[0x47, 0x61, 0x08, 0x25], &[0x90, 0x00]].concat();
    let request = bytes(&RequestPayment { payer: Some(bob()), amount: Amount::new(1) }.frame());
    let masked = "< 9000 success  •• (8 bytes)\n    request 1, code •• (8 digits)";
    assert_eq!(answer_text(&request, &answer, Veil::Unknown), masked);
    assert!(answer_text(&request, &answer, Veil::Lifted).contains("47610825"));
    let balance = bytes(&GetBalance.frame());
    let answer = [0, 0, 0x9C, 0x40, 0x90, 0x00];
    assert_eq!(
        answer_text(&balance, &answer, Veil::Unknown),
        "< 9000 success  00009C40\n    balance 40000 minor units"
    );
}

/// What the commands of the toolkit are is told; what was typed, and what is on the screen, is not.
#[test]
fn the_toolkit_is_named_and_masked() {
    let asks = hex::decode("D0138103012304820281828D040450494E91020408").unwrap();
    let fetched = [&asks[..], &[0x90, 0]].concat();
    assert_eq!(
        answer_text(&[0x80, 0x12, 0, 0, 0x15], &fetched, Veil::Unknown),
        "< 9000 success  •• (21 bytes)\n    proactive command GET INPUT"
    );
    let keyed = hex::decode("8014000013810301230482028281830100".to_owned() + "8D050431323334").unwrap();
    assert_eq!(
        command_text(&keyed, Veil::Unknown),
        "> TERMINAL RESPONSE  80 14 00 00  Lc 13  •• (19 bytes)\n    response to GET INPUT, command performed successfully"
    );
    let chosen = hex::decode("80C2000009D30782020181900180").unwrap();
    assert_eq!(
        command_text(&chosen, Veil::Unknown),
        "> ENVELOPE  80 C2 00 00  Lc 09  •• (9 bytes)\n    envelope menu selection, item 128"
    );
}
