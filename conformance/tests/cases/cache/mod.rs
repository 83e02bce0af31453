//! The cache alone, on a clock that stands still until it is told otherwise.

mod adding;
mod callbacks;
mod clearing;
mod contexts;
mod ids;
mod modes;
mod removing;
mod single_use;
mod size;
mod support;
mod time;
