//! Writes, transactions, and what they refuse.

use super::*;

fn memory(len: usize) -> Nvm {
    let mut nvm = Nvm::default();
    assert_eq!(nvm.grow(len), 0);
    nvm
}

#[test]
fn a_write_outside_a_transaction_lasts_and_is_counted() {
    let mut nvm = memory(8);
    nvm.region(2, 4).write(1, &[7, 8]).unwrap();
    assert_eq!(nvm.bytes(), [0, 0, 0, 7, 8, 0, 0, 0]);
    // The log, the data, the log again.
    assert_eq!(nvm.writes(), 3);
    assert!(nvm.take_dirty() && !nvm.take_dirty());
    nvm.region(2, 4).write(1, &[7, 8]).unwrap();
    assert_eq!(nvm.writes(), 6);
    assert!(!nvm.take_dirty(), "the same bytes are no change");
    nvm.roll_back();
    assert_eq!(nvm.bytes(), [0, 0, 0, 7, 8, 0, 0, 0]);
}

#[test]
fn a_region_ends_where_it_ends() {
    let mut nvm = memory(8);
    let mut region = nvm.region(2, 4);
    assert_eq!(region.bytes().len(), 4);
    let table: [(usize, &[u8], bool); 8] = [
        (0, &[1, 1, 1, 1], true),
        (3, &[1], true),
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
    assert_eq!(nvm.bytes(), [0, 0, 1, 1, 1, 1, 0, 0]);
}

#[test]
fn a_transaction_happens_whole_or_not_at_all() {
    for commit in [true, false] {
        let mut nvm = memory(6);
        nvm.region(0, 6).write(0, &[1, 2, 3, 4, 5, 6]).unwrap();
        let mut region = nvm.region(0, 6);
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
        region.begin().unwrap();
        region.commit().unwrap();
    }
}

#[test]
fn begin_inside_begin_and_commit_outside_are_refused() {
    let mut nvm = memory(2);
    let mut region = nvm.region(0, 2);
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
    let mut nvm = memory(2);
    let mut region = nvm.region(0, 2);
    region.begin().unwrap();
    region.write(0, &[1]).unwrap();
    assert_eq!(region.write(2, &[1]), Err(Fault));
    region.abort();
    assert_eq!(nvm.bytes(), [0, 0]);
}

#[test]
fn what_the_log_still_holds_is_put_back() {
    let mut nvm = memory(3);
    let mut region = nvm.region(0, 3);
    region.begin().unwrap();
    region.write(0, &[1, 2, 3]).unwrap();
    nvm.roll_back();
    assert_eq!(nvm.bytes(), [0, 0, 0]);
    nvm.region(0, 3).begin().unwrap();
}

#[test]
fn memory_grows_with_zeros() {
    let mut nvm = memory(2);
    nvm.region(0, 2).write(0, &[1, 2]).unwrap();
    assert_eq!(nvm.grow(2), 2);
    assert_eq!(nvm.bytes(), [1, 2, 0, 0]);
    nvm.shrink(2);
    assert_eq!(nvm.bytes(), [1, 2]);
}
