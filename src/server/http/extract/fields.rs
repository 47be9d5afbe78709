//! A JSON body, field by field, so that a client is told of everything that is wrong with it.

use super::uuids;
use crate::{
    domain::UnknownWord,
    server::http::problem::{Failure, Violations},
};
use ::uuid::Uuid;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::str::FromStr;

/// A body that can be read field by field. Fields that it does not ask for are ignored.
pub trait Payload: Sized {
    /// Reads it. `None` only when a problem was recorded.
    fn read(fields: &mut Fields) -> Option<Self>;
}

/// The fields of a JSON object. `null` counts as absent.
#[derive(Debug)]
pub struct Fields {
    object: Map<String, Value>,
    undecodable: Option<String>,
    violations: Violations,
}

impl Fields {
    /// Reads the first JSON value of `bytes`; what follows it is ignored (`storage-api.md` section 1).
    ///
    /// # Errors
    /// `missing_payload` when there is nothing, `decode_payload` when there is no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        match serde_json::Deserializer::from_slice(bytes).into_iter::<Value>().next() {
            None => Err(Failure::missing_payload()),
            Some(Ok(Value::Object(object))) => Ok(Self { object, undecodable: None, violations: Violations::default() }),
            Some(Ok(other)) => Err(Failure::decode_payload(format!("The body must be a JSON object, not {}.", kind_of(&other)))),
            Some(Err(error)) => Err(Failure::decode_payload(format!("The body is not JSON: {error}."))),
        }
    }

    /// Reads a `T`.
    ///
    /// # Errors
    /// Everything that is wrong; a field that cannot be decoded at all comes alone.
    pub fn into_payload<T: Payload>(mut self) -> Result<T, Failure> {
        let value = T::read(&mut self);
        if let Some(message) = self.undecodable {
            return Err(Failure::decode_payload(message));
        }
        self.violations.finish()?;
        value.ok_or_else(|| Failure::fault("a field was refused without a reason"))
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.object.remove(name).filter(|value| !value.is_null())
    }

    /// Records that a field cannot be decoded; the first such record is what the client is told.
    pub fn refuse(&mut self, message: String) {
        self.undecodable.get_or_insert(message);
    }

    /// Records that a required field is absent.
    pub fn missing(&mut self, name: &str) {
        self.violations.missing(name, "body");
    }

    /// A field of any type that JSON has; `kind` names it for a person.
    pub fn optional<T: DeserializeOwned>(&mut self, name: &str, kind: &str) -> Option<T> {
        let value = self.take(name)?;
        let given = kind_of(&value);
        let read = serde_json::from_value(value).ok();
        if read.is_none() {
            self.refuse(format!("{name} must be {kind}, not {given}."));
        }
        read
    }

    /// Like [`Fields::optional`], and must be there.
    pub fn required<T: DeserializeOwned>(&mut self, name: &str, kind: &str) -> Option<T> {
        self.present(name)?;
        self.optional(name, kind)
    }

    /// A UUID in any of its forms.
    pub fn uuid(&mut self, name: &str) -> Option<Uuid> {
        let text: String = self.optional(name, "a UUID")?;
        let read = uuids::parse(&text);
        if read.is_none() {
            self.refuse(format!("{name} must be a UUID."));
        }
        read
    }

    /// Like [`Fields::uuid`], and must be there.
    pub fn required_uuid(&mut self, name: &str) -> Option<Uuid> {
        self.present(name)?;
        self.uuid(name)
    }

    /// One word of an enumeration.
    pub fn word<E: FromStr<Err = UnknownWord>>(&mut self, name: &str) -> Option<E> {
        let text: String = self.optional(name, "a string")?;
        match text.parse() {
            Ok(word) => Some(word),
            Err(unknown) => {
                self.violations.word(name, &unknown);
                None
            }
        }
    }

    /// Like [`Fields::word`], and must be there.
    pub fn required_word<E: FromStr<Err = UnknownWord>>(&mut self, name: &str) -> Option<E> {
        self.present(name)?;
        self.word(name)
    }

    /// A field that is an object of its own.
    pub fn object(&mut self, name: &str) -> Option<Map<String, Value>> {
        self.optional(name, "an object")
    }

    fn present(&mut self, name: &str) -> Option<()> {
        if self.object.get(name).is_some_and(|value| !value.is_null()) {
            return Some(());
        }
        self.missing(name);
        None
    }
}

/// The type of a value, for a person. Never the value: it may be a secret.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
