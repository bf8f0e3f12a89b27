//! The limits that every dialect shares. Lengths count Unicode characters.
//!
//! They are those of the richest dialect's contract, so that what one door accepts every door can show.

use std::ops::RangeInclusive;

/// A sign-in name.
pub const USER_NAME: RangeInclusive<usize> = 1..=64;
/// An e-mail address; empty means none.
pub const EMAIL: usize = 128;
/// The name that people see.
pub const DISPLAY_NAME: usize = 1024;
/// A telephone number of a person, as free text.
pub const PERSONAL_PHONE: usize = 32;
/// A postal address.
pub const ADDRESS: usize = 128;
/// A department.
pub const DEPARTMENT: usize = 128;
/// An extension number: digits only.
pub const EXTENSION_NUMBER: RangeInclusive<usize> = 3..=64;
/// A SIP password. The tenant's password policy narrows it further.
pub const EXTENSION_PASSWORD: RangeInclusive<usize> = 1..=128;
/// A voicemail PIN: digits only.
pub const VOICEMAIL_PIN: RangeInclusive<usize> = 6..=10;
/// The shortest and longest password that any policy may allow.
pub const POLICY_LENGTH: RangeInclusive<i64> = 6..=32;
/// A password in a request, before any policy; bounds the work of hashing it.
pub const PASSWORD: usize = 1024;
/// The name of a role.
pub const ROLE_NAME: RangeInclusive<usize> = 1..=64;
/// The name of a group.
pub const GROUP_NAME: RangeInclusive<usize> = 1..=64;
/// A description of anything.
pub const DESCRIPTION: usize = 1024;
/// A caller id.
pub const CALLER_ID: RangeInclusive<usize> = 1..=64;
/// Caller ids of one user, group or tenant. Ours: the contract names no limit, and one row has to stay small.
pub const CALLER_IDS: usize = 100;
/// Options that an integration keeps with a record, as text. Ours, as above.
pub const CUSTOM_OPTIONS: usize = 65_536;
/// Custom forward rules of one user. Ours.
pub const CUSTOM_FORWARD_RULES: usize = 100;
/// Ranges in one day of a weekly schedule. Ours.
pub const RANGES_PER_DAY: usize = 24;
/// A number to forward to, or a mask of caller ids. Ours.
pub const FORWARD_NUMBER: usize = 64;
/// Seconds to ring before the no-answer rule. Ours: an hour.
pub const NO_ANSWER_SECONDS: RangeInclusive<i64> = 0..=3600;
/// Keys of one phone's lamp field. Ours.
pub const BLFS: usize = 200;
/// Each text of such a key. Ours.
pub const BLF_TEXT: usize = 256;
/// A BCP 47 language tag. The longest registered ones have 35.
pub const LANGUAGE_TAG: usize = 64;
/// The identity of a user in a directory outside: an object id or a principal name. Ours.
pub const EXTERNAL_IDENTITY: usize = 256;
/// The name of a tenant.
pub const TENANT_NAME: RangeInclusive<usize> = 1..=1024;
/// The SIP domain of a tenant.
pub const TENANT_DOMAIN: RangeInclusive<usize> = 1..=280;
/// A web address of a tenant.
pub const WEBSITE: usize = 255;
/// Free texts of a tenant's settings. Ours.
pub const TENANT_TEXT: usize = 16_384;
/// Rows of one page of a list, at most.
pub const PAGE: usize = 100;
/// How deeply parentheses and `not` of a filter may nest.
pub const FILTER_DEPTH: usize = 12;
/// Comparisons in one filter.
pub const FILTER_COMPARISONS: usize = 32;
/// Words of one search.
pub const SEARCH_WORDS: usize = 16;
/// Sort keys of one list.
pub const ORDER_KEYS: usize = 8;
