//! What a page asks the API for: one call or several, with what their answers are.
//!
//! Everything between asking and reading handles text, so that it exists once in the program and not once per page; it is also
//! the very text that goes into the first HTML.

use crate::api::{
    Problem,
    client::{self, Call, Snapshot, Text},
};
use serde::de::DeserializeOwned;

/// A question, or several that are asked together. They are asked in their order: the first answer's log position is not newer
/// than that of any other.
pub trait Question {
    /// What comes back.
    type Answer;

    /// Paths and queries, in order.
    fn paths(self) -> Vec<String>;

    /// The answers, from their texts in the same order.
    ///
    /// # Errors
    /// If a text is not what was asked for.
    fn read(texts: &[Text]) -> Result<Self::Answer, Problem>;
}

impl<T: DeserializeOwned> Question for Call<T> {
    type Answer = Snapshot<T>;

    fn paths(self) -> Vec<String> {
        vec![self.path]
    }

    fn read(texts: &[Text]) -> Result<Self::Answer, Problem> {
        part(texts, 0)
    }
}

/// What not everybody may ask: without it there is no answer to it either.
impl<T: DeserializeOwned> Question for Option<Call<T>> {
    type Answer = Option<Snapshot<T>>;

    fn paths(self) -> Vec<String> {
        vec![self.map(|call| call.path).unwrap_or_default()]
    }

    fn read(texts: &[Text]) -> Result<Self::Answer, Problem> {
        if texts.first().is_none_or(|text| text.data.is_empty()) { Ok(None) } else { part(texts, 0).map(Some) }
    }
}

impl<A: Question, B: Question, C: Question, D: Question> Question for (A, B, C, D) {
    type Answer = (A::Answer, B::Answer, C::Answer, D::Answer);

    fn paths(self) -> Vec<String> {
        [self.0.paths(), self.1.paths(), self.2.paths(), self.3.paths()].concat()
    }

    fn read(texts: &[Text]) -> Result<Self::Answer, Problem> {
        // Each of them has one text.
        let at = |at: usize| texts.get(at..=at).unwrap_or_default();
        Ok((A::read(at(0))?, B::read(at(1))?, C::read(at(2))?, D::read(at(3))?))
    }
}

fn part<T: DeserializeOwned>(texts: &[Text], at: usize) -> Result<Snapshot<T>, Problem> {
    client::read(texts.get(at).unwrap_or(&Text::default()))
}
