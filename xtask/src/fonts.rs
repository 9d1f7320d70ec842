//! `cargo xtask fonts`: rebuilds the embedded font from Noto Sans CJK (SIL Open Font License).
//!
//! It is needed only when the set of characters changes; the result lies in `assets/fonts`.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{run, say};
use crate::{conformance, no_arguments, setup, workspace};

const COLLECTION: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
/// The face for simplified Chinese in the collection.
const FACE: u32 = 2;
const FONT: &str = "assets/fonts/KarezSans-Regular.otf";

/// Every character of the national set GB 2312, which Python knows by heart.
const GB2312: &str = "\
import sys
rows = (bytes([row, cell]) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
for pair in rows:
    try:
        sys.stdout.write(f'{ord(pair.decode(\"gb2312\")):04X}\\n')
    except UnicodeDecodeError:
        pass
";

/// What a map, a table and a report show beside Chinese, as ranges of code points.
const BESIDE_CHINESE: &[(u32, u32, &str)] = &[
    (0x0020, 0x007E, "ASCII"),
    (
        0x00A0,
        0x017F,
        "Latin: degree, plus-minus, squared, cubed, letters with accents",
    ),
    (0x0370, 0x03FF, "Greek"),
    (0x2010, 0x206F, "dashes, quotation marks, ellipsis, primes"),
    (0x2070, 0x207F, "raised figures"),
    (0x2100, 0x214F, "letter-like signs: Celsius, number, ohm"),
    (0x2190, 0x21FF, "arrows"),
    (0x2200, 0x226F, "mathematical signs"),
    (0x2460, 0x2473, "circled numbers"),
    (0x25A0, 0x25FF, "geometric shapes"),
    (0x3000, 0x302F, "Chinese punctuation"),
    (
        0x3300,
        0x33FF,
        "units in one character: square metre, millimetre, kilometre",
    ),
    (0xFF00, 0xFFE5, "full-width and half-width forms"),
];

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    no_arguments("fonts", arguments)?;
    setup::install(setup::FONT_PACKAGES)?;
    let folder = workspace::target().join("fonts");
    let python = conformance::virtual_environment(&folder.join("python"), &["fonttools==4.68.0"])?;
    let mut characters = crate::process::output(Command::new(&python).args(["-c", GB2312]))?;
    for (first, last, name) in BESIDE_CHINESE {
        writeln!(characters, "{first:04X}-{last:04X} # {name}")?;
    }
    let list = folder.join("characters.txt");
    fs::write(&list, characters).with_context(|| format!("{} could not be written", list.display()))?;
    run(Command::new(&python)
        .args(["-m", "fontTools.subset", COLLECTION])
        .arg(format!("--font-number={FACE}"))
        .arg(format!("--unicodes-file={}", list.display()))
        .args(["--layout-features=", "--no-hinting"])
        .arg(format!("--output-file={FONT}"))
        .current_dir(workspace::root()))?;
    say(&format!(
        "{FONT} is new: look at the program in both languages before you keep it."
    ));
    Ok(())
}
