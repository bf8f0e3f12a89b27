//! Numbers that call for help. They go out whatever else is true of the caller.

/// Understood by the networks of most of the world.
const EVERYWHERE: [&str; 2] = ["112", "911"];

/// Those of a country beside the ones above, by its ISO 3166-1 alpha-2 code.
const BY_COUNTRY: &[(&str, &[&str])] = &[
    ("AE", &["997", "998", "999"]),
    ("AR", &["100", "101", "107"]),
    ("AT", &["122", "133", "140", "144"]),
    ("AU", &["000", "106"]),
    ("BE", &["100", "101"]),
    ("BG", &["150", "160", "166"]),
    ("BR", &["190", "192", "193"]),
    ("CH", &["117", "118", "144", "1414"]),
    ("CL", &["131", "132", "133"]),
    ("CN", &["110", "119", "120", "122"]),
    ("CO", &["123"]),
    ("CZ", &["150", "155", "158"]),
    ("DE", &["110"]),
    ("EG", &["122", "123", "180"]),
    ("ES", &["061", "062", "080", "091", "092"]),
    ("FR", &["15", "17", "18", "114"]),
    ("GB", &["999"]),
    ("GR", &["100", "108", "166", "199"]),
    ("HK", &["999"]),
    ("HR", &["192", "193", "194"]),
    ("HU", &["104", "105", "107"]),
    ("ID", &["110", "113", "118", "119"]),
    ("IE", &["999"]),
    ("IL", &["100", "101", "102"]),
    ("IN", &["100", "101", "102", "108"]),
    ("IT", &["113", "115", "118"]),
    ("JP", &["110", "118", "119"]),
    ("KE", &["999"]),
    ("KR", &["119"]),
    ("LU", &["113"]),
    ("MY", &["999"]),
    ("NG", &["199"]),
    ("NO", &["110", "113"]),
    ("NZ", &["111"]),
    ("PE", &["105", "106", "116"]),
    ("PH", &["117"]),
    ("PL", &["997", "998", "999"]),
    ("RS", &["192", "193", "194"]),
    ("RU", &["101", "102", "103", "104"]),
    ("SA", &["997", "998", "999"]),
    ("SG", &["993", "995", "999"]),
    ("SI", &["113"]),
    ("SK", &["150", "155", "158"]),
    ("TH", &["191", "199", "1669"]),
    ("TR", &["110", "155", "156"]),
    ("UA", &["101", "102", "103", "104"]),
    ("VN", &["113", "114", "115"]),
    ("ZA", &["10111", "10177"]),
];

/// Whether the number calls for help in this country.
pub(super) fn is_emergency(number: &str, country: &str) -> bool {
    EVERYWHERE.contains(&number)
        || BY_COUNTRY
            .iter()
            .any(|(code, numbers)| *code == country && numbers.contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_known_where_one_is() {
        for (number, country, help) in [
            ("112", "DE", true),
            ("911", "DE", true),
            ("110", "DE", true),
            ("110", "US", false),
            ("999", "GB", true),
            ("999", "DE", false),
            ("000", "AU", true),
            ("15", "FR", true),
            ("+112", "DE", false),
            ("1120", "DE", false),
            ("", "DE", false),
        ] {
            assert_eq!(is_emergency(number, country), help, "{number} {country}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_of_digits() {
        assert!(BY_COUNTRY.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (country, numbers) in BY_COUNTRY {
            assert_eq!(country.len(), 2);
            let digits = |number: &&str| crate::text::is_digits(number);
            assert!(numbers.iter().all(digits), "{country}");
        }
    }
}
