//! What was dialled, and where in the world it is.

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

use crate::{ProviderSettings, text::is_digits};

/// A number without what people write between its digits.
pub(super) fn compact(dialled: &str) -> String {
    let separator = |c: &char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}');
    dialled.chars().filter(|c| !separator(c)).collect()
}

/// A number of the world's telephone network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct World {
    /// In E.164 form, with a plus sign.
    pub(super) e164: String,
    /// Whether it is certainly of the caller's country. A number that is not known to be in use there is not: where countries
    /// share a code, a guess could be dear.
    pub(super) domestic: bool,
}

/// Reads a compact number as it is dialled in a country; none when it cannot be a telephone number. Letters are none: whoever means
/// a number types one.
pub(super) fn in_world(number: &str, country: &str) -> Option<World> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    if digits.is_empty() || !is_digits(digits) {
        return None;
    }
    let country = Region::from_code(country).ok();
    let found = PHONE_NUMBER_UTIL.parse(number, country).ok()?;
    // Only who writes the plus sign certainly means the world: the number of an extension that is gone must not become a call to
    // somebody outside. New blocks of numbers, which the tables do not know yet, can be reached that way.
    let meant = PHONE_NUMBER_UTIL.is_valid_number(&found)
        || number.starts_with('+')
            && PHONE_NUMBER_UTIL.is_possible_number_with_reason(&found) == Ok(NumberLengthType::IsPossible);
    meant.then(|| World {
        e164: PHONE_NUMBER_UTIL
            .format(&found, PhoneNumberFormat::E164)
            .into_owned(),
        domestic: country.is_some() && PHONE_NUMBER_UTIL.get_region_for_number(&found) == country,
    })
}

/// The digits under which a called number comes with a trunk: as it was dialled, or as it is dialled from abroad. None when it does
/// not. `country` is an ISO 3166-1 alpha-2 code, for numbers that are written as in one's own country.
pub fn number_of_trunk(settings: &ProviderSettings, dialled: &str, country: &str) -> Option<String> {
    let dialled = compact(dialled);
    let own = dialled.strip_prefix('+').unwrap_or(&dialled);
    if settings.has_number(own) {
        return Some(own.to_owned());
    }
    let world = in_world(&dialled, country)?.e164;
    let world = world.strip_prefix('+').unwrap_or(&world);
    settings.has_number(world).then(|| world.to_owned())
}

/// Whether a caller's number is one that a mask means. In a mask `*` stands for any digits and `?` for one; an empty one means
/// everybody. A leading plus sign and what is written between digits make no difference.
pub(super) fn matches_mask(mask: &str, number: &str) -> bool {
    let plain = |text: &str| {
        let compact = compact(text);
        compact.strip_prefix('+').unwrap_or(&compact).to_ascii_lowercase()
    };
    let (mask, number) = (plain(mask), plain(number));
    mask.is_empty() || matches_from(mask.as_bytes(), number.as_bytes())
}

/// Whether the rest of a number fits the rest of a mask. Goes back to the last star only, so the time is bounded by the product of
/// both lengths.
fn matches_from(mask: &[u8], number: &[u8]) -> bool {
    let (mut mask, mut number) = (mask, number);
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        match (mask, number) {
            ([b'*', rest @ ..], _) => {
                star = Some((rest, number));
                mask = rest;
            }
            ([b'?', mask_rest @ ..], [_, number_rest @ ..]) => (mask, number) = (mask_rest, number_rest),
            ([wanted, mask_rest @ ..], [found, number_rest @ ..]) if wanted == found => {
                (mask, number) = (mask_rest, number_rest);
            }
            ([], []) => return true,
            _ => match star {
                Some((after, [_, later @ ..])) => {
                    star = Some((after, later));
                    (mask, number) = (after, later);
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_world() {
        for (number, country, e164, domestic) in [
            ("030123456", "DE", Some("+4930123456"), true),
            ("+4930123456", "DE", Some("+4930123456"), true),
            ("004930123456", "DE", Some("+4930123456"), true),
            ("0041446681800", "DE", Some("+41446681800"), false),
            ("2125550123", "US", Some("+12125550123"), true),
            // One country code, other countries: Jamaica and Canada.
            ("18765551234", "US", Some("+18765551234"), false),
            ("4165550123", "US", Some("+14165550123"), false),
            // Nobody has it yet.
            ("+11005551234", "US", Some("+11005551234"), false),
            ("1005551234", "US", None, false),
            ("1777", "DE", None, false),
            ("0800FLOWERS", "DE", None, false),
            ("1234", "", None, false),
            ("*21", "DE", None, false),
            ("+", "DE", None, false),
        ] {
            let found = in_world(number, country);
            assert_eq!(found.as_ref().map(|found| found.e164.as_str()), e164, "{number}");
            assert_eq!(found.is_some_and(|found| found.domestic), domestic, "{number}");
        }
    }

    #[test]
    fn masks_of_callers() {
        for (mask, number, fits) in [
            ("", "anything", true),
            ("", "", true),
            ("*", "", true),
            ("?", "", false),
            ("1001", "1001", true),
            ("1001", "10010", false),
            ("+49 30*", "4930123456", true),
            ("4930*", "+49 (30) 123-456", true),
            ("*456", "+4930123456", true),
            ("*1*4?6", "4930123456", true),
            ("*1*4?7", "4930123456", false),
            ("10??", "1001", true),
            ("10??", "101", false),
            ("Alice*", "alice", true),
        ] {
            assert_eq!(matches_mask(mask, number), fits, "{mask} {number}");
        }
    }
}
