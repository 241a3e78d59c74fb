//! The binary form of the inside half: little-endian numbers; texts as length, bytes, NUL; lists as count, items.
//! Nothing is aligned and nothing is allocated on the reading side.
use core::ffi::CStr;

/// First bytes of an encoded plan.
pub const MAGIC: u32 = 0x6e72_7374;

/// Reads an encoded plan; every method answers None when the bytes end too early or are malformed.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(head)
    }

    pub fn flag(&mut self) -> Option<bool> {
        match self.take(1)? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    pub fn i32(&mut self) -> Option<i32> {
        Some(self.u32()?.cast_signed())
    }

    pub fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()? as usize;
        self.take(length)
    }

    pub fn text(&mut self) -> Option<&'a CStr> {
        let length = self.u32()? as usize;
        CStr::from_bytes_with_nul(self.take(length.checked_add(1)?)?).ok()
    }

    pub fn texts(&mut self) -> Option<Texts<'a>> {
        let count = self.u32()?;
        let items = *self;
        for _ in 0..count {
            self.text()?;
        }
        Some(Texts { count, items })
    }

    pub fn numbers(&mut self) -> Option<Numbers<'a>> {
        let count = self.u32()? as usize;
        Some(Numbers { bytes: self.take(count.checked_mul(4)?)? })
    }
}

/// A list of texts, checked when it was read.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    count: u32,
    items: Reader<'a>,
}

impl<'a> Texts<'a> {
    #[must_use]
    pub fn len(&self) -> usize {
        self.count as usize
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn iter(&self) -> impl Iterator<Item = &'a CStr> + use<'a> {
        let mut items = self.items;
        (0..self.count).map_while(move |_| items.text())
    }
}

/// A list of 32-bit numbers.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<'a> {
    bytes: &'a [u8],
}

impl<'a> Numbers<'a> {
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() / 4
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.bytes.chunks_exact(4).filter_map(|chunk| Some(u32::from_le_bytes(chunk.try_into().ok()?)))
    }
}

/// Writes what [`Reader`] reads.
#[cfg(feature = "owned")]
#[derive(Debug, Default)]
pub struct Writer {
    pub bytes: std::vec::Vec<u8>,
}

#[cfg(feature = "owned")]
impl Writer {
    pub fn flag(&mut self, value: bool) {
        self.bytes.push(u8::from(value));
    }

    pub fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn i32(&mut self, value: i32) {
        self.u32(value.cast_unsigned());
    }

    pub fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn bytes(&mut self, value: &[u8]) {
        self.u32(value.len() as u32);
        self.bytes.extend_from_slice(value);
    }

    /// Fails on a NUL inside the text: the kernel would see a shorter one.
    pub fn text(&mut self, value: &str) -> Result<(), crate::owned::EncodeError> {
        if value.as_bytes().contains(&0) {
            return Err(crate::owned::EncodeError::Nul);
        }
        self.bytes(value.as_bytes());
        self.bytes.push(0);
        Ok(())
    }

    pub fn texts(&mut self, values: &[std::string::String]) -> Result<(), crate::owned::EncodeError> {
        self.u32(values.len() as u32);
        values.iter().try_for_each(|value| self.text(value))
    }

    pub fn numbers(&mut self, values: &[u32]) {
        self.u32(values.len() as u32);
        for value in values {
            self.u32(*value);
        }
    }
}
