//! Changing what an entry says of itself, without a gap and without a second entry.

use core::ptr;

use crate::draft::Draft;
use crate::handle::Handle;
use crate::insert::{Refused, RefusedWhy};
use crate::key::{HashParts, Key};
use crate::map::Map;
use crate::node::{Header, is_dead};
use crate::reclaim::Reclaim;
use crate::shard::Shard;
use crate::sync::{HintU8, Ordering};

impl<T: Send + Sync + 'static, R: Reclaim> Map<T, R> {
    /// Gives exactly the entry that `handle` refers to another value and another end; key, bytes, weight
    /// and credit stay. Returns the handle to the entry as it is now; the former one shows what was.
    ///
    /// Nothing departs: there is one entry before and after, and it is the same to everyone who counts.
    ///
    /// # Errors
    /// [`RefusedWhy::Departed`] when the entry has left, or is another map's, and then nothing comes
    /// back; [`RefusedWhy::Reclaim`] as for an insert. The value comes back.
    /// # Concurrency
    /// Takes effect at the exchange by which an insert replaces (edges E1 and E4), so that a lookup finds
    /// the one or the other, and of all operations that would end or renew the entry exactly one wins.
    pub fn renew<'m>(
        &'m self,
        handle: &Handle<'_, T>,
        value: T,
        expires: u64,
    ) -> Result<Handle<'m, T>, Refused<T>> {
        let Some(key) = Key::new(handle.scope(), handle.id()) else {
            return Err(Refused { why: RefusedWhy::Departed, value });
        };
        let (shard, hash): (&'m Shard<T>, HashParts) = self.locate(&key);
        if !ptr::eq(shard, handle.shard()) || !handle.is_live() {
            return Err(Refused { why: RefusedWhy::Departed, value });
        }
        let Some(slot) = self.slot(shard) else {
            return Err(Refused { why: RefusedWhy::Reclaim, value });
        };
        let old = handle.node_ref();
        let former = old.header();
        let header = Header {
            expires,
            scope: former.scope,
            tag: former.tag,
            weight: former.weight,
            id_len: former.id_len,
            credit: HintU8::new(former.credit.load(Ordering::Relaxed)),
            id: former.id,
        };
        // SAFETY: the slot was just handed out, to this thread alone, and holds no value; bytes that fit
        // into one slot of a map fit into another, and the handle keeps them until they are copied.
        let draft = unsafe { Draft::fill(shard, slot, header, value, handle.bytes(), 2) };
        let renewed = self.writing(shard, |operation| {
            // What follows the entry is read under the guard, which keeps it from being used again.
            loop {
                let next = old.next();
                if is_dead(next) {
                    return false;
                }
                if old.replace(next, draft.node(operation.pinned())) {
                    break;
                }
            }
            operation.purge(hash.bucket(shard.buckets()));
            true
        });
        if renewed {
            Ok(draft.into_handle())
        } else {
            Err(Refused { why: RefusedWhy::Departed, value: draft.withdraw() })
        }
    }
}
