//! `--template` of `karez query` and `karez stats`: a workbook of the user's own, filled.

use std::path::Path;

use gis_core::report::{Filled, Occasion, Template};
use gis_core::{Error, Message, Result};

use super::console::Console;

/// The template with the file to write, where one is wanted.
pub(super) fn open<'a>(
    template: Option<&Path>,
    out: Option<&'a Path>,
) -> Result<Option<(Template, &'a Path)>> {
    let Some((template, out)) = template.zip(out) else {
        return Ok(None);
    };
    if !out
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"))
    {
        let message = Message::new("cli.template.not_xlsx").with("path", out.display());
        return Err(Error::bad_input(message));
    }
    Ok(Some((Template::open(template, out)?, out)))
}

pub(super) fn occasion(title: &str, condition: &str, project: &str, console: &Console) -> Occasion {
    Occasion {
        title: title.to_owned(),
        condition: condition.to_owned(),
        project: project.to_owned(),
        created: chrono::Local::now().naive_local(),
        lang: console.lang(),
    }
}

/// Writes the workbook and says what of it should be looked at.
pub(super) fn save(path: &Path, filled: &Filled, console: &mut Console) -> Result<()> {
    for note in &filled.notes {
        console.note(note);
    }
    super::analyse::save(path, "cli.burst.report", &filled.bytes, console)
}
