//! Two people at one keyboard. What they see is in `docs/two-phones.md`, which `UPDATE_SCREENS=1 cargo test -p cli --test table`
//! writes anew.

use std::path::Path;

use crate::window::Window;

/// The screens of the document: behind a comment with their name.
struct Screens {
    document: String,
    seen: Vec<(String, String)>,
}

impl Screens {
    fn path() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/two-phones.md")
    }

    fn take(&mut self, name: &str, window: &Window) {
        self.seen.push((name.to_owned(), window.text().trim_end().to_owned()));
    }

    /// Where in the document the screen of this name stands.
    fn place(&self, name: &str) -> std::ops::Range<usize> {
        let mark = format!("<!-- screen: {name} -->\n```text\n");
        let start = self.document.find(&mark).unwrap_or_else(|| panic!("no {mark}")) + mark.len();
        start..start + self.document[start..].find("\n```").unwrap()
    }

    /// Every screen of the document was seen, as it stands there.
    fn compare(mut self) {
        assert_eq!(self.document.matches("<!-- screen: ").count(), self.seen.len());
        let write = std::env::var_os("UPDATE_SCREENS").is_some();
        for (name, seen) in self.seen.clone() {
            let place = self.place(&name);
            if write {
                self.document.replace_range(place, &seen);
            } else {
                assert_eq!(self.document[place], seen, "{name}: UPDATE_SCREENS=1 writes it anew");
            }
        }
        if write {
            std::fs::write(Self::path(), self.document).unwrap();
        }
    }
}

const LEFT: bool = false;
const RIGHT: bool = true;

/// The eight digits in the first line of a phone.
fn code(window: &Window, right: bool) -> String {
    let digits: String = window.phone(right).chars().filter(char::is_ascii_digit).take(8).collect();
    assert_eq!(digits.len(), 8, "{}", window.text());
    digits
}

/// Chooses this item of the list on a phone that has the whole keyboard.
fn choose(window: &mut Window, right: bool, item: &str) {
    for _ in 0..12 {
        if window.phone(right).contains(&format!(">{item}")) {
            window.type_in("r");
            return;
        }
        let before = window.phone(right);
        window.type_in("v");
        window.until("the list moves", |window| window.phone(right) != before);
    }
    panic!("no {item} in\n{}", window.text());
}

/// From idle mode, or from any screen, to the purse's menu.
fn purse(window: &mut Window, right: bool) {
    window.type_in("e");
    window.phone_sees(right, "Ready");
    window.type_in("r");
    window.phone_sees(right, ">Item 1");
    choose(window, right, "Purse");
    let unseen = |window: &Window| window.phone(right).starts_with("Your last payment's code was not seen");
    window.until("the purse's menu", |window| window.phone(right).contains(">Pay") || unseen(window));
    if unseen(window) {
        window.type_in("r");
    }
    window.phone_sees(right, ">Pay");
}

fn answer(window: &mut Window, right: bool, question: &str, keys: &str) {
    window.phone_sees(right, question);
    window.type_in(keys);
    window.type_in("\r");
}

/// Tab until the keyboard is theirs.
fn hand(window: &mut Window, name: &str) {
    while !window.text().contains(&format!("The keyboard is {name}'s.")) {
        let before = window.lines()[23].clone();
        window.type_in("\t");
        window.until("Tab", |window| window.lines()[23] != before);
    }
}

fn mistyped(code: &str) -> String {
    let (head, last) = code.split_at(7);
    format!("{head}{}", (last.parse::<u8>().unwrap() + 1) % 10)
}

/// One asks for so much, the other one has it on the screen to type the PIN.
fn up_to_the_pin(window: &mut Window, payee: (bool, &str), payer: (bool, &str), amount: &str) {
    hand(window, payee.1);
    purse(window, payee.0);
    choose(window, payee.0, "Request");
    window.phone_sees(payee.0, "Who pays?");
    choose(window, payee.0, payer.1);
    answer(window, payee.0, "Amount", amount);
    window.phone_sees(payee.0, "request code");
    let request = code(window, payee.0);
    hand(window, payer.1);
    purse(window, payer.0);
    choose(window, payer.0, "Pay");
    window.phone_sees(payer.0, "Pay whom?");
    choose(window, payer.0, payee.1);
    answer(window, payer.0, "Amount", amount);
    answer(window, payer.0, "Request code", &request);
    answer(window, payer.0, "OK?", "");
    window.phone_sees(payer.0, "PIN");
}

fn last_code(window: &mut Window) -> String {
    purse(window, LEFT);
    choose(window, LEFT, "Last code");
    window.phone_sees(LEFT, ">50.00 Bob");
    window.type_in("r");
    window.phone_sees(LEFT, "payment code");
    code(window, LEFT)
}

/// A payment each way, a wrong code, a battery that falls out at the worst moment, and while the code is shown, the code
/// shown again, a blocked PIN.
#[test]
fn two_people_pay_each_other() {
    let mut screens = Screens { document: std::fs::read_to_string(Screens::path()).unwrap(), seen: Vec::new() };
    let mut window = Window::open(&["phones", "--seed", "1"]);
    window.sees("Esc: quit");
    screens.take("begin", &window);

    // Both at once, each with their half of the keyboard.
    window.type_in("40");
    window.phone_sees(LEFT, "Ready");
    window.phone_sees(RIGHT, "Ready");
    window.type_in("y");
    window.phone_sees(RIGHT, ">Item 1");
    window.type_in("nnnny");
    window.phone_sees(RIGHT, ">Pay");
    window.type_in("ny");
    window.phone_sees(RIGHT, ">Alice");
    screens.take("who-pays", &window);
    window.type_in("y");
    window.phone_sees(RIGHT, "Amount");
    // OK comes too early, and is told so.
    window.type_in("y");
    window.sees("(Type 1 more)");
    window.type_in("8i,");
    window.phone_sees(RIGHT, "250_");
    window.type_in("y");
    window.phone_sees(RIGHT, "request code");
    let request = code(&window, RIGHT);

    // Alice takes the whole keyboard, to type digits as digits. Her first PIN is wrong.
    window.type_in("r");
    window.phone_sees(LEFT, ">Item 1");
    window.type_in("vvvvr");
    window.phone_sees(LEFT, ">Pay");
    window.type_in("r");
    window.phone_sees(LEFT, ">Bob");
    window.type_in("r");
    hand(&mut window, "Alice");
    answer(&mut window, LEFT, "Amount", "250");
    answer(&mut window, LEFT, "Request code", &request);
    answer(&mut window, LEFT, "OK?", "");
    answer(&mut window, LEFT, "PIN", "4321");
    window.phone_sees(LEFT, "Wrong PIN");
    screens.take("wrong-pin", &window);
    window.type_in("\r");
    window.phone_sees(LEFT, "PIN _");
    window.type_in("12");
    window.phone_sees(LEFT, "**_");
    window.type_in("34\r");
    window.phone_sees(LEFT, "payment code");
    screens.take("paid", &window);
    let payment = code(&window, LEFT);

    // Bob mishears it, and is told so.
    hand(&mut window, "Bob");
    window.type_in("\r");
    answer(&mut window, RIGHT, "Payment code", &mistyped(&payment));
    window.phone_sees(RIGHT, "Wrong");
    screens.take("wrong-code", &window);
    window.type_in("\r");
    answer(&mut window, RIGHT, "Payment code", &payment);
    window.phone_sees(RIGHT, "Received 250.00");
    window.phone_sees(RIGHT, "1250.00");

    // And back.
    up_to_the_pin(&mut window, (LEFT, "Alice"), (RIGHT, "Bob"), "100");
    window.type_in("1234\r");
    window.phone_sees(RIGHT, "payment code");
    let payment = code(&window, RIGHT);
    hand(&mut window, "Alice");
    window.type_in("\r");
    answer(&mut window, LEFT, "Payment code", &payment);
    window.phone_sees(LEFT, "Balance 850.00");

    // The battery falls out after the debit and before the code is seen. It is put back, and the code is there.
    up_to_the_pin(&mut window, (RIGHT, "Bob"), (LEFT, "Alice"), "50");
    window.type_in("1234");
    window.phone_sees(LEFT, "****");
    window.type_in(&"l".repeat(WORST));
    window.sees(&format!("loose {WORST}"));
    window.type_in("\r");
    window.sees("no battery");
    screens.take("battery-out", &window);
    window.type_in("r");
    window.sees("(No battery)");
    window.type_in("bp");
    window.phone_sees(LEFT, "Ready");
    let shown = last_code(&mut window);
    screens.take("code-again", &window);
    // Pulled while the code is shown: it is shown again.
    window.type_in("b");
    window.sees("no battery");
    window.type_in("bp");
    window.phone_sees(LEFT, "Ready");
    assert_eq!(last_code(&mut window), shown);
    hand(&mut window, "Bob");
    window.type_in("\r");
    answer(&mut window, RIGHT, "Payment code", &shown);
    window.phone_sees(RIGHT, "Received 50.00");

    // Three wrong PINs, and no fourth.
    up_to_the_pin(&mut window, (LEFT, "Alice"), (RIGHT, "Bob"), "10");
    for says in ["2", "1"] {
        answer(&mut window, RIGHT, "PIN", "0000");
        window.phone_sees(RIGHT, says);
        window.type_in("\r");
    }
    answer(&mut window, RIGHT, "PIN", "0000");
    window.phone_sees(RIGHT, "blocked");
    screens.take("blocked", &window);

    // Without its SIM, with it, off.
    window.type_in("s");
    window.phone_sees(RIGHT, "Insert SIM");
    screens.take("no-sim", &window);
    window.type_in("s");
    window.phone_sees(RIGHT, "Ready");
    window.type_in("p");
    window.until("off", |window| window.lines()[0].ends_with("off") || window.lines()[0].contains(" off "));

    window.type_in("\x1b");
    window.sees("Quit? Enter: yes");
    window.type_in("\r");
    assert_eq!(window.ends(), 0);
    assert!(window.is_as_before());
    screens.compare();
}

/// After so many writes of the card since the PIN was typed the debit is there, and the code is not seen yet.
const WORST: usize = 20;
