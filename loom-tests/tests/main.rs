//! All models, a file for each property. One program, so that the map is compiled and linked once for
//! all of them, and models of different files run at the same time.

mod behind_unlinked_get;
#[cfg(resumption_loom)]
mod client_put_take;
mod departure_seen;
mod drop_with_garbage;
mod engine_callbacks_swap;
mod engine_counters;
mod engine_fetch_remove;
mod engine_fill_insert;
mod engine_invalidate_lookup;
mod engine_mode_lookup;
mod engine_refresh_take;
mod engine_remove_expire;
mod epoch_replace_get;
mod evict_take;
mod expire_insert;
mod fill_to_capacity;
mod handle_drop;
mod insert_b_take_a;
mod insert_evict_take;
mod insert_get;
mod insert_insert_at_capacity;
mod insert_insert_other_id;
mod insert_insert_same_id;
mod insert_insert_same_object;
mod insert_insert_take_get;
#[cfg(resumption_loom)]
mod litmus;
mod remove_get_sweep;
mod remove_sweep;
mod renew_take;
mod replace_get;
mod replace_get_get;
mod replace_replace_get;
mod replace_take;
mod retire_drain;
mod shrink_insert;
#[cfg(resumption_loom)]
mod slab_grow;
#[cfg(resumption_loom)]
mod slab_pop_pop_push;
mod sweep_insert;
mod take_a_take_b;
mod take_insert_insert;
mod take_take;
mod take_take_take;
