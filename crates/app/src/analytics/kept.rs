//! Answers that this instance has made and may give again, to the same question of the same caller,
//! while their validators are current. Bounded in number and in bytes; the longest unasked goes first.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use jiff::Timestamp;

use super::validator::{Question, Validator};

/// The most answers that are kept.
const ANSWERS_MAX: usize = 256;
/// The most bytes of them together.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// How many answers are made at the same time, at most; two different ones may have to wait for each
/// other.
const TURNS: usize = 16;

/// What is kept.
#[derive(Default)]
pub(crate) struct Kept {
    answers: Mutex<Answers>,
    turns: [tokio::sync::Mutex<()>; TURNS],
}

#[derive(Default)]
struct Answers {
    by_question: HashMap<Question, Answer>,
    bytes: usize,
    /// Rises with every use.
    uses: u64,
}

struct Answer {
    validator: Validator,
    body: Bytes,
    used: u64,
}

impl Kept {
    /// The answer to the question, if the one that is kept is current.
    pub(super) fn find(
        &self,
        question: Question,
        revision: i64,
        now: Timestamp,
    ) -> Option<(Validator, Bytes)> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.uses += 1;
        let uses = answers.uses;
        let answer = answers.by_question.get_mut(&question)?;
        if !answer.validator.is_current(question, revision, now) {
            return None;
        }
        answer.used = uses;
        Some((answer.validator, answer.body.clone()))
    }

    /// The turn to make an answer to the question: nobody else makes it meanwhile.
    pub(super) async fn turn(&self, question: Question) -> tokio::sync::MutexGuard<'_, ()> {
        self.turns[question.number() % TURNS].lock().await
    }

    /// Keeps an answer in place of an earlier one to the same question.
    pub(super) fn keep(&self, validator: Validator, body: Bytes) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).keep(validator, body);
    }
}

impl Answers {
    fn keep(&mut self, validator: Validator, body: Bytes) {
        self.forget(validator.question);
        if BYTES_MAX < body.len() {
            return;
        }
        // Each turn forgets one of a bounded number.
        while ANSWERS_MAX <= self.by_question.len() || BYTES_MAX < self.bytes + body.len() {
            let unasked = self.by_question.iter().min_by_key(|(_, answer)| answer.used);
            let Some(question) = unasked.map(|(question, _)| *question) else { break };
            self.forget(question);
        }
        self.uses += 1;
        self.bytes += body.len();
        let answer = Answer { validator, body, used: self.uses };
        self.by_question.insert(validator.question, answer);
    }

    fn forget(&mut self, question: Question) {
        if let Some(gone) = self.by_question.remove(&question) {
            self.bytes -= gone.body.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::{moment::Moment, validator::tests::asked_of};

    fn validator(agency: usize, revision: i64) -> Validator {
        let instant = |second| Timestamp::from_second(second).unwrap();
        let moment = Moment { at: instant(1_000), until: instant(1_300) };
        Validator { question: asked_of(agency as u128, ""), revision, moment }
    }

    fn find(kept: &Kept, agency: usize, revision: i64) -> Option<Bytes> {
        let (question, now) = (validator(agency, 0).question, Timestamp::from_second(1_100));
        Some(kept.find(question, revision, now.unwrap())?.1)
    }

    #[test]
    fn an_answer_is_given_at_its_revision_and_never_to_another_agency() {
        let kept = Kept::default();
        kept.keep(validator(1, 7), Bytes::from_static(b"one"));
        assert_eq!(find(&kept, 1, 7), Some(Bytes::from_static(b"one")));
        assert_eq!((find(&kept, 1, 8), find(&kept, 2, 7)), (None, None));
        let late = Timestamp::from_second(1_300).unwrap();
        assert!(kept.find(validator(1, 7).question, 7, late).is_none());
        kept.keep(validator(1, 8), Bytes::from_static(b"newer"));
        assert_eq!(find(&kept, 1, 8), Some(Bytes::from_static(b"newer")));
    }

    #[test]
    fn the_longest_unasked_goes_when_there_are_too_many_or_they_are_too_large() {
        let kept = Kept::default();
        for agency in 0..ANSWERS_MAX {
            kept.keep(validator(agency, 7), Bytes::from_static(b"x"));
        }
        assert!(find(&kept, 0, 7).is_some(), "asked for, so it stays");
        kept.keep(validator(ANSWERS_MAX, 7), Bytes::from_static(b"x"));
        assert!(find(&kept, 0, 7).is_some() && find(&kept, 1, 7).is_none());
        let (large, half) = (vec![0; BYTES_MAX + 1], vec![0; BYTES_MAX / 2 + 1]);
        kept.keep(validator(0, 8), large.into());
        assert!(find(&kept, 0, 8).is_none() && find(&kept, 2, 7).is_some());
        kept.keep(validator(1, 7), half.clone().into());
        kept.keep(validator(2, 7), half.into());
        assert!(find(&kept, 1, 7).is_none() && find(&kept, 2, 7).is_some());
        let answers = kept.answers.lock().unwrap();
        assert_eq!(
            answers.bytes,
            answers.by_question.values().map(|a| a.body.len()).sum::<usize>()
        );
    }
}
