//! The fields of one line, by column.

use zeroize::Zeroizing;

use super::{Broken, Column, Rule};

/// What stands in which column.
pub(super) struct Fields<'a> {
    columns: &'a [Column],
    fields: &'a [Zeroizing<Vec<u8>>],
}

impl<'a> Fields<'a> {
    pub(super) fn new(columns: &'a [Column], fields: &'a [Zeroizing<Vec<u8>>]) -> Result<Self, Broken> {
        if fields.len() == columns.len() {
            return Ok(Self { columns, fields });
        }
        Err((None, Rule::Fields { found: fields.len(), columns: columns.len() }))
    }

    /// What stands in a column, read by `parse`; nothing if there is no such column, or nothing in it.
    pub(super) fn read<A>(
        &self,
        column: Column,
        parse: impl FnOnce(&'a str) -> Result<A, Rule>,
    ) -> Result<Option<A>, Broken> {
        let field = self.columns.iter().zip(self.fields).find(|(name, _)| **name == column);
        let Some((_, field)) = field.filter(|(_, field)| !field.is_empty()) else { return Ok(None) };
        let text = core::str::from_utf8(field).map_err(|_| (Some(column), Rule::NotUtf8))?;
        parse(text).map(Some).map_err(|rule| (Some(column), rule))
    }
}
