//! Reads the arguments and hands over.

fn main() -> std::process::ExitCode {
    consilium::cli::run()
}
