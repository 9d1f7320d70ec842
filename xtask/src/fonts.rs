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
    (0x00A0, 0x00FF, "Latin-1: ° ± × ² ³"),
    (0x0391, 0x03C9, "Greek"),
    (0x2010, 0x2027, "dashes, quotation marks, ellipsis"),
    (0x2030, 0x203B, "per mille, primes, reference mark"),
    (0x2070, 0x208E, "raised and lowered figures"),
    (0x2100, 0x214F, "℃ № Ω and other letter-like signs"),
    (0x2150, 0x218B, "fractions, Roman numerals"),
    (0x2190, 0x21FF, "arrows"),
    (0x2200, 0x22FF, "mathematical signs"),
    (0x2460, 0x24FF, "circled numbers"),
    (0x2500, 0x25FF, "box drawing, geometric shapes"),
    (0x2600, 0x2610, "stars and marks"),
    (0x3000, 0x303F, "Chinese punctuation"),
    (0x3200, 0x33FF, "enclosed Chinese, units: ㎡ ㎜ ㎞"),
    (0xFF00, 0xFFEF, "full-width forms"),
];

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    no_arguments("fonts", arguments)?;
    setup::install(setup::FONT_PACKAGES)?;
    let folder = workspace::target().join("fonts");
    let python = conformance::virtual_environment(&folder.join("python"), &["fonttools==4.59.0"])?;
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
