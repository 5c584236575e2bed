//! Conversation files.

/// What reads as a conversation reads the same after it was written, and is played to a card that says back what it hears.
pub fn conversation(bytes: &[u8]) {
    if let Err(broken) = conversation::fuzz(bytes) {
        panic!("{broken:?}");
    }
}
