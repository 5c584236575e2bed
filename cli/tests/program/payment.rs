//! The whole payment by separate processes, and what can happen between its steps.

use applet_model::purse::PURSE_AID;
use applet_model::purse::client::Client;
use card_sim::{CardFile, OsRandom};
use digitally::Amount;

use crate::world::{ALICE, BOB, MODULES, World, alone, authorise, confirm, mistyped};

#[test]
fn two_cards_pay_each_other_by_eight_digits() {
    let world = World::new();
    let request = world.request("400");
    assert_eq!(request.len(), 8);
    let response = world.authorise("400", &request);
    assert_eq!(response.len(), 8);
    let received = world.done(&confirm(&response));
    assert_eq!((received["amount"].as_u64(), received["balance"].as_u64()), (Some(40_000), Some(40_000)));
    assert_eq!((received["payer"].as_str(), received["name"].as_str()), (Some(ALICE), Some("Alice")));
    assert_eq!((world.balance("alice.card"), world.balance("bob.card")), (160_000, 40_000));

    let log = world.done(&["card", "log", "--card", "alice.card"]);
    let kinds: Vec<_> =
        log["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["loaded", "paid"]);
    assert_eq!(log["entries"][1]["name"], "Bob");
    let log = world.done(&["card", "log", "--card", "bob.card"]);
    assert_eq!(
        (log["entries"][0]["kind"].as_str(), log["entries"][0]["balance"].as_u64()),
        (Some("received"), Some(40_000))
    );
    assert_eq!(log["requests"].as_array().unwrap().len(), 0);
}

#[test]
fn the_commands_of_the_issue_work_word_for_word() {
    let world = World::empty();
    let check = |line: &str| {
        let ran = world.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.exit, 0, "{line}: {ran:?}");
        ran.stdout
    };
    check(
        "card new alice.card --issuer issuer.json --msisdn +254700000001 --balance 2000 --currency KES --pin-file pin.txt",
    );
    check(
        "card new bob.card --issuer issuer.json --msisdn +254700000002 --balance 0 --currency KES --pin-file pin.txt",
    );
    check("card contacts add --card alice.card --name Bob --msisdn +254700000002");
    let shown = check("pay request --card bob.card --from +254700000001 --amount 400");
    let grouped = shown.lines().next().unwrap();
    assert_eq!((grouped.len(), grouped.as_bytes()[4]), (9, b' '), "{shown}");
    let request = grouped.replace(' ', "");
    let shown = check(&format!(
        "pay authorise --card alice.card --to +254700000002 --amount 400 --code {request} --pin-file pin.txt"
    ));
    let response = shown.lines().next().unwrap().replace(' ', "");
    check(&format!("pay confirm --card bob.card --code {response}"));
    assert_eq!(check("card balance --card bob.card"), "400.00 KES\n");
    assert!(check("card log --card bob.card").contains("received"));
    check("vectors verify");
}

#[test]
fn codes_may_be_grouped_and_people_named() {
    let world = World::new();
    let request = world.request("0.50");
    let (head, tail) = request.split_at(4);
    let words = ["pay", "authorise", "--card", "alice.card", "--to", "bob", "--amount", "0.50", "--code", head, tail];
    let paid = world.done(&[&words[..], &["--pin-file", "pin.txt"]].concat());
    assert_eq!((paid["name"].as_str(), paid["payee"].as_str()), (Some("Bob"), Some(BOB)));
    let response = paid["code"].as_str().unwrap();
    let grouped = format!("{}-{}", &response[..4], &response[4..]);
    world.done(&confirm(&grouped));
    assert_eq!(world.balance("bob.card"), 50);
}

#[test]
fn quiet_prints_the_result_alone() {
    let world = World::new();
    let quiet = |words: &[&str]| {
        let ran = world.run(&[words, &["--quiet"]].concat());
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{ran:?}");
        ran.stdout
    };
    let request = quiet(&["pay", "request", "--card", "bob.card", "--from", "Alice", "--amount", "400"]);
    let response = quiet(&authorise("400", request.trim()));
    assert_eq!(quiet(&["pay", "last", "--card", "alice.card"]), response);
    assert_eq!(quiet(&confirm(response.trim())), "400.00\n");
    assert_eq!(quiet(&["card", "balance", "--card", "alice.card"]), "1600.00\n");
}

/// P-CHK-1: and the right response is named.
#[test]
fn a_request_typed_twice_debits_once_and_names_its_own_response() {
    let world = World::new();
    let first = world.request("400");
    let response = world.authorise("400", &first);
    let second = world.request("30");
    world.authorise("30", &second);
    let before = world.state("alice.card");
    let said = world.fails(&authorise("400", &first), 1, "already-paid");
    assert!(said.contains("digitally pay last --card alice.card --number 2"), "{said}");
    let said = world.fails(&authorise("30", &second), 1, "already-paid");
    assert!(said.ends_with("digitally pay last --card alice.card"), "{said}");
    assert_eq!(world.state("alice.card"), before);
    let again = world.done(&["pay", "last", "--card", "alice.card", "--number", "2"]);
    assert_eq!(again["code"].as_str(), Some(response.as_str()));
    world.fails(&["pay", "last", "--card", "alice.card", "--number", "3"], 1, "no-payment");
}

#[test]
fn a_response_typed_twice_credits_once() {
    let world = World::new();
    let response = world.authorise("400", &world.request("400"));
    world.done(&confirm(&response));
    let before = world.state("bob.card");
    let said = world.fails(&confirm(&response), 1, "already-received");
    assert!(said.contains("balance is unchanged") && said.contains("--card bob.card"), "{said}");
    // The same with a request open, and with only a cancelled one: no try of theirs is spent.
    world.request("7");
    world.fails(&confirm(&response), 1, "already-received");
    world.done(&["pay", "cancel", "--card", "bob.card"]);
    world.fails(&confirm(&response), 1, "already-received");
    let log = world.done(&["card", "log", "--card", "bob.card"]);
    assert_eq!(log["requests"][0]["tries"], 5);
    assert_eq!((world.balance("bob.card"), &log["entries"]), (40_000, &before.1["entries"]));
}

#[test]
fn a_wrong_response_says_what_it_was_compared_with() {
    let world = World::new();
    let older = world.request("400");
    let response = world.authorise("400", &older);
    world.request("30");
    // It answers the older request; the newest is what it is compared with.
    let said = world.fails(&confirm(&response), 1, "response-wrong");
    for part in ["request 2", "30.00 KES from Alice", "4 tries left", "--request 1", "400.00 KES"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(world.balance("bob.card"), 0);
    let words = ["pay", "confirm", "--card", "bob.card", "--request", "1", "--code", response.as_str()];
    world.done(&words);
    assert_eq!(world.balance("bob.card"), 40_000);
}

/// P-CAP-1, P-CONF-4: with the default of five.
#[test]
fn tries_run_out_and_say_so() {
    let world = World::new();
    let response = world.authorise("400", &world.request("400"));
    let wrong = mistyped(&response);
    for left in ["4 tries left", "3 tries left", "2 tries left", "1 try left", "no try left"] {
        let said = world.fails(&confirm(&wrong), 1, "response-wrong");
        assert!(said.contains(left), "{said}");
    }
    world.fails(&confirm(&wrong), 1, "request-exhausted");
    world.fails(&confirm(&response), 1, "request-exhausted");
    assert_eq!(world.balance("bob.card"), 0);
}

#[test]
fn a_cancelled_request_has_to_be_named() {
    let world = World::new();
    world.fails(&["pay", "cancel", "--card", "bob.card"], 1, "no-request");
    world.fails(&confirm("12345678"), 1, "no-request");
    let request = world.request("400");
    let response = world.authorise("400", &request);
    assert_eq!(world.done(&["pay", "cancel", "--card", "bob.card"])["request"], 1);
    world.fails(&["pay", "cancel", "--card", "bob.card", "--request", "1"], 1, "already-cancelled");
    world.fails(&["pay", "cancel", "--card", "bob.card", "--request", "9"], 1, "no-request");
    let said = world.fails(&confirm(&response), 1, "only-cancelled");
    assert!(said.contains("digitally pay confirm --card bob.card --request 1"), "{said}");
    // What was debited is not stranded.
    world.done(&["pay", "confirm", "--card", "bob.card", "--request", "1", "--code", &response]);
    assert_eq!(world.balance("bob.card"), 40_000);
}

#[test]
fn the_payer_can_be_named_instead_of_the_request() {
    let world = World::new();
    let response = world.authorise("400", &world.request("400"));
    world.done(&["pay", "request", "--card", "bob.card", "--from", "+254700000009", "--amount", "5"]);
    world.fails(&["pay", "confirm", "--card", "bob.card", "--from", BOB, "--code", &response], 1, "no-request");
    world.done(&["pay", "confirm", "--card", "bob.card", "--from", "Alice", "--code", &response]);
    assert_eq!(world.balance("bob.card"), 40_000);
}

#[test]
fn a_refused_code_can_be_typed_twice_and_must_be_the_same() {
    let world = World::new();
    let wrong = mistyped(&world.request("400"));
    let before = world.state("alice.card");
    let twice = |again: &str| {
        let words: Vec<String> =
            authorise("400", &wrong).iter().chain(&["--code-again", again]).map(|w| (*w).to_owned()).collect();
        words
    };
    let words = twice(&wrong);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = world.run(&words);
    assert_eq!(ran.exit, 1, "{ran:?}");
    let words = twice("12345678");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    world.fails(&words, 2, "codes-differ");
    assert_eq!(world.state("alice.card"), before);
}

#[test]
fn caps_between_issuer_contacts_refuse_and_lose_nothing() {
    let world = World::new();
    let new = ["card", "new", "carol.card", "--issuer", "issuer.json", "--msisdn", "+254700000003"];
    world.done(&[&new[..], &["--pin-file", "pin.txt", "--max-requests", "2", "--max-wrong-codes", "1"]].concat());
    let ask = ["pay", "request", "--card", "carol.card", "--from", ALICE, "--amount", "1"];
    world.done(&ask);
    world.done(&ask);
    world.fails(&ask, 1, "too-many-requests");
    let confirm = ["pay", "confirm", "--card", "carol.card", "--code", "12345678"];
    world.fails(&confirm, 1, "response-wrong");
    world.fails(&confirm, 1, "too-many-wrong-responses");
    let log = world.done(&["card", "log", "--card", "carol.card"]);
    assert_eq!((&log["requests"][0]["tries"], &log["requests"][1]["tries"]), (&4.into(), &5.into()));
}

/// P-LAST-2, P-CAP-5: with the default of 64.
#[test]
fn a_full_log_refuses_the_next_payment_and_forgets_none() {
    let world = World::new();
    for _ in 0..64 {
        world.authorise("1", &world.request("1"));
    }
    let request = world.request("1");
    let before = world.state("alice.card");
    let said = world.fails(&authorise("1", &request), 1, "log-full");
    assert!(said.contains("digitally issuer contact --card alice.card"), "{said}");
    assert_eq!(world.state("alice.card"), before);
    assert_eq!(world.balance("alice.card"), 200_000 - 64 * 100);
    world.done(&["pay", "last", "--card", "alice.card", "--number", "64"]);
}

/// P-CHK-4: After a thousand requests that she never paid, three shown digits are behind: the same code typed twice
/// finds it.
#[test]
fn a_payee_far_ahead_is_found_when_the_code_is_typed_twice() {
    let world = World::new();
    let new = ["card", "new", "carol.card", "--issuer", "issuer.json", "--msisdn", "+254700000003"];
    world.done(&[&new[..], &["--pin-file", "pin.txt", "--max-requests", "2000"]].concat());
    alone(|| {
        let mut file = CardFile::open(world.path("carol.card"), &MODULES, Box::new(OsRandom)).unwrap();
        let mut client = Client::select(file.card_mut(), &PURSE_AID).unwrap();
        for _ in 0..1000 {
            client.request(ALICE.parse().unwrap(), Amount::new(500)).unwrap();
        }
        file.save().unwrap();
    });
    let opened = world.done(&["pay", "request", "--card", "carol.card", "--from", ALICE, "--amount", "5"]);
    let code = opened["code"].as_str().unwrap();
    let pay =
        ["pay", "authorise", "--card", "alice.card", "--to", "+254700000003", "--amount", "5", "--pin-file", "pin.txt"];
    world.fails(&[&pay[..], &["--code", code]].concat(), 1, "request-refused");
    let paid = world.done(&[&pay[..], &["--code", code, "--code-again", code]].concat());
    world.done(&["pay", "confirm", "--card", "carol.card", "--code", paid["code"].as_str().unwrap()]);
    assert_eq!(world.balance("carol.card"), 500);
}
