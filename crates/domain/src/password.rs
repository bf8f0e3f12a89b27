//! Passwords and the policy that a tenant sets for them.

use std::fmt;

use crate::{Field, Patch, Rule, Violations, limits, text::fold};

/// How long a run of equal characters may not be: `aaa`.
const REPEATED: usize = 3;
/// How long a run of ascending or descending characters may not be: `1234`.
const SEQUENTIAL: usize = 4;
/// Account information shorter than this is not looked for in a password.
const INFORMATION: usize = 3;

/// What passwords of a tenant must look like. Applies to the passwords of users and of extensions alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Characters, at least: 6 to 32.
    pub min_length: i64,
    /// Characters, at most: 6 to 32, not less than the minimum.
    pub max_length: i64,
    /// A letter is demanded.
    pub contains_letters: bool,
    /// A digit is demanded.
    pub contains_numbers: bool,
    /// An upper-case letter or a character that is neither letter nor digit is demanded.
    pub contains_special_letters: bool,
    /// Four characters in ascending or descending order, as in `1234` or `dCbA`, are refused.
    pub disable_sequential_characters: bool,
    /// Three equal characters, without regard to case, are refused.
    pub disable_repeating_characters: bool,
    /// The user's name, number or address inside of the password is refused.
    pub disable_account_information: bool,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            min_length: 6,
            max_length: 32,
            contains_letters: true,
            contains_numbers: true,
            contains_special_letters: true,
            disable_sequential_characters: true,
            disable_repeating_characters: true,
            disable_account_information: true,
        }
    }
}

/// A change to a tenant's policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(
    missing_docs,
    reason = "each is the switch of the same name in `PasswordPolicy`"
)]
pub struct PasswordPolicyPatch {
    pub min_length: Patch<i64>,
    pub max_length: Patch<i64>,
    pub contains_letters: Patch<bool>,
    pub contains_numbers: Patch<bool>,
    pub contains_special_letters: Patch<bool>,
    pub disable_sequential_characters: Patch<bool>,
    pub disable_repeating_characters: Patch<bool>,
    pub disable_account_information: Patch<bool>,
}

impl PasswordPolicyPatch {
    /// Carries the change out; tells whether anything changed.
    pub fn apply(self, policy: &mut PasswordPolicy) -> bool {
        let mut changed = self.min_length.apply(&mut policy.min_length);
        changed |= self.max_length.apply(&mut policy.max_length);
        changed |= self.contains_letters.apply(&mut policy.contains_letters);
        changed |= self.contains_numbers.apply(&mut policy.contains_numbers);
        changed |= self
            .contains_special_letters
            .apply(&mut policy.contains_special_letters);
        changed |= self
            .disable_sequential_characters
            .apply(&mut policy.disable_sequential_characters);
        changed |= self
            .disable_repeating_characters
            .apply(&mut policy.disable_repeating_characters);
        changed
            | self
                .disable_account_information
                .apply(&mut policy.disable_account_information)
    }
}

impl PasswordPolicy {
    /// Every rule that the policy itself breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        found.range(Field::MinLength, self.min_length, limits::POLICY_LENGTH);
        found.range(Field::MaxLength, self.max_length, limits::POLICY_LENGTH);
        if found.is_empty() && self.min_length > self.max_length {
            found.add(
                Field::MinLength,
                Rule::OutOfRange(*limits::POLICY_LENGTH.start(), self.max_length),
            );
        }
        found
    }

    /// Every part of the policy that a password breaks. `account` are the texts that may not occur in it: the user's
    /// name, display name, extension number and the part of his address before the `@`.
    pub fn judge(&self, found: &mut Violations, field: Field, password: &str, account: &[&str]) {
        let length = i64::try_from(password.chars().count()).unwrap_or(i64::MAX);
        if length == 0 {
            return found.add(field, Rule::Required);
        }
        if length < self.min_length || length > self.max_length {
            found.add(field, Rule::OutOfRangeLength(self.min_length, self.max_length));
        }
        let mut broken = |part| found.add(field, Rule::Policy(part));
        if self.contains_letters && !password.chars().any(char::is_alphabetic) {
            broken("it needs a letter");
        }
        if self.contains_numbers && !password.chars().any(|c| c.is_ascii_digit()) {
            broken("it needs a digit");
        }
        if self.contains_special_letters
            && !password.chars().any(|c| c.is_uppercase() || !c.is_alphanumeric())
        {
            broken("it needs an upper-case letter or a special character");
        }
        let folded: Vec<u32> = fold(password).chars().map(u32::from).collect();
        if self.disable_sequential_characters && has_sequence(&folded) {
            broken("it must not contain four characters in a row such as 1234 or dcba");
        }
        if self.disable_repeating_characters && has_run(&folded, REPEATED, |first, next| first == next) {
            broken("it must not contain the same character three times in a row");
        }
        if self.disable_account_information && contains_account(password, account) {
            broken("it must not contain the user's name, number or address");
        }
    }
}

fn has_sequence(characters: &[u32]) -> bool {
    let alphanumeric =
        |c: u32| char::from_u32(c).is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let ascending = |first: u32, next: u32| alphanumeric(first) && alphanumeric(next) && first + 1 == next;
    let descending = |first: u32, next: u32| alphanumeric(first) && alphanumeric(next) && next + 1 == first;
    has_run(characters, SEQUENTIAL, ascending) || has_run(characters, SEQUENTIAL, descending)
}

/// Whether `length` characters in a row each follow from the one before.
fn has_run(characters: &[u32], length: usize, follows: impl Fn(u32, u32) -> bool) -> bool {
    let mut run = 1;
    for pair in characters.windows(2) {
        if let [first, next] = pair {
            run = if follows(*first, *next) { run + 1 } else { 1 };
            if run >= length {
                return true;
            }
        }
    }
    false
}

fn contains_account(password: &str, account: &[&str]) -> bool {
    let password = fold(password);
    account
        .iter()
        .flat_map(|text| text.split_whitespace())
        .filter(|word| word.chars().count() >= INFORMATION)
        .any(|word| password.contains(&fold(word)))
}

/// A password on its way in. Its [`Debug`](fmt::Debug) output shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub enum NewPassword {
    /// In clear, as a person typed it: judged by the policy, then hashed.
    Plain(String),
    /// Already hashed elsewhere, as an argon2id PHC string: taken over when users move between installations. No policy
    /// can judge it.
    Hashed(String),
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain(…)",
            Self::Hashed(_) => "Hashed(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(policy: &PasswordPolicy, password: &str) -> Vec<String> {
        let mut found = Violations::new();
        policy.judge(
            &mut found,
            Field::Password,
            password,
            &["alice.smith", "Alice Smith", "1001"],
        );
        found.into_vec().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_default_policy() {
        let policy = PasswordPolicy::default();
        for good in ["Tr0ub4dor", "x!9kz0q", "Zebra77"] {
            assert_eq!(judge(&policy, good), Vec::<String>::new(), "{good}");
        }
        for (bad, part) in [
            ("Ab1x", "between 6 and 32"),
            ("123!57", "a letter"),
            ("Abcxyz", "a digit"),
            ("abc0xyz", "upper-case"),
            ("Xk1234y", "1234"),
            ("Xk9876y", "1234"),
            ("Q1zabCdz", "1234"),
            ("Xk1aAaz", "three times"),
            ("X###k1az", "three times"),
            ("9Smith!x", "user's name"),
            ("X1001zq", "user's name"),
        ] {
            let found = judge(&policy, bad);
            assert!(found.iter().any(|text| text.contains(part)), "{bad}: {found:?}");
        }
    }

    #[test]
    fn a_policy_has_bounds_of_its_own() {
        let policy = PasswordPolicy {
            min_length: 20,
            max_length: 10,
            ..PasswordPolicy::default()
        };
        assert!(policy.check().concerns(Field::MinLength));
        let policy = PasswordPolicy {
            min_length: 5,
            max_length: 33,
            ..PasswordPolicy::default()
        };
        assert_eq!(policy.check().into_vec().len(), 2);
        assert!(PasswordPolicy::default().check().is_empty());
    }

    #[test]
    fn a_password_never_prints() {
        assert_eq!(format!("{:?}", NewPassword::Plain("s3cret".into())), "Plain(…)");
    }
}
