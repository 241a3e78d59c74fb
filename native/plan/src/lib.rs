//! The plan on both sides of init's birth: the library parses it from JSON and encodes the inside half, init decodes it.
#![no_std]

#[cfg(feature = "owned")]
extern crate std;

#[cfg(feature = "owned")]
pub mod owned;
#[path = "generated/step.rs"]
#[rustfmt::skip]
mod step;
#[cfg(all(test, feature = "owned"))]
mod tests;
pub mod wire;

pub use step::Step;

/// Version of the plan and of its binary form.
pub const PLAN_VERSION: u32 = 1;

/// What init tells the runtime over the sync socket: one fixed record of 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    pub kind: ReportKind,
    /// Index of the step in the inside half.
    pub step: u32,
    /// errno of a failure; pid of the child for `Forked`.
    pub value: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ReportKind {
    /// Init waits at a `meet`.
    Arrived = 1,
    /// The step failed; init is about to end. Words about the failure may follow the record, at most `Report::WORDS` bytes.
    Failed = 2,
    /// The plan goes on in a child.
    Forked = 3,
    /// The master end of the terminal comes with this message.
    Terminal = 4,
    /// Init asks for a descriptor that the step at hand needs, and waits; value: [`LEND_TREE`] or [`LEND_USER_NAMESPACE`].
    Wanted = 5,
    /// The seccomp filter is loaded; value is the listener's number in init.
    Listener = 6,
}

/// A detached copy of the mounts that the step binds.
pub const LEND_TREE: i32 = 0;
/// The user namespace by which the step maps ids.
pub const LEND_USER_NAMESPACE: i32 = 1;

impl Report {
    pub const SIZE: usize = 16;
    pub const WORDS: usize = 3072;

    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        bytes[..4].copy_from_slice(&(self.kind as u32).to_le_bytes());
        bytes[4..8].copy_from_slice(&self.step.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.value.to_le_bytes());
        bytes
    }

    /// The receiver trusts nothing: None for any other length or kind.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != Self::SIZE {
            return None;
        }
        let word = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
        let kind = match word(0)? {
            1 => ReportKind::Arrived,
            2 => ReportKind::Failed,
            3 => ReportKind::Forked,
            4 => ReportKind::Terminal,
            5 => ReportKind::Wanted,
            6 => ReportKind::Listener,
            _ => return None,
        };
        Some(Self { kind, step: word(4)?, value: word(8)?.cast_signed() })
    }
}
