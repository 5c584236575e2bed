//! Writes, transactions, what they refuse, and what is left of them wherever the power fails.

use super::*;

/// A memory of these areas.
fn memory(lens: &[usize]) -> Nvm {
    let mut nvm = Nvm::default();
    lens.iter().for_each(|len| nvm.cells.add(*len));
    nvm
}

fn bytes(nvm: &Nvm) -> Vec<u8> {
    nvm.cells.applets().flatten().copied().collect()
}

#[test]
fn a_write_outside_a_transaction_lasts_and_is_counted() {
    let mut nvm = memory(&[2, 4]);
    nvm.region(1).write(1, &[7, 8]).unwrap();
    assert_eq!(bytes(&nvm), [0, 0, 0, 7, 8, 0]);
    // The journal, the data, both marks.
    assert_eq!(nvm.cells.writes(), 4);
    assert!(nvm.cells.take_dirty() && !nvm.cells.take_dirty());
    nvm.region(1).write(1, &[7, 8]).unwrap();
    assert_eq!(nvm.cells.writes(), 4, "what stands there is not written again");
    assert!(!nvm.cells.take_dirty());
    nvm.roll_back();
    nvm.power_up();
    assert_eq!(bytes(&nvm), [0, 0, 0, 7, 8, 0]);
    assert_eq!(nvm.cells.writes(), 4, "reading wears nothing");
    assert_eq!(nvm.cells.wear(Area::Applet(1)), [0, 1, 1, 0]);
    assert_eq!(nvm.cells.wear(Area::Journal)[..16], [1; 16], "two marks");
}

#[test]
fn a_region_ends_where_it_ends() {
    let mut nvm = memory(&[2, 4, 2]);
    let mut region = nvm.region(1);
    assert_eq!(region.bytes().len(), 4);
    let table: [(usize, &[u8], bool); 8] = [
        (0, &[1, 1, 1, 1], true),
        (3, &[2], true),
        (4, &[], true),
        (4, &[1], false),
        (0, &[1, 1, 1, 1, 1], false),
        (5, &[], false),
        (usize::MAX, &[1], false),
        (usize::MAX, &[], false),
    ];
    for (at, bytes, fits) in table {
        assert_eq!(region.write(at, bytes).is_ok(), fits, "{at} {bytes:?}");
    }
    assert_eq!(bytes(&nvm), [0, 0, 1, 1, 1, 2, 0, 0]);
    assert_eq!(nvm.region(3).write(0, &[1]), Err(Fault), "no such memory");
    assert!(nvm.region(3).bytes().is_empty());
}

#[test]
fn a_transaction_happens_whole_or_not_at_all() {
    for commit in [true, false] {
        let mut nvm = memory(&[6]);
        nvm.region(0).write(0, &[1, 2, 3, 4, 5, 6]).unwrap();
        let mut region = nvm.region(0);
        region.begin().unwrap();
        region.write(0, &[9, 9, 9]).unwrap();
        region.write(2, &[8, 8]).unwrap();
        region.write(0, &[7]).unwrap();
        assert_eq!(region.bytes(), [7, 9, 8, 8, 5, 6], "it sees what it wrote");
        if commit {
            region.commit().unwrap();
            assert_eq!(region.bytes(), [7, 9, 8, 8, 5, 6]);
            region.abort();
            assert_eq!(region.bytes(), [7, 9, 8, 8, 5, 6], "nothing is left to take back");
        } else {
            region.abort();
            assert_eq!(region.bytes(), [1, 2, 3, 4, 5, 6]);
            assert_eq!(region.commit(), Err(Fault));
        }
        let writes = region.nvm.cells.writes();
        region.begin().unwrap();
        region.commit().unwrap();
        assert_eq!(region.nvm.cells.writes(), writes, "an empty transaction writes nothing");
    }
}

#[test]
fn begin_inside_begin_and_commit_outside_are_refused() {
    let mut nvm = memory(&[2]);
    let mut region = nvm.region(0);
    assert_eq!(region.commit(), Err(Fault));
    region.begin().unwrap();
    region.write(0, &[1]).unwrap();
    assert_eq!(region.begin(), Err(Fault));
    region.write(1, &[2]).unwrap();
    region.commit().unwrap();
    assert_eq!(region.bytes(), [1, 2], "the outer one went on");
}

#[test]
fn a_refused_write_leaves_the_transaction_able_to_abort() {
    let mut nvm = memory(&[2]);
    let mut region = nvm.region(0);
    region.begin().unwrap();
    region.write(0, &[1]).unwrap();
    assert_eq!(region.write(2, &[1]), Err(Fault));
    region.abort();
    assert_eq!(bytes(&nvm), [0, 0]);
}

#[test]
fn a_transaction_larger_than_the_journal_is_refused_and_taken_back() {
    let mut nvm = memory(&[2 * JOURNAL]);
    let mut region = nvm.region(0);
    region.begin().unwrap();
    let mut at = 0;
    while region.write(at, &[0xFF; 50]).is_ok() {
        at += 50;
    }
    // 1024 bytes, 16 of them marks, 66 an entry.
    assert_eq!(at, 15 * 50);
    region.abort();
    assert!(region.bytes().iter().all(|byte| *byte == 0));
    region.write(0, &[1; 900]).unwrap();
    assert_eq!(region.write(0, &[2; 1000]), Err(Fault));
    assert_eq!(region.bytes()[..900], [1; 900]);
}

#[test]
fn what_is_open_when_power_comes_back_is_taken_back() {
    let mut nvm = memory(&[3]);
    let mut region = nvm.region(0);
    region.begin().unwrap();
    region.write(0, &[1, 2, 3]).unwrap();
    nvm.power_up();
    assert_eq!(bytes(&nvm), [0, 0, 0]);
    nvm.region(0).begin().unwrap();
}

#[test]
fn without_power_nothing_is_written_and_nothing_said() {
    let mut nvm = memory(&[2]);
    nvm.arm(Some(Cut { write: 1, bytes: 0, unstable: false }));
    let mut region = nvm.region(0);
    assert_eq!(region.write(0, &[1, 2]), Err(Fault));
    assert_eq!(region.write(0, &[1, 2]), Err(Fault));
    assert_eq!(region.write(0, &[0, 0]), Err(Fault), "not even what stands there");
    assert_eq!(region.begin(), Ok(()));
    assert_eq!(region.write(0, &[1, 2]), Err(Fault));
    region.abort();
    assert!(!nvm.cells.is_on());
    assert_eq!(nvm.cells.writes(), 1);
    nvm.power_up();
    nvm.region(0).write(0, &[1, 2]).unwrap();
}

/// A change of memory; every one writes with the journal of the one before still lying there.
type Change = fn(&mut Nvm) -> Result<(), Fault>;

const CHANGES: [(&str, Change); 4] = [
    ("one write", |nvm| nvm.region(1).write(1, &[0xA1, 0xA2, 0xA3])),
    ("a transaction over two memories, and twice the same place", |nvm| {
        nvm.region(0).begin()?;
        nvm.region(0).write(0, &[0xB1, 0xB2])?;
        nvm.region(1).write(0, &[0xB3, 0xB4, 0xB5])?;
        nvm.region(0).write(1, &[0xB6])?;
        nvm.region(0).commit()
    }),
    ("an aborted transaction, then a write", |nvm| {
        nvm.region(1).begin()?;
        nvm.region(1).write(0, &[0xC1, 0xC2])?;
        nvm.region(1).write(1, &[0xC3])?;
        nvm.region(1).abort();
        nvm.region(0).write(0, &[0xC4])
    }),
    ("two writes", |nvm| {
        nvm.region(0).write(0, &[0xD1])?;
        nvm.region(1).write(3, &[0xD2])
    }),
];

/// A memory as it is after years of use: there are entries of all sorts in the journal, of the same lengths too.
fn used() -> Nvm {
    let mut nvm = memory(&[2, 4]);
    nvm.region(1).write(0, &[1, 2, 3, 4]).unwrap();
    CHANGES[1].1(&mut nvm).unwrap();
    nvm.region(0).write(0, &[5, 6]).unwrap();
    nvm.region(1).write(0, &[7, 8, 9, 10]).unwrap();
    nvm
}

fn again(nvm: &Nvm) -> Nvm {
    let mut copy = memory(&[2, 4]);
    for (index, memory) in nvm.cells.applets().enumerate() {
        copy.cells.replace(Area::Applet(index), memory).unwrap();
    }
    copy.set_journal(nvm.cells.bytes(Area::Journal)).unwrap();
    copy.cells.set_unstable(nvm.cells.unstable());
    copy.arm(nvm.cells.armed());
    copy.cells.switch(nvm.cells.is_on());
    copy.journal.stand(nvm.journal.done());
    copy
}

/// Every way in which the power can fail while `work` writes: before, inside and after each write, the byte in the middle
/// stable or not. `work` is done until the power no longer fails in it; the memories without power are returned.
fn every_cut(start: &Nvm, work: impl Fn(&mut Nvm)) -> Vec<Nvm> {
    let mut torn = Vec::new();
    for write in 1.. {
        let mut len = 0;
        for bytes in 0.. {
            for unstable in [false, true] {
                let mut nvm = again(start);
                nvm.arm(Some(Cut { write, bytes, unstable }));
                work(&mut nvm);
                if nvm.cells.is_on() {
                    assert_eq!((bytes, unstable), (0, false));
                    return torn;
                }
                len = nvm.cells.last_write();
                torn.push(nvm);
            }
            if usize::from(bytes) == len {
                break;
            }
        }
    }
    torn
}

/// Powers up with the unstable cells reading so; then again and again, reading in every way: nothing changes any more.
fn settle(torn: &Nvm, coins: u64) -> Vec<u8> {
    let mut nvm = again(torn);
    nvm.cells.toss(coins);
    nvm.power_up();
    assert!(nvm.cells.is_on());
    let settled = bytes(&nvm);
    for coins in 0..4 {
        nvm.cells.toss(coins);
        nvm.power_up();
        nvm.cells.read_unstable();
        assert_eq!(bytes(&nvm), settled, "what was seen once is seen for ever");
    }
    // And it works.
    nvm.region(1).write(0, &[0xEE]).unwrap();
    nvm.power_up();
    assert_eq!(bytes(&nvm)[2], 0xEE);
    settled
}

#[test]
fn wherever_the_power_fails_the_old_state_or_the_new() {
    let mut points = 0;
    for (name, change) in CHANGES {
        let start = used();
        // Each write that the change makes by itself is a state of its own.
        let mut states = vec![bytes(&start)];
        let mut done = again(&start);
        change(&mut done).unwrap();
        if name == "two writes" {
            let mut half = again(&start);
            half.region(0).write(0, &[0xD1]).unwrap();
            states.push(bytes(&half));
        }
        states.push(bytes(&done));
        let reached = |state: &[u8]| states.iter().position(|known| known == state).expect(name);

        let mut seen = vec![false; states.len()];
        for torn in every_cut(&start, |nvm| {
            let _ = change(nvm);
        }) {
            for coins in 0..2 {
                points += 1;
                seen[reached(&settle(&torn, coins))] = true;
                // The power fails a second time, at each write of the recovery and inside it, and then a third time.
                let recover = |nvm: &mut Nvm| {
                    nvm.cells.toss(coins);
                    nvm.power_up();
                };
                for (index, torn) in every_cut(&torn, recover).iter().enumerate() {
                    for coins in 0..4 {
                        points += 1;
                        reached(&settle(torn, coins));
                    }
                    if index % 31 == 0 {
                        for torn in every_cut(torn, Nvm::power_up).iter().step_by(13) {
                            points += 1;
                            reached(&settle(torn, 1));
                        }
                    }
                }
            }
        }
        assert!(seen.iter().all(|seen| *seen), "{name}: every state is reached");
    }
    println!("{points} cut points");
    assert!(points > 100_000, "{points}");
}

#[test]
fn a_torn_write_is_undone_only_by_the_journal() {
    // What the journal is for: without its recovery the memory is neither old nor new.
    let mut nvm = used();
    nvm.arm(Some(Cut { write: 2, bytes: 1, unstable: false }));
    CHANGES[0].1(&mut nvm).unwrap_err();
    assert_eq!(bytes(&nvm)[2..], [7, 0xA1, 9, 10]);
    nvm.power_up();
    assert_eq!(bytes(&nvm)[2..], [7, 8, 9, 10]);
}

#[test]
fn an_unstable_cell_reads_now_so_and_now_otherwise() {
    let mut nvm = memory(&[4]);
    nvm.arm(Some(Cut { write: 2, bytes: 1, unstable: true }));
    nvm.region(0).write(0, &[1, 2, 3]).unwrap_err();
    assert_eq!(nvm.cells.unstable(), [Unstable { area: Area::Applet(0), at: 1, values: [0, 2] }]);
    nvm.cells.toss(0b0110);
    let reads = [0; 4].map(|_| {
        nvm.cells.read_unstable();
        bytes(&nvm)[1]
    });
    assert_eq!(reads, [0, 2, 2, 0]);
    nvm.power_up();
    assert_eq!(nvm.cells.unstable(), [], "written again");
    assert_eq!(bytes(&nvm), [0; 4]);
    assert_eq!(nvm.cells.wear(Area::Applet(0)), [2, 2, 1, 0], "a cell that was begun is worn");
}

#[test]
fn half_done_things_are_gone_back_to() {
    let start = used();
    let whole = start.half_done();
    assert!(whole.is_none());
    for torn in every_cut(&start, |nvm| {
        let _ = CHANGES[1].1(nvm);
    }) {
        let half_done = torn.half_done();
        let mut nvm = again(&start);
        CHANGES[0].1(&mut nvm).unwrap();
        for (index, memory) in torn.cells.applets().enumerate() {
            nvm.cells.replace(Area::Applet(index), memory).unwrap();
        }
        nvm.set_half_done(half_done.as_ref());
        assert!(nvm.half_done() == half_done);
        assert_eq!(settle(&nvm, 1), settle(&torn, 1));
        // From what is half done back to what is whole.
        for (index, memory) in start.cells.applets().enumerate() {
            nvm.cells.replace(Area::Applet(index), memory).unwrap();
        }
        nvm.set_half_done(None);
        assert!(nvm.half_done().is_none());
        assert_eq!(settle(&nvm, 0), bytes(&start));
    }
}

#[test]
fn what_is_no_journal_is_refused() {
    let mut nvm = used();
    let journal = nvm.cells.bytes(Area::Journal).to_vec();
    assert!(nvm.set_journal(&journal).is_ok());
    assert!(nvm.set_journal(&journal[1..]).is_err());
    assert!(nvm.set_journal(&[0; JOURNAL]).is_err());
    for at in [0, 8] {
        let mut one_mark = journal.clone();
        one_mark[at] ^= 1;
        assert!(nvm.set_journal(&one_mark).is_ok(), "one right mark is enough");
        one_mark[8 - at] ^= 1;
        assert!(nvm.set_journal(&one_mark).is_err());
    }
}
