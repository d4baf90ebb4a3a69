//! What a device is told of who takes part, document by document (RFC 4575 sections 4.4 to 4.6): in the notifications of
//! a subscription, or in the session of the chat itself.

use cpm_wire::conference_info::{Applied, Document, Gap, Roster, State};

/// Documents kept of one subscription, or of one session.
const DOCUMENTS: usize = 2048;

/// A roster as a device knows it, read in the two ways in which notifiers mean a `<users>` without a state.
#[derive(Clone, Debug)]
pub struct Held {
    /// Without a state it is full, as the schema says.
    pub by_schema: Roster,
    /// Without a state it has that of the document, as some notifiers mean it.
    pub by_habit: Roster,
}

impl Held {
    fn apply(&mut self, document: &Document) -> Result<Applied, Gap> {
        self.by_habit.apply(document)?;
        self.by_schema.apply(document)
    }

    fn begin_anew(&mut self) {
        self.by_schema.subscribed_anew();
        self.by_habit.subscribed_anew();
    }
}

impl Default for Held {
    fn default() -> Held {
        Held { by_schema: Roster::new(), by_habit: Roster::inheriting() }
    }
}

/// One document.
#[derive(Clone, Debug)]
pub struct Telling {
    /// When it came.
    pub frame: u64,
    /// All, or what changed.
    pub state: State,
    /// Its version.
    pub version: Option<u32>,
    /// Whether it is the first of a subscription, or of one that was refreshed.
    pub first: bool,
    /// Whether it was passed over, its version being no greater than that of an earlier one.
    pub stale: bool,
    /// Why it could not be folded in.
    pub gap: Option<String>,
    /// What is known after it.
    pub held: Held,
}

/// All documents of one subscription, or of one session.
#[derive(Debug, Default)]
pub struct Told {
    /// What they fold to. None before the first that could be read.
    pub held: Option<Held>,
    /// What was wrong with the latest that was wrong, and where.
    pub fault: Option<(u64, String)>,
    /// Each that could be read.
    pub documents: Vec<Telling>,
    begun: bool,
}

impl Told {
    /// Whether any document came, readable or not.
    pub fn brought_any(&self) -> bool {
        !self.documents.is_empty() || self.fault.is_some()
    }

    /// A refreshed subscription starts again with full state, and counts anew.
    pub(super) fn begin_anew(&mut self) {
        self.begun = false;
        if let Some(held) = &mut self.held {
            held.begin_anew();
        }
    }

    /// Takes the next document.
    pub(super) fn take(&mut self, frame: u64, octets: &[u8]) {
        match Document::parse(octets) {
            Ok(document) => self.fold(frame, &document),
            Err(error) => self.fault = Some((frame, error.to_string())),
        }
    }

    /// Takes the next document of a session, where nothing but another full one says that counting begins anew.
    pub(super) fn take_in_session(&mut self, frame: u64, octets: &[u8]) {
        if let (Some(held), Ok(Document { state: State::Full, .. })) = (&mut self.held, Document::parse(octets)) {
            held.begin_anew();
        }
        self.take(frame, octets);
    }

    fn fold(&mut self, frame: u64, document: &Document) {
        let known = self.held.is_some();
        let mut held = self.held.take().unwrap_or_default();
        let applied = held.apply(document);
        let gap = applied.as_ref().err().map(ToString::to_string);
        if self.documents.len() < DOCUMENTS {
            self.documents.push(Telling {
                frame,
                state: document.state,
                version: document.version,
                first: !std::mem::replace(&mut self.begun, true),
                stale: applied == Ok(Applied::Stale),
                gap: gap.clone(),
                held: held.clone(),
            });
        }
        self.held = (known || applied.is_ok()).then_some(held);
        self.fault = gap.map(|gap| (frame, gap)).or(self.fault.take());
    }
}
