//! Letters to holders: PIN and PUK of each card, in a file that only its owner can read.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ::issuer::register::Card as Entry;
use applet_model::runtime::PinBlock;
use digitally::Msisdn;
use zeroize::Zeroizing;

use super::source::name;
use crate::failure::Failure;
use crate::issue::Order;
use crate::issuer::Issuer;
use crate::secret::digits;

/// A folder of letters. A letter that is there is left as it is: whoever wants it again takes it away first.
pub(super) struct Letters<'a> {
    folder: PathBuf,
    issuer: &'a Issuer,
    orders: BTreeMap<Msisdn, &'a Order>,
    /// How many were written.
    pub(super) written: Cell<usize>,
}

impl<'a> Letters<'a> {
    /// In this folder, which is made if it is not there.
    pub(super) fn open(
        folder: &str,
        issuer: &'a Issuer,
        orders: impl Iterator<Item = &'a Order>,
    ) -> Result<Self, Failure> {
        let folder = PathBuf::from(folder);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| Failure::unwritable(&folder, &error))?;
        Ok(Self { folder, issuer, orders: orders.map(|order| (order.number, order)).collect(), written: Cell::new(0) })
    }

    /// Writes the letter of a card, unless it is there.
    pub(super) fn write(&self, card: &Entry) -> Result<(), Failure> {
        let Some(order) = self.orders.get(&card.number) else { return Ok(()) };
        let path = self.folder.join(name(card, "txt"));
        let text = self.text(card, order)?;
        match keep(&path, text.as_bytes()) {
            Ok(()) => {
                self.written.set(self.written.get().saturating_add(1));
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(Failure::unwritable(&path, &error)),
        }
    }

    fn text(&self, card: &Entry, order: &Order) -> Result<Zeroizing<String>, Failure> {
        let (number, sequence) = (card.number, card.place.sequence);
        let pin = order.pin.clone().map_or_else(|| self.issuer.pin(number, sequence), Ok)?;
        let puk = order.puk.clone().map_or_else(|| self.issuer.puk(number, sequence), Ok)?;
        let shown = |block: &PinBlock| Zeroizing::new(String::from_utf8_lossy(digits(block)).into_owned());
        Ok(Zeroizing::new(format!(
            "{number}, card {sequence}\n\nPIN  {}\nPUK  {}\n\nThe PUK sets a new PIN when the PIN is blocked. Keep this \
             letter apart from the card.\n",
            *shown(&pin),
            *shown(&puk),
        )))
    }
}

/// A whole new file or none: a letter that was cut off would be left as it is.
fn keep(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let partial = path.with_extension("txt.partial");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.write_all(text)?;
    file.sync_all()?;
    // Fails if there is one, which renaming would not.
    let linked = std::fs::hard_link(&partial, path);
    std::fs::remove_file(&partial)?;
    linked
}
