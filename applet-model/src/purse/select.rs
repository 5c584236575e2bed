//! SELECT — `00 A4 04 00 Lc AID [Le]`, the file control information of the purse.
//!
//! | tag | bytes | contents |
//! |---|---|---|
//! | 6F | | file control information (ISO/IEC 7816-4) |
//! | 84 | 5-16 | the AID under which the purse is installed |
//! | A5 | | proprietary information |
//! | 50 | 9 | application label `digitally` |
//! | DF26 | 2 | version of this interface |

use apdu::{Sw, Tag, tlv};

use crate::runtime::Context;

/// The application label.
pub const LABEL: &[u8] = b"digitally";
/// Version of the APDU interface, as in `docs/applet.md`.
pub const VERSION: [u8; 2] = [0x00, 0x01];

const FCI: Tag = Tag::new(0x6F);
const DF_NAME: Tag = Tag::new(0x84);
const PROPRIETARY: Tag = Tag::new(0xA5);
const APPLICATION_LABEL: Tag = Tag::new(0x50);
const INTERFACE_VERSION: Tag = Tag::new(0xDF26);

pub(super) fn answer(context: &mut Context<'_>) -> Result<(), Sw> {
    let mut room = [0; 64];
    let mut writer = tlv::Writer::new(&mut room);
    let aid = context.aid;
    writer
        .constructed(FCI, |fci| {
            fci.put(DF_NAME, aid.as_bytes())?;
            fci.constructed(PROPRIETARY, |proprietary| {
                proprietary.put(APPLICATION_LABEL, LABEL)?;
                proprietary.put(INTERFACE_VERSION, &VERSION)
            })
        })
        .map_err(|_| Sw::UNKNOWN)?;
    context.reply.put(writer.finish())
}
