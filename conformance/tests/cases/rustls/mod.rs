//! Handshakes of rustls servers.

mod server;
mod visitor;

use crate::wire::cases::on;
use server::Rustls;

on!(Rustls;
    case_062_an_expired_session_of_tls_1_2_leaves_and_is_counted
    case_063_an_expired_session_of_tls_1_3_leaves_too
    case_068_a_new_session_is_cached_and_resumes
    case_069_off_keeps_nothing_and_gives_nothing_to_resume
    case_070_off_finds_nothing_of_what_is_cached
    case_071_a_server_in_client_mode_stores_nothing
    case_072_without_internal_store_only_what_is_added_by_hand_resumes
    case_073_without_internal_lookup_the_get_callback_is_asked_at_once
    case_074_what_the_get_callback_found_is_cached_unless_nothing_is_stored
    case_075_without_internal_anything_the_callbacks_do_it_all
    case_077_a_mode_takes_effect_with_the_next_handshake
    case_079_an_expired_session_leaves_by_the_way_in_tls_1_2
    case_080_an_expired_session_leaves_by_the_way_in_tls_1_3
    case_081_without_auto_clear_it_does_not
    case_089_the_new_callback_hears_once_of_a_session_that_is_there
    case_090_the_new_callback_hears_of_each_ticket
    case_091_what_the_new_callback_declines_does_not_resume
    case_097_what_the_get_callback_found_is_cached
    case_098_a_callback_hit_is_a_miss_and_a_hit
    case_099_the_get_callback_has_nothing
    case_104_the_get_callback_is_not_asked_for_nothing
    case_109_another_context_does_not_resume_and_the_session_stays
    case_116_a_session_without_certificate_resumes_on_no_host_that_requires_one
    case_119_extended_master_secret_on_both_or_neither
    case_126_each_handshake_of_tls_1_3_leaves_its_tickets
    case_127_a_ticket_of_tls_1_3_resumes_once
    case_131_a_hello_retry_request_counts_once
    case_134_a_wrong_binder_uses_the_ticket_up
    case_136_an_identity_of_another_length_is_not_looked_up
    case_076_no_internal_lookup_has_no_effect_on_a_client
    case_137_a_client_uses_a_ticket_once_and_hears_of_each_new_one
    case_146_a_refused_offer_is_the_clients_miss
    case_148_an_expired_session_is_not_offered
    case_138_resuming_for_ever_ends_with_the_lineage
    case_145_the_counters_are_openssls
);
