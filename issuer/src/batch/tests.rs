use super::*;

fn refused(text: &str) -> Vec<String> {
    Batch::read(text.as_bytes()).unwrap().refused.iter().map(ToString::to_string).collect()
}

#[test]
fn a_batch_reads_with_all_its_columns_in_any_order() {
    let text = "\u{FEFF}pin,number,balance,currency,profile,algorithm,capacity,max_payment,max_balance,max_requests,max_wrong_codes,replaces\r\n\
                1234,+254700000001,2000.50,KES,fixed,hmac-sha-256,merchant,100,3000,7,8,2\r\n\
                \r\n\
                ,\"+81312345678\",500,jpy,,,,,,,,\n";
    let batch = Batch::read(text.as_bytes()).unwrap();
    assert_eq!(batch.refused, []);
    let [one, two] = &batch.lines[..] else { panic!("{batch:?}") };
    assert_eq!((one.line, two.line), (2, 4));
    let order = &one.order;
    assert_eq!(order.number.to_string(), "+254700000001");
    assert_eq!(order.pin.as_ref().unwrap().expose(), b"1234\xFF\xFF\xFF\xFF");
    assert_eq!((order.balance.minor_units(), order.decimals, order.currency.number()), (200_050, 2, 404));
    assert_eq!((order.profile.name, order.algorithm, order.replaces), ("fixed", Algorithm::HmacSha256, Some(2)));
    assert_eq!((order.capacity, order.limits.opens, order.limits.failures), (Capacity::MERCHANT, 7, 8));
    assert_eq!(order.limits.payment.minor_units(), 100_00);
    let order = &two.order;
    assert!(order.pin.is_none() && order.replaces.is_none());
    assert_eq!((order.balance.minor_units(), order.decimals, order.currency.number()), (500, 0, 392));
    assert_eq!((order.profile.name, order.algorithm), ("digitally-8", Algorithm::AesCmac));
    assert_eq!((order.capacity, order.limits.opens, order.limits.failures), (Capacity::CONSUMER, 200, 100));
}

#[test]
fn each_wrong_line_is_named_with_column_and_rule_and_the_others_are_orders() {
    let text = "number,pin,balance,currency,profile,algorithm,capacity,max_requests,replaces\n\
                0700000001,1234,1,KES,,,,,\n\
                +254700000002,12x4,1,KES,,,,,\n\
                +254700000003,123,1,KES,,,,,\n\
                +254700000004,123456789,1,KES,,,,,\n\
                +254700000005,1234,1.234,KES,,,,,\n\
                +254700000006,1234,-1,KES,,,,,\n\
                +254700000007,1234,1,XYZ,,,,,\n\
                +254700000008,1234,1,KES,first-protocol,,,,\n\
                +254700000009,1234,1,KES,digitally-9,,,,\n\
                +254700000010,1234,1,KES,,md5,,,\n\
                +254700000011,1234,1,KES,,,huge,,\n\
                +254700000012,1234,1,KES,,,,70000,\n\
                +254700000013,1234,1,KES,,,,,0\n\
                +254700000014,1234,1,KES\n\
                ,1234,1,KES,,,,,\n\
                +254700000016,1234,50000.01,KES,,,,,\n\
                +254700000017,1234,1,KES,,,,,\n\
                +254700000017,5678,1,KES,,,,,\n\
                +254700000018,\"12\n34\",1,KES,,,,,\n\
                +254700000017,9999,2,KES,,,,,\n";
    assert_eq!(
        refused(text),
        [
            "line 2, number: a phone number starts with + and the country code",
            "line 3, pin: a PIN has digits only",
            "line 4, pin: a PIN has 4 to 8 digits, not 3",
            "line 5, pin: a PIN has 4 to 8 digits, not 9",
            "line 6, balance: this currency has 2 decimals",
            "line 7, balance: an amount is never negative",
            "line 8, currency: no currency of ISO 4217 with a minor unit",
            "line 9, profile: this profile must not carry money",
            "line 10, profile: no such profile; there are digitally-8 and fixed",
            "line 11, algorithm: no such algorithm; there are aes-cmac and hmac-sha-256",
            "line 12, capacity: no such capacity; there are consumer and merchant",
            "line 13, max_requests: not a whole number from 0 to 65535",
            "line 14, replaces: not a sequence number, 1 to 254",
            "line 15: it has 4 fields, the first line has 9",
            "line 16, number: nothing stands there",
            "line 17, balance: more than max_balance",
            "line 19, number: the number stands on line 18 already",
            "line 20, pin: a PIN has digits only",
            "line 22, number: the number stands on line 18 already",
        ]
    );
    let batch = Batch::read(text.as_bytes()).unwrap();
    assert_eq!(batch.lines.iter().map(|line| line.line).collect::<Vec<_>>(), [18]);
    let shown = format!("{batch:?}");
    assert!(!shown.contains("1234") && !shown.contains("5678") && !shown.contains("12x4"), "{shown}");
}

#[test]
fn a_file_without_its_columns_is_no_batch() {
    let check = |text: &str, error| assert_eq!(Batch::read(text.as_bytes()).unwrap_err(), error, "{text}");
    check("", BatchError::Empty);
    check("\n\r\n", BatchError::Empty);
    check("+254700000001,1234\n", BatchError::UnknownColumn { place: 1 });
    check("number,pin,name\n", BatchError::UnknownColumn { place: 3 });
    check("number,Pin\n", BatchError::UnknownColumn { place: 2 });
    check("number,pin,number\n", BatchError::ColumnTwice(Column::Number));
    check("pin,balance\n", BatchError::ColumnMissing(Column::Number));
    check("number,pin\n+254700000001,1234\n+254700000002,\"1234\n", BatchError::OpenQuote { line: 3 });
    check(&format!("number\n{}\n", "0".repeat(MAX_LINE + 1)), BatchError::TooLong { line: 2 });
    check(&format!("number\n{}\n", ",".repeat(MAX_FIELDS + 1)), BatchError::TooLong { line: 2 });
    assert!(Batch::read(b"number\n").unwrap().lines.is_empty());
}

/// Line ends of each kind count as one, within quotes too; found by fuzzing.
#[test]
fn lines_are_counted_whatever_ends_them() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["number,pin", "0700,1", "", "\"0700", "\",1", "0700,1"].join(end);
        let lines: Vec<_> = Batch::read(text.as_bytes()).unwrap().refused.iter().map(|error| error.line).collect();
        assert_eq!(lines, [2, 4, 6], "{end:?}");
    }
}

#[test]
fn bytes_that_are_not_text_are_a_rule_broken() {
    let batch = Batch::read(b"number,pin\n+2547000\xFF0001,1234\n").unwrap();
    assert_eq!(batch.refused[0].to_string(), "line 2, number: it is not UTF-8");
}

proptest::proptest! {
    /// Any bytes at all: no panic, and every line that is told of is one of the file.
    #[test]
    fn anything_can_be_read(mut text: Vec<u8>, header: bool) {
        if header {
            text.splice(0..0, *b"number,pin,balance\n");
        }
        if let Ok(batch) = Batch::read(&text) {
            let ends = text.iter().filter(|byte| matches!(**byte, b'\n' | b'\r')).count();
            let last = u64::try_from(ends).unwrap().saturating_add(1);
            proptest::prop_assert!(batch.lines.iter().all(|line| line.line <= last));
            proptest::prop_assert!(batch.refused.iter().all(|error| (1..=last).contains(&error.line)));
        }
    }

    /// What is written so reads back, whatever the line ends and quotes.
    #[test]
    fn orders_read_back(numbers in proptest::collection::btree_set(1_000_000_u64..999_999_999, 0..20), cents in 0_u32..5_000_000, crlf: bool, quoted: bool) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = format!("balance,number{end}");
        for number in &numbers {
            let number = if quoted { format!("\"+{number}\"") } else { format!("+{number}") };
            text += &format!("{}.{:02},{number}{end}", cents / 100, cents % 100);
        }
        let batch = Batch::read(text.as_bytes()).unwrap();
        proptest::prop_assert!(batch.refused.is_empty());
        let read: Vec<u64> = batch.lines.iter().map(|line| line.order.number.number()).collect();
        proptest::prop_assert_eq!(read, numbers.into_iter().collect::<Vec<_>>());
        proptest::prop_assert!(batch.lines.iter().all(|line| line.order.balance.minor_units() == cents));
    }
}
