//! Codes for something else: another amount, person, currency, epoch or request.

use super::steps::{
    authorise, balance, check, confirm, eight, pay, request, request_with, response_with, shown, talk, verify, whole,
    wrong,
};
use crate::generate::group;
use crate::kind::Group;
use crate::kind::live::{Changes, Live};

pub(super) fn codes() -> Group<Live> {
    let with = |change: fn(&mut Changes)| {
        let mut changes = Changes::default();
        change(&mut changes);
        changes
    };
    let refused_response = |group: Group<Live>, id: &str, comment: &str, flag: &str, changes: Changes| {
        let steps = vec![
            request("bob", "alice", 400_00, "r"),
            confirm("bob", "r", response_with("r", changes)).sw(0x63C4),
            balance("bob", 2_000_00),
        ];
        group.refuses(&format!("response-{id}"), "P-CONF-9", comment, &[flag], steps)
    };
    let refused_request = |group: Group<Live>, id: &str, comment: &str, flag: &str, changes: Changes| {
        let steps = vec![
            request("bob", "alice", 400_00, "r"),
            check("alice", "bob", 400_00, request_with("r", changes)).sw(0x9302),
            verify("alice"),
            authorise("alice", "p").sw(0x6985),
            balance("alice", 2_000_00),
        ];
        group.refuses(&format!("request-{id}"), "P-CHK-3", comment, &[flag], steps)
    };
    let mut group =
        group("codes for something else", &["P-CHK-3", "P-CONF-1", "P-CONF-2", "P-CONF-9"], eight(|_, _| {}))
            .accepts(
                "response-computed",
                "control: the response that is computed here is the right one",
                &[],
                talk([
                    vec![request("bob", "alice", 400_00, "r")],
                    vec![confirm("bob", "r", response_with("r", Changes::default())), balance("bob", 2_400_00)],
                ]),
            )
            .accepts(
                "request-computed",
                "control: the request that is computed here is the right one",
                &[],
                vec![
                    request("bob", "alice", 400_00, "r"),
                    check("alice", "bob", 400_00, request_with("r", Changes::default())),
                    verify("alice"),
                    authorise("alice", "p"),
                    confirm("bob", "r", shown("p")),
                ],
            );
    group = refused_response(
        group,
        "amount",
        "the response for another amount",
        "amount-bound",
        with(|c| c.amount = Some(400_01)),
    );
    group = refused_response(
        group,
        "payer",
        "the response of another payer",
        "party-bound",
        with(|c| c.payer = Some("carol".into())),
    );
    group = refused_response(
        group,
        "payee",
        "the response for another payee",
        "party-bound",
        with(|c| c.payee = Some("carol".into())),
    );
    group = refused_response(
        group,
        "reversed",
        "the response of the payment back",
        "party-bound",
        with(|c| {
            (c.payer, c.payee) = (Some("bob".into()), Some("alice".into()));
        }),
    );
    group = refused_response(
        group,
        "currency",
        "the response in another currency",
        "currency-bound",
        with(|c| c.currency = Some(800)),
    );
    group =
        refused_response(group, "epoch", "the response of the next epoch", "epoch-bound", with(|c| c.epoch = Some(2)));
    group = refused_response(group, "serial", "the response to the next request", "replay", with(|c| c.nonce_plus = 1));
    group = refused_response(
        group,
        "tail",
        "the response to the request 1000 serials later",
        "replay",
        with(|c| c.nonce_plus = 1000),
    );
    group = refused_request(
        group,
        "amount",
        "the request for another amount",
        "amount-bound",
        with(|c| c.amount = Some(400_01)),
    );
    group = refused_request(
        group,
        "payer",
        "a request meant for another payer",
        "party-bound",
        with(|c| c.payer = Some("carol".into())),
    );
    group = refused_request(
        group,
        "payee",
        "the request of another payee",
        "party-bound",
        with(|c| c.payee = Some("carol".into())),
    );
    group = refused_request(
        group,
        "currency",
        "the request in another currency",
        "currency-bound",
        with(|c| c.currency = Some(800)),
    );
    group =
        refused_request(group, "epoch", "the request of the next epoch", "epoch-bound", with(|c| c.epoch = Some(2)));
    group
        .refuses(
            "response-of-other-request",
            "P-CONF-9",
            "the response to one request, typed for another over the same amount",
            &["replay"],
            talk([
                vec![request("bob", "alice", 400_00, "first"), request("bob", "alice", 400_00, "second")],
                pay("alice", "bob", 400_00, "first", "p").into(),
                vec![confirm("bob", "second", shown("p")).sw(0x63C4), confirm("bob", "first", shown("p"))],
                vec![balance("bob", 2_400_00)],
            ]),
        )
        .refuses(
            "replay-for-later-request",
            "P-CONF-8",
            "a response that was credited, typed for a later request over the same amount: no try is counted",
            &["replay"],
            talk([
                whole("alice", "bob", 400_00, "first"),
                vec![request("bob", "alice", 400_00, "later"), confirm("bob", "later", shown("first-paid")).sw(0x9416)],
                vec![confirm("bob", "later", wrong("first-paid", 1)).sw(0x63C4), balance("bob", 2_400_00)],
            ]),
        )
        .refuses(
            "already-received-is-no-guess",
            "P-CONF-8",
            "a credited response is compared with no request, also where it would be right",
            &["replay"],
            talk([
                whole("alice", "bob", 400_00, "first"),
                vec![request("bob", "carol", 400_00, "other"), confirm("bob", "other", shown("first-paid")).sw(0x9416)],
                pay("carol", "bob", 400_00, "other", "carol-paid").into(),
                vec![confirm("bob", "other", shown("carol-paid")), balance("bob", 2_800_00)],
            ]),
        )
}
