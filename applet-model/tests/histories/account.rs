//! What is asked of all cards when a story ends.

use applet_model::purse::{Entry, File, Folded};

use crate::world::{Person, Setup};

/// Gives cards to people 1, 2, and so on, lets them live the story, and then asks S1 to S4 and S8 of all of them. The
/// story returns what it left in flight: debited, and its response typed in nowhere.
pub(crate) fn history<const N: usize>(setup: &Setup, story: impl FnOnce([&mut Person; N]) -> u32) {
    let mut people: [Person; N] = std::array::from_fn(|i| Person::new(i as u32 + 1, setup));
    let in_flight = story(people.each_mut());
    account(&mut people, setup.balance * N as u32, in_flight);
}

/// S1 to S4 and S8 of cards onto which `loaded` came from the issuer, with `in_flight` on its way.
pub(crate) fn account(people: &mut [Person], loaded: u32, in_flight: u32) {
    let balances: u32 = people.iter_mut().map(Person::balance).sum();
    assert_eq!(balances + in_flight, loaded, "S1: what was loaded is in the purses or on its way");

    let debits: Vec<_> = people.iter_mut().flat_map(debits).collect();
    let credits: Vec<_> = people.iter_mut().flat_map(credits).collect();
    let mut left = debits.clone();
    for credit in &credits {
        let own = left.iter().position(|debit| debit == credit);
        left.swap_remove(own.unwrap_or_else(|| unreachable!("S2, S3, S4: {credit:?} has no debit of its own")));
    }
    let paid: u32 = debits.iter().map(|payment| payment.2).sum();
    let received: u32 = credits.iter().map(|payment| payment.2).sum();
    let folded: u64 = people.iter_mut().map(|person| person.purse.data::<Folded>().unwrap().received).sum();
    assert_eq!(paid - received - folded as u32, in_flight, "the logs say the same as the balances");
}

/// A payment: payer, payee, amount, N_B.
pub(crate) type Payment = (u64, u64, u32, u32);

/// What this card has paid, by its log. LAST shows every one that the issuer has not acknowledged, in the same order.
pub(crate) fn debits(person: &mut Person) -> Vec<Payment> {
    let log = person.log(File::Payments);
    let unacknowledged = usize::from(person.counters().unacknowledged);
    for (back, entry) in log.iter().enumerate().take(unacknowledged) {
        assert_eq!(person.purse.last(back as u8).unwrap().entry, *entry, "S8: every debit can be shown again");
    }
    let own = person.number.number();
    log.iter().map(|entry| (own, entry.peer.unwrap().number(), entry.amount.minor_units(), entry.nonce)).collect()
}

/// What this card has received, by what its log still holds.
pub(crate) fn credits(person: &mut Person) -> Vec<Payment> {
    let own = person.number.number();
    let received = person.log(File::History).into_iter().filter(|entry| entry.kind == Entry::RECEIVED);
    received.map(|entry| (entry.peer.unwrap().number(), own, entry.amount.minor_units(), entry.nonce)).collect()
}
