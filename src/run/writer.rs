//! The two ends of cucumber: features that are already read go in, and nothing comes out, because the hooks report.

use cucumber::{Event, World, Writer, cli, event, parser, writer};
use futures::stream;
use gherkin::Feature;

/// A parser for features that are read already.
#[derive(Clone, Copy, Debug)]
pub struct Embedded;

impl cucumber::Parser<Vec<Feature>> for Embedded {
    type Cli = cli::Empty;
    type Output = stream::Iter<std::vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, features: Vec<Feature>, _: cli::Empty) -> Self::Output {
        let features: Vec<parser::Result<Feature>> = features.into_iter().map(Ok).collect();
        stream::iter(features)
    }
}

/// A writer that prints nothing. It also quiets the panic hook's place: cucumber empties the hook when it starts, and
/// a stop is no panic of ours.
#[derive(Clone, Copy, Debug)]
pub struct Quiet;

impl<W: World> Writer<W> for Quiet {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, _: parser::Result<Event<event::Cucumber<W>>>, _: &cli::Empty) {}
}

impl writer::Normalized for Quiet {}
