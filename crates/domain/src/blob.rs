//! Files, and what kind of file they really are.

use std::fmt;

use crate::{BlobId, Entropy, Field, Rule, TenantId, Timestamp, UserId, Violations, change::words, limits};

words! {
    /// A kind of file that is recognised by its content. The word is its MIME type.
    MediaType {
        /// Sound, uncompressed or in any other coding that a WAVE file can hold.
        Wav = "audio/wav",
        /// Sound.
        Mp3 = "audio/mpeg",
        /// A picture.
        Png = "image/png",
        /// A picture.
        Jpeg = "image/jpeg",
        /// A picture.
        Gif = "image/gif",
        /// A picture.
        Webp = "image/webp",
    }
}

impl MediaType {
    /// Whether it is sound.
    pub const fn is_audio(self) -> bool {
        matches!(self, Self::Wav | Self::Mp3)
    }

    /// Whether it is a picture.
    pub const fn is_image(self) -> bool {
        !self.is_audio()
    }
}

/// The characters of a key: each stands for six random bits, and none needs escaping in an address.
const KEY_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The characters of a key: 192 random bits, more than anyone can try.
const KEY_LENGTH: usize = 32;

/// The unguessable part of a file's address. Who knows it may read the file, so it is treated as a secret: its
/// [`Debug`](fmt::Debug) output shows nothing of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BlobKey(String);

impl BlobKey {
    /// A new one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; KEY_LENGTH];
        entropy.fill(&mut bytes);
        let letter = |byte: u8| KEY_ALPHABET.get(usize::from(byte & 63)).copied().map(char::from);
        Self(bytes.into_iter().filter_map(letter).collect())
    }

    /// Reads one from a request or the store; none when no key looks like this.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == KEY_LENGTH && text.bytes().all(|byte| KEY_ALPHABET.contains(&byte)))
            .then(|| Self(text.into()))
    }

    /// The text, for an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobKey(…)")
    }
}

/// A file that is completely there. Its content never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: BlobId,
    /// The unguessable part of its address.
    pub key: BlobKey,
    /// The user who uploaded it; none for one that the program or a tenant's administrator put there.
    pub owner: Option<UserId>,
    /// The name it is saved under when somebody downloads it.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub digest: [u8; 32],
    /// What its content was recognised as; none for any other file, which is only ever offered for saving.
    pub media_type: Option<MediaType>,
    /// When it was complete.
    pub created_at: Timestamp,
}

/// Checks the name of a file to be uploaded: one component of a path that no system reads as another.
pub fn check_file_name(found: &mut Violations, name: &str) {
    let field = Field::FileName;
    if name.is_empty() {
        found.add(field, Rule::Required);
    } else if name.len() > *limits::FILE_NAME.end() {
        found.add(field, Rule::Form("a file name of at most 255 bytes"));
    }
    if name.contains(['/', '\\']) || name.chars().any(char::is_control) || matches!(name, "." | "..") {
        found.add(
            field,
            Rule::Form("a file name without slashes or control characters"),
        );
    }
}

/// What a file is, by its content alone; none for anything that is not listed in [`MediaType`] or is cut short before it
/// can be told. Neither its name nor what the sender said of it counts.
///
/// The beginning is enough for pictures and most WAVE files. An MP3 may begin with a tag of any length, a cover picture for
/// example: hand the whole content over where there is one.
pub fn recognise(content: &[u8]) -> Option<MediaType> {
    match content {
        [
            0x89,
            b'P',
            b'N',
            b'G',
            b'\r',
            b'\n',
            0x1a,
            b'\n',
            _,
            _,
            _,
            _,
            b'I',
            b'H',
            b'D',
            b'R',
            ..,
        ] => Some(MediaType::Png),
        [0xff, 0xd8, 0xff, _, ..] => Some(MediaType::Jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(MediaType::Gif),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            b'V',
            b'P',
            b'8',
            b' ' | b'L' | b'X',
            ..,
        ] => Some(MediaType::Webp),
        _ if WavFormat::read(content).is_some() => Some(MediaType::Wav),
        _ if is_mp3(content) => Some(MediaType::Mp3),
        _ => None,
    }
}

/// The sample rates of prompts, in hertz: the union of what the installation must take (8 and 16 kHz) and what the vendor
/// whose API it speaks asks for (16, 32 and 48 kHz).
const PROMPT_RATES: [u32; 4] = [8_000, 16_000, 32_000, 48_000];

/// Checks that a file can be played to callers, and tells what it is: WAVE with 16-bit PCM, one channel and 8, 16, 32 or
/// 48 kHz, or MP3.
///
/// # Errors
/// The rule that anything else breaks.
pub fn check_prompt(content: &[u8]) -> Result<MediaType, Rule> {
    let playable = match recognise(content) {
        Some(MediaType::Wav) => WavFormat::read(content).is_some_and(WavFormat::suits_prompts),
        Some(media) => media == MediaType::Mp3,
        None => false,
    };
    if playable {
        recognise(content).ok_or(Rule::Unknown)
    } else {
        Err(Rule::Form(
            "a WAV file (PCM, 16 bit, mono, at 8, 16, 32 or 48 kHz) or an MP3 file",
        ))
    }
}

/// How the sound in a WAVE file is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WavFormat {
    /// 1 for PCM; others are numbered by Microsoft's `mmreg.h`.
    pub coding: u16,
    /// 1 for mono, 2 for stereo.
    pub channels: u16,
    /// Samples of one channel in a second.
    pub rate: u32,
    /// Bytes of one sample of all channels.
    pub block: u16,
    /// Bits of one sample of one channel.
    pub bits: u16,
}

/// The coding that says that the real one is in the extension.
const WAVE_FORMAT_EXTENSIBLE: u16 = 0xfffe;

impl WavFormat {
    /// Reads the header of a WAVE file; none when there is no complete one with sound after it.
    pub fn read(content: &[u8]) -> Option<Self> {
        let mut rest = content.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WAVE")?;
        let mut format = None;
        // A chunk has a name of four bytes, its length in four, and is padded to an even length.
        loop {
            let (name, after) = rest.split_first_chunk::<4>()?;
            let (length, after) = after.split_first_chunk::<4>()?;
            if name == b"data" {
                return format;
            }
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let body = after.get(..length)?;
            if name == b"fmt " {
                format = Some(Self::of_chunk(body)?);
            }
            rest = after.get(length.checked_add(length % 2)?..)?;
        }
    }

    fn of_chunk(body: &[u8]) -> Option<Self> {
        let number = |at: usize| {
            let bytes = body.get(at..)?.first_chunk::<2>()?;
            Some(u16::from_le_bytes(*bytes))
        };
        let coding = match number(0)? {
            WAVE_FORMAT_EXTENSIBLE => number(24)?,
            coding => coding,
        };
        Some(Self {
            coding,
            channels: number(2)?,
            rate: u32::from(number(4)?) | u32::from(number(6)?) << 16,
            block: number(12)?,
            bits: number(14)?,
        })
    }

    /// Whether callers can hear it.
    pub fn suits_prompts(self) -> bool {
        self.coding == 1
            && self.channels == 1
            && self.bits == 16
            && self.block == 2
            && PROMPT_RATES.contains(&self.rate)
    }
}

/// Whether MPEG audio of layer III begins here, after an ID3 tag if there is one. Two frames in a row have to fit, for one
/// header alone is so short that noise contains it.
fn is_mp3(content: &[u8]) -> bool {
    let Some(first) = after_id3(content) else {
        return false;
    };
    let Some(frame) = mp3_frame(first) else {
        return false;
    };
    match first.get(frame..) {
        Some([]) => true,
        Some(second) => mp3_frame(second).is_some() || second.starts_with(b"TAG"),
        None => false,
    }
}

/// The content behind its ID3 tag, or all of it when it has none; none when the tag does not end.
fn after_id3(content: &[u8]) -> Option<&[u8]> {
    if content.starts_with(b"ID3") && content.len() >= 10 {
        content.get(sound_begins_at(content)?..)
    } else {
        Some(content)
    }
}

/// Where the sound of an MP3 file begins that has a tag in front of it, by its first bytes: for who holds only those. None
/// without such a tag. The number may lie behind the end of the file.
pub fn sound_begins_at(content: &[u8]) -> Option<usize> {
    let [b'I', b'D', b'3', 2..=4, _, flags, a, b, c, d, ..] = content else {
        return None;
    };
    // Seven bits of each byte count, so that no length looks like the start of a frame.
    let length = [a, b, c, d].into_iter().try_fold(0_usize, |length, byte| {
        (*byte < 0x80).then(|| length << 7 | usize::from(*byte))
    })?;
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    Some(10 + length + footer)
}

/// Kilobits a second by index, of MPEG 1 and of MPEG 2 and 2.5. 0 is "free", 15 is invalid: neither is taken.
const MP3_KILOBITS: [[usize; 15]; 2] = [
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
/// Samples a second by index, of MPEG 1. MPEG 2 has half and MPEG 2.5 a quarter of them.
const MP3_RATES: [usize; 3] = [44_100, 48_000, 32_000];

/// The length of the frame of MPEG audio, layer III, that begins here.
fn mp3_frame(bytes: &[u8]) -> Option<usize> {
    let [0xff, second, third, _, ..] = bytes else {
        return None;
    };
    // Eleven bits set, then the version, then the layer, where 01 is III.
    let (table, slots, divisor) = match second & 0b1111_1110 {
        0b1111_1010 => (0, 144_000, 1),
        0b1111_0010 => (1, 72_000, 2),
        0b1110_0010 => (1, 72_000, 4),
        _ => return None,
    };
    let kilobits = *MP3_KILOBITS
        .get(table)?
        .get(usize::from(third >> 4))
        .filter(|rate| **rate > 0)?;
    let rate = MP3_RATES.get(usize::from(third >> 2 & 0b11))? / divisor;
    Some(slots * kilobits / rate + usize::from(third >> 1 & 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A WAVE file with a chunk in front of the format, as editors write them.
    fn wav(coding: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
        let block = channels * bits.div_ceil(8);
        let mut file = b"RIFF\x64\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0".to_vec();
        file.extend(coding.to_le_bytes());
        file.extend(channels.to_le_bytes());
        file.extend(rate.to_le_bytes());
        file.extend((rate * u32::from(block)).to_le_bytes());
        file.extend(block.to_le_bytes());
        file.extend(bits.to_le_bytes());
        file.extend(b"data\x04\0\0\0\0\0\0\0");
        file
    }

    /// Two frames of MPEG 1, layer III, 128 kbit/s, 44.1 kHz: 417 bytes each.
    fn mp3() -> Vec<u8> {
        let mut frame = vec![0; 417];
        frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
        frame.repeat(2)
    }

    fn tagged(length: usize, sound: &[u8]) -> Vec<u8> {
        let mut file = b"ID3\x04\0\0\0\0".to_vec();
        file.extend([
            u8::try_from(length >> 7).unwrap(),
            u8::try_from(length & 127).unwrap(),
        ]);
        file.extend(vec![0xff; length]);
        file.extend(sound);
        file
    }

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";

    #[test]
    fn every_listed_kind_is_recognised_and_nothing_else() {
        for (content, expected) in [
            (PNG, Some(MediaType::Png)),
            (b"\xff\xd8\xff\xe0", Some(MediaType::Jpeg)),
            (b"GIF89a", Some(MediaType::Gif)),
            (b"GIF87a", Some(MediaType::Gif)),
            (b"RIFF\0\0\0\0WEBPVP8L", Some(MediaType::Webp)),
            (&wav(1, 1, 8_000, 16), Some(MediaType::Wav)),
            (&mp3(), Some(MediaType::Mp3)),
            (&mp3()[..417], Some(MediaType::Mp3)),
            (&tagged(300, &mp3()), Some(MediaType::Mp3)),
            (b"", None),
            (b"GIF88a", None),
            (b"\x89PNG\r\n\x1a\n", None),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"RIFF\0\0\0\0AVI LIST", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
            (b"<html>", None),
            (b"MZ\x90\0", None),
            (b"\x7fELF\x02\x01", None),
            (&mp3()[..416], None),
            (&tagged(300, b"<html>"), None),
            (&tagged(300, b""), None),
            (b"ID3\x04\0\0\x80\0\0\0\0\0\0\0", None),
            (b"ID3\x04\0\0\x7f\x7f\x7f\x7f", None),
            // AAC in ADTS differs from MP3 in the layer alone.
            (b"\xff\xf1\x50\x80\x00\x1f\xfc", None),
        ] {
            assert_eq!(recognise(content), expected, "{content:?}");
        }
    }

    #[test]
    fn prompts() {
        for rate in [8_000, 16_000, 32_000, 48_000] {
            assert_eq!(check_prompt(&wav(1, 1, rate, 16)), Ok(MediaType::Wav), "{rate}");
        }
        assert_eq!(check_prompt(&mp3()), Ok(MediaType::Mp3));
        let mut lying_block = wav(1, 1, 8_000, 16);
        let at = lying_block.len() - 16;
        lying_block[at..at + 2].copy_from_slice(&[4, 0]);
        for (why, content) in [
            ("stereo", wav(1, 2, 8_000, 16)),
            ("44.1 kHz", wav(1, 1, 44_100, 16)),
            ("8 bit", wav(1, 1, 8_000, 8)),
            ("A-law", wav(6, 1, 8_000, 16)),
            ("block of another format", lying_block),
            ("no sound", wav(1, 1, 8_000, 16)[..48].to_vec()),
            ("a picture", PNG.to_vec()),
            ("nothing", Vec::new()),
        ] {
            assert!(check_prompt(&content).is_err(), "{why}");
        }
    }

    #[test]
    fn an_extensible_header_names_the_real_coding() {
        let mut chunk = vec![0xfe, 0xff, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0];
        chunk.extend([22, 0, 16, 0, 4, 0, 0, 0, 1, 0]);
        assert!(WavFormat::of_chunk(&chunk).unwrap().suits_prompts());
        assert_eq!(WavFormat::of_chunk(&chunk[..24]), None);
    }

    #[test]
    fn keys() {
        struct Counting;
        impl Entropy for Counting {
            fn fill(&self, bytes: &mut [u8]) {
                for (byte, number) in bytes.iter_mut().zip(240..=255_u8) {
                    *byte = number;
                }
            }
        }
        let key = BlobKey::generate(&Counting);
        assert_eq!(key.as_str(), "wxyz0123456789-_AAAAAAAAAAAAAAAA");
        assert_eq!(BlobKey::parse(key.as_str()), Some(key.clone()));
        assert_eq!(format!("{key:?}"), "BlobKey(…)");
        for bad in ["", "abc", &"/".repeat(32), &"a".repeat(33), &"ä".repeat(16)] {
            assert_eq!(BlobKey::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn file_names() {
        for (name, good) in [
            ("hello.wav", true),
            ("Grüße.mp3", true),
            ("", false),
            ("..", false),
            ("a/b", false),
            ("a\\b", false),
            ("a\r\nb", false),
            (&"x".repeat(255), true),
            (&"x".repeat(256), false),
        ] {
            let mut found = Violations::new();
            check_file_name(&mut found, name);
            assert_eq!(found.is_empty(), good, "{name:?}");
        }
    }

    proptest! {
        /// Bytes that begin like something known and go on at random: no answer is wrong as long as there is one.
        #[test]
        fn hostile_content_is_survived(
            start in prop::sample::select(vec![
                b"".to_vec(), b"RIFF\0\0\0\0WAVE".to_vec(), b"RIFF\0\0\0\0WAVEfmt ".to_vec(), b"ID3\x04\0".to_vec(),
                vec![0xff, 0xfb], PNG.to_vec(), wav(1, 1, 8_000, 16), mp3(), tagged(200, &mp3()),
            ]),
            cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut content = start[..cut.index(start.len() + 1)].to_vec();
            content.extend(noise);
            let media = recognise(&content);
            prop_assert!(check_prompt(&content).is_err() || media.is_some_and(MediaType::is_audio));
        }

        /// Whatever is cut off a WAVE file before its sound begins, it is not one any more.
        #[test]
        fn a_header_cut_short_is_no_header(cut in 0_usize..56) {
            prop_assert_eq!(recognise(&wav(1, 1, 16_000, 16)[..cut]), None);
        }
    }
}
