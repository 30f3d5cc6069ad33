//! Reads the arguments and hands over.

/// Pages are many small texts, which the system's allocator is slow at and keeps for long.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    consilium::cli::run()
}
