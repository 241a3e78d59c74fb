//! Text without an allocator, for what init has to say beside an errno.

/// Text of limited length: of what is too long, the end is kept.
#[derive(Debug)]
pub struct Words {
    text: [u8; Words::CAPACITY],
    length: usize,
}

impl Words {
    pub const CAPACITY: usize = 3072;

    #[must_use]
    pub const fn new() -> Self {
        Self { text: [0; Self::CAPACITY], length: 0 }
    }

    pub fn push(&mut self, bytes: &[u8]) -> &mut Self {
        let kept = &bytes[bytes.len().saturating_sub(Self::CAPACITY / 2)..];
        if self.length + kept.len() > Self::CAPACITY {
            let from = (self.length + kept.len() - Self::CAPACITY).max(Self::CAPACITY / 4);
            self.text.copy_within(from..self.length, 0);
            self.length -= from;
        }
        self.text[self.length..self.length + kept.len()].copy_from_slice(kept);
        self.length += kept.len();
        self
    }

    /// In decimal.
    pub fn push_number(&mut self, number: u32) -> &mut Self {
        let mut digits = [0; 10];
        let (mut at, mut rest) = (digits.len(), number);
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                return self.push(&digits[at..]);
            }
        }
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.text[..self.length]
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::new()
    }
}
