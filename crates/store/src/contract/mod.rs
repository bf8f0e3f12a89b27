//! What every engine must do: one suite of cases, run by each engine's crate.
//!
//! An engine's tests say how a fresh store is made, and the macro stamps a test for each case:
//!
//! ```ignore
//! async fn on_fresh_store<F: Future<Output = ()>>(case: impl FnOnce(Arc<dyn Store>) -> F) { … }
//! jackfield_store::contract_suite!(on_fresh_store);
//! ```
//!
//! To add a case: a function in the file of its aggregate, and its name in [`contract_suite!`](crate::contract_suite). The
//! functions panic when the store does not keep the contract, as tests do.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "these are tests; they live here so that every engine runs the same ones"
)]

pub mod applications;
pub mod blobs;
pub mod call_orders;
pub mod desks;
pub mod extension_access;
pub mod groups;
pub mod journal;
pub mod keys;
pub mod lists;
pub mod live_calls;
pub mod mailboxes;
pub mod meetings;
pub mod numbers;
pub mod owned;
pub mod presence;
pub mod providers;
pub mod reports;
pub mod roles;
mod samples;
pub mod sessions;
pub mod teams;
pub mod tenants;
pub mod transactions;
pub mod users;

/// Stamps a test for each case of the suite. `$run` is an async function that hands a fresh store to the case it is given.
#[macro_export]
macro_rules! contract_suite {
    ($run:path) => {
        $crate::contract_suite! { $run;
            tenants: a_tenant_comes_back, domains_are_unique, the_installation_is_no_tenant, extensions_are_counted,
                everything_goes_with_its_tenant;
            users: a_user_comes_back, names_and_addresses_are_unique_in_any_case, numbers_are_unique_and_come_free,
                an_extension_has_one_user, tenants_do_not_see_each_other, roles_are_counted_and_replaced,
                users_are_walked_in_the_order_of_their_ids, what_is_not_there_cannot_be_changed, a_name_may_change_and_stays_unique,
                no_text_is_too_strange_to_ask_for, an_address_is_looked_for_in_all_tenants;
            lists: users_are_listed_as_the_domain_would, tenants_are_listed_as_the_domain_would,
                groups_are_listed_as_the_domain_would, long_lists_are_paged_and_counted;
            roles: a_role_comes_back, names_of_roles_are_unique_in_any_case;
            groups: a_group_comes_back, names_of_groups_are_unique_in_any_case, members_come_and_go,
                memberships_end_with_either_side, groups_of_several_users_come_at_once;
            sessions: a_session_comes_back, a_token_finds_its_session, a_token_is_used_once, sessions_end_with_their_user,
                sessions_of_a_user_end_together, old_sessions_are_purged,
                named_sessions_are_their_owners, sessions_are_renewed;
            journal: entries_come_back_in_order, numbers_have_no_gaps_under_concurrency,
                a_tenant_that_is_not_there_has_no_journal, what_is_announced_has_no_entry;
            meetings: a_meeting_comes_back, meetings_are_listed_for_their_people, meetings_go_with_number_and_organizer,
                a_room_is_kept_while_it_goes_on, visits_are_known_until_forgotten;
            numbers: a_number_is_claimed_once, extensions_have_their_numbers_here, ranges_tell_what_is_taken;
            keys: a_key_is_found_by_its_hash, keys_come_and_go, keys_of_an_account_end_with_it;
            desks: a_desk_comes_back_and_goes_with_its_user, reservations_are_one_for_each_user_and_end;
            applications: a_program_is_found_by_its_client_id, a_token_finds_its_authorization, authorizations_end;
            extension_access: owners_and_guests_are_found, members_and_extensions_are_listed, rights_end_with_user_and_extension;
            owned: a_record_comes_back_from_its_shelf, keys_are_unique_on_a_shelf,
                collections_and_marks_go_with_their_user, entries_are_found_by_kind_and_owner;
            presence: users_are_found_by_their_extensions, a_registration_comes_back_until_it_ends,
                states_of_several_users_come_at_once, ended_registrations_are_purged, registrations_are_renewed_and_none_comes_back, presence_and_registrations_go_with_their_user;
            reports: reports_come_back_to_whom_they_are_about, reports_are_numbered_for_each_user,
                histories_go_with_their_user, call_records_are_listed_as_the_domain_would, recordings_come_and_go,
                users_are_found_by_their_names, legs_come_back_in_their_order;
            call_orders: an_order_is_taken_once, orders_are_given_up_and_forgotten;
            mailboxes: a_mailbox_comes_back_and_goes_with_its_user;
            live_calls: a_state_takes_the_place_of_the_last, calls_that_are_silent_are_forgotten;
            teams: a_team_comes_back, numbers_of_teams_are_unique_and_come_free, agents_come_back_in_their_order,
                agents_end_with_either_side, teams_are_listed_as_the_domain_would;
            providers: a_provider_comes_back, one_process_holds_a_trunk, a_provider_that_registers_is_bound, references_hold_a_provider, providers_are_listed_as_the_domain_would;
            blobs: a_file_comes_back, a_file_in_use_stays, uses_go_with_their_user, an_upload_comes_back_with_its_pieces,
                a_place_in_an_upload_is_taken_once;
            transactions: dropped_ones_leave_no_trace, uncommitted_changes_are_seen_inside_only, ids_are_never_given_twice,
                one_at_a_time_in_a_tenant, a_failed_statement_ends_the_transaction, the_first_proof_of_a_key_stays,
                the_store_is_alive;
        }
    };
    ($run:path; $($module:ident: $($case:ident),+;)+) => {$(
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    use super::*;
                    $run($crate::contract::$module::$case).await;
                }
            )+
        }
    )+};
}
