//! Two cards that play a payment by toolkit, without any cryptography: what one shows the other asks for.

use super::*;

/// What a card of the fake payment has seen so far.
fn text_of(response: &[u8]) -> String {
    let response = toolkit::TerminalResponse::decode(response).unwrap();
    match response.answer {
        toolkit::Answer::Text(text) => text.to_string(),
        _ => String::new(),
    }
}

/// The payee: asks for an amount, shows a request, then asks for the response.
pub(crate) fn payee() -> Card {
    let mut card = Card::with([menu("digitally", &["Pay", "Get paid", "Balance"])]);
    card.reaction = Box::new(|envelope| if envelope.ends_with(&[2]) { vec![digits("Amount", 1, 7)] } else { vec![] });
    let mut step = 0;
    card.follow = Box::new(move |response| {
        step += 1;
        match step {
            // The answer to SET UP MENU.
            1 => vec![],
            2 => vec![display(&format!("Ask for {}: 4761 0825", text_of(response)))],
            3 => vec![digits("Their 8 digits", 8, 8)],
            4 if text_of(response) == "11223344" => vec![display("Paid: 400.00")],
            4 => vec![display("Wrong digits")],
            _ => vec![],
        }
    });
    card
}

/// The payer: asks for the request and the PIN, shows a response.
pub(crate) fn payer() -> Card {
    let mut card = Card::with([menu("digitally", &["Pay", "Get paid", "Balance"])]);
    card.reaction =
        Box::new(|envelope| if envelope.ends_with(&[1]) { vec![digits("Their 8 digits", 8, 8)] } else { vec![] });
    let mut step = 0;
    card.follow = Box::new(move |response| {
        step += 1;
        match step {
            1 => vec![],
            2 if text_of(response) == "47610825" => vec![hidden("PIN", 4, 8)],
            3 if text_of(response) == "1234" => vec![display("Say 1122 3344 to Bob")],
            2 | 3 => vec![display("Wrong")],
            _ => vec![],
        }
    });
    card
}
