//! Every command that the purse knows, and in which state of life it takes which.

use apdu::{Command, Sw};

use super::{
    AppendContact, Authorise, Cancel, ChangeReferenceData, Check, Confirm, EraseContact, GetBalance, GetData,
    InternalAuthenticate, Last, Life, Load, Purse, ReadRecord, RequestPayment, ResetRetryCounter, Unload, Verify,
};
use crate::runtime::Context;

/// A decoded command of the purse.
#[derive(Debug)]
#[expect(missing_docs, reason = "each variant is the command of its name, documented there")]
pub enum PurseCommand {
    Verify(Verify),
    ChangeReferenceData(ChangeReferenceData),
    ResetRetryCounter(ResetRetryCounter),
    InternalAuthenticate(InternalAuthenticate),
    GetBalance(GetBalance),
    GetData(GetData),
    ReadRecord(ReadRecord),
    AppendContact(AppendContact),
    EraseContact(EraseContact),
    Request(RequestPayment),
    Cancel(Cancel),
    Confirm(Confirm),
    Check(Check),
    Authorise(Authorise),
    Last(Last),
    Load(Load),
    Unload(Unload),
}

impl PurseCommand {
    /// Decodes a command.
    ///
    /// # Errors
    /// `6E00` for a class and `6D00` for an instruction that the purse does not know; `6A86` and `6700` for wrong
    /// parameters and lengths; `6A80` for data that breaks a rule of its field.
    #[inline]
    pub fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        match command.cla().base() {
            0x00 => Self::decode_interindustry(command),
            0x80 => Self::decode_own(command),
            _ => Err(Sw::CLA_NOT_SUPPORTED),
        }
    }

    /// The commands of ISO/IEC 7816-4.
    #[inline]
    fn decode_interindustry(command: &Command<'_>) -> Result<Self, Sw> {
        Ok(match command.ins() {
            Verify::INS => Self::Verify(Verify::decode(command)?),
            ChangeReferenceData::INS => Self::ChangeReferenceData(ChangeReferenceData::decode(command)?),
            ResetRetryCounter::INS => Self::ResetRetryCounter(ResetRetryCounter::decode(command)?),
            ReadRecord::INS => Self::ReadRecord(ReadRecord::decode(command)?),
            AppendContact::INS => Self::AppendContact(AppendContact::decode(command)?),
            EraseContact::INS => Self::EraseContact(EraseContact::decode(command)?),
            GetData::INS => Self::GetData(GetData::decode(command)?),
            InternalAuthenticate::INS => Self::InternalAuthenticate(InternalAuthenticate::decode(command)?),
            _ => return Err(Sw::INS_NOT_SUPPORTED),
        })
    }

    /// The purse's own commands, and GET DATA as GlobalPlatform has it.
    #[inline]
    fn decode_own(command: &Command<'_>) -> Result<Self, Sw> {
        Ok(match command.ins() {
            GetBalance::INS => Self::GetBalance(GetBalance::decode(command)?),
            RequestPayment::INS => Self::Request(RequestPayment::decode(command)?),
            Cancel::INS => Self::Cancel(Cancel::decode(command)?),
            Confirm::INS => Self::Confirm(Confirm::decode(command)?),
            Check::INS => Self::Check(Check::decode(command)?),
            Authorise::INS if command.p1() == Authorise::P1 => Self::Authorise(Authorise::decode(command)?),
            Unload::INS => Self::Unload(Unload::decode(command)?),
            Last::INS => Self::Last(Last::decode(command)?),
            Load::INS => Self::Load(Load::decode(command)?),
            GetData::INS => Self::GetData(GetData::decode(command)?),
            _ => return Err(Sw::INS_NOT_SUPPORTED),
        })
    }

    /// The name of the command.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Verify(_) => "VERIFY",
            Self::ChangeReferenceData(_) => "CHANGE REFERENCE DATA",
            Self::ResetRetryCounter(_) => "RESET RETRY COUNTER",
            Self::InternalAuthenticate(_) => "INTERNAL AUTHENTICATE",
            Self::GetBalance(_) => "GET BALANCE",
            Self::GetData(_) => "GET DATA",
            Self::ReadRecord(_) => "READ RECORD",
            Self::AppendContact(_) => "APPEND RECORD",
            Self::EraseContact(_) => "ERASE RECORD",
            Self::Request(_) => "REQUEST",
            Self::Cancel(_) => "CANCEL",
            Self::Confirm(_) => "CONFIRM",
            Self::Check(_) => "CHECK",
            Self::Authorise(_) => "AUTHORISE",
            Self::Last(_) => "LAST",
            Self::Load(_) => "LOAD",
            Self::Unload(_) => "UNLOAD",
        }
    }

    /// Whether the purse takes this command in this state of life.
    #[inline]
    const fn is_allowed(&self, life: Life) -> bool {
        match life {
            Life::Personalised => true,
            Life::Blank => matches!(self, Self::GetData(_)),
            Life::Blocked => self.is_showing(),
            // It can be emptied, too: that needs the PIN, and the issuer.
            Life::Suspended => self.is_showing() || matches!(self, Self::Verify(_) | Self::Unload(_)),
        }
    }

    /// Whether the command only shows what is there.
    #[inline]
    const fn is_showing(&self) -> bool {
        matches!(
            self,
            Self::GetData(_)
                | Self::GetBalance(_)
                | Self::ReadRecord(_)
                | Self::Last(_)
                | Self::InternalAuthenticate(_)
        )
    }

    /// Carries the command out.
    #[inline]
    pub(super) fn apply(&self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        // Nothing can come between the check of a request and its payment but the PIN.
        if !matches!(self, Self::Verify(_) | Self::Authorise(_)) {
            purse.drop_pending(context);
        }
        if !self.is_allowed(purse.life(context)) {
            return Err(Sw::CONDITIONS_NOT_SATISFIED);
        }
        match self {
            Self::Verify(verify) => verify.apply(purse, context),
            Self::Authorise(authorise) => authorise.apply(purse, context),
            Self::ChangeReferenceData(change) => change.apply(purse, context),
            Self::ResetRetryCounter(reset) => reset.apply(purse, context),
            Self::InternalAuthenticate(authenticate) => authenticate.apply(purse, context),
            Self::GetBalance(balance) => balance.apply(purse, context),
            Self::GetData(data) => data.apply(purse, context),
            Self::ReadRecord(read) => read.apply(purse, context),
            Self::AppendContact(append) => append.apply(purse, context),
            Self::EraseContact(erase) => erase.apply(purse, context),
            Self::Request(request) => request.apply(purse, context),
            Self::Cancel(cancel) => cancel.apply(purse, context),
            Self::Confirm(confirm) => confirm.apply(purse, context),
            Self::Check(check) => check.apply(purse, context),
            Self::Last(last) => last.apply(purse, context),
            Self::Load(load) => load.apply(purse, context),
            Self::Unload(unload) => unload.apply(purse, context),
        }
    }
}
