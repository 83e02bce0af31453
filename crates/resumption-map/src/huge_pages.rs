//! Large pages for large slabs: a lookup among a million entries then misses the processor's table of pages
//! far less often.

/// The size of a large page on most machines, and what memory for them is aligned to.
pub(crate) const HUGE_PAGE: usize = 1 << 21;

/// Asks the system to back memory with large pages. Advice: where it is not taken, nothing is lost.
///
/// # Safety
/// `size` bytes from `base` on are one allocation.
#[cfg(all(target_os = "linux", not(miri)))]
pub(crate) unsafe fn prefer_huge_pages(base: *mut u8, size: usize) {
    use rustix::mm::{Advice, madvise};
    // SAFETY: allocated by the caller's promise; this advice changes no contents.
    let _ = unsafe { madvise(base.cast(), size, Advice::LinuxHugepage) };
}

#[cfg(not(all(target_os = "linux", not(miri))))]
pub(crate) unsafe fn prefer_huge_pages(_base: *mut u8, _size: usize) {}
