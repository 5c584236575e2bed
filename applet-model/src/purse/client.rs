//! The other end: a purse behind any transport, spoken to by its user.

use apdu::{Aid, Cla, Command, CommandError, ExchangeError, Response, Sw, Transport, exchange};
use core::marker::PhantomData;
use digitally::{Amount, Code, Msisdn};
use globalplatform::command::Install;
use globalplatform::{Access, Channel, ChannelError};
use thiserror::Error;
use zeroize::Zeroize;

use super::frame::{Answer, Instruction};
use super::get_data::{Get, Object};
use super::read_record::{Record, ShownRequest};
use super::{
    AppendContact, Attested, AttestedEntry, Authorise, Cancel, ChangeReferenceData, Check, Checked, Confirm, Contact,
    ContactOrder, DataObject, Entry, EraseContact, File, GetBalance, InternalAuthenticate, Last, LastPaid,
    OpenedRequest, Paid, Personalisation, ReadRecord, Received, RequestPayment, ResetRetryCounter, StoreData, Verify,
};
use crate::runtime::PinBlock;

/// Why a purse did not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError<E: core::error::Error + 'static> {
    /// The card refused, by this status word.
    #[error("the card answered {0}")]
    Refused(Sw),
    /// The card's answer is not what the command answers.
    #[error("the card's answer to {header:02X?} (CLA, INS, P1, P2) does not have the form of one")]
    Answer {
        /// CLA, INS, P1 and P2 of the command that was sent.
        header: [u8; 4],
    },
    /// The command cannot be encoded. The commands of the purse can; this is for those of others.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The card could not be reached.
    #[error(transparent)]
    Exchange(ExchangeError<E>),
    /// The card's issuer domain, or the way to it, does not let us in.
    #[error(transparent)]
    Domain(ChannelError<E>),
}

impl<E: core::error::Error + 'static> From<ChannelError<E>> for ClientError<E> {
    fn from(error: ChannelError<E>) -> Self {
        match error {
            ChannelError::Refused(sw) => Self::Refused(sw),
            ChannelError::Command(error) => Self::Command(error),
            ChannelError::Exchange(error) => Self::Exchange(error),
            error => Self::Domain(error),
        }
    }
}

impl<E: core::error::Error + 'static> ClientError<E> {
    /// The status word, if the card refused by one.
    #[must_use]
    pub const fn sw(&self) -> Option<Sw> {
        match self {
            Self::Refused(sw) => Some(*sw),
            _ => None,
        }
    }
}

/// A purse, selected.
pub struct Client<T> {
    transport: T,
    aid: Aid,
    command: [u8; 262],
    response: [u8; 514],
}

/// A request that the purse found right and that waits for its PIN. As long as it is held, nothing else can be sent.
pub struct Pending<'c, T> {
    client: &'c mut Client<T>,
    /// What the purse said about it.
    pub checked: Checked,
}

type Result<A, T> = core::result::Result<A, ClientError<<T as Transport>::Error>>;

impl<T: Transport> Client<T> {
    /// Selects the purse of this name.
    ///
    /// # Errors
    /// [`ClientError`], as for every command here.
    pub fn select(transport: T, aid: &Aid) -> Result<Self, T> {
        let mut client = Self { transport, aid: *aid, command: [0; 262], response: [0; 514] };
        client.select_again()?;
        Ok(client)
    }

    fn select_again(&mut self) -> Result<(), T> {
        let aid = self.aid;
        self.exchange(&Command::new(Cla::INTERINDUSTRY, 0xA4, 0x04, 0x00, aid.as_bytes(), 256)?).map(|_| ())
    }

    /// Sends one command of the purse.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn send<I: Instruction>(&mut self, instruction: &I) -> Result<I::Answer, T> {
        let frame = instruction.frame();
        let response = self.exchange(&frame.command()?)?;
        I::Answer::read(response.data).ok_or(ClientError::Answer { header: frame.header() })
    }

    fn exchange(&mut self, command: &Command<'_>) -> Result<Response<'_>, T> {
        let response = exchange(&mut self.transport, command, &mut self.command, &mut self.response);
        // The command may have carried a PIN or keys; what was written of it, it was at the start.
        self.command.get_mut(..command.encoded_len()).unwrap_or_default().zeroize();
        match response.map_err(ClientError::Exchange)? {
            response if response.sw == Sw::OK => Ok(response),
            response => Err(ClientError::Refused(response.sw)),
        }
    }

    /// Personalises a blank purse through the secure channel of its card's issuer domain, and selects it again.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn personalise(&mut self, access: Access<'_>, personalisation: &Personalisation<'_>) -> Result<(), T> {
        let stored = self.store(access, personalisation);
        // Also after a refusal: the client is that of a purse.
        self.select_again()?;
        stored
    }

    /// Has the purse carry out its issuer's order, through the secure channel of its card's issuer domain, and selects it
    /// again.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn order(&mut self, access: Access<'_>, order: &ContactOrder<'_>) -> Result<(), T> {
        let carried_out = self.send_order(access, order);
        self.select_again()?;
        carried_out
    }

    fn send_order(&mut self, access: Access<'_>, order: &ContactOrder<'_>) -> Result<(), T> {
        let mut channel = Channel::open(&mut self.transport, access)?;
        channel.order(&Install::Personalization { application: self.aid })?;
        channel.send(&order.frame().command()?, &mut [0; 258])?;
        Ok(())
    }

    fn store(&mut self, access: Access<'_>, personalisation: &Personalisation<'_>) -> Result<(), T> {
        let mut channel = Channel::open(&mut self.transport, access)?;
        channel.order(&Install::Personalization { application: self.aid })?;
        for frame in StoreData::frames(personalisation) {
            channel.send(&frame.command()?, &mut [0; 258])?;
        }
        Ok(())
    }

    /// All that the issuer has to know of the purse, for a challenge of the issuer's.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn attest(&mut self, challenge: [u8; 8]) -> Result<Attested, T> {
        self.send(&InternalAuthenticate { challenge })
    }

    /// What is in the purse.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn balance(&mut self) -> Result<Amount, T> {
        self.send(&GetBalance)
    }

    /// One data object: [`super::Holder`], [`super::Limits`] and so on.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn data<D: DataObject>(&mut self) -> Result<D, T> {
        let Object(data) = self.send(&Get(PhantomData))?;
        Ok(data)
    }

    /// One record of a file, from number 1 on; nothing where the file ends.
    fn record<A: Answer>(&mut self, file: File, number: u8) -> Result<Option<A>, T> {
        let record = Record { command: ReadRecord { file, number }, answer: PhantomData };
        match self.send(&record) {
            Err(ClientError::Refused(Sw::RECORD_NOT_FOUND)) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// One log entry, newest first; nothing where the log ends.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn entry(&mut self, file: File, number: u8) -> Result<Option<Entry>, T> {
        self.record(file, number)
    }

    /// One log entry with its MAC, of [`File::AttestedPayments`] or [`File::AttestedHistory`], newest first; nothing where the
    /// log ends.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn attested_entry(&mut self, file: File, number: u8) -> Result<Option<AttestedEntry>, T> {
        self.record(file, number)
    }

    /// One contact; nothing where they end.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn contact(&mut self, number: u8) -> Result<Option<Contact>, T> {
        self.record(File::Contacts, number)
    }

    /// One open request, newest first, cancelled ones too; nothing where they end.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn open_request(&mut self, number: u8) -> Result<Option<ShownRequest>, T> {
        self.record(File::Requests, number)
    }

    /// Keeps a contact.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn store_contact(&mut self, contact: Contact) -> Result<(), T> {
        self.send(&AppendContact { contact })
    }

    /// Forgets the contact with this record number.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn erase_contact(&mut self, number: u8) -> Result<(), T> {
        self.send(&EraseContact { number })
    }

    /// Opens a request.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn request(&mut self, payer: Msisdn, amount: Amount) -> Result<OpenedRequest, T> {
        self.send(&RequestPayment { payer: Some(payer), amount })
    }

    /// Hides an open request.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn cancel(&mut self, id: u32) -> Result<(), T> {
        self.send(&Cancel { id })
    }

    /// Types the response to a request in.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn confirm(&mut self, id: u32, code: Code) -> Result<Received, T> {
        self.send(&Confirm { id, code })
    }

    /// Types a request in. If the purse finds it right, all that is left to do is to pay it or to drop it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn check(&mut self, payee: Msisdn, amount: Amount, code: Code) -> Result<Pending<'_, T>, T> {
        let checked = self.send(&Check { payee, amount, code })?;
        Ok(Pending { client: self, checked })
    }

    /// Shows the response of a payment again, 0 being the newest.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn last(&mut self, back: u8) -> Result<LastPaid, T> {
        self.send(&Last { back })
    }

    /// Proves that the holder is there.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn verify(&mut self, pin: &PinBlock) -> Result<(), T> {
        self.send(&Verify { pin: Some(pin.clone()) })
    }

    /// A new PIN for the old one.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn change_pin(&mut self, old: &PinBlock, new: &PinBlock) -> Result<(), T> {
        self.send(&ChangeReferenceData { old: old.clone(), new: new.clone() })
    }

    /// A new PIN for the unblocking key.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn unblock_pin(&mut self, puk: &PinBlock, new: &PinBlock) -> Result<(), T> {
        self.send(&ResetRetryCounter { puk: puk.clone(), new: new.clone() })
    }

    /// The transport, for what is not a command of the purse.
    pub const fn transport(&mut self) -> &mut T {
        &mut self.transport
    }

    /// The transport, back again.
    pub fn into_transport(mut self) -> T {
        self.response.zeroize();
        self.transport
    }
}

/// Silent: an answer may be a code.
impl<T> core::fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Client")
    }
}

impl<T> core::fmt::Debug for Pending<'_, T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Pending({:?})", self.checked)
    }
}

impl<T: Transport> Pending<'_, T> {
    /// Presents the PIN for this payment. After a wrong one it may be presented again.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn verify(&mut self, pin: &PinBlock) -> Result<(), T> {
        self.client.verify(pin)
    }

    /// Pays.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn authorise(self) -> Result<Paid, T> {
        self.client.send(&Authorise)
    }
}
