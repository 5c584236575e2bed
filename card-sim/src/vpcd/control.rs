//! Who may pull a card out of its reader, put it back, and have it stop: another thread.

use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The hand at a card in a virtual reader. Its clones are the same hand.
#[derive(Clone, Debug, Default)]
pub struct Control(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    pulled: bool,
    stopped: bool,
    /// The connection, as long as there is one.
    link: Option<TcpStream>,
}

impl Control {
    /// Pulls the card out. A command that it is carrying out is finished, and the answer lost.
    pub fn remove(&self) {
        self.change(|state| state.pulled = true);
    }

    /// Puts the card in.
    pub fn insert(&self) {
        self.change(|state| state.pulled = false);
    }

    /// Pulls the card out if it is in, and puts it in if it is out.
    pub fn toggle(&self) {
        self.change(|state| state.pulled = !state.pulled);
    }

    /// Pulls the card out for good.
    pub fn stop(&self) {
        self.change(|state| state.stopped = true);
    }

    /// Whether the card is to be in the reader, be there one or not.
    #[must_use]
    pub fn is_inserted(&self) -> bool {
        self.state().is_inserted()
    }

    /// Whether it is connected to a reader.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.state().link.is_some()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        if !state.is_inserted()
            && let Some(link) = state.link.take()
        {
            // It fails if the other side was faster.
            let _ = link.shutdown(Shutdown::Both);
        }
        self.0.changed.notify_all();
    }

    /// Waits until the card is to be in the reader; false once it is to be there no more.
    pub(super) fn wait_for_insertion(&self) -> bool {
        let waits = |state: &mut State| state.pulled && !state.stopped;
        let state = self.0.changed.wait_while(self.state(), waits).unwrap_or_else(PoisonError::into_inner);
        !state.stopped
    }

    /// Waits so long, whatever else is asked for but to stop.
    pub(super) fn pause(&self, long: Duration) {
        let waits = |state: &mut State| !state.stopped;
        drop(self.0.changed.wait_timeout_while(self.state(), long, waits));
    }

    /// Takes hold of a new connection; false if the card is not to be in the reader any more.
    pub(super) fn hold(&self, link: &TcpStream) -> bool {
        let mut state = self.state();
        state.link = link.try_clone().ok().filter(|_| state.is_inserted());
        state.link.is_some()
    }

    /// Lets the connection go; whether it was still held, for the card was not pulled out of it.
    pub(super) fn let_go(&self) -> bool {
        self.state().link.take().is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that is done under the lock leaves the state half changed.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    const fn is_inserted(&self) -> bool {
        !self.pulled && !self.stopped
    }
}
