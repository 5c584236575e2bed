//! What the menus of cards need to know: the issuer's settings.

use applet_model::purse::MenuData;
use applet_model::runtime::Fixed;
use rusqlite::OptionalExtension;

use super::contact::bytes;
use super::{Register, RegisterError};

impl Register {
    /// What menus need to know, if the issuer has said so.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn menu(&self) -> Result<Option<MenuData>, RegisterError> {
        let data = self.connection.query_row("SELECT data FROM menu", [], |row| row.get::<_, [u8; MenuData::LEN]>(0));
        Ok(data.optional().map_err(|error| self.failed(error))?.map(|data| MenuData::load(&data)))
    }

    /// Changes what menus need to know: new cards get it when they are made, others at their next contact.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn set_menu(&mut self, menu: &MenuData) -> Result<(), RegisterError> {
        let data = bytes::<_, { MenuData::LEN }>(menu);
        self.change("INSERT OR REPLACE INTO menu (one, data) VALUES (1, ?1)", [data]).map(drop)
    }
}
