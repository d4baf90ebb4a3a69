//! Records that a hook of the profile hands over, where the target charges by another interface than Diameter. They are what a
//! charging server would have taken offline; when they were made, nobody saw.

use super::{CHARGES, Charge, Charging, Interface, Step};
use crate::evidence::{ChargedRole, ChargingRecord, RecordOf};
use crate::story::cast::Cast;
use crate::story::legs::When;

impl Charging {
    /// Takes all records so far; false when there are too many. What was handed over before is nothing new.
    pub(super) fn handed_over(&mut self, when: When, records: &[ChargingRecord], cast: &Cast) -> bool {
        let mut fits = true;
        for record in records {
            let charge = read(when, record, cast);
            if self.all.iter().any(|known| known.handed_over && known.is(&charge)) {
                continue;
            }
            fits &= self.all.len() < CHARGES;
            self.all.extend(Some(charge).filter(|_| fits));
        }
        fits
    }
}

fn read(When { frame, at }: When, record: &ChargingRecord, cast: &Cast) -> Charge {
    let step = match record.record {
        RecordOf::Start => Step::Begin,
        RecordOf::Interim => Step::Middle,
        RecordOf::Stop => Step::End,
        RecordOf::Event => Step::Event,
    };
    let role = record.role.map(|role| match role {
        ChargedRole::Originating => 0,
        ChargedRole::Terminating => 1,
    });
    let used = match (record.seconds, record.octets) {
        (None, None) => None,
        (seconds, octets) => Some(seconds.unwrap_or_default().saturating_add(octets.unwrap_or_default())),
    };
    Charge {
        frame,
        at,
        interface: Interface::Offline,
        step,
        session: record.id.clone(),
        joined: None,
        number: record.number,
        repeated: None,
        person: cast.person_of(&record.user).filter(|person| person.served).map(|person| person.name.clone()),
        icid: record.icid.clone(),
        call_id: record.call_id.clone(),
        contribution: record.contribution.clone(),
        parties: Vec::new(),
        method: record.method.clone(),
        role,
        refunds: false,
        used,
        answer: None,
        handed_over: true,
    }
}
