//! The non-volatile memory of a software card: what its fields are called, how worn it is, and what is half done in it.

use apdu::{Cut, PowerCut};
use applet_model::purse::{Capacity, Field, PURSE_AID, map};
use card_sim::{Card, Held, ISSUER_DOMAIN, OsRandom, Place, Wear, image};
use phones::fresh::MODULES;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

/// The state of a card's memory, without any of its contents.
#[derive(Debug)]
pub struct Condition {
    /// Where the power is to fail.
    pub armed: Option<Cut>,
    /// The number of the last transaction that was done, or of the one that is half done.
    pub transaction: u32,
    /// What is half done: the fields that the next power-up changes back. None of them, if only marks are missing.
    pub half_done: Option<Vec<String>>,
    /// The cells that read as their old or as their new value.
    pub unstable: Vec<Spot>,
    /// Non-volatile writes since the card was made.
    pub writes: u64,
    /// How often the cell was written that was written most.
    pub hottest: u32,
    /// That cell.
    pub hottest_at: Spot,
}

/// A cell, and what it is part of.
#[derive(Debug)]
pub struct Spot {
    place: Place,
    /// The field, with the number of the record and the byte in it.
    pub name: String,
}

impl Condition {
    /// Looks at a card, with power or without.
    pub fn of(card: &Card) -> Self {
        let Wear { hottest, applet, at } = card.wear();
        let (transaction, half_done) = half_done(card);
        Self {
            armed: card.armed(),
            transaction,
            half_done,
            unstable: card.unstable().map(|place| Spot::of(card, place)).collect(),
            writes: card.writes(),
            hottest,
            hottest_at: Spot::of(card, Place { applet, at }),
        }
    }

    /// As the fields of a JSON object.
    pub fn json(&self) -> Map<String, Value> {
        let armed = self
            .armed
            .map(|Cut { write, bytes, unstable }| json!({"write": write, "bytes": bytes, "unstable": unstable}));
        let journal = json!({
            "state": if self.half_done.is_some() { "half done" } else { "idle" },
            "transaction": self.transaction,
            "taken_back": self.half_done.as_deref().unwrap_or_default(),
        });
        let unstable = self.unstable.iter().map(|spot| Value::from(spot.json())).collect();
        let fields =
            [("armed", json!(armed)), ("journal", journal), ("unstable", unstable), ("wear", self.wear_json())];
        fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
    }

    /// How worn the memory is, as a JSON object.
    pub fn wear_json(&self) -> Value {
        let mut hottest = self.hottest_at.json();
        hottest.insert("writes".to_owned(), self.hottest.into());
        json!({"writes": self.writes, "hottest": hottest})
    }

    /// For people, a line each.
    pub fn text(&self) -> String {
        let transaction = self.transaction;
        let journal = match self.half_done.as_deref() {
            None => format!("idle, {transaction} transactions done"),
            Some([]) => format!("transaction {transaction} is half done; the next power-up ends it"),
            Some(fields) => {
                format!("transaction {transaction} is half done; the next power-up takes back: {}", fields.join(", "))
            }
        };
        let mut text = format!(
            "armed        {}\njournal      {journal}\n",
            self.armed.map_or_else(|| "nothing".to_owned(), |cut| told(&cut))
        );
        for spot in &self.unstable {
            text += &format!("unstable     {}: reads as its old or its new value\n", spot.name);
        }
        text + &self.wear_text()
    }

    /// How worn the memory is, for people.
    pub fn wear_text(&self) -> String {
        let Self { writes, hottest, hottest_at, .. } = self;
        let hottest = match hottest {
            0 => "none".to_owned(),
            1 => format!("1 write: {}", hottest_at.name),
            _ => format!("{hottest} writes: {}", hottest_at.name),
        };
        format!("writes       {writes} since the card was made\nhottest cell {hottest}\n")
    }
}

/// A cut in words.
pub fn told(Cut { write, bytes, unstable }: &Cut) -> String {
    let after = match bytes {
        0 => "before any byte of it".to_owned(),
        1 => "after 1 byte of it".to_owned(),
        _ => format!("after {bytes} bytes of it"),
    };
    format!("write {write} from now on, {after}{}", if *unstable { "; the next byte is left unstable" } else { "" })
}

impl Spot {
    fn of(card: &Card, place: Place) -> Self {
        let Place { applet, at } = place;
        let name = match applet {
            None => format!("journal, byte {at}"),
            Some(aid) => {
                let held = card.contents().find(|held| held.aid == aid);
                let named = held.and_then(|held| fields(&held).iter().find_map(|field| part(field, at)));
                named.unwrap_or_else(|| format!("byte {at} of {aid}"))
            }
        };
        Self { place, name }
    }

    fn json(&self) -> Map<String, Value> {
        let applet = self.place.applet.map(|aid| aid.to_string());
        let fields = [("applet", json!(applet)), ("at", self.place.at.into()), ("field", self.name.as_str().into())];
        fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
    }
}

/// The fields of an applet's memory; a single secret one if it is no purse.
pub fn fields(held: &Held<'_>) -> Vec<Field> {
    let capacity = Capacity::from_bytes(held.parameters).filter(|_| held.module == PURSE_AID);
    let name = if held.module == ISSUER_DOMAIN { "issuer domain: keys and registry" } else { "not known" };
    capacity.map_or_else(|| vec![Field::opaque(name, held.memory.len())], |capacity| map(capacity).to_vec())
}

/// The name of the byte at this offset of the memory, if it belongs to this field.
fn part(field: &Field, at: usize) -> Option<String> {
    let inside = at.checked_sub(field.at).filter(|inside| *inside < field.len)?;
    let byte = inside.checked_rem(field.each)?;
    Some(if field.each == field.len {
        format!("{}, byte {byte}", field.name)
    } else {
        format!("{} {}, byte {byte}", field.name, inside.checked_div(field.each)?.saturating_add(1))
    })
}

/// The last transaction; and, where there is something half done, which fields the next power-up changes. A copy of the card
/// is powered up to find out; its unstable cells read as old.
fn half_done(card: &Card) -> (u32, Option<Vec<String>>) {
    let image = Zeroizing::new(image::encode(card));
    // What is encoded here is read here.
    let Ok(mut copy) = image::decode_unpowered(&image, &MODULES, Box::new(OsRandom)) else {
        return (card.transaction(), None);
    };
    copy.arm(None);
    copy.wake();
    if copy.writes() == card.writes() {
        return (copy.transaction(), None);
    }
    let changed = card.contents().zip(copy.contents()).flat_map(|(before, after)| {
        let differs = move |field: &Field| {
            let range = field.at..field.at.saturating_add(field.len);
            before.memory.get(range.clone()) != after.memory.get(range)
        };
        fields(&before).into_iter().filter(differs).map(|field| field.name.to_owned())
    });
    (copy.transaction(), Some(changed.collect()))
}
