//! The bits of a Bitstring Status List (W3C, 15 May 2025): bit 0 is the left-most bit of the first
//! byte; the whole is packed with GZIP and written as multibase base64url without padding.

use std::io::{Read, Write};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};

/// Fewest bits of a list, so that one statement is hidden among many.
const BITS_MIN: usize = 131_072;
/// Longest packed text, in characters.
const PACKED_MAX: usize = 1 << 20;
/// Most bytes that a list may unpack to: a hostile one grows a thousandfold.
const BYTES_MAX: u64 = 16 << 20;

/// Why a list of bits is not taken. The words are fit for an answer and a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BitstringRefusal {
    /// The text does not begin with `u`, or is not base64url after it.
    #[error("it is not multibase base64url")]
    NotMultibase,
    /// The bytes are not GZIP, or are cut short.
    #[error("it is not packed with GZIP")]
    NotGzip,
    /// Fewer than 131,072 bits.
    #[error("it is shorter than 131072 bits")]
    TooShort,
    /// More than 1 MiB packed or 16 MiB unpacked.
    #[error("it is too large")]
    TooLarge,
}

/// So many places in a list of the least length, each chosen by chance: where a statement stands tells nothing of it.
#[must_use]
pub fn random_places(count: usize) -> Vec<i32> {
    std::iter::repeat_with(|| rand::random_range(0..131_072)).take(count).collect()
}

/// One list of bits, unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitstring(Vec<u8>);

impl Bitstring {
    /// Unpacks the `encodedList` of a status list.
    ///
    /// # Errors
    /// The first [`BitstringRefusal`] found.
    pub fn unpack(encoded: &str) -> Result<Self, BitstringRefusal> {
        if encoded.len() > PACKED_MAX {
            return Err(BitstringRefusal::TooLarge);
        }
        let packed = encoded.strip_prefix('u').ok_or(BitstringRefusal::NotMultibase)?;
        let packed = URL_SAFE_NO_PAD.decode(packed).map_err(|_| BitstringRefusal::NotMultibase)?;
        let mut bytes = Vec::new();
        let mut reader = GzDecoder::new(packed.as_slice()).take(BYTES_MAX + 1);
        reader.read_to_end(&mut bytes).map_err(|_| BitstringRefusal::NotGzip)?;
        if reader.limit() == 0 {
            return Err(BitstringRefusal::TooLarge);
        }
        if bytes.len() < BITS_MIN / 8 {
            return Err(BitstringRefusal::TooShort);
        }
        Ok(Self(bytes))
    }

    /// The shortest list that [`Bitstring::unpack`] takes; none of its bits is set.
    #[must_use]
    pub fn empty() -> Self {
        Self(vec![0; BITS_MIN / 8])
    }

    /// Sets the bit of this index; false beyond the end of the list.
    pub fn set(&mut self, index: usize) -> bool {
        let Some(byte) = self.0.get_mut(index / 8) else { return false };
        *byte |= 0x80 >> (index % 8);
        true
    }

    /// The `encodedList` of a status list.
    ///
    /// # Errors
    /// [`BitstringRefusal::TooLarge`] where [`Bitstring::unpack`] would not take it.
    pub fn pack(&self) -> Result<String, BitstringRefusal> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(&self.0).map_err(|_| BitstringRefusal::NotGzip)?;
        let packed = packer.finish().map_err(|_| BitstringRefusal::NotGzip)?;
        let text = format!("u{}", URL_SAFE_NO_PAD.encode(packed));
        let fits = text.len() <= PACKED_MAX && u64::try_from(self.0.len()).is_ok_and(|bytes| bytes <= BYTES_MAX);
        if fits { Ok(text) } else { Err(BitstringRefusal::TooLarge) }
    }

    /// The bit of this index, or `None` beyond the end of the list.
    #[must_use]
    pub fn bit(&self, index: usize) -> Option<bool> {
        let byte = self.0.get(index / 8)?;
        Some(byte & (0x80 >> (index % 8)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::vectors;

    fn packed(bytes: usize) -> String {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; bytes]).unwrap();
        format!("u{}", URL_SAFE_NO_PAD.encode(encoder.finish().unwrap()))
    }

    #[test]
    fn the_bitstring_vectors_hold() {
        let Some(file) = vectors::json("status-list/bitstring.json") else {
            return;
        };
        for case in vectors::list(&file, "cases") {
            let list = Bitstring::unpack(vectors::text(case, "encodedList")).unwrap();
            let bits = usize::try_from(case["length_bits"].as_u64().unwrap()).unwrap();
            assert_eq!((list.bit(bits - 1).is_some(), list.bit(bits)), (true, None));
            let set: Vec<usize> = (0..bits).filter(|index| list.bit(*index) == Some(true)).collect();
            let expected = vectors::list(case, "set_bits").iter();
            assert_eq!(set, expected.map(|bit| usize::try_from(bit.as_u64().unwrap()).unwrap()).collect::<Vec<_>>());
        }
        for case in vectors::list(&file, "invalid") {
            assert!(Bitstring::unpack(vectors::text(case, "encodedList")).is_err(), "{}", case["why"]);
        }
    }

    #[test]
    fn what_is_set_and_packed_is_read_again() {
        let mut list = Bitstring::empty();
        assert!(list.set(94_567));
        let set: Vec<_> = list.0.iter().enumerate().filter(|(_, byte)| **byte != 0).collect();
        assert_eq!(set, [(11_820, &0x01)]);
        let packed = list.pack().unwrap();
        assert!(packed.starts_with('u') && packed.len() < 120, "{packed}");
        let read = Bitstring::unpack(&packed).unwrap();
        assert_eq!(read, list);
        assert_eq!((read.bit(94_566), read.bit(94_567), read.bit(94_568)), (Some(false), Some(true), Some(false)));
        for index in [0, BITS_MIN - 1] {
            assert!(list.set(index) && list.bit(index) == Some(true));
        }
        assert_eq!((list.set(BITS_MIN), list.bit(BITS_MIN)), (false, None));
    }

    #[test]
    fn a_list_that_nobody_would_take_is_not_packed() {
        assert_eq!(Bitstring(vec![0; (16 << 20) + 1]).pack(), Err(BitstringRefusal::TooLarge));
    }

    #[test]
    fn places_lie_anywhere_in_a_list() {
        let places = random_places(4_000);
        assert!(places.iter().all(|place| (0..131_072).contains(place)));
        assert!(places.iter().any(|place| *place < 32_768) && places.iter().any(|place| *place >= 98_304));
        assert!(places.iter().any(|place| place % 2 == 0) && places.iter().any(|place| place % 2 == 1));
    }

    #[test]
    fn a_list_that_explodes_is_refused() {
        assert!(Bitstring::unpack(&packed(16 << 20)).is_ok());
        assert_eq!(Bitstring::unpack(&packed((16 << 20) + 1)), Err(BitstringRefusal::TooLarge));
        assert_eq!(Bitstring::unpack(&format!("u{}", "A".repeat(2 << 20))), Err(BitstringRefusal::TooLarge));
    }

    #[test]
    fn what_is_no_list_is_named() {
        assert_eq!(Bitstring::unpack(""), Err(BitstringRefusal::NotMultibase));
        assert_eq!(Bitstring::unpack("u*"), Err(BitstringRefusal::NotMultibase));
        assert_eq!(Bitstring::unpack("uAAAA"), Err(BitstringRefusal::NotGzip));
        let whole = packed(1 << 14);
        let half = whole.get(..25).unwrap();
        assert_eq!(Bitstring::unpack(half), Err(BitstringRefusal::NotGzip));
        assert_eq!(Bitstring::unpack(&packed((1 << 14) - 1)), Err(BitstringRefusal::TooShort));
    }
}
