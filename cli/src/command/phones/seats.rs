//! Who sits at the table: which card is in which phone.

use applet_model::purse::Language;
use card_sim::Overlay;
use handset::Settings;
use phones::fresh::{self, Person};
use phones::{Phone, Placed, Table};

use crate::cast::one_reader_each;
use crate::command::card::Connection;
use crate::failure::{ErrorCode, Failure};
use crate::medium::{Medium, Place};
use crate::phones::{Below, Inserted, Own, TracedSim};
use crate::session::Session;
use crate::trace::Traced;

/// The cards, as they were typed.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("reader").multiple(true))]
pub struct Seats {
    /// The card in the left phone: its image file
    #[arg(long, value_name = "FILE")]
    left: Option<String>,
    /// The card in the right phone: its image file
    #[arg(long, value_name = "FILE")]
    right: Option<String>,
    /// The SIM of the left phone: the whole card in the reader that has this in its name
    #[arg(long, value_name = "NAME", conflicts_with = "left", group = "reader")]
    left_reader: Option<String>,
    /// The SIM of the right phone: the whole card in the reader that has this in its name
    #[arg(long, value_name = "NAME", conflicts_with = "right", group = "reader")]
    right_reader: Option<String>,
    #[command(flatten)]
    connection: Connection,
    /// One phone, whose partner is at another machine; without a card named, whose fresh card it has
    #[arg(
        long,
        value_enum,
        value_name = "WHO",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "alice",
        conflicts_with_all = ["right", "right_reader"]
    )]
    one: Option<Who>,
}

/// Whose fresh card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Who {
    Alice,
    Bob,
}

impl Seats {
    /// The table, its phones off. The names are those of a script, left and right.
    ///
    /// # Errors
    /// If a card cannot be used, or one is missing.
    pub fn table(&self, names: Option<&[&str]>, session: &Session) -> Result<Table<TracedSim>, Failure> {
        let left = self.place(self.left.as_deref(), self.left_reader.as_deref());
        let right = self.place(self.right.as_deref(), self.right_reader.as_deref());
        let alone = self.one.is_some() || (names.is_some_and(|names| names.len() < 2) && right.is_none());
        let readers = [("left", left), ("right", right)].into_iter().filter_map(|(side, place)| Some((side, place?)));
        one_reader_each(&readers.map(|(side, place)| (side.to_owned(), place)).collect())?;
        let tag = |at: usize, usual: &'static str| names.and_then(|names| names.get(at)).copied().unwrap_or(usual);
        match (left, right) {
            (None, None) => {
                let [alice, bob] = fresh_pair(session)?;
                session.note("fresh software cards with published test keys, PIN 1234; they are gone at the end");
                let sit = |person: Person, at| {
                    let name = tag(if alone { 0 } else { at }, person.name);
                    placed(name, overlay(Own::Memory(Box::new(person.card)), at), session)
                };
                Ok(match self.one {
                    Some(Who::Bob) => Table::new(sit(bob, 1), None),
                    _ if alone => Table::new(sit(alice, 0), None),
                    _ => Table::new(sit(alice, 0), Some(sit(bob, 1))),
                })
            }
            (Some(left), Some(right)) => {
                let left = placed(tag(0, "Left"), inserted(left, 0, session)?, session);
                Ok(Table::new(left, Some(placed(tag(1, "Right"), inserted(right, 1, session)?, session))))
            }
            (Some(left), None) if alone => {
                Ok(Table::new(placed(tag(0, "Left"), inserted(left, 0, session)?, session), None))
            }
            (there, _) => {
                let missing = if there.is_some() { "right" } else { "left" };
                let message =
                    format!("no card is named for the {missing} phone, and a fresh one cannot pay with yours");
                Err(Failure::new(ErrorCode::ScriptCard, message)
                    .help(format!("add --{missing} FILE, or have a single phone: --left FILE --one")))
            }
        }
    }

    fn place<'s>(&self, file: Option<&'s str>, reader: Option<&'s str>) -> Option<Place<'s>> {
        let reader = reader.map(|name| Place::Reader(name, self.connection.options()));
        file.map(Place::File).or(reader)
    }
}

/// Alice and Bob.
fn fresh_pair(session: &Session) -> Result<[Person; 2], Failure> {
    let mut people = 0_u64;
    Ok(fresh::pair(Language::English, || {
        people = people.saturating_add(1);
        session.for_person(people).random()
    })?)
}

/// The card that is there, for the phone with this number.
fn inserted(place: Place<'_>, at: usize, session: &Session) -> Result<Inserted, Failure> {
    let session = session.for_person(u64::try_from(at).unwrap_or(0).saturating_add(1));
    Ok(match place {
        Place::File(path) => overlay(Own::open(path, &session)?, at),
        Place::Reader(..) => Inserted::Reader(Box::new(Medium::open(place, &session)?)),
    })
}

fn overlay(own: Own, at: usize) -> Inserted {
    Inserted::Overlay(Box::new(Overlay::new(own, Below::simulated(at.saturating_add(1)))))
}

fn placed(name: &str, inserted: Inserted, session: &Session) -> Placed<TracedSim> {
    let card = Traced::new(inserted, session.tracing.clone(), name.to_owned());
    Placed { name: name.to_owned(), phone: Phone::new(card, Settings::default()) }
}
