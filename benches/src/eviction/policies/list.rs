//! Doubly linked lists of ids, without an allocation for each.

use crate::eviction::wallets::Id;

const NONE: Id = Id::MAX;

/// The neighbours of every id; an id is in at most one list.
pub(crate) struct Links {
    older: Vec<Id>,
    newer: Vec<Id>,
}

impl Links {
    pub(crate) fn new(sessions: usize) -> Self {
        Self { older: vec![NONE; sessions], newer: vec![NONE; sessions] }
    }

    /// The id next to `id` on the side of the newest.
    pub(crate) fn newer(&self, id: Id) -> Option<Id> {
        some(self.newer[id as usize])
    }
}

/// One list, from the newest to the oldest.
#[derive(Clone, Copy)]
pub(crate) struct List {
    newest: Id,
    oldest: Id,
    len: usize,
}

impl List {
    pub(crate) const EMPTY: Self = Self { newest: NONE, oldest: NONE, len: 0 };

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn oldest(&self) -> Option<Id> {
        some(self.oldest)
    }

    pub(crate) fn push_newest(&mut self, links: &mut Links, id: Id) {
        links.older[id as usize] = self.newest;
        links.newer[id as usize] = NONE;
        match some(self.newest) {
            Some(newest) => links.newer[newest as usize] = id,
            None => self.oldest = id,
        }
        self.newest = id;
        self.len += 1;
    }

    pub(crate) fn unlink(&mut self, links: &mut Links, id: Id) {
        let (older, newer) = (links.older[id as usize], links.newer[id as usize]);
        match some(older) {
            Some(older) => links.newer[older as usize] = newer,
            None => self.oldest = newer,
        }
        match some(newer) {
            Some(newer) => links.older[newer as usize] = older,
            None => self.newest = older,
        }
        self.len -= 1;
    }

    pub(crate) fn pop_oldest(&mut self, links: &mut Links) -> Option<Id> {
        let id = self.oldest()?;
        self.unlink(links, id);
        Some(id)
    }

    pub(crate) fn make_newest(&mut self, links: &mut Links, id: Id) {
        self.unlink(links, id);
        self.push_newest(links, id);
    }
}

fn some(id: Id) -> Option<Id> {
    (id != NONE).then_some(id)
}
