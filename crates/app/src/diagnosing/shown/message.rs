//! A diagnosis in words for people.

use ledger::{
    Cents,
    diagnosis::{Diagnosis, Remedy},
};

use super::Outcome;

/// What happened, and what it means for the money.
pub(super) fn message(result: Outcome, is_by_total: bool, diagnosis: &Diagnosis) -> String {
    let biggest = diagnosis
        .parts
        .iter()
        .filter(|part| result == Outcome::Explained || part.remedy != Remedy::Nothing)
        .max_by_key(|part| part.cents.0.abs());
    let meaning = biggest.map_or("", |part| part.cause.meaning());
    let gap = Cents(diagnosis.difference.0.saturating_abs());
    match result {
        Outcome::Match if is_by_total => {
            "All three agree to the cent. Fanvue's totals leave reversals out.".to_owned()
        }
        Outcome::Match => "All three agree to the cent.".to_owned(),
        Outcome::Partly => {
            "Not all rows were compared. By Fanvue's totals nothing is wrong, but they \
                            leave reversals out."
                .to_owned()
        }
        Outcome::CannotCheck => format!("Fanvue could not be compared. {meaning}"),
        _ if diagnosis.difference < Cents::ZERO => {
            format!("${gap} less is shown than Fanvue has. {meaning}")
        }
        _ if Cents::ZERO < diagnosis.difference => {
            format!("${gap} more is shown than Fanvue has. {meaning}")
        }
        _ => match diagnosis.all_too_much {
            Some(all) => message_of_all(all),
            None => format!("What is shown adds up, and not everything behind it does. {meaning}"),
        },
    }
}

/// What is shown of all creators together too much, and of none of them.
fn message_of_all(cents: Cents) -> String {
    let gap = Cents(cents.0.saturating_abs());
    match cents {
        Cents::ZERO => "The sums of all creators together are not those of their days.".to_owned(),
        _ if cents < Cents::ZERO => {
            format!("The sums of all creators together show ${gap} less than their days hold.")
        }
        _ => format!("The sums of all creators together show ${gap} more than their days hold."),
    }
}
