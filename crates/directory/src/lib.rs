//! The use cases: what can be done with the directory, by whom, and what holds whatever door the request came through.
//!
//! Each use case takes the proof that it may be done ([`Grant`](jackfield_domain::Grant) or
//! [`Owner`](jackfield_domain::Owner)), judges the rules that concern several records, changes them in one transaction
//! together with the journal, and tells the rest of the process after the commit.
//!
//! To add a use case: a method on [`Directory`] in the file of its noun; the capability in its arguments; `self.work(…)` for
//! the transaction; one `journal` line for each record that changes. What a single record can judge by itself belongs into
//! `domain`.

mod applications;
mod authorizations;
mod avatars;
mod balances;
mod blobs;
mod cache;
mod call_control;
mod call_records;
mod call_routes;
mod caller_ids;
mod conference;
mod contacts;
mod desks;
mod directory;
mod events;
mod export;
mod extension_access;
mod external_identities;
mod greetings;
mod groups;
mod hashing;
mod holidays;
mod import;
mod invitations;
mod keys;
mod labels;
mod mail;
mod media;
mod meeting_control;
mod meetings;
mod messages;
mod own_account;
mod owned;
mod passwords;
mod phones;
mod placements;
mod policy;
mod presence;
mod profiles;
mod programs;
mod providers;
mod recordings;
mod recovery;
mod renewals;
mod report;
mod reservations;
mod roles;
mod route;
mod secrets;
mod sessions;
mod sign_in;
mod sip;
mod staying;
mod sync;
mod teams;
mod tenants;
mod throttle;
mod trunk_bindings;
mod trunks;
mod users;
mod watch;
mod welcome;
mod work;

pub use applications::{CreatedApplication, ProvenApplication};
pub use authorizations::{CodeRequest, LiveToken, ProgramCode, ProgramTokens};
pub use blobs::{Collected, Depositor, Incoming, Interrupted, OpenBlob, Progress};
pub use call_records::CallHistory;
pub use call_routes::NamesTrunk;
pub use conference::{ConferenceEngine, KeptConferences};
pub use contacts::Marked;
pub use directory::{Directory, InstallationInfo, Parts};
pub use events::{Event, StoreChange, StoreChanges, TabRefresh};
pub use export::{ExportedSecrets, ExportedUser};
pub use greetings::SeenGreeting;
pub use hashing::{Hashing, HashingCost};
pub use import::{ImportMode, ImportProgress, ImportReport, ImportedUser, RowFailure};
pub use jackfield_store::{
    BlobContents, ContentReader, ContentWriter, Error as StoreError, FoundContent, OwnedDocument as Stored,
    Store, TeamDocument as StoredTeam,
};
pub use keys::{CreatedKey, KeyHolder};
pub use mail::{CalendarPart, Mail, MailError, Mailer};
pub use media::MediaBriefing;
pub use meetings::SeenMeeting;
pub use own_account::{SipAccount, TenantFacts};
pub use owned::Keeper;
pub use phones::SeenPhone;
pub use presence::UserState;
pub use profiles::{Belongings, ProfilePatch, WelcomeTo};
pub use recovery::ForgottenPassword;
pub use report::{
    Reported, lost_calls::EDGE_CALLS, mailboxes::ReportedMailbox, registrations::ReportedRegistration,
};
pub use route::{Calling, ExplainedRoute};
pub use secrets::MasterKey;
pub use sign_in::{SignIn, SignInOutcome, TokenPair};
pub use sip::{Binding, Binds, Bound, CallingCard, SipContact, SipIdentity};
pub use staying::{AddressSignIn, StayingSession};
pub use sync::{Changed, Difference};
pub use teams::SeenTeam;
pub use trunk_bindings::{TrunkAccount, TrunkBound};
pub use trunks::Trunk;
pub use users::View;
pub use watch::{SeenUser, Standing};

/// Reading the settings of a user, which travel as text.
pub mod document {
    use jackfield_domain::{Error, Result, User, UserSettings};

    /// The settings of a user in typed form. Costs some 25 µs: ask only where a setting is needed.
    ///
    /// # Errors
    /// [`Error::Internal`] when the stored text is damaged.
    pub fn settings_of(user: &User) -> Result<UserSettings> {
        jackfield_store::decode_user_settings(user.settings.as_str()).map_err(Error::internal)
    }
}
