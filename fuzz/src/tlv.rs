//! Data objects in BER-TLV.

use apdu::tlv::{find, iter};
use apdu::{BufferTooSmall, Tlv, tlv::Writer};

/// What reads as data objects reads the same after it was written again.
pub fn tlv(bytes: &[u8]) {
    let Ok(objects) = iter(bytes).collect::<Result<Vec<_>, _>>() else { return };
    let mut out = vec![0; bytes.len()];
    let mut writer = Writer::new(&mut out);
    write(&mut writer, &objects).expect("the shortest form is no longer than what was read");
    let again: Result<Vec<_>, _> = iter(writer.finish()).collect();
    let again = again.expect("what was written can be read");
    assert_eq!(again.len(), objects.len());
    if let Some(first) = objects.first() {
        assert_eq!(find(bytes, &[first.tag]), Ok(Some(first.value)));
    }
    for (object, again) in objects.iter().zip(again) {
        assert_eq!(object.tag, again.tag);
        // Inside a constructed object, lengths may have become shorter and padding is gone.
        if !object.tag.is_constructed() {
            assert!(object.value == again.value, "{object:?}");
        }
    }
}

fn write(writer: &mut Writer<'_>, objects: &[Tlv<'_>]) -> Result<(), BufferTooSmall> {
    for object in objects {
        let inner: Result<Vec<_>, _> = iter(object.value).collect();
        match inner {
            Ok(inner) if object.tag.is_constructed() => {
                writer.constructed(object.tag, |writer| write(writer, &inner))?;
            }
            _ => writer.put(object.tag, object.value)?,
        }
    }
    Ok(())
}
