//! The program `karez`: opens the window.

use clap::Parser;

#[derive(Parser)]
#[command(name = "karez", version)]
struct Arguments {
    #[command(flatten)]
    start: karez::shell::StartOptions,
}

fn main() -> anyhow::Result<()> {
    env_logger::init();
    karez::shell::run(Arguments::parse().start)
}
