//! `cargo xtask screenshots`: takes the pictures in docs/screenshots anew.
//!
//! It draws nothing: the program photographs its own window.

use anyhow::{Result, bail};

use crate::no_arguments;

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    no_arguments("screenshots", arguments)?;
    bail!("not yet")
}
