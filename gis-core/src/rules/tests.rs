//! Every rule on a real file: planted, found, mended, gone. What the town is made of is in `town`.

mod accept;
mod data;
mod edited;
mod mended;
mod selection;
mod town;
