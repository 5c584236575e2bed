//! STORE DATA — `80 E2 P1 n Lc groups`: personalises a blank purse. It comes from the issuer's domain alone, by
//! [`Applet::personalise`](crate::runtime::Applet::personalise). GlobalPlatform Card Specification.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | P1 | 1 | 08: data groups, more blocks follow; 88: the last block |
//! | P2 | 1 | block number, from 00 on |
//! | data | n | data groups, whole ones |
//!
//! `6A80` contents that break a rule; `6A85` a group that is cut off; `6A88` an unknown group, or a last block while
//! a group is missing; `941A` a broken profile without the danger group; `6985` not blank any more. Each block is one
//! transaction: of a refused one nothing is stored. The last block makes the purse somebody's, and there is no way back.

use apdu::{Command, Sw};
use digitally::profile::Standing;

use super::data_groups::{COMPLETE, DataGroups, Personalisation};
use super::frame::Frame;
use super::{Life, Purse, status};
use crate::runtime::{Context, Fields};

/// The command.
#[derive(Clone, Copy)]
pub struct StoreData<'a> {
    /// Whether this is the last block.
    pub last: bool,
    /// Data groups.
    groups: DataGroups<'a>,
}

impl core::fmt::Debug for StoreData<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "StoreData {{ last: {} }}", self.last)
    }
}

impl<'a> StoreData<'a> {
    pub(super) const INS: u8 = 0xE2;
    const MORE: u8 = 0x08;
    pub(super) const LAST: u8 = 0x88;

    /// The commands that personalise a purse, in order.
    #[must_use]
    pub fn frames(personalisation: &Personalisation<'_>) -> [Frame; 2] {
        let frame = |p1, p2| Frame::new(0x80, Self::INS, p1, p2);
        personalisation.fill(frame(Self::MORE, 0), frame(Self::LAST, 1))
    }

    pub(super) fn decode(command: &Command<'a>) -> Result<Self, Sw> {
        let last = match command.p1() {
            Self::MORE => false,
            Self::LAST => true,
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        Ok(Self { last, groups: DataGroups(Fields::new(command.data())) })
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let places = &purse.places;
        context.memory.atomically(|transaction| {
            let mut groups = transaction.read(places.groups);
            for group in self.groups {
                groups |= group?.store(purse, transaction)?;
            }
            transaction.write(places.groups, &groups)?;
            if !self.last {
                return Ok(());
            }
            if groups != COMPLETE {
                return Err(Sw::REFERENCED_DATA_NOT_FOUND);
            }
            let slot = transaction.read(places.key);
            let profile = purse.profile(slot.profile).ok_or(Sw::WRONG_DATA)?;
            if matches!(profile.standing, Standing::Broken(_)) && slot.danger == 0 {
                return Err(status::BROKEN_PROFILE);
            }
            Ok(transaction.write(places.life, &Life::Personalised.number())?)
        })
    }
}
