//! Short messages that are said to be a purse's upload.

use applet_model::purse::upload::UploadMessage;

/// What reads as a message is written so that it reads the same, and as long.
pub fn upload(bytes: &[u8]) {
    let Ok(message) = UploadMessage::decode(bytes) else { return };
    let mut room = [0; UploadMessage::MAX_LENGTH];
    let written = message.encode(&mut room).expect("the longest message fits");
    assert_eq!(written.len(), bytes.len());
    assert_eq!(UploadMessage::decode(written), Ok(message));
    drop(format!("{message:?}"));
}
