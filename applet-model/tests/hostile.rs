//! Random commands to three cards, honest and hostile, against a small reference model: S1 to S5 and S7 of the design.
//!
//! The model knows nothing of codes. It records which debits and credits the cards admit to, and asks of them:
//! value is conserved (S1), every credit has its own debit (S2, S3) with the same numbers and amount (S4), wrong
//! responses stay within their caps (S5), and no debit happens unless CHECK, then a right PIN, came just before (S7).

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)]
#![allow(clippy::as_conversions, clippy::cast_possible_truncation, clippy::expect_used)]

mod world;

use apdu::{Sw, Transport};
use applet_model::purse::{Authorise, Capacity, Contact, Entry, File, Limits, Purse, status};
use applet_model::runtime::Applet;
use digitally::profile::{self, Split};
use digitally::{Code, Profile};
use proptest::prelude::*;
use world::{LIMITS, PIN, PUK, Person, Setup, WRONG_PIN, amount, number, pin};

const PEOPLE: usize = 3;

/// One thing that somebody does. Indexes are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Request {
        payee: usize,
        payer: usize,
        minor: u32,
    },
    /// Types any request ever shown, for any payee and amount; mostly the right ones.
    Pay {
        payer: usize,
        code: usize,
        lie: Option<(usize, u32)>,
        pin: bool,
    },
    /// Types any response ever shown, for any open request.
    Confirm {
        payee: usize,
        request: u32,
        code: usize,
    },
    /// Types the newest response for the request that it belongs to.
    Settle {
        back: usize,
    },
    Cancel {
        payee: usize,
        request: u32,
    },
    /// CHECK, something else, VERIFY, AUTHORISE.
    Interrupted {
        payer: usize,
        code: usize,
        with: usize,
    },
    /// VERIFY before CHECK, then AUTHORISE without another.
    EarlyPin {
        payer: usize,
        code: usize,
    },
    /// AUTHORISE out of the blue.
    Blind {
        payer: usize,
        pin: bool,
    },
    /// The same AUTHORISE again after a payment.
    Twice {
        payer: usize,
        code: usize,
    },
    WrongPin {
        who: usize,
    },
    Unblock {
        who: usize,
    },
    Load {
        who: usize,
        minor: u32,
    },
    Unload {
        who: usize,
        minor: u32,
    },
    /// An order of the issuer sent a second time.
    ReplayLoad {
        who: usize,
        minor: u32,
    },
    Contact {
        who: usize,
        whom: usize,
        erase: bool,
    },
    Reset {
        who: usize,
    },
    Garbage {
        who: usize,
        bytes: Vec<u8>,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (who, whom) = (0..PEOPLE, 0..PEOPLE);
    let minor = prop_oneof![Just(100u32), Just(200), Just(777), Just(0), Just(150_000)];
    let nth = 0usize..64;
    prop_oneof![
        6 => (who.clone(), whom.clone(), minor.clone()).prop_map(|(payee, payer, minor)| Step::Request { payee, payer, minor }),
        8 => (who.clone(), nth.clone(), prop::option::weighted(0.2, (whom.clone(), minor.clone())), prop::bool::weighted(0.9))
            .prop_map(|(payer, code, lie, pin)| Step::Pay { payer, code, lie, pin }),
        4 => (who.clone(), 0u32..12, nth.clone()).prop_map(|(payee, request, code)| Step::Confirm { payee, request, code }),
        6 => nth.clone().prop_map(|back| Step::Settle { back: back % 6 }),
        1 => (who.clone(), 0u32..12).prop_map(|(payee, request)| Step::Cancel { payee, request }),
        2 => (who.clone(), nth.clone(), 0usize..5).prop_map(|(payer, code, with)| Step::Interrupted { payer, code, with }),
        1 => (who.clone(), nth.clone()).prop_map(|(payer, code)| Step::EarlyPin { payer, code }),
        1 => (who.clone(), any::<bool>()).prop_map(|(payer, pin)| Step::Blind { payer, pin }),
        2 => (who.clone(), nth).prop_map(|(payer, code)| Step::Twice { payer, code }),
        1 => who.clone().prop_map(|who| Step::WrongPin { who }),
        1 => who.clone().prop_map(|who| Step::Unblock { who }),
        1 => (who.clone(), minor.clone()).prop_map(|(who, minor)| Step::Load { who, minor }),
        1 => (who.clone(), minor.clone()).prop_map(|(who, minor)| Step::Unload { who, minor }),
        1 => (who.clone(), minor).prop_map(|(who, minor)| Step::ReplayLoad { who, minor }),
        1 => (who.clone(), whom, any::<bool>()).prop_map(|(who, whom, erase)| Step::Contact { who, whom, erase }),
        1 => who.clone().prop_map(|who| Step::Reset { who }),
        1 => (who, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(who, bytes)| Step::Garbage { who, bytes }),
    ]
}

/// A request that a card has shown.
struct Shown {
    payee: usize,
    minor: u32,
    code: Code,
}

/// A debit that a card has admitted to: which payment it is, and its response.
struct Debit {
    payer: usize,
    entry: Entry,
    code: Code,
    credited: bool,
}

struct Game {
    people: Vec<Person>,
    requests: Vec<Shown>,
    debits: Vec<Debit>,
    issued: i64,
    wrong: [u32; PEOPLE],
}

impl Game {
    fn new(setup: &Setup) -> Self {
        let people: Vec<Person> = (0..PEOPLE).map(|i| Person::new(i as u32, setup)).collect();
        let issued = i64::from(setup.balance) * PEOPLE as i64;
        Self { people, requests: Vec::new(), debits: Vec::new(), issued, wrong: [0; PEOPLE] }
    }

    fn shown(&self, index: usize) -> Option<&Shown> {
        self.requests.get(index.checked_rem(self.requests.len())?)
    }

    /// Records a debit that a card has just made.
    fn debited(&mut self, payer: usize, code: Code) {
        let last = self.people[payer].purse.last(0).unwrap();
        assert_eq!(
            last.code.ungrouped().to_string(),
            code.ungrouped().to_string(),
            "S8: LAST shows the response again"
        );
        self.debits.push(Debit { payer, entry: last.entry, code, credited: false });
    }

    fn confirm(&mut self, payee: usize, id: u32, code: Code) {
        let open =
            (1..=255).map_while(|n| self.people[payee].purse.open_request(n).unwrap()).find(|one| one.open.id == id);
        let before = self.people[payee].balance();
        match self.people[payee].confirm(id, code) {
            Ok(after) => {
                let open = open.expect("only an open request is credited").open;
                let own = number(payee as u32);
                let debit = self.debits.iter_mut().find(|debit| {
                    let entry = &debit.entry;
                    !debit.credited
                        && (Some(number(debit.payer as u32)), entry.peer) == (open.payer, Some(own))
                        && (entry.amount, entry.nonce) == (open.amount, open.nonce)
                });
                debit.expect("S2, S3, S4: a credit has its own debit, with the same people and amount").credited = true;
                assert_eq!(after, before + open.amount.minor_units());
            }
            Err(sw) => {
                if let Some(left) = sw.tries_left() {
                    self.wrong[payee] += 1;
                    assert_eq!(left, open.expect("only an open request has tries").open.tries - 1, "S5");
                }
            }
        }
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Request { payee, payer, minor } => {
                if let Ok(opened) = self.people[payee].request(number(payer as u32), minor) {
                    assert_ne!((payee, minor), (payer, 0));
                    self.requests.push(Shown { payee, minor, code: opened.code });
                }
            }
            Step::Pay { payer, code, lie, pin: right } => {
                let Some(Shown { payee, minor, code }) = self.shown(code) else { return };
                let (payee, minor) = lie.unwrap_or((*payee, *minor));
                let code = *code;
                if right {
                    if let Ok(paid) = self.people[payer].pay(number(payee as u32), minor, code) {
                        self.debited(payer, paid.code);
                    }
                } else if let Ok(pending) = self.people[payer].purse.check(number(payee as u32), amount(minor), code) {
                    let refused = pending.authorise().map(|_| ()).unwrap_err().sw();
                    assert_eq!(refused, Some(Sw::SECURITY_STATUS_NOT_SATISFIED), "S7");
                }
            }
            Step::Confirm { payee, request, code } => {
                let Some(index) = code.checked_rem(self.debits.len()) else { return };
                let code = self.debits[index].code;
                self.confirm(payee, request, code);
            }
            Step::Settle { back } => {
                let Some(debit) = self.debits.iter().rev().nth(back) else { return };
                let (peer, entry, code) = (debit.payer, debit.entry, debit.code);
                let payee = (0..PEOPLE).find(|i| Some(number(*i as u32)) == entry.peer).unwrap();
                let open = (1..=255).map_while(|n| self.people[payee].purse.open_request(n).unwrap());
                let open: Vec<_> = open.collect();
                let fits = open
                    .iter()
                    .find(|one| one.open.nonce == entry.nonce && one.open.payer == Some(number(peer as u32)));
                if let Some(one) = fits {
                    self.confirm(payee, one.open.id, code);
                }
            }
            Step::Cancel { payee, request } => {
                let _ = self.people[payee].purse.cancel(request);
            }
            Step::Interrupted { payer, code, with } => {
                let Some(Shown { payee, minor, code }) = self.shown(code) else { return };
                let (payee, minor, code) = (number(*payee as u32), *minor, *code);
                let person = &mut self.people[payer];
                if person.check(payee, minor, code).is_err() {
                    return;
                }
                match with {
                    0 => drop(person.purse.balance()),
                    1 => drop(person.purse.last(0)),
                    2 => person.select(),
                    3 => person.reset(),
                    _ => drop(person.purse.send(&applet_model::purse::Cancel { id: 0 })),
                }
                let _ = person.purse.verify(&pin(PIN));
                let refused = person.purse.send(&Authorise).map(|_| ()).unwrap_err().sw();
                assert_eq!(refused, Some(Sw::CONDITIONS_NOT_SATISFIED), "nothing can come between");
            }
            Step::EarlyPin { payer, code } => {
                let Some(Shown { payee, minor, code }) = self.shown(code) else { return };
                let (payee, minor, code) = (number(*payee as u32), *minor, *code);
                let person = &mut self.people[payer];
                let _ = person.purse.verify(&pin(PIN));
                if let Ok(pending) = person.purse.check(payee, amount(minor), code) {
                    let refused = pending.authorise().map(|_| ()).unwrap_err().sw();
                    assert_eq!(refused, Some(Sw::SECURITY_STATUS_NOT_SATISFIED), "S7");
                }
            }
            Step::Blind { payer, pin: right } => {
                let person = &mut self.people[payer];
                if right {
                    let _ = person.purse.verify(&pin(PIN));
                }
                let refused = person.purse.send(&Authorise).map(|_| ()).unwrap_err().sw();
                assert_eq!(refused, Some(Sw::CONDITIONS_NOT_SATISFIED), "S7");
            }
            Step::Twice { payer, code } => {
                let Some(Shown { payee, minor, code }) = self.shown(code) else { return };
                let (payee, minor, code) = (number(*payee as u32), *minor, *code);
                let Ok(paid) = self.people[payer].pay(payee, minor, code) else { return };
                self.debited(payer, paid.code);
                let person = &mut self.people[payer];
                assert!(person.purse.send(&Authorise).is_err(), "S7: one PIN, one payment");
                let _ = person.purse.verify(&pin(PIN));
                assert!(person.purse.send(&Authorise).is_err(), "one CHECK, one payment");
                assert_eq!(person.check(payee, minor, code), Err(status::ALREADY_PAID));
            }
            Step::WrongPin { who } => {
                let before = self.people[who].counters().pin_tries;
                let refused = self.people[who].purse.verify(&pin(WRONG_PIN)).unwrap_err().sw().unwrap();
                let expected = before.checked_sub(1).map_or(Sw::AUTHENTICATION_METHOD_BLOCKED, Sw::counter);
                assert_eq!(refused, expected);
            }
            Step::Unblock { who } => self.people[who].purse.unblock_pin(&pin(PUK), &pin(PIN)).unwrap(),
            Step::Load { who, minor } => {
                if self.people[who].load(who as u32, minor).is_ok() {
                    self.issued += i64::from(minor);
                }
            }
            Step::Unload { who, minor } => {
                let _ = self.people[who].purse.verify(&pin(PIN));
                if self.people[who].unload(who as u32, minor).is_ok() {
                    self.issued -= i64::from(minor);
                }
                let again = self.people[who].unload(who as u32, minor);
                assert_eq!(again, Err(Sw::SECURITY_STATUS_NOT_SATISFIED), "one PIN, one unload");
            }
            Step::ReplayLoad { who, minor } => {
                let counter = self.people[who].counters().issuer + 1;
                let i = who as u32;
                let load =
                    applet_model::purse::Load::new(&world::issuer_key(i), &world::identity(i), amount(minor), counter);
                if self.people[who].purse.send(&load).is_ok() {
                    self.issued += i64::from(minor);
                    let again = self.people[who].purse.send(&load).unwrap_err().sw();
                    assert_eq!(again, Some(status::COUNTER), "an order is good once");
                }
                let other = (who + 1) % PEOPLE;
                let elsewhere = self.people[other].purse.send(&load).unwrap_err().sw();
                assert_eq!(elsewhere, Some(status::MAC_WRONG), "an order is good for one card");
            }
            Step::Contact { who, whom, erase } => {
                let purse = &mut self.people[who].purse;
                if erase {
                    let _ = purse.erase_contact(1);
                } else {
                    let stored = purse.store_contact(Contact::new(number(whom as u32), "Somebody").unwrap());
                    assert!(stored.is_ok() || stored.unwrap_err().sw() == Some(Sw::NOT_ENOUGH_MEMORY));
                }
            }
            Step::Reset { who } => self.people[who].reset(),
            Step::Garbage { who, ref bytes } => {
                let mut response = [0; 600];
                let len = self.people[who].purse.transport().transmit(bytes, &mut response).unwrap();
                assert!(len >= 2, "a card always answers");
                self.people[who].select();
            }
        }
    }

    fn check(&mut self, limits: &Limits) {
        let outstanding: i64 = self
            .debits
            .iter()
            .filter(|debit| !debit.credited)
            .map(|debit| i64::from(debit.entry.amount.minor_units()))
            .sum();
        let balances: i64 = self.people.iter_mut().map(|person| i64::from(person.balance())).sum();
        assert_eq!(balances + outstanding, self.issued, "S1: value is conserved");
        for (i, person) in self.people.iter_mut().enumerate() {
            let counters = person.counters();
            assert_eq!(counters.wrong_responses, self.wrong[i], "S5: every wrong response is counted");
            assert!(counters.wrong_responses <= u32::from(limits.failures), "S5");
            assert!(counters.opened <= u32::from(limits.opens), "S6");
            let own = self.debits.iter().filter(|debit| debit.payer == i).count();
            assert_eq!(counters.payments as usize, own, "no debit that nobody authorised");
        }
    }

    /// What the cards say at the end: every debit is in its payer's log, with its response.
    fn check_logs(&mut self) {
        for (i, person) in self.people.iter_mut().enumerate() {
            let log = person.log(File::Payments);
            let debits: Vec<&Debit> = self.debits.iter().filter(|debit| debit.payer == i).collect();
            assert_eq!(log.len(), debits.len().min(64));
            for (back, (entry, debit)) in log.iter().zip(debits.iter().rev()).enumerate() {
                assert_eq!(*entry, debit.entry);
                let again = person.purse.last(back as u8).unwrap();
                assert_eq!(again.code.value(), debit.code.value(), "S8: every response can be shown again");
            }
        }
    }
}

fn play(setup: &Setup, steps: &[Step]) {
    let mut game = Game::new(setup);
    for step in steps {
        game.run(step);
        game.check(&setup.limits);
    }
    game.check_logs();
}

/// Short check codes in requests, full ones in responses: a payer often accepts what the payee did not mean, and still
/// no money is made. (With check codes of one digit, agreement at the payee must hold by R alone.)
static VOID: [Profile; 1] = [Profile {
    number: 0x7D,
    name: "void",
    request: Split { nonce: 1, check: 1 },
    response: Split { nonce: 0, check: 12 },
    ..profile::DIGITALLY_8
}];

fn void(parameters: &[u8]) -> Option<Box<dyn Applet>> {
    Some(Box::new(Purse::with_profiles(Capacity::from_bytes(parameters)?, &VOID)))
}

/// At least this many cases; `./test --long` asks for more by `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(2_000), max_shrink_iters: 20_000, ..default }
}

proptest! {
    #![proptest_config(config())]

    /// S1 to S5, S7, S8; P-CONF-9, P-PIN-1: the caps as they are.
    #[test]
    fn eight_digits(steps in prop::collection::vec(step(), 1..120)) {
        play(&Setup::default(), &steps);
    }

    /// S1 to S8; P-CAP-2, P-CAP-3, P-LAST-2, P-AUTH-4: everything full all the time.
    #[test]
    fn tight_limits_and_tiny_tables(steps in prop::collection::vec(step(), 1..120)) {
        let capacity = Capacity { counters: 1, requests: 2, payees: 1, payments: 6, history: 3, contacts: 2 };
        let limits = Limits { opens: 12, failures: 4, tries: 2, refusals: 3, unacknowledged: 6, ..LIMITS };
        play(&Setup { capacity, limits, balance: 900, ..Setup::default() }, &steps);
    }

    /// S2 to S4; P-CONF-2, P-CONF-9: agreement by R alone.
    #[test]
    fn request_checks_that_nearly_always_pass(steps in prop::collection::vec(step(), 1..120)) {
        play(&Setup { profile: &VOID[0], make: void, ..Setup::default() }, &steps);
    }
}
