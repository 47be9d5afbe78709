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

impl<A: DeserializeOwned, B: DeserializeOwned, C: DeserializeOwned, D: DeserializeOwned> Question for (Call<A>, Call<B>, Call<C>, Call<D>) {
    type Answer = (Snapshot<A>, Snapshot<B>, Snapshot<C>, Snapshot<D>);

    fn paths(self) -> Vec<String> {
        vec![self.0.path, self.1.path, self.2.path, self.3.path]
    }

    fn read(texts: &[Text]) -> Result<Self::Answer, Problem> {
        Ok((part(texts, 0)?, part(texts, 1)?, part(texts, 2)?, part(texts, 3)?))
    }
}

fn part<T: DeserializeOwned>(texts: &[Text], at: usize) -> Result<Snapshot<T>, Problem> {
    client::read(texts.get(at).unwrap_or(&Text::default()))
}
