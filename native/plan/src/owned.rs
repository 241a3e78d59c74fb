//! The plan as the library gets it: JSON text, one step at a time.
use crate::PLAN_VERSION;
use crate::wire::{MAGIC, Writer};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::{Cow, ToOwned};
use std::string::String;
use std::vec::Vec;

pub mod inside {
    use std::boxed::Box;
    use std::string::String;
    use std::vec::Vec;
    include!("generated/inside.rs");
}
pub mod outside {
    use std::boxed::Box;
    use std::string::String;
    use std::vec::Vec;
    include!("generated/outside.rs");
}

pub use inside::InsideOp;
pub use outside::OutsideOp;

/// A plan whose steps are still text.
#[derive(Debug, Deserialize)]
pub struct Plan<'a> {
    version: u32,
    #[serde(borrow)]
    pub outside: Vec<&'a RawValue>,
    #[serde(borrow)]
    pub inside: Vec<&'a RawValue>,
}

/// Makes a BPF program (an array of struct sock_filter, preceded by nothing) of a seccomp profile.
pub type Compiler<'a> = dyn FnMut(&RawValue, &str) -> Result<Vec<u8>, String> + 'a;

#[derive(Debug)]
pub enum EncodeError {
    /// A text with a NUL inside.
    Nul,
    /// The step is not one that the schema knows.
    Malformed(String),
    /// libseccomp refused the profile.
    Filter(String),
}

impl From<String> for EncodeError {
    fn from(text: String) -> Self {
        Self::Filter(text)
    }
}

impl<'a> Plan<'a> {
    /// Reads a plan; its steps are read when they are performed or encoded.
    pub fn parse(raw: &'a str) -> Result<Self, String> {
        let plan: Self = serde_json::from_str(raw).map_err(|error| std::format!("plan: {error}"))?;
        if plan.version == PLAN_VERSION {
            Ok(plan)
        } else {
            Err(std::format!("plan: expected version {PLAN_VERSION}, found {}", plan.version))
        }
    }

    /// The inside half for init. `preserve`: descriptors from 3 on that stay open for the container's program; `base`: number
    /// of the first step, for a plan that comes in parts.
    /// Fails with the index of the step that cannot be encoded.
    pub fn encode_inside(
        &self,
        preserve: u32,
        base: u32,
        compiler: &mut Compiler,
    ) -> Result<Vec<u8>, (usize, EncodeError)> {
        let mut out = Writer { bytes: Vec::with_capacity(8192) };
        out.u32(MAGIC);
        out.u32(PLAN_VERSION);
        out.u32(preserve);
        out.u32(base);
        out.u32(self.inside.len() as u32);
        for (index, raw) in self.inside.iter().enumerate() {
            let step =
                InsideOp::parse(raw.get()).map_err(|error| (index, EncodeError::Malformed(std::format!("{error}"))))?;
            step.encode(&mut out, compiler).map_err(|error| (index, error))?;
        }
        Ok(out.bytes)
    }
}

#[derive(Deserialize)]
struct Tag<'a> {
    #[serde(borrow)]
    op: Cow<'a, str>,
}

fn unknown(half: &str, op: &str) -> serde_json::Error {
    <serde_json::Error as serde::de::Error>::custom(std::format!("{half} plan: unknown step {}", op.to_owned()))
}
