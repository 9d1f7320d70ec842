//! The help of the command line in the user's language. The English text is the code's own; Chinese comes from the
//! locale files where they have it.

use std::ffi::OsString;

use clap::CommandFactory;
use gis_core::Lang;
use gis_core::text::translate;

/// The language a call names, before it is parsed, so that complaints about the call are in it too.
pub(super) fn language_of(arguments: &[OsString]) -> Option<Lang> {
    let texts: Vec<&str> = arguments.iter().filter_map(|a| a.to_str()).collect();
    let named = texts.windows(2).find(|w| w[0] == "--lang").map(|w| w[1]);
    named
        .or_else(|| texts.iter().find_map(|t| t.strip_prefix("--lang=")))
        .and_then(Lang::from_code)
}

/// The commands with their help in `lang`.
pub(super) fn translated<T: CommandFactory>(lang: Lang) -> clap::Command {
    translate_command(T::command(), "cli.help", lang)
}

fn translate_command(mut command: clap::Command, path: &str, lang: Lang) -> clap::Command {
    let ids: Vec<String> = command.get_arguments().map(|a| a.get_id().to_string()).collect();
    for id in ids {
        // Options that every command has are described once.
        let own = format!("{path}.{id}");
        let shared = format!("cli.help.option.{id}");
        if let Some(text) = [own, shared].iter().find_map(|key| known(key, lang)) {
            command = command.mut_arg(id, |arg| arg.help(text));
        }
    }
    if let Some(text) = known(&format!("{path}.about"), lang) {
        command = command.about(text);
    }
    let names: Vec<String> = command
        .get_subcommands()
        .map(|c| c.get_name().to_owned())
        .collect();
    for name in names {
        let path = format!("{path}.{name}");
        command = command.mut_subcommand(name, |sub| translate_command(sub, &path, lang));
    }
    command
}

fn known(key: &str, lang: Lang) -> Option<String> {
    let text = translate(key, lang);
    (text != key).then_some(text)
}
