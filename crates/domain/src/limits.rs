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
/// Phones of one user. Ours.
pub const PHONES: i64 = 50;
/// A text of a phone's settings, such as a ringtone or a template's file name. Ours.
pub const PHONE_TEXT: usize = 256;
/// The password of a phone's web page. Ours.
pub const PHONE_PASSWORD: RangeInclusive<usize> = 1..=128;
/// What is dialled to open a door.
pub const DOOR_PASSWORD: RangeInclusive<usize> = 4..=8;
/// Codecs of one phone. Ours.
pub const CODECS: usize = 32;
/// The name of a codec. Ours.
pub const CODEC_NAME: usize = 64;
/// A VLAN, as IEEE 802.1Q numbers them.
pub const VLAN_ID: RangeInclusive<i64> = 1..=4094;
/// A priority, as IEEE 802.1p numbers them.
pub const VLAN_PRIORITY: RangeInclusive<i64> = 0..=7;
/// The number behind a speed dial. Ours.
pub const SPEED_DIAL_NUMBER: RangeInclusive<usize> = 1..=64;
/// Greetings of one user. Ours.
pub const GREETINGS: i64 = 50;
/// The bytes of one uploaded file when the installation says nothing else: 16 MiB. Ours.
pub const UPLOAD_BYTES: u64 = 16 * 1024 * 1024;
/// Uploads of one person that are not complete. Ours.
pub const UPLOADS: i64 = 50;
/// The pieces in which one upload may arrive. Ours.
pub const UPLOAD_PIECES: i64 = 1000;
/// The name of a file, in bytes: what common file systems allow.
pub const FILE_NAME: RangeInclusive<usize> = 1..=255;
/// Holidays of one user, or of the tenant. Ours.
pub const HOLIDAYS: i64 = 366;
/// The name of a holiday.
pub const HOLIDAY_NAME: RangeInclusive<usize> = 1..=64;
/// The year of a holiday. Ours: four digits, as calendars print them.
pub const HOLIDAY_YEAR: RangeInclusive<i64> = 1..=9999;
/// Contacts of one user. Ours.
pub const CONTACTS: i64 = 10_000;
/// Contacts of the tenant. Ours.
pub const BUSINESS_CONTACTS: i64 = 100_000;
/// The name of a contact.
pub const CONTACT_NAME: RangeInclusive<usize> = 1..=64;
/// Any other line of a contact.
pub const CONTACT_TEXT: usize = 128;
/// The notes of a contact.
pub const CONTACT_NOTES: usize = 1024;
/// What a user says of himself beside his presence.
pub const PRESENCE_NOTE: usize = 128;
/// The id that a SIP device gives itself. Ours.
pub const INSTANCE_ID: RangeInclusive<usize> = 1..=256;
/// What a device or a program calls itself. Ours.
pub const USER_AGENT: usize = 256;
/// SIP devices that may be bound to one user at once. Ours: far more than a person has, far less than floods memory.
pub const REGISTRATIONS: usize = 32;
/// A SIP contact address. Ours.
pub const CONTACT_ADDRESS: usize = 1024;
/// Messages of one sort in a voicemail box, as far as they are counted. Ours: far more than anybody keeps.
pub const MAILBOX_MESSAGES: i64 = 100_000;
/// How far ahead a registration may end, in seconds. Ours: a week; a device renews long before that.
pub const REGISTRATION_SECONDS: u64 = 7 * 24 * 3600;
/// The id that an engine gives to what it reports. Ours.
pub const EXTERNAL_ID: RangeInclusive<usize> = 1..=256;
/// A side of a call: a number or the user part of an address.
pub const CALL_PARTY: usize = 256;
/// The domain of a side of a call.
pub const CALL_DOMAIN: usize = 1024;
/// The name of a side of a call.
pub const CALL_NAME: usize = 1024;
/// The id, the trunk, the account and other short texts of a call. Ours: the contract names no limit.
pub const CALL_TEXT: usize = 256;
/// What an integration keeps with a call. Ours.
pub const USER_DATA: usize = 16_384;
/// A SIP status code; 0 where none is known.
pub const STATUS_CODE: RangeInclusive<i64> = 0..=699;
/// Seconds that a call, a recording or a meeting may last. Ours: 31 days, far above any real one; longer is a broken clock.
pub const CALL_SECONDS: u64 = 31 * 24 * 3600;
/// Seconds after which a live call that its engine no longer speaks of is forgotten. Ours: a day.
pub const LIVE_CALL_SECONDS: u64 = 24 * 3600;
/// A side of a message, its name, its channel and other short texts. Ours.
pub const MESSAGE_TEXT: usize = 256;
/// The text of a message. Ours: about what the longest of the channels carry.
pub const MESSAGE_CONTENT: usize = 65_536;
/// The subject of a meeting.
pub const MEETING_SUBJECT: RangeInclusive<usize> = 1..=64;
/// A PIN of a meeting: digits only.
pub const MEETING_PIN: RangeInclusive<usize> = 3..=6;
/// The height and the width of a conference's picture, in pixels.
pub const PICTURE_SIZE: RangeInclusive<i64> = 144..=1920;
/// The rate of a conference's picture, in kbit/s.
pub const BITRATE: RangeInclusive<i64> = 128..=10_240;
/// Pictures a second of a conference.
pub const FRAMERATE: RangeInclusive<i64> = 5..=30;
/// People in one conference.
pub const MEETING_CAPACITY: RangeInclusive<i64> = 1..=200;
/// Users invited to one meeting: as many as the largest conference holds.
pub const INVITEES: usize = 200;
/// The addresses of invited people from outside, together. Ours.
pub const EXTERNAL_INVITEES: usize = 16_384;
/// A place in a conference's picture; -1 is none.
pub const POSITION: RangeInclusive<i64> = -1..=8;
/// The name of a program's key. Ours.
pub const API_KEY_NAME: usize = 64;
/// Keys of one tenant. Ours.
pub const API_KEYS: usize = 100;
/// The name of a program of somebody else. Ours.
pub const APPLICATION_NAME: RangeInclusive<usize> = 1..=64;
/// Programs of others that one tenant lets in. Ours.
pub const APPLICATIONS: usize = 100;
/// Addresses that a browser may be sent back to by one program. Ours.
pub const REDIRECT_URIS: usize = 10;
/// Each of them, in bytes. Ours.
pub const REDIRECT_URI: usize = 1024;
/// Items of one batch that an engine reports. Ours.
pub const BATCH: usize = 10_000;
/// The name of a call queue, a ring group or a trunk.
pub const ROUTE_NAME: RangeInclusive<usize> = 1..=64;
/// Seconds that an agent of a queue is rung.
pub const QUEUE_RING_SECONDS: RangeInclusive<i64> = 1..=65_535;
/// Seconds that a member of a ring group is rung. The contract's lower bound; the upper one is ours: an hour.
pub const GROUP_RING_SECONDS: RangeInclusive<i64> = 0..=3600;
/// Callers that wait in one queue.
pub const QUEUE_CALLERS: RangeInclusive<i64> = 0..=65_535;
/// Seconds that a caller waits in a queue.
pub const QUEUE_WAITING_SECONDS: RangeInclusive<i64> = 15..=65_535;
/// Seconds between two announcements of a caller's place in the queue.
pub const INFORM_SECONDS: RangeInclusive<i64> = 10..=1800;
/// Seconds within which a queue's calls ought to be answered.
pub const SLA_SECONDS: RangeInclusive<i64> = 0..=65_536;
/// Seconds before a caller is offered to be called back. The upper bound is ours: a day.
pub const CALLBACK_SECONDS: RangeInclusive<i64> = 0..=86_400;
/// Days that a queue remembers which agent a caller spoke to.
pub const STICKY_DAYS: RangeInclusive<i64> = 1..=365;
/// Digits that are dialled before the number of a caller who is called back. Ours.
pub const DIAL_PREFIX: usize = 32;
/// The name of a file or prompt that a setting refers to. Ours.
pub const FILE_REFERENCE: usize = 64;
/// How well an agent fits; more is better.
pub const SKILL_LEVEL: RangeInclusive<i64> = 1..=100;
/// Agents of one queue, or members of one ring group. Ours.
pub const AGENTS: usize = 1000;
/// A port. 0 leaves the choice to the transport.
pub const PORT: RangeInclusive<i64> = 0..=65_535;
/// The brand of a provider.
pub const BRAND: RangeInclusive<usize> = 1..=64;
/// The account at a provider.
pub const PROVIDER_ACCOUNT: usize = 64;
/// The password at a provider. Ours.
pub const PROVIDER_PASSWORD: usize = 256;
/// Seconds between two registrations, or two signs of life, of a trunk. The upper bound is ours: a day.
pub const TRUNK_SECONDS: RangeInclusive<i64> = 0..=86_400;
/// Calls at the same time over one trunk.
pub const TRUNK_CALLS: RangeInclusive<i64> = 0..=65_535;
/// The numbers of a trunk, and its additional addresses, as text. Ours.
pub const TRUNK_LIST: usize = 16_384;
/// Characters of a colour.
pub const COLOR: usize = 32;
/// Characters of the name of an API token.
pub const API_TOKEN_NAME: RangeInclusive<usize> = 1..=128;
/// Seconds that an API token may live without a request: a minute to ten years.
pub const API_TOKEN_IDLE_SECONDS: RangeInclusive<i64> = 60..=315_360_000;
/// API tokens of one user.
pub const API_TOKENS: usize = 100;
/// Users whose site and groups are changed at once.
pub const PLACEMENTS: usize = 1000;
/// Groups that one user is put into at once.
pub const GROUPS_OF_USER: usize = 200;
/// Policies for groups, and groups of queues, that a tenant may have of each.
pub const LABELS: i64 = 1000;
/// Accounts of different tenants with one e-mail address whose password is tried at a sign-in that names no tenant.
pub const ACCOUNTS_OF_ADDRESS: usize = 4;
/// Digits of a number in a route for calls in or out: twice those of E.164, for prefixes of carriers.
pub const ROUTE_NUMBER: usize = 32;
/// The places that routes which fit alike can have.
pub const ROUTE_PRIORITY: RangeInclusive<i64> = 0..=1000;
/// Digits that a route leaves out of what it sends.
pub const ROUTE_STRIP: RangeInclusive<i64> = 0..=32;
/// Routes of a kind that a tenant may have.
pub const CALL_ROUTES: i64 = 1000;
/// Times that rules may send one call on to another number. Ours: more is a circle, or somebody who cannot be found.
pub const ROUTE_FORWARDS: usize = 5;
/// Steps of one call's plan that lead further. Ours: far above what forwards and a large ring group make.
pub const ROUTE_STEPS: usize = 256;
/// The number of a view on a desk.
pub const VIEW: RangeInclusive<i64> = 0..=2_147_483_647;
/// Views that a user selects.
pub const VIEWS: usize = 1000;
/// Chats that a user holds at once.
pub const CHATS: RangeInclusive<i64> = 0..=99;
/// The name of a figure on a desk, and what it is narrowed to, in characters.
pub const STATISTIC_NAME: RangeInclusive<usize> = 1..=64;
/// Figures on a desk.
pub const STATISTICS: usize = 200;
/// The name of a campaign, in characters.
pub const CAMPAIGN_NAME: RangeInclusive<usize> = 1..=64;
/// Campaigns that a user was set active or inactive in.
pub const CAMPAIGNS: usize = 200;
/// The form of dates on a desk, in characters.
pub const DESK_DATE_FORMAT: RangeInclusive<usize> = 3..=5;
/// The name of a tab of a console, in characters.
pub const TAB_NAME: RangeInclusive<usize> = 1..=64;
/// The number of a channel that a user is reserved for.
pub const CHANNEL: RangeInclusive<i64> = 0..=2_147_483_647;
