//! The command line: what can be asked for, and how a wrong question is answered.

mod values;

mod demo;
mod host;
mod load;
mod serve;
mod store;

use std::ffi::OsString;
use std::io::IsTerminal;

use clap::Parser;
use clap::error::ErrorKind;

pub use demo::DemoArgs;
pub use host::{ClientAuth, HostArgs, HostError};
pub use load::{LoadArgs, LoadMode};
pub use serve::{ModeFlag, ServeArgs};
pub use store::{StoreArgs, StoreUrl};
pub use values::{Endpoint, EndpointError, EntryLimit};

/// A TLS server on the `resumption` session cache, and a load generator to measure it with.
#[derive(Debug, Parser)]
#[command(name = "resumption", version, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, clap::Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Run a server and a client against each other, and compare full with resumed handshakes
    Demo(DemoArgs),
    /// Make handshakes against any TLS server and report rates, latencies and the resumption rate
    Load(LoadArgs),
    /// Serve the cache's counters over HTTPS, or terminate TLS in front of another server
    Serve(Box<ServeArgs>),
}

/// What parsing the command line came to, when it is not a command to run.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoCommand {
    /// Help or the version was asked for: to standard output, and all is well.
    Answer(String),
    /// No subcommand: the help, to standard error, as a usage error.
    Help(String),
    /// The arguments are wrong: one line that says how.
    Wrong(String),
}

impl Cli {
    /// Parses `arguments`, the program's name first.
    ///
    /// # Errors
    /// [`NoCommand`] when there is nothing to run: help was asked for, or the arguments are wrong.
    pub fn from_arguments<I, T>(arguments: I) -> Result<Self, NoCommand>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        Self::try_parse_from(arguments).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                let help = error.render();
                let colours = std::io::stdout().is_terminal();
                NoCommand::Answer(if colours { help.ansi().to_string() } else { help.to_string() })
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                NoCommand::Help(error.render().to_string())
            }
            _ => NoCommand::Wrong(one_line(&error.render().to_string())),
        })
    }
}

/// Folds clap's several paragraphs into one line: what is wrong, and its tip if it has one. Usage is
/// one `--help` away and would bury the point.
fn one_line(rendered: &str) -> String {
    let mut paragraphs = rendered.split("\n\n").map(|paragraph| {
        paragraph.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>()
    });
    let mut line = paragraphs.next().unwrap_or_default().join(" ");
    if let Some(rest) = line.strip_prefix("error: ") {
        line = rest.to_owned();
    }
    if let Some(tip) = paragraphs.find_map(|lines| {
        lines.first().and_then(|first| first.strip_prefix("tip: ").map(str::to_owned))
    }) {
        line.push_str(" (");
        line.push_str(&tip);
        line.push(')');
    }
    line.push_str("; see --help");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(arguments: &[&str]) -> String {
        let all = std::iter::once("resumption").chain(arguments.iter().copied());
        match Cli::from_arguments(all) {
            Err(NoCommand::Wrong(line)) => line,
            other => panic!("{arguments:?} should be a usage error, got {other:?}"),
        }
    }

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn usage_errors_are_one_line() {
        for arguments in [
            &["serve", "--timeuot", "5m"][..],
            &["serve", "--timeout", "soon"],
            &["serve", "--listen", "nowhere"],
            &["serve", "--cert", "only.pem"],
            &["load"],
            &["load", "--connect", "localhost:0x"],
            &["frobnicate"],
        ] {
            let line = wrong(arguments);
            assert!(!line.contains('\n'), "{line:?}");
            assert!(line.len() > 20, "{line:?}");
        }
        assert!(wrong(&["serve", "--timeuot", "5m"]).contains("'--timeout'"), "keeps clap's tip");
        assert!(wrong(&["load"]).contains("--connect"), "names what is missing");
    }

    #[test]
    fn no_subcommand_shows_help_and_help_is_an_answer() {
        assert!(matches!(Cli::from_arguments(["resumption"]), Err(NoCommand::Help(_))));
        let help = Cli::from_arguments(["resumption", "--help"]);
        assert!(matches!(help, Err(NoCommand::Answer(_))));
    }
}
