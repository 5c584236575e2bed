//! GET STATUS and SET STATUS.
//!
//! | scope | entries |
//! |---|---|
//! | `80` | the issuer domain: its state is the card's |
//! | `40` | applets, in the order of the registry |
//! | `20` | load files: each module of the card is one, of its own name, and loaded for ever |
//! | `10` | the same with their modules |
//!
//! An entry has all its objects, or those that the command lists. What does not fit is for the next GET STATUS, with P2
//! `03`: `6310` says that there is more. No entry at all is `6A88`, and nothing to go on with `6985`.
//!
//! | SET STATUS | |
//! |---|---|
//! | `80 F0 80 {state}` | the card: from `01` to `07` to `0F` to `7F` to `FF`, also by leaps, and from `7F` back to `0F`; else `6985`; `6A80` if it is none |
//! | `80 F0 40 80 {AID}` | locks an applet, and leaves it wherever it is selected; bits `7F` are not looked at |
//! | `80 F0 40 00 {AID}` | unlocks it |
//!
//! To become what it is is no error. There is no such applet: `6A88`. P1 `60` is `6A86`: the only domain has all applets.
//!
//! Source: GPCS §11.4, §11.10, §5.

use apdu::{Aid, BufferTooSmall, Sw, Tag, tlv};
use globalplatform::command::{GetStatus, Scope, SetStatus, Target};
use globalplatform::{ApplicationState, CardState, Privileges};

use super::memory::Entry;
use super::session::Work;
use super::{super::channel, Card, ISSUER_DOMAIN};

/// Bytes of entries in one answer: with padding and R-MAC they fit a response of 256.
const ROOM: usize = 223;
/// The state of a load file, loaded.
const LOADED: u8 = 0x01;

const ENTRY: Tag = Tag::new(0xE3);
const AID: Tag = Tag::new(0x4F);
const STATE: Tag = Tag::new(0x9F70);
const PRIVILEGES: Tag = Tag::new(0xC5);
const LOAD_FILE: Tag = Tag::new(0xC4);
const MODULE: Tag = Tag::new(0x84);
const DOMAIN: Tag = Tag::new(0xCC);

/// Where GET STATUS goes on: behind this entry of this scope.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Listing {
    scope: Scope,
    behind: Aid,
}

/// What an entry says.
struct Item {
    aid: Aid,
    state: u8,
    privileges: Option<Privileges>,
    load_file: Option<Aid>,
    module: Option<Aid>,
    domain: Option<Aid>,
}

/// What the issuer domain may do.
fn domain_privileges() -> Privileges {
    Privileges::SECURITY_DOMAIN
        | Privileges::CARD_LOCK
        | Privileges::CARD_TERMINATE
        | Privileges::AUTHORIZED_MANAGEMENT
        | Privileges::GLOBAL_DELETE
        | Privileges::GLOBAL_LOCK
        | Privileges::GLOBAL_REGISTRY
}

impl Item {
    /// Writes the entry behind those that `writer` has; only these objects, if there are any.
    fn encode(&self, writer: &mut tlv::Writer<'_>, tags: &[u8]) -> Result<(), BufferTooSmall> {
        let privileges = self.privileges.map(|privileges| privileges.0);
        let objects = [
            (AID, Some(self.aid.as_bytes())),
            (STATE, Some(std::slice::from_ref(&self.state))),
            (PRIVILEGES, privileges.as_ref().map(|bytes| &bytes[..])),
            (LOAD_FILE, self.load_file.as_ref().map(Aid::as_bytes)),
            (MODULE, self.module.as_ref().map(Aid::as_bytes)),
            (DOMAIN, self.domain.as_ref().map(Aid::as_bytes)),
        ];
        writer.constructed(ENTRY, |writer| {
            for (tag, value) in objects {
                if let Some(value) = value
                    && wants(tags, tag)
                {
                    writer.put(tag, value)?;
                }
            }
            Ok(())
        })
    }
}

/// Whether this is among the tags, one behind the other; none is all.
fn wants(mut tags: &[u8], tag: Tag) -> bool {
    let all = tags.is_empty();
    while let Ok((found, rest)) = Tag::parse(tags) {
        if found == tag {
            return true;
        }
        tags = rest;
    }
    all
}

impl Card {
    /// The entry with this number, counted from 0.
    fn item(&self, scope: Scope, number: usize) -> Option<Item> {
        let domain = Some(ISSUER_DOMAIN);
        match scope {
            Scope::IssuerDomain if number == 0 => {
                let (aid, state) = (self.instances.get(self.domain?)?.aid, self.state().byte());
                let privileges = Some(domain_privileges());
                Some(Item { aid, state, privileges, load_file: None, module: None, domain })
            }
            Scope::IssuerDomain => None,
            Scope::Applications => {
                let (_, aid, Entry { state, privileges, .. }) = self.registry().nth(number)?;
                let load_file = self.instances.iter().find(|instance| instance.aid == aid).map(|one| one.module);
                Some(Item { aid, state, privileges: Some(privileges), load_file, module: None, domain })
            }
            Scope::LoadFiles | Scope::LoadFilesAndModules => {
                let aid = self.modules.get(number)?.aid;
                let module = Some(aid).filter(|_| scope == Scope::LoadFilesAndModules);
                Some(Item { aid, state: LOADED, privileges: None, load_file: None, module, domain })
            }
        }
    }

    pub(super) fn list(&mut self, work: &mut Work, command: &GetStatus<'_>) -> Result<(), Sw> {
        let going_on = work.listing.take();
        let behind = match going_on {
            Some(listing) if command.next && listing.scope == command.scope => Some(listing.behind),
            _ if command.next => return Err(Sw::CONDITIONS_NOT_SATISFIED),
            _ => None,
        };
        let mut room = [0; ROOM];
        let mut writer = tlv::Writer::new(&mut room);
        let mut last = None;
        let mut items = (0..).map_while(|number| self.item(command.scope, number));
        if let Some(behind) = behind {
            items.by_ref().find(|item| item.aid == behind);
        }
        for item in items.filter(|item| item.aid.starts_with(command.aid)) {
            if item.encode(&mut writer, command.tags).is_err() {
                work.listing = last.map(|behind| Listing { scope: command.scope, behind });
                break;
            }
            last = Some(item.aid);
        }
        if last.is_none() {
            return Err(Sw::REFERENCED_DATA_NOT_FOUND);
        }
        self.answer.put(writer.finish());
        if work.listing.is_some() {
            self.answer.set_sw(GetStatus::MORE);
        }
        Ok(())
    }

    pub(super) fn set_status(&mut self, command: &SetStatus) -> Result<(), Sw> {
        match command.target {
            Target::Card => self.set_card_state(CardState::from_byte(command.state).ok_or(Sw::WRONG_DATA)?),
            Target::Application(aid) => self.set_applet_state(aid, command.state & 0x80 != 0),
            Target::DomainAndApplications(_) => Err(Sw::INCORRECT_P1_P2),
        }
    }

    fn set_card_state(&mut self, next: CardState) -> Result<(), Sw> {
        let state = self.state();
        if !state.may_become(next) && state != next {
            return Err(Sw::CONDITIONS_NOT_SATISFIED);
        }
        let place = super::Places::new().state;
        self.in_domain(|memory| Ok(memory.write(place, &next.byte())?))?;
        if matches!(next, CardState::CardLocked | CardState::Terminated) {
            for channel in channel::all() {
                if self.channels.applet(channel).is_some() {
                    self.deselect(channel);
                }
            }
        }
        Ok(())
    }

    fn set_applet_state(&mut self, aid: Aid, lock: bool) -> Result<(), Sw> {
        let (place, entry) = self.entry(aid).ok_or(Sw::REFERENCED_DATA_NOT_FOUND)?;
        let state = match (entry.state(), lock) {
            (state @ ApplicationState::Locked { .. }, true) => state,
            (state, true) => ApplicationState::Locked { before: state.byte() },
            (ApplicationState::Locked { before }, false) => {
                ApplicationState::from_byte(before).ok_or(Sw::CONDITIONS_NOT_SATISFIED)?
            }
            (state, false) => state,
        };
        self.set_entry(place, &Entry { state: state.byte(), ..entry })?;
        let index = self.instances.iter().position(|instance| instance.aid == aid);
        if lock && let Some(index) = index {
            for channel in channel::all() {
                if self.channels.applet(channel) == Some(index) {
                    self.deselect(channel);
                }
            }
        }
        Ok(())
    }
}
