//! Files to upload.

/// The content of a WAVE file that can be played: a tenth of a second of silence.
#[must_use]
pub fn wav(rate: u32) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend((rate / 5).to_le_bytes());
    file.resize(file.len() + usize::try_from(rate / 5).expect("it is small"), 0);
    file
}

/// The beginning of a picture, which is enough to recognise it by.
#[must_use]
pub fn png() -> Vec<u8> {
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01".to_vec()
}
