//! The program `karez`: a window, or a command of the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    env_logger::init();
    karez::cli::main(std::env::args_os())
}
